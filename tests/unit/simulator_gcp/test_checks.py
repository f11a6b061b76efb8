"""What the simulated Google Cloud refuses, and how it says so."""

import pytest

from kubeml_simulator.clouds.gcp.case import number_of

PROJECT = "ml-dev"
GKE = f"serviceAccount:service-{number_of(PROJECT)}@container-engine-robot.iam.gserviceaccount.com"
SPECIFIC = {
    "consumeReservationType": "SPECIFIC_RESERVATION",
    "key": "compute.googleapis.com/reservation-name",
    "values": ["kept"],
}


def changed(inputs, path, value):
    """The inputs with another value at a path."""
    step, _, rest = path.partition(".")
    inner = inputs.get(step)
    return {**inputs, step: changed(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}


def refused(account, kind, inputs, path, words, name="x"):
    """The one refusal of a resource, which says what it says for."""
    failures = account.failures(kind, name, inputs)
    assert list(failures) == [path], failures
    assert words in failures[path]


def test_an_unknown_property_inside_a_block_has_its_whole_path(account, pool):
    failures = account.failures("nodes", "train", changed(pool, "nodeConfig.machinType", "x"))
    assert failures == {"nodeConfig.machinType": "unknown property; did you mean machineType?"}


def test_all_failures_of_a_resource_are_reported_at_once(account, pool):
    wrong = changed(pool, "nodeConfig.taints", [{"key": "gpu", "value": "x", "effect": "NoSchedule"}])
    wrong = changed(wrong, "autoscaling", {"totalMinNodeCount": 5, "totalMaxNodeCount": 2})
    wrong = changed(wrong, "nodeLocations", ["mars-north1-a"]) | {"colour": "green", "name": "Train"}
    assert set(account.failures("nodes", "train", wrong)) == {
        "nodeConfig.taints[0].effect",
        "autoscaling.totalMinNodeCount",
        "nodeLocations[0]",
        "colour",
        "name",
    }


def test_an_enumerated_value_comes_with_the_published_ones(account, pool):
    path = "nodeConfig.guestAccelerators"
    driver = {"gpuDriverInstallationConfig": {"gpuDriverVersion": "NEWEST"}}
    wrong = changed(pool, path, [{"type": "nvidia-l4", "count": 2, **driver}])
    answer = account.failures("nodes", "train", wrong)
    (text,) = answer.values()
    assert "INSTALLATION_DISABLED, DEFAULT, LATEST" in text


@pytest.mark.parametrize(
    ("kind", "inputs", "path", "words"),
    [
        ("network", {"name": "Main"}, "name", "characters that the service refuses"),
        ("network", {"name": "n" * 64}, "name", "the pattern"),
        ("network", {"mtu": 9000}, "mtu", "1300 to 8896"),
        ("network", {"routingMode": "LOCAL"}, "routingMode", "GLOBAL, REGIONAL"),
        ("sa", {"accountId": "short"}, "accountId", "6 to 30 small letters"),
        ("sa", {"accountId": "a" * 31}, "accountId", "6 to 30 small letters"),
        ("sa", {"accountId": "Nodes-of-ml"}, "accountId", "6 to 30 small letters"),
        ("ring", {"location": "mars"}, "location", "there is no such region"),
        ("ring", {"location": "us-central1", "name": "a b"}, "name", "1 to 63 letters"),
        ("bucket", {"location": "us", "name": "Data"}, "name", "3 to 63 small letters"),
        ("bucket", {"location": "us", "name": "goog-data"}, "name", "not beginning with goog"),
        ("bucket", {"location": "us-central1-a"}, "location", "there is no such region"),
        ("bucket", {"location": "us", "labels": {"Team": "x"}}, "labels.Team", "lower-case letters"),
        ("bucket", {"location": "us", "labels": {"team": "ML Research"}}, "labels.team", "at most 63 lower-case"),
        ("bucket", {"location": "us", "labels": {f"l{n}": "" for n in range(65)}}, "labels", "at most 64 labels"),
        (
            "bucket",
            {"location": "us", "hierarchicalNamespace": {"enabled": True}},
            "uniformBucketLevelAccess",
            "must use uniform bucket-level access",
        ),
        (
            "bucket",
            {"location": "us", "softDeletePolicy": {"retentionDurationSeconds": 60}},
            "softDeletePolicy.retentionDurationSeconds",
            "0, or 604800 to 7776000",
        ),
        ("range", {"purpose": "VPC_PEERING", "network": "default"}, "prefixLength", "the purpose is VPC_PEERING"),
        (
            "range",
            {"purpose": "VPC_PEERING", "network": "default", "prefixLength": 16},
            "addressType",
            "allowed: INTERNAL",
        ),
        ("secret", {"secretId": "a/b", "replication": {"auto": {}}}, "secretId", "1 to 255 letters"),
        ("secret", {"secretId": "a", "replication": {}}, "replication.auto", "missing"),
        ("policy", {"region": "us-central1"}, "groupPlacementPolicy", "a policy is of one kind"),
        ("repository", {"repositoryId": "Images", "format": "DOCKER"}, "repositoryId", "1 to 63 small letters"),
        ("repository", {"repositoryId": "images", "format": "TARBALL"}, "format", "DOCKER, MAVEN"),
        ("grant", {"project": PROJECT, "role": "viewer", "member": "group:a@b.c"}, "role", "roles/NAME"),
        ("grant", {"project": PROJECT, "role": "roles/viewer", "member": "ml@b.c"}, "member", "Invalid member"),
        ("grant", {"project": PROJECT, "role": "roles/viewer", "member": "group:ml"}, "member", "Invalid member"),
        (
            "lustre",
            {
                "instanceId": "x",
                "filesystem": "far-too-long",
                "location": "us-central1-a",
                "network": "projects/other/global/networks/x",
                "capacityGib": "9000",
                "perUnitStorageThroughput": "1000",
            },
            "filesystem",
            "1 to 8 letters",
        ),
        (
            "lustre",
            {
                "instanceId": "x",
                "filesystem": "x",
                "location": "us-central1-a",
                "network": "projects/other/global/networks/x",
                "capacityGib": "10000",
                "perUnitStorageThroughput": "1000",
            },
            "capacityGib",
            "in steps of 9000",
        ),
    ],
)
def test_names_values_and_sizes_have_the_limits_of_the_service(account, kind, inputs, path, words):
    if path == "prefixLength":
        inputs = inputs | {"addressType": "INTERNAL"}
    refused(account, kind, inputs, path, words)


@pytest.mark.parametrize(
    ("kind", "name"), [("cluster", "c" * 41), ("cluster", "ml-"), ("nodes", "p" * 41), ("nodes", "1st")]
)
def test_clusters_and_pools_have_names_of_forty_small_letters(account, cluster_inputs, pool, kind, name):
    inputs = cluster_inputs if kind == "cluster" else pool
    refused(account, kind, inputs | {"name": name}, "name", "at most 40 small letters")


def test_a_missing_reference_names_path_value_and_what_exists(account, network):
    failures = account.failures("subnet", "lost", {"network": "other", "ipCidrRange": "10.99.0.0/24"})
    assert failures["network"] == (
        '"other" is not allowed: NotFound: no gcp:compute/network:Network has this id in us-central1; allowed: the id of main'
    )


@pytest.mark.parametrize(
    "spelling",
    [
        "{name}",
        "{id}",
        "global/networks/{name}",
        "https://www.googleapis.com/compute/v1/{id}",
        "https://www.googleapis.com/compute/beta/{id}",
        "projects/other/global/networks/any",
        "default",
    ],
)
def test_a_reference_is_found_however_it_is_spelt(account, network, spelling):
    given = spelling.format(name=network.made.out["name"], id=network.id)
    assert account.failures("router", "x", {"network": given, "region": "us-central1"}) == {}


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("10.0.8.0/24", "conflicts with 10.0.0.0/20 of"),
        ("10.7.0.0/16", "conflicts with 10.4.0.0/14 of"),
        ("10.99.0.0/30", "a prefix from /4 to /29"),
        ("10.77.0.1/24", "bits beyond its prefix; allowed: 10.77.0.0/24"),
    ],
)
def test_ranges_of_a_network_do_not_overlap(account, network, block, words):
    refused(account, "subnet", {"network": network.id, "ipCidrRange": block}, "ipCidrRange", words)


