"""The graph of a GKE cluster: what is in it, what is closed, what waits for what."""

import json

import pytest

from kubeml_simulator.provider.sdk import Schema

SECRET = "4dabf18193072939515e22adb298388d"
OWN_LABELS = {"environment": "dev", "owner": "platform", "team": "platform", "cost-center": "platform"}
CLUSTER, POOL = "gcp:container/cluster:Cluster", "gcp:container/nodePool:NodePool"
KEY, GRANT = "gcp:kms/cryptoKey:CryptoKey", "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"


def name(urn):
    return urn.rpartition("::")[2]


def test_the_graph_is_what_it_was(cluster, snapshot):
    outline = sorted(
        f"{each['type']}  {name(each['urn'])}  in {name(each['parent']) if each.get('parent') else 'the stack'}"
        for each in cluster.resources
        if each["type"] not in {"pulumi:pulumi:Stack", "pulumi:providers:gcp"}
    )
    assert outline == snapshot


@pytest.mark.parametrize(
    ("token", "which"), [(CLUSTER, "ml"), (POOL, "ml-serve-spot"), (CLASS, "ml-block"), (CLASS, "ml-shared")]
)
def test_what_it_asks_for_is_what_it_was(cluster, without_given, token, which, snapshot):
    assert without_given(cluster.inputs(token, which)) == snapshot


def test_everything_is_in_the_cluster(cluster):
    outside = {"pulumi:pulumi:Stack", "pulumi:providers:gcp", "gcp:storage/bucket:Bucket", "kubeml:index:GkeCluster"}
    for each in cluster.resources:
        if each["type"] not in outside:
            assert "ml" in cluster.above(each), f"{each['urn']} is outside the cluster"


def test_everything_that_takes_labels_says_whose_it_is(cluster):
    schema, seen = Schema.for_package("pulumi_gcp"), set()
    for each in cluster.resources:
        known = schema.resource(each["type"]) if each["type"].startswith("gcp:") else None
        if known is None or each["type"] == "gcp:storage/bucket:Bucket":
            continue
        for labels in ("labels", "resourceLabels"):
            if labels in known.inputs:
                seen.add(each["type"])
                assert OWN_LABELS.items() <= (each["inputs"].get(labels) or {}).items(), each["urn"]
    assert seen == {CLUSTER, KEY}
    for pool in cluster.of(POOL).values():
        assert OWN_LABELS.items() <= pool["inputs"]["nodeConfig"]["resourceLabels"].items(), "machines and disks"
    for each in cluster.of(CLASS).values():
        assert each["inputs"]["parameters"]["labels"] == (
            "cost-center=platform,environment=dev,owner=platform,team=platform"
        )


def test_nodes_are_private_and_answer_pods_with_their_own_identity_only(cluster):
    pools = cluster.of(POOL)
    assert set(pools) == {"ml-system", "ml-general", "ml-serve", "ml-serve-spot"}
    for pool in pools.values():
        config = pool["inputs"]["nodeConfig"]
        assert pool["inputs"]["networkConfig"] == {"enablePrivateNodes": True}
        assert config["workloadMetadataConfig"] == {"mode": "GKE_METADATA"}
        assert config["metadata"] == {"disable-legacy-endpoints": "true"}
        assert config["shieldedInstanceConfig"] == {"enableIntegrityMonitoring": True, "enableSecureBoot": True}
        assert config["kubeletConfig"]["insecureKubeletReadonlyPortEnabled"] == "FALSE"


def test_the_api_answers_only_to_the_blocks_named(cluster):
    inputs = cluster.inputs(CLUSTER, "ml")
    assert inputs["masterAuthorizedNetworksConfig"] == {
        "cidrBlocks": [{"cidrBlock": "203.0.113.0/24"}],
        "gcpPublicCidrsAccessEnabled": False,
    }
    assert inputs["privateClusterConfig"]["enablePrivateNodes"] is True
    assert inputs["enableLegacyAbac"] is False
    assert inputs["masterAuth"] == {"clientCertificateConfig": {"issueClientCertificate": False}}


