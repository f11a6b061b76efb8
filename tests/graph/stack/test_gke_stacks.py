"""dev-gke and prod-gke: the stacks of dev-eks and prod-eks with another cluster, brought up, judged, left alone and taken down."""

import pytest
import yaml

from kubeml_policies import Pack
from kubeml_simulator.clouds.gcp import GcpProvider
from kubeml_simulator.engine import Providers, load_project, run
from kubeml_simulator.kubernetes import KubernetesProvider
from pulumi_kubeml.capacity import graph as read

CLUSTER, POOL = "gcp:container/cluster:Cluster", "gcp:container/nodePool:NodePool"


def name(urn):
    return urn.rpartition("::")[2]


def evaluate(directory, operation, stack, **options):
    project = load_project(directory)
    providers = Providers(in_process={"gcp": GcpProvider, "kubernetes": KubernetesProvider})
    result = run(operation, project, project.stack(stack), providers=providers, **options)
    assert result.ok, [each.message for each in result.diagnostics if each.severity == "error"]
    return result


def settings(root, stack):
    config = yaml.safe_load((root / "stacks" / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]
    return {key: value for key, value in config.items() if key.startswith("kubeml:")}


@pytest.fixture(scope="module")
def prod(root):
    """The graph of prod-gke."""
    return evaluate(root, "up", "prod-gke", touch_state=False)


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_only_the_cluster_and_the_machines_of_pools_differ_from_the_stack_on_eks(root, stage):
    here, there = settings(root, f"{stage}-gke"), settings(root, f"{stage}-eks")
    different = {key for key in here | there if here.get(key) != there.get(key)}
    assert different - {"kubeml:teams"} == {"kubeml:cluster", "kubeml:pools"}
    for mine, theirs in zip(here["kubeml:pools"], there["kubeml:pools"], strict=True):
        keys = {key for key in mine | theirs if mine.get(key) != theirs.get(key)}
        assert keys <= {"machine", "accelerator", "zones", "capacity"}, mine["name"]


def test_prod_breaks_no_check(prod):
    pack = Pack("prod")
    found = [finding for each in prod.resources for finding in pack.analyze(each)]
    found += pack.analyze_stack(prod.resources)
    assert [(each.check, each.message) for each in found] == []


def test_prod_has_no_public_address_and_protects_what_cannot_be_made_again(prod):
    (cluster,) = (each for each in prod.resources if each["type"] == CLUSTER)
    assert cluster["inputs"]["deletionProtection"] is True
    assert cluster["inputs"]["privateClusterConfig"]["enablePrivateEndpoint"] is True
    assert {each["type"] for each in prod.resources if each.get("protect")} == {"gcp:kms/cryptoKey:CryptoKey"}
    classes = [each for each in prod.resources if each["type"].endswith(":StorageClass")]
    assert {each["inputs"]["reclaimPolicy"] for each in classes} == {"Retain"}


def test_versions_of_nodes_stay_until_their_support_ends(prod):
    (cluster,) = (each for each in prod.resources if each["type"] == CLUSTER)
    (exclusion,) = cluster["inputs"]["maintenancePolicy"]["maintenanceExclusions"]
    assert exclusion["exclusionOptions"] == {
        "scope": "NO_MINOR_OR_NODE_UPGRADES",
        "endTimeBehavior": "UNTIL_END_OF_SUPPORT",
    }
    assert "endTime" not in exclusion


def test_the_machines_of_the_reservation_are_taken_in_their_zone_with_a_network_for_each_pair(prod):
    (train,) = (each["inputs"] for each in prod.resources if each["type"] == POOL and name(each["urn"]) == "ml-train")
    assert train["nodeLocations"] == ["us-central1-a"]
    assert train["nodeConfig"]["reservationAffinity"]["values"] == ["train-h100"]
    assert train["placementPolicy"] == {"type": "COMPACT"}
    assert len(train["networkConfig"]["additionalNodeNetworkConfigs"]) == 4
    (pool,) = (each for each in read.pools(prod.resources) if each.name == "train")
    assert (pool.max, pool.allocatable["nvidia.com/gpu"], pool.zones) == (4, 8, ("us-central1-a",))


def test_nothing_in_the_cluster_comes_before_nodes_that_can_run_it(prod):
    by_urn = {each["urn"]: each for each in prod.resources}
    (system,) = (each["urn"] for each in prod.resources if each["type"] == POOL and name(each["urn"]) == "ml-system")

    def before(resource):
        found, left = set(), [resource]
        while left:
            each = left.pop()
            for urn in [*each.get("dependencies", []), each.get("provider", "").rpartition("::")[0]]:
                if urn in by_urn and urn not in found:
                    found.add(urn)
                    left.append(by_urn[urn])
        return found

    pods = [
        each
        for each in prod.resources
        if each["type"].startswith("kubernetes:")
        and each["type"].rpartition(":")[2] in {"Release", "Deployment", "TFJob", "PersistentVolumeClaim"}
        and name(each["urn"]) != "platform-prometheus-operator-crds"  # definitions alone need no node
    ]
    assert len(pods) > 6
    for each in pods:
        assert system in before(each), f"{each['urn']} could be made before there is a node"


def test_dev_goes_in_the_order_in_which_nothing_is_left_behind(root, tmp_path):
    import shutil

    for file in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(root / file, tmp_path / file)
    shutil.copytree(root / "stacks", tmp_path / "stacks")
    evaluate(tmp_path, "up", "dev-gke")
    again = evaluate(tmp_path, "up", "dev-gke")
    assert set(again.changes) == {"same"}, [step.urn for step in again.steps if step.op != "same"]
    gone = evaluate(tmp_path, "destroy", "dev-gke")
    assert gone.resources == []
    ended = {}
    for span in gone.spans:
        ended.setdefault(span.urn.rpartition("::")[0].rpartition("::")[2].rpartition("$")[2], []).append(span)
    first = {token: min(span.start for span in spans) for token, spans in ended.items()}
    last = {token: max(span.end for span in spans) for token, spans in ended.items()}
    cluster = first[CLUSTER]
    for token in (
        "kubernetes:core/v1:Service",
        "kubernetes:core/v1:PersistentVolumeClaim",
        "kubernetes:helm.sh/v3:Release",
        POOL,
    ):
        assert last[token] <= cluster, f"{token} would lose its cluster before it is gone"
    for token in ("gcp:compute/network:Network", "gcp:compute/subnetwork:Subnetwork", "gcp:kms/cryptoKey:CryptoKey"):
        assert first[token] >= last[CLUSTER], f"{token} is still in use"