def test_ranges_of_one_subnetwork_do_not_overlap_and_have_names_of_their_own(account, network):
    more = [{"rangeName": "a", "ipCidrRange": "10.99.0.0/24"}, {"rangeName": "a", "ipCidrRange": "10.98.0.0/24"}]
    inputs = {"network": network.id, "ipCidrRange": "10.99.0.0/16", "secondaryIpRanges": more}
    failures = account.failures("subnet", "x", inputs)
    assert set(failures) == {"secondaryIpRanges[0].ipCidrRange", "secondaryIpRanges[1].rangeName"}


def test_another_network_may_have_the_same_ranges_and_an_auto_mode_network_keeps_its_own(account, network):
    other = account.create("network", "other", {"autoCreateSubnetworks": True})
    assert account.failures("subnet", "x", {"network": other.id, "ipCidrRange": "10.0.0.0/20"}) == {}
    refused(
        account, "subnet", {"network": other.id, "ipCidrRange": "10.200.0.0/20"}, "ipCidrRange", "auto mode network"
    )


def test_a_subnetwork_does_not_overlap_itself(account, network):
    assert account.failures("subnet", "nodes", network.subnet.inputs | {"privateIpGoogleAccess": True}) == {}


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        ({"natIpAllocateOption": "MANUAL_ONLY"}, "natIps", "allocated by hand"),
        ({"natIpAllocateOption": "AUTO_ONLY", "sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS"}, "subnetworks", "only listed"),
        ({"subnetworks": [{"name": "@nodes", "sourceIpRangesToNats": ["ALL_IP_RANGES"]}]}, "subnetworks", "every subnetwork"),
    ],
)  # fmt: skip
def test_a_nat_lists_what_it_shall_not_choose(account, network, more, path, words):
    router = account.create("router", "out", {"network": network.id, "region": "us-central1"})
    base = {"router": router.out["name"], "region": "us-central1", "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES"}  # fmt: skip
    more = {
        key: [{**value[0], "name": network.subnet.id}] if key == "subnetworks" else value for key, value in more.items()
    }
    refused(account, "nat", base | more, path, words)