def test_without_blocks_the_api_has_no_public_address(laboratory):
    graph = laboratory.graph("GkeCluster('shut', args(endpoint_access=[]))\n")
    inputs = graph.inputs(CLUSTER, "shut")
    assert inputs["privateClusterConfig"]["enablePrivateEndpoint"] is True
    assert inputs["masterAuthorizedNetworksConfig"]["cidrBlocks"] == []


def test_secrets_disks_and_files_have_the_clusters_key(cluster):
    (key,) = cluster.of(KEY).values()
    assert cluster.inputs(CLUSTER, "ml")["databaseEncryption"] == {"state": "ENCRYPTED", "keyName": key["id"]}
    assert {pool["inputs"]["nodeConfig"]["bootDiskKmsKey"] for pool in cluster.of(POOL).values()} == {key["id"]}
    assert cluster.inputs(CLASS, "ml-block")["parameters"]["disk-encryption-kms-key"] == key["id"]
    assert cluster.inputs(CLASS, "ml-shared")["parameters"]["instance-encryption-kms-key"] == key["id"]
    assert key["inputs"]["rotationPeriod"] == "7776000s"


def test_who_uses_the_key_is_let_before(cluster):
    grants = cluster.of(GRANT)
    agents = {which: each["inputs"]["member"].rpartition("@")[2] for which, each in grants.items()}
    assert agents == {
        "ml-secrets": "container-engine-robot.iam.gserviceaccount.com",
        "ml-disks": "compute-system.iam.gserviceaccount.com",
        "ml-files": "cloud-filer.iam.gserviceaccount.com",
    }
    assert grants["ml-secrets"]["urn"] in cluster.needs(cluster.of(CLUSTER)["ml"])
    for pool in cluster.of(POOL).values():
        assert grants["ml-disks"]["urn"] in cluster.needs(pool)
    assert grants["ml-disks"]["urn"] in cluster.needs(cluster.of(CLASS)["ml-block"])
    assert grants["ml-files"]["urn"] in cluster.needs(cluster.of(CLASS)["ml-shared"])


def test_nodes_may_write_logs_and_metrics_and_pull_images_and_nothing_else(cluster):
    (account,) = cluster.of("gcp:serviceaccount/account:Account").values()
    member = f"serviceAccount:{account['outputs']['email']}"
    granted = cluster.of("gcp:projects/iAMMember:IAMMember").values()
    assert sorted(each["inputs"]["role"] for each in granted if each["inputs"]["member"] == member) == [
        "roles/artifactregistry.reader",
        "roles/logging.logWriter",
        "roles/monitoring.metricWriter",
        "roles/monitoring.viewer",
        "roles/stackdriver.resourceMetadata.writer",
    ]
    for pool in cluster.of(POOL).values():
        assert pool["inputs"]["nodeConfig"]["serviceAccount"] == account["outputs"]["email"]


def test_a_gpu_pool_says_device_driver_taint_and_labels(cluster):
    for which in ("ml-serve", "ml-serve-spot"):
        config = cluster.inputs(POOL, which)["nodeConfig"]
        assert config["guestAccelerators"] == [
            {"type": "nvidia-l4", "count": 1, "gpuDriverInstallationConfig": {"gpuDriverVersion": "DEFAULT"}}
        ]
        assert config["taints"] == [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}]
        assert config["labels"]["kubeml.io/pool"] == "serve"
        assert (config["machineType"], config["imageType"]) == ("g2-standard-4", "COS_CONTAINERD")


