"""What the resolvers decide is what the graph of a cluster says: the one place that reads it back agrees with the one that wrote it."""

from typing import Any

import pytest

from kubeml_simulator.clouds.aws import AwsProvider
from kubeml_simulator.engine import Providers, load_project, run
from kubeml_simulator.kubernetes import KubernetesProvider
from pulumi_kubeml.capacity.graph import Graph
from pulumi_kubeml.nodes import NodePool
from pulumi_kubeml.nodes.resolve import resolve_all

SPECS = """
from pulumi_kubeml.nodes import Mps, NodePoolSpec, OnDemand, Reservation, Spot, TimeSlicing
from pulumi_kubeml.nodes.spec import Taint

SPECS = [
    NodePoolSpec("general", machine="m7i.2xlarge", min=2, max=10, labels={"team.example.com/tier": "web"}),
    NodePoolSpec("arm", machine="m7g.large", max=3, taints=(Taint("arch", "arm64"), Taint("slow", "", "PreferNoSchedule"))),
    NodePoolSpec("serve", accelerator="l4", min=1, max=24, capacity=[OnDemand(max=8), Spot()], purpose="serving"),
    NodePoolSpec("notebooks", accelerator="l4", max=6, sharing=TimeSlicing(4), capacity=[OnDemand(), Spot()]),
    NodePoolSpec("small", accelerator="t4", max=2, sharing=Mps(8)),
    NodePoolSpec("scratch", machine="g4dn.xlarge", max=1, disk_gib=300, local_disks="ephemeral"),
    NodePoolSpec("train", accelerator="l4", accelerators_per_node=4, max=4, purpose="training", zones=["us-east-1b"]),
]
"""
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
PROGRAM = """
from pulumi_kubeml.clusters.eks import EksCluster, EksClusterArgs

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]
ARGS = EksClusterArgs(kubernetes_version="1.35", endpoint_access=["203.0.113.0/24"], zones=ZONES, node_pools=SPECS)
EksCluster("ml", ARGS)
"""


def decided() -> dict[str, NodePool]:
    names: dict[str, Any] = {}
    exec(SPECS, names)  # noqa: S102  the same text as the program's
    return {pool.name: pool for pool in resolve_all(names["SPECS"], "aws", zones=ZONES)}


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The graph of a first preview, where identifiers and names of the cloud are not known yet."""
    directory = tmp_path_factory.mktemp("round-trip")
    (directory / "Pulumi.yaml").write_text("name: round-trip\nruntime: python\n", encoding="utf-8")
    (directory / "Pulumi.dev.yaml").write_text("config:\n  aws:region: us-east-1\n", encoding="utf-8")
    (directory / "__main__.py").write_text(SPECS + PROGRAM, encoding="utf-8")
    project = load_project(directory)
    providers = Providers(in_process={"aws": AwsProvider, "kubernetes": KubernetesProvider})
    result = run("preview", project, project.stack("dev"), providers=providers, touch_state=False)
    assert result.ok, [each.message for each in result.diagnostics]
    return Graph(result.resources)


def test_the_graph_gives_back_every_pool(graph: Graph) -> None:
    read = {pool.name: pool for pool in graph.pools}
    assert graph.unread_pools == {}
    assert set(read) == {*decided(), "system"}
    for name, pool in decided().items():
        found = read[name]
        assert (found.min, found.max, found.machine) == (pool.min, pool.max, pool.machine.name)
        assert dict(found.allocatable) == pool.allocatable
        assert found.zones == pool.zones
        assert [(each.key, each.value, each.effect) for each in found.taints] == [
            (each.key, each.value, each.effect) for each in pool.taints
        ]
        assert pool.labels.items() <= found.labels.items()


def test_rungs_of_one_pool_keep_only_the_labels_they_share(graph: Graph) -> None:
    (serve,) = (pool for pool in graph.pools if pool.name == "serve")
    assert "eks.amazonaws.com/capacityType" not in serve.labels
    assert serve.labels["kubernetes.io/arch"] == "amd64"


def test_all_pools_are_of_the_one_cluster(graph: Graph) -> None:
    assert {pool.cluster.rpartition("::")[2] for pool in graph.pools} == {"ml"}


def test_the_clusters_own_add_ons_are_counted(graph: Graph) -> None:
    pods = {pod.name: pod for pod in graph.pods}
    assert {"aws-node", "kube-proxy", "coredns", "ebs-csi-node"} <= set(pods)
    assert pods["aws-node"].daemon
    assert pods["coredns"].replicas == 2