def test_a_router_has_one_gateway_for_all_subnetworks(account, network):
    router = account.create("router", "out", {"network": network.id, "region": "us-central1"})
    base = {"router": router.out["name"], "region": "us-central1", "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES"}  # fmt: skip
    account.create("nat", "first", base)
    refused(account, "nat", base, "sourceSubnetworkIpRangesToNat", account.urn("nat", "first"), "second")


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"allows": [{"protocol": "tcp"}]}, "sourceRanges"),
        ({"sourceRanges": ["10.0.0.0/8"]}, "allows"),
        ({"sourceRanges": ["10.0.0.0/8"], "allows": [{"protocol": "tcp"}], "direction": "EGRESS"}, "sourceRanges"),
        ({"sourceRanges": ["10.0.0.0/8"], "allows": [{"protocol": "tcp", "ports": ["http"]}]}, "allows[0].ports[0]"),
        ({"sourceRanges": ["10.0.0.0/8"], "allows": [{"protocol": "tcp"}], "priority": 70000}, "priority"),
    ],
)
def test_a_firewall_rule_says_from_where_what_and_how_strongly(account, network, rule, path):
    assert list(account.failures("firewall", "x", {"network": network.id, **rule})) == [path]


def test_a_network_is_peered_with_another_one_that_has_other_ranges(account, network):
    link = network.made.out["selfLink"]
    refused(account, "peering", {"network": link, "peerNetwork": link}, "peerNetwork", "cannot be peered with itself")
    other = account.create("network", "other", {"autoCreateSubnetworks": False})
    assert account.failures("peering", "x", {"network": link, "peerNetwork": other.out["selfLink"]}) == {}
    account.create("subnet", "same", {"network": other.id, "ipCidrRange": "10.0.4.0/24"})
    refused(account, "peering", {"network": link, "peerNetwork": other.out["selfLink"]}, "peerNetwork", "overlaps")


def test_services_get_a_range_that_was_kept_for_them_in_the_same_network(account, network):
    service = {"network": network.id, "service": "servicenetworking.googleapis.com"}
    kept = account.create("range", "door", {"addressType": "EXTERNAL"}).out["name"]
    refused(
        account,
        "connection",
        service | {"reservedPeeringRanges": [kept]},
        "reservedPeeringRanges[0]",
        "another purpose",
    )
    other = account.create("network", "other", {})
    inputs = {"purpose": "VPC_PEERING", "addressType": "INTERNAL", "prefixLength": 20, "network": other.id}
    far = account.create("range", "far", inputs).out["name"]
    refused(
        account, "connection", service | {"reservedPeeringRanges": [far]}, "reservedPeeringRanges[0]", "another network"
    )
    clash = inputs | {"network": network.id, "address": "10.4.0.0"}
    refused(account, "range", clash, "address", "conflicts with 10.4.0.0/14")