def test_each_rung_is_a_pool_with_its_share_of_the_bounds_of_all_zones(cluster):
    pools = {which: each["inputs"] for which, each in cluster.of(POOL).items()}
    bounds = {which: each["autoscaling"]["totalMaxNodeCount"] for which, each in pools.items()}
    assert bounds == {"ml-system": 6, "ml-general": 4, "ml-serve": 6, "ml-serve-spot": 2}
    assert not any("maxNodeCount" in each["autoscaling"] for each in pools.values()), "that counts by zone"
    assert [which for which, each in pools.items() if each["nodeConfig"].get("spot")] == ["ml-serve-spot"]
    assert {which: each["autoscaling"]["locationPolicy"] for which, each in pools.items()} == {
        "ml-system": "BALANCED",
        "ml-general": "BALANCED",
        "ml-serve": "ANY",
        "ml-serve-spot": "ANY",
    }


def test_where_machines_are_scarce_one_goes_before_one_comes(cluster):
    settings = {which: each["inputs"]["upgradeSettings"] for which, each in cluster.of(POOL).items()}
    assert settings["ml-serve"] == {"strategy": "SURGE", "maxSurge": 0, "maxUnavailable": 1}
    assert settings["ml-system"] == {"strategy": "SURGE", "maxSurge": 1, "maxUnavailable": 0}


def test_the_system_pool_is_for_the_platform_alone(cluster):
    taints = cluster.inputs(POOL, "ml-system")["nodeConfig"]["taints"]
    assert taints == [{"key": "CriticalAddonsOnly", "value": "true", "effect": "NO_SCHEDULE"}]


def test_the_pool_that_gke_makes_goes_and_its_nodes_are_no_one_else_either(cluster):
    control = cluster.of(CLUSTER)["ml"]
    assert (control["inputs"]["removeDefaultNodePool"], control["inputs"]["initialNodeCount"]) == (True, 1)
    assert "email" not in control["inputs"]["nodeConfig"]["serviceAccount"]
    assert control["ignoreChanges"] == ["nodeConfig"]


def test_the_autoscaler_owns_the_size_between_the_bounds(cluster):
    for pool in cluster.of(POOL).values():
        assert pool["ignoreChanges"] == ["initialNodeCount", "nodeCount"]


def test_the_kubeconfig_is_secret_wherever_it_is_and_holds_no_credential(cluster):
    assert SECRET in cluster.result.outputs["kubeconfig"]
    assert SECRET in cluster.inputs("pulumi:providers:kubernetes", "ml-kubernetes")["kubeconfig"]
    assert SECRET in cluster.of("kubeml:index:GkeCluster")["ml"]["outputs"]["kubeconfig"]
    (user,) = json.loads(cluster.result.outputs["kubeconfig"]["value"])["users"]
    assert user["user"]["exec"]["command"] == "gke-gcloud-auth-plugin"
    assert set(user["user"]) == {"exec"}


def test_nodes_wait_for_the_way_out_and_for_what_they_may(cluster):
    before = {
        *(each["urn"] for each in cluster.of("gcp:compute/routerNat:RouterNat").values()),
        *(
            each["urn"]
            for which, each in cluster.of("gcp:projects/iAMMember:IAMMember").items()
            if which.startswith("ml-nodes-")
        ),
    }
    assert len(before) == 6
    for pool in cluster.of(POOL).values():
        assert cluster.needs(pool) >= before


def test_no_pool_waits_for_another(cluster):
    pools = {each["urn"]: each for each in cluster.of(POOL).values()}
    for urn, pool in pools.items():
        assert not cluster.needs(pool) & (set(pools) - {urn})


def test_a_class_waits_for_nodes_that_run_its_driver(cluster):
    system = cluster.of(POOL)["ml-system"]["urn"]
    for each in cluster.of(CLASS).values():
        assert system in cluster.needs(each)


def test_webhooks_are_open_to_the_api_and_to_nothing_else(cluster):
    (rule,) = cluster.of("gcp:compute/firewall:Firewall").values()
    (account,) = cluster.of("gcp:serviceaccount/account:Account").values()
    assert rule["inputs"]["sourceRanges"] == [
        cluster.inputs(CLUSTER, "ml")["privateClusterConfig"]["masterIpv4CidrBlock"]
    ]
    assert rule["inputs"]["targetServiceAccounts"] == [account["outputs"]["email"]]
    assert rule["inputs"]["allows"] == [{"protocol": "tcp", "ports": ["443", "6443", "8443", "9443", "10250"]}]


