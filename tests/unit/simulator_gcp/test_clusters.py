"""What GKE refuses about clusters."""

import pytest


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
def test_a_cluster_is_refused_as_gke_refuses_it(account, cluster_inputs, path, value, at, words, refused, changed):
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


def test_a_private_endpoint_is_reached_from_private_networks_only(account, cluster_inputs, refused, changed):
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


def test_a_subnetwork_of_another_region_or_network_is_no_place_for_a_cluster(account, cluster_inputs, network, refused):
    moved = cluster_inputs | {"location": "europe-west4"}
    refused(account, "cluster", moved, "subnetwork", "the subnetwork is in us-central1, the cluster in europe-west4")
    other = account.create("network", "other", {"autoCreateSubnetworks": False})
    refused(account, "cluster", cluster_inputs | {"network": other.id}, "subnetwork", "belongs to the network")


def test_a_zonal_cluster_lists_its_other_zones_only(account, cluster_inputs, refused):
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
def test_a_maintenance_window_is_long_enough_and_well_said(account, cluster_inputs, policy, at, words, refused):
    refused(account, "cluster", cluster_inputs | {"maintenancePolicy": policy}, f"maintenancePolicy.{at}", words)


def test_exclusions_have_an_end_a_name_and_a_scope_of_their_channel(account, cluster_inputs, refused):
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


def test_the_control_plane_has_addresses_of_one_kind(account, cluster_inputs, network, refused):
    config = {"enablePrivateNodes": True, "masterIpv4CidrBlock": "172.16.0.0/28"}
    beside = account.create("subnet", "planes", {"network": network.id, "ipCidrRange": "10.99.0.0/28"})
    inputs = cluster_inputs | {"privateClusterConfig": config | {"privateEndpointSubnetwork": beside.id}}
    refused(
        account, "cluster", inputs, "privateClusterConfig.masterIpv4CidrBlock", "come from privateEndpointSubnetwork"
    )


@pytest.mark.parametrize(
    ("inputs", "at", "words"),
    [
        ({"ipAllocationPolicy": {"clusterIpv4CidrBlock": "10.96.0.1/14"}}, "ipAllocationPolicy.clusterIpv4CidrBlock", "beyond its prefix"),
        ({"ipAllocationPolicy": {"servicesIpv4CidrBlock": "/22"}, "initialNodeCount": 0}, "initialNodeCount", "greater than zero"),
        ({"minMasterVersion": "1.35", "nodeVersion": "1.34", "removeDefaultNodePool": False}, "nodeVersion", "the same value as min_master_version"),
        (
            {"clusterAutoscaling": {"autoProvisioningDefaults": {"management": {"autoUpgrade": False}}}},
            "clusterAutoscaling.autoProvisioningDefaults.management.autoUpgrade",
            "when release_channel REGULAR is set",
        ),
        (
            {
                "maintenancePolicy": {
                    "dailyMaintenanceWindow": {"startTime": "03:00"},
                    "maintenanceExclusions": [
                        {
                            "exclusionName": f"e{n}",
                            "startTime": "2026-12-01T00:00:00Z",
                            "endTime": "2026-12-02T00:00:00Z",
                            "exclusionOptions": {"scope": "NO_MINOR_UPGRADES"},
                        }
                        for n in range(21)
                    ],
                }
            },
            "maintenancePolicy.maintenanceExclusions",
            "at most 20",
        ),
    ],
)  # fmt: skip
def test_further_settings_of_a_cluster_fit_each_other(account, cluster_inputs, refused, inputs, at, words):
    refused(account, "cluster", cluster_inputs | inputs, at, words)


def test_a_range_that_gke_shall_make_may_be_only_its_size(account, cluster_inputs):
    inputs = cluster_inputs | {"ipAllocationPolicy": {"clusterIpv4CidrBlock": "/14", "servicesIpv4CidrBlock": ""}}
    assert account.create("cluster", "ml", inputs).out["clusterIpv4Cidr"] == "10.4.0.0/14"