@pytest.mark.parametrize(
    ("path", "value", "at", "words"),
    [
        ("location", "us-central9", "location", "there is no such region or zone"),
        ("nodeLocations", ["us-east1-b"], "nodeLocations[0]", "a zone of us-central1"),
        ("ipAllocationPolicy.clusterSecondaryRangeName", "pod", "ipAllocationPolicy.clusterSecondaryRangeName", "pods, services"),
        ("ipAllocationPolicy.servicesSecondaryRangeName", "pods", "ipAllocationPolicy.servicesSecondaryRangeName", "must be different"),
        ("workloadIdentityConfig.workloadPool", "other.svc.id.goog", "workloadIdentityConfig.workloadPool", "allowed: ml-dev.svc.id.goog"),
        ("initialNodeCount", 0, "initialNodeCount", "Cluster.initial_node_count must be greater than zero"),
        ("minMasterVersion", "1.12", "minMasterVersion", 'Master version "1.12" is unsupported'),
        ("minMasterVersion", "newest", "minMasterVersion", "a version such as 1.35"),
        ("nodeVersion", "1.35", "nodeVersion", "remove_default_node_pool is not true"),
        ("networkPolicy.enabled", True, "networkPolicy.enabled", "DatapathProvider=ADVANCED_DATAPATH is not allowed"),
        ("datapathProvider", "CILIUM", "datapathProvider", "LEGACY_DATAPATH, ADVANCED_DATAPATH"),
        ("databaseEncryption.state", "ENCRYPTED", "databaseEncryption.keyName", "the key is missing"),
        ("releaseChannel.channel", "FAST", "releaseChannel.channel", "RAPID, REGULAR, STABLE"),
        ("privateClusterConfig.enablePrivateEndpoint", True, "masterAuthorizedNetworksConfig", "must be enabled if private endpoint"),
        ("privateClusterConfig.masterIpv4CidrBlock", "172.16.0.0/24", "privateClusterConfig.masterIpv4CidrBlock", "/28 to /28"),
        ("privateClusterConfig.masterIpv4CidrBlock", "10.0.0.0/28", "privateClusterConfig.masterIpv4CidrBlock", "overlaps 10.0.0.0/20"),
        ("networkingMode", "ROUTES", "networkingMode", "for VPC-native clusters"),
        ("defaultMaxPodsPerNode", 300, "defaultMaxPodsPerNode", "8 to 256"),
        ("resourceLabels", {"Owner": "x"}, "resourceLabels.Owner", "beginning with a letter"),
    ],
)  # fmt: skip
def test_a_cluster_is_refused_as_gke_refuses_it(account, cluster_inputs, path, value, at, words):
    refused(account, "cluster", changed(cluster_inputs, path, value), at, words)


@pytest.mark.parametrize(
    ("inputs", "at"),
    [
        ({"datapathProvider": None, "enableMultiNetworking": True}, "enableMultiNetworking"),
        ({"datapathProvider": None, "enableFqdnNetworkPolicy": True}, "enableFqdnNetworkPolicy"),
        ({"workloadIdentityConfig": None, "addonsConfig": {"gcsFuseCsiDriverConfig": {"enabled": True}}}, "addonsConfig.gcsFuseCsiDriverConfig.enabled"),
        ({"privateClusterConfig": {"masterIpv4CidrBlock": "172.16.0.0/28"}}, "privateClusterConfig.masterIpv4CidrBlock"),
        ({"enableAutopilot": True, "initialNodeCount": None}, "removeDefaultNodePool"),
    ],
)  # fmt: skip
def test_a_feature_needs_what_it_stands_on(account, cluster_inputs, inputs, at):
    assert list(account.failures("cluster", "ml", cluster_inputs | inputs)) == [at]


def test_a_private_endpoint_is_reached_from_private_networks_only(account, cluster_inputs):
    private = changed(cluster_inputs, "privateClusterConfig.enablePrivateEndpoint", True)
    blocks = [{"cidrBlock": block} for block in ("10.0.0.0/8", "203.0.113.0/24")]
    inputs = private | {"masterAuthorizedNetworksConfig": {"cidrBlocks": blocks}}
    refused(
        account,
        "cluster",
        inputs,
        "masterAuthorizedNetworksConfig.cidrBlocks[1].cidrBlock",
        "is not a reserved network",
    )
    assert account.failures("cluster", "ml", private | {"masterAuthorizedNetworksConfig": {"cidrBlocks": []}}) == {}


def test_a_subnetwork_of_another_region_or_network_is_no_place_for_a_cluster(account, cluster_inputs, network):
    moved = cluster_inputs | {"location": "europe-west4"}
    refused(account, "cluster", moved, "subnetwork", "the subnetwork is in us-central1, the cluster in europe-west4")
    other = account.create("network", "other", {"autoCreateSubnetworks": False})
    refused(account, "cluster", cluster_inputs | {"network": other.id}, "subnetwork", "belongs to the network")


def test_a_zonal_cluster_lists_its_other_zones_only(account, cluster_inputs):
    inputs = cluster_inputs | {"location": "us-central1-a", "nodeLocations": ["us-central1-a", "us-central1-b"]}
    refused(account, "cluster", inputs, "nodeLocations[0]", "should not contain the original zone")


WINDOW = {
    "startTime": "2026-01-03T02:00:00Z",
    "endTime": "2026-01-03T08:00:00Z",
    "recurrence": "FREQ=WEEKLY;BYDAY=SA,SU",
}