def test_every_webhook_of_the_platform_can_be_called(cluster):
    from pulumi_kubeml.addons import STANDARD

    (rule,) = cluster.of("gcp:compute/firewall:Firewall").values()
    ports = {int(port) for port in rule["inputs"]["allows"][0]["ports"]}
    for addon in STANDARD:
        assert ports >= set(addon.webhook_ports), f"the API server could not call {addon.name}"


def test_only_what_owns_nothing_outside_goes_away_with_the_cluster(cluster):
    gone = {each["type"] for each in cluster.resources if each.get("deletedWith")}
    assert gone == {CLASS, "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"}
    assert {each["deletedWith"] for each in cluster.resources if each.get("deletedWith")} == {
        cluster.of(CLUSTER)["ml"]["urn"]
    }


def test_an_administrator_finds_the_cluster_and_may_do_everything_in_it_alone(cluster):
    called = "ml-admin-ml-platform@example.com"
    assert cluster.inputs("gcp:projects/iAMMember:IAMMember", called)["role"] == "roles/container.clusterViewer"
    binding = cluster.inputs("kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", called)
    assert binding["roleRef"]["name"] == "cluster-admin"
    assert binding["subjects"] == [
        {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "ml-platform@example.com"}
    ]


def test_a_workload_identity_is_for_one_account_and_one_bucket(cluster):
    (grant,) = cluster.of("gcp:storage/bucketIAMMember:BucketIAMMember").values()
    (bucket,) = cluster.of("gcp:storage/bucket:Bucket").values()
    assert grant["inputs"]["role"] == "roles/storage.objectViewer"
    assert grant["inputs"]["bucket"] == bucket["outputs"]["name"]
    member = grant["inputs"]["member"]
    assert member.startswith("principal://iam.googleapis.com/projects/")
    assert member.endswith("/workloadIdentityPools/ml-dev.svc.id.goog/subject/ns/research/sa/loader")


def test_two_clusters_of_one_name_at_different_times_have_different_rings(laboratory):
    """A ring can never be deleted: one with a fixed name would stand in the way of the next cluster."""
    (ring,) = laboratory.graph("GkeCluster('again', args())\n").of("gcp:kms/keyRing:KeyRing").values()
    assert "name" not in ring["inputs"] or ring["inputs"]["name"] != "again"


def test_a_network_that_another_project_keeps_is_used_as_it_is(laboratory):
    graph = laboratory.graph(
        """
        from pulumi_kubeml.clusters.gke import ExistingNetwork
        theirs = gcp.compute.Network("theirs", auto_create_subnetworks=False)
        ranges = [{"range_name": "p", "ip_cidr_range": "10.64.0.0/14"}, {"range_name": "s", "ip_cidr_range": "10.68.0.0/20"}]
        beside = gcp.compute.Subnetwork(
            "theirs", network=theirs.id, region="us-central1", ip_cidr_range="10.240.0.0/20", secondary_ip_ranges=ranges
        )
        network = ExistingNetwork(network=theirs.id, subnetwork=beside.id, pods="p", services="s")
        GkeCluster("guest", args(network=network))
        """
    )
    inputs = graph.inputs(CLUSTER, "guest")
    (network,), (subnetwork,) = (
        graph.of(token).values() for token in ("gcp:compute/network:Network", "gcp:compute/subnetwork:Subnetwork")
    )
    assert (inputs["network"], inputs["subnetwork"]) == (network["id"], subnetwork["id"])
    assert inputs["ipAllocationPolicy"] == {"clusterSecondaryRangeName": "p", "servicesSecondaryRangeName": "s"}
    assert graph.of("gcp:compute/routerNat:RouterNat") == {}
    assert graph.inputs(CLASS, "guest-shared")["parameters"]["network"] == network["outputs"]["name"]
    assert list(graph.of("gcp:compute/firewall:Firewall")) == ["guest-webhooks"]