@pytest.mark.parametrize(
    ("policy", "at", "words"),
    [
        ({"dailyMaintenanceWindow": {"startTime": "3:00"}}, "dailyMaintenanceWindow.startTime", "HH:MM"),
        ({"recurringWindow": WINDOW | {"startTime": "2026-01-03"}}, "recurringWindow.startTime", "RFC 3339"),
        ({"recurringWindow": WINDOW | {"endTime": "2026-01-03T01:00:00Z"}}, "recurringWindow.endTime", "ends before it starts"),
        ({"recurringWindow": WINDOW | {"endTime": "2026-01-03T05:00:00Z"}}, "recurringWindow.endTime", ">=4h contiguous"),
        ({"recurringWindow": WINDOW | {"endTime": "2026-01-03T06:00:00Z"}}, "recurringWindow.recurrence", "8 windows of 4:00:00"),
        ({"recurringWindow": WINDOW | {"recurrence": "every saturday"}}, "recurringWindow.recurrence", "RFC 5545"),
        ({"recurringWindow": WINDOW, "dailyMaintenanceWindow": {"startTime": "03:00"}}, "recurringWindow", "one window a cluster"),
    ],
)  # fmt: skip
def test_a_maintenance_window_is_long_enough_and_well_said(account, cluster_inputs, policy, at, words):
    refused(account, "cluster", cluster_inputs | {"maintenancePolicy": policy}, f"maintenancePolicy.{at}", words)


def test_exclusions_have_an_end_a_name_and_a_scope_of_their_channel(account, cluster_inputs):
    def exclusion(name, start="2026-12-01T00:00:00Z", end="2026-12-05T00:00:00Z", **options):
        return {"exclusionName": name, "startTime": start, "endTime": end, "exclusionOptions": options or None}

    path = "maintenancePolicy.maintenanceExclusions"
    for given, at in (
        ([exclusion("a", end=None)], f"{path}[0].endTime"),
        ([exclusion("a", end="2026-11-01T00:00:00Z")], f"{path}[0].endTime"),
        ([exclusion("a"), exclusion("a", scope="NO_MINOR_UPGRADES")], f"{path}[1].exclusionName"),
        ([exclusion(str(n)) for n in range(4)], path),
    ):
        inputs = cluster_inputs | {"maintenancePolicy": {"recurringWindow": WINDOW, "maintenanceExclusions": given}}
        assert list(account.failures("cluster", "ml", inputs)) == [at]
    forever = exclusion("a", end=None, scope="NO_MINOR_UPGRADES", endTimeBehavior="UNTIL_END_OF_SUPPORT")
    inputs = cluster_inputs | {"maintenancePolicy": {"recurringWindow": WINDOW, "maintenanceExclusions": [forever]}}
    assert account.failures("cluster", "ml", inputs) == {}
    loose = inputs | {"releaseChannel": {"channel": "UNSPECIFIED"}}
    refused(account, "cluster", loose, f"{path}[0].exclusionOptions.scope", "clusters in a release channel")


@pytest.mark.parametrize(
    ("path", "value", "at", "words"),
    [
        ("cluster", "other", "cluster", "the name of ml"),
        ("location", "us-east1", "location", "Error 404"),
        ("nodeLocations", ["us-east1-b"], "nodeLocations[0]", "a zone of us-central1"),
        ("autoscaling", {"minNodeCount": 4, "maxNodeCount": 2}, "autoscaling.minNodeCount", "at most maxNodeCount, 2"),
        ("autoscaling", {"minNodeCount": 1, "totalMaxNodeCount": 2}, "autoscaling.totalMaxNodeCount", "exclude each other"),
        ("autoscaling", {"locationPolicy": "ANY"}, "autoscaling.maxNodeCount", "either total or per zone limits"),
        ("autoscaling.locationPolicy", "SPREAD", "autoscaling.locationPolicy", "BALANCED, ANY"),
        ("management.autoUpgrade", False, "management.autoUpgrade", "when release_channel REGULAR is set"),
        ("version", "1.36", "version", "must not be greater than the master version"),
        ("nodeConfig.serviceAccount", "other@ml-dev.iam.gserviceaccount.com", "nodeConfig.serviceAccount", "the email of nodes"),
        ("nodeConfig.machineType", "n2-standard-8", "nodeConfig.guestAccelerators[0].type", "is not supported on the machine type n2-standard-8"),
        ("nodeConfig.guestAccelerators", [{"type": "nvidia-l4", "count": 1}], "nodeConfig.guestAccelerators[0].count", "has 2 of them"),
        ("nodeConfig.guestAccelerators", [{"type": "nvidia-tesla-t4", "count": 2}], "nodeConfig.guestAccelerators[0].type", "allowed: nvidia-l4"),
        ("nodeConfig.diskSizeGb", 5, "nodeConfig.diskSizeGb", "12 to 65536"),
        ("nodeConfig.diskType", "gp3", "nodeConfig.diskType", "hyperdisk-balanced"),
        ("nodeConfig.imageType", "AL2023", "nodeConfig.imageType", "COS_CONTAINERD"),
        ("nodeConfig.kubeletConfig.cpuManagerPolicy", "exclusive", "nodeConfig.kubeletConfig.cpuManagerPolicy", "static"),
        ("nodeConfig.maxRunDuration", "7d", "nodeConfig.maxRunDuration", "seconds, as 604800s"),
        ("upgradeSettings", {"maxSurge": 0, "maxUnavailable": 0}, "upgradeSettings.maxUnavailable", "must not both be 0"),
        ("upgradeSettings", {"maxSurge": 15, "maxUnavailable": 15}, "upgradeSettings.maxSurge", "at most 20"),
        ("upgradeSettings", {"strategy": "BLUE_GREEN", "maxSurge": 1}, "upgradeSettings.maxSurge", "surge strategy is not enabled"),
        ("upgradeSettings", {"blueGreenSettings": {"nodePoolSoakDuration": "1s"}}, "upgradeSettings.blueGreenSettings", "blue-green strategy is not enabled"),
        ("networkConfig.podRange", "more", "networkConfig.podRange", "allowed: pods, services"),
        ("networkConfig.additionalNodeNetworkConfigs", [{"network": "default"}], "networkConfig.additionalNodeNetworkConfigs", "multi-networking"),
        ("maxPodsPerNode", 4, "maxPodsPerNode", "8 to 256"),
        ("placementPolicy", {"type": "COMPACT", "policyName": "none"}, "placementPolicy.policyName", "NotFound"),
    ],
)  # fmt: skip
def test_a_node_pool_is_refused_as_gke_refuses_it(account, pool, path, value, at, words):
    refused(account, "nodes", changed(pool, path, value), at, words)


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"nodeConfig.spot": True, "nodeConfig.reservationAffinity": SPECIFIC}, "nodeConfig.reservationAffinity.consumeReservationType"),
        ({"nodeConfig.preemptible": True, "nodeConfig.reservationAffinity": SPECIFIC}, "nodeConfig.reservationAffinity.consumeReservationType"),
        ({"nodeConfig.spot": True, "nodeConfig.preemptible": True}, "nodeConfig.preemptible"),
        ({"nodeConfig.flexStart": True}, "management.autoRepair"),
        ({"nodeConfig.flexStart": True, "management.autoRepair": False, "nodeCount": 1}, "nodeCount"),
        ({"nodeConfig.flexStart": True, "management.autoRepair": False, "placementPolicy.type": "COMPACT"}, "placementPolicy.type"),
        ({"queuedProvisioning.enabled": True, "autoscaling.totalMinNodeCount": 1}, "autoscaling.totalMinNodeCount"),
        ({"queuedProvisioning.enabled": True, "nodeConfig.reservationAffinity": SPECIFIC}, "nodeConfig.reservationAffinity.consumeReservationType"),
        ({"queuedProvisioning.enabled": True, "nodeConfig.spot": True}, "nodeConfig.spot"),
        ({"queuedProvisioning.enabled": True, "placementPolicy.type": "COMPACT"}, "queuedProvisioning.enabled"),
        ({"placementPolicy.type": "COMPACT", "nodeLocations": ["us-central1-a", "us-central1-b"]}, "nodeLocations"),
        ({"placementPolicy.type": "COMPACT", "upgradeSettings.strategy": "BLUE_GREEN"}, "upgradeSettings.strategy"),
        ({"nodeConfig.reservationAffinity": SPECIFIC | {"values": ["a", "b"]}}, "nodeConfig.reservationAffinity.values"),
        ({"nodeConfig.reservationAffinity": SPECIFIC | {"key": "name"}}, "nodeConfig.reservationAffinity.key"),
        ({"nodeConfig.ephemeralStorageLocalSsdConfig": {"localSsdCount": 1}, "nodeConfig.localNvmeSsdBlockConfig": {"localSsdCount": 1}}, "nodeConfig.localNvmeSsdBlockConfig"),
    ],
)  # fmt: skip
def test_ways_of_buying_and_placing_nodes_exclude_each_other(account, pool, changes, at):
    for path, value in changes.items():
        pool = changed(pool, path, value)
    assert list(account.failures("nodes", "train", pool)) == [at]


def test_a_pool_in_all_zones_of_a_region_is_not_compact(account, pool):
    everywhere = {name: value for name, value in pool.items() if name != "nodeLocations"}
    refused(account, "nodes", everywhere | {"placementPolicy": {"type": "COMPACT"}}, "nodeLocations", "in one zone")


def test_gpus_are_attached_to_n1_machines_in_the_numbers_that_these_take(account, pool):
    def attached(machine, count):
        inputs = changed(pool, "nodeConfig.machineType", machine)
        return changed(inputs, "nodeConfig.guestAccelerators", [{"type": "nvidia-tesla-t4", "count": count}])

    path = "nodeConfig.guestAccelerators[0].count"
    assert account.failures("nodes", "x", attached("n1-standard-8", 2)) == {}
    refused(account, "nodes", attached("n1-standard-8", 3), path, "Invalid accelerator count")
    refused(account, "nodes", attached("n1-standard-96", 1), path, "allowed: 4")


def test_a_gpu_is_cut_into_parts_that_its_model_has(account, pool):
    def cut(part):
        inputs = changed(pool, "nodeConfig.machineType", "a2-highgpu-1g")
        gpu = {"type": "nvidia-tesla-a100", "count": 1, "gpuPartitionSize": part}
        return changed(inputs, "nodeConfig.guestAccelerators", [gpu])

    assert account.failures("nodes", "x", cut("1g.5gb")) == {}
    refused(account, "nodes", cut("1g.9gb"), "nodeConfig.guestAccelerators[0].gpuPartitionSize", "1g.10gb")


def test_a_reservation_of_the_stack_holds_the_machines_of_the_pool_in_its_zone(account, pool):
    kept = {"count": 2, "instanceProperties": {"machineType": "a2-highgpu-8g"}}
    account.create("reservation", "kept", {"name": "kept", "zone": "us-central1-c", "specificReservation": kept})
    failures = account.failures("nodes", "train", changed(pool, "nodeConfig.reservationAffinity", SPECIFIC))
    assert set(failures) == {"nodeConfig.machineType", "nodeLocations", "nodeConfig.reservationAffinity.values[0]"}


def test_pods_get_identities_only_where_the_cluster_has_a_pool_of_them(account, cluster_inputs, network):
    plain = {name: value for name, value in cluster_inputs.items() if name != "workloadIdentityConfig"}
    made = account.create("cluster", "plain", plain)
    nodes = {"cluster": made.id, "nodeConfig": {"workloadMetadataConfig": {"mode": "GKE_METADATA"}}}
    refused(account, "nodes", nodes, "nodeConfig.workloadMetadataConfig.mode", "Workload Identity is not enabled")
    account.create("sa", "model", {"accountId": "ml-model"})
    grant = {"serviceAccountId": f"projects/{PROJECT}/serviceAccounts/ml-model@{PROJECT}.iam.gserviceaccount.com", "role": "roles/iam.workloadIdentityUser"}  # fmt: skip
    principal = f"principal://iam.googleapis.com/projects/{number_of(PROJECT)}/locations/global/workloadIdentityPools/{PROJECT}.svc.id.goog/subject/ns/a/sa/b"
    for member in (f"serviceAccount:{PROJECT}.svc.id.goog[a/b]", principal):
        refused(
            account,
            "sa-user",
            grant | {"member": member},
            "member",
            "Identity Pool does not exist (ml-dev.svc.id.goog)",
        )
    account.create("cluster", "ml", cluster_inputs | {"name": "ml"})
    for member in (f"serviceAccount:{PROJECT}.svc.id.goog[a/b]", principal):
        assert account.failures("sa-user", "x", grant | {"member": member}) == {}
    wrong = principal.replace(number_of(PROJECT), "123456789012")
    refused(account, "sa-user", grant | {"member": wrong}, "member", f"the number of ml-dev is {number_of(PROJECT)}")


def test_an_account_is_made_before_it_is_granted_something(account):
    grant = {"project": PROJECT, "role": "roles/logging.logWriter"}
    ours = f"serviceAccount:ml-nodes@{PROJECT}.iam.gserviceaccount.com"
    refused(account, "grant", grant | {"member": ours}, "member", "does not exist")
    account.create("sa", "nodes", {"accountId": "ml-nodes"})
    for member in (ours, "serviceAccount:x@other.iam.gserviceaccount.com", GKE, "serviceAccount:1-compute@developer.gserviceaccount.com"):  # fmt: skip
        assert account.failures("grant", "x", grant | {"member": member}) == {}


def test_a_key_is_beside_what_it_encrypts_and_its_service_may_use_it(account, cluster_inputs):
    def key(name, location):
        ring = account.create("ring", name, {"location": location})
        return account.create("key", name, {"keyRing": ring.id}).id

    far, near = key("far", "us-east1"), key("near", "us-central1")
    path = "databaseEncryption.keyName"

    def encrypted(with_key):
        return cluster_inputs | {"databaseEncryption": {"state": "ENCRYPTED", "keyName": with_key}}

    refused(account, "cluster", encrypted(near), path, "has no permission to use the key")
    for made in (far, near):
        account.create("key-user", made.split("/")[-1], {"cryptoKeyId": made, "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "member": GKE})  # fmt: skip
    refused(account, "cluster", encrypted(far), path, "the key is in us-east1, the resource in us-central1")
    assert account.failures("cluster", "ml", encrypted(near)) == {}
    outside = "projects/other/locations/us-central1/keyRings/r/cryptoKeys/k"
    assert account.failures("cluster", "ml", encrypted(outside)) == {}, "of a key outside nothing is known"


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        ({"rotationPeriod": "60s"}, "rotationPeriod", "86400s or more"),
        ({"rotationPeriod": "90d"}, "rotationPeriod", "seconds, as 7776000s"),
        ({"rotationPeriod": "7776000s", "purpose": "ASYMMETRIC_SIGN"}, "rotationPeriod", "not rotated automatically"),
        ({"versionTemplate": {"algorithm": "ROT13"}}, "versionTemplate.algorithm", "(50 in all)"),
    ],
)
def test_keys_turn_as_their_purpose_allows(account, more, path, words):
    ring = account.create("ring", "r", {"location": "us-central1"})
    refused(account, "key", {"keyRing": ring.id, **more}, path, words)


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        ({"fileShares": {"name": "home", "capacityGb": 100}}, "fileShares.capacityGb", "1024 to 102400"),
        ({"location": "us-central1"}, "location", "are in a zone"),
        ({"tier": "BASIC_HDD", "protocol": "NFS_V4_1"}, "protocol", "the tier BASIC_HDD has no such protocol"),
        ({"tier": "FAST"}, "tier", "BASIC_HDD"),
        ({"networks": [{"network": "main", "modes": ["MODE_IPV4"], "connectMode": "PRIVATE_SERVICE_ACCESS"}]}, "networks[0].network", "private services access"),
    ],
)  # fmt: skip
def test_shared_files_have_the_sizes_and_places_of_their_tier(account, network, more, path, words):
    base = {"location": "us-central1-a", "tier": "ZONAL", "fileShares": {"name": "home", "capacityGb": 1024}, "networks": [{"network": "main", "modes": ["MODE_IPV4"]}]}  # fmt: skip
    name = network.made.out["name"]
    inputs = base | more
    inputs["networks"] = [{**each, "network": name} for each in inputs["networks"]]
    refused(account, "files", inputs, path, words)


def test_a_name_that_is_taken_is_refused_in_the_words_of_the_service(account, cluster, cluster_inputs):
    for kind, inputs, words in (
        ("network", {"name": cluster.network.made.out["name"]}, "The resource 'projects/ml-dev/global/networks/"),
        (
            "cluster",
            cluster_inputs | {"name": cluster.name},
            "Already exists: projects/ml-dev/locations/us-central1/clusters/",
        ),
        ("sa", {"accountId": "ml-nodes"}, "Service account ml-nodes already exists within project projects/ml-dev"),
    ):
        (answer,) = account.failures(kind, "again", inputs).values()
        assert "googleapi: Error 409" in answer
        assert words in answer
    elsewhere = {"location": "us-east1", "initialNodeCount": 1, "name": cluster.name}
    assert account.failures("cluster", "again", elsewhere) == {}, "in another place it is another name"


def test_a_provider_without_a_project_or_in_a_place_that_does_not_exist_is_refused(accounts):
    provider = accounts().provider
    paths = {failure.path: failure.reason() for failure in provider.check_config({"region": "mars-north1"})}
    assert set(paths) == {"project", "region"}
    assert "set gcp:project" in paths["project"]
    bad = {"project": PROJECT, "region": "us-central1", "zone": "us-east1-b"}
    assert [failure.path for failure in provider.check_config(bad)] == ["zone"]
    assert list(provider.check_config({"project": PROJECT, "region": "us-central1", "zone": "us-central1-f"})) == []


def test_a_cluster_without_any_place_is_refused(accounts):
    account = accounts(config={"project": PROJECT})
    assert "Unable to determine location" in account.failures("cluster", "ml", {"initialNodeCount": 1})["location"]


def test_the_value_of_a_secret_is_never_shown(account):
    from kubeml_simulator.provider import secret

    failures = account.failures("sa", "x", {"accountId": secret("Hunter2 hunter2")})
    assert "[secret]" in failures["accountId"]
    assert "unter2" not in str(failures)


def test_a_network_that_carries_rdma_is_of_one_zone_with_everything_in_it(account, cluster, pool):
    for profile in ("roce", "us-central1-z-vpc-roce", "us-central1-a-vpc-infiniband"):
        refused(account, "network", {"networkProfile": profile}, "networkProfile", "googleapi: Error 400")
    link = "projects/ml-dev/global/networkProfiles/us-central1-b-vpc-roce"
    rdma = account.create("network", "rdma", {"autoCreateSubnetworks": False, "networkProfile": link})
    subnet = {"network": rdma.id, "ipCidrRange": "192.168.0.0/20"}
    refused(account, "subnet", subnet | {"region": "us-east1"}, "region", "allowed: us-central1")
    rail = account.create("subnet", "rail", subnet | {"region": "us-central1"})
    wide = account.create("cluster", "wide", cluster.made.inputs | {"name": "wide", "enableMultiNetworking": True})
    rails = [{"network": rdma.out["name"], "subnetwork": rail.out["name"]}]
    joined = changed(pool | {"cluster": wide.id}, "networkConfig.additionalNodeNetworkConfigs", rails)
    refused(account, "nodes", joined, "nodeLocations", "carries RDMA in us-central1-b only")
    assert account.failures("nodes", "x", joined | {"nodeLocations": ["us-central1-b"]}) == {}
