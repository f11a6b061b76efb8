"""A cluster that is there already: what leads to it, what is known of it, and what it cannot give."""

import re

import pytest

from pulumi_kubeml import ExistingClusterArgs, InvalidArgs, LocalPool, Taint
from pulumi_kubeml.capacity import graph as read
from pulumi_kubeml.clusters.existing.check import check
from pulumi_kubeml.nodes import document, resolve_locals

CLUSTER, PROVIDER = "kubeml:index:ExistingCluster", "pulumi:providers:kubernetes"
SECRET = "4dabf18193072939515e22adb298388d"
"""The key by which the engine knows a secret."""
PLAIN = 'ExistingCluster("ml", args())'


def errors(result):
    return "\n".join(each.message for each in result.diagnostics if each.severity == "error")


def test_it_makes_a_way_in_and_nothing_else(laboratory, snapshot, without_given):
    graph = laboratory.graph(PLAIN)
    assert without_given({each["type"]: each["inputs"] for each in graph.resources if each.get("inputs")}) == snapshot


def test_a_kubeconfig_is_a_secret_and_its_file_stays_where_it_is(laboratory):
    given = laboratory.graph('ExistingCluster("ml", args(context=None), kubeconfig=KUBECONFIG)')
    inputs, outputs = given.inputs(PROVIDER, "ml-kubernetes"), given.of(CLUSTER)["ml"]["outputs"]
    for each in (inputs, outputs):
        assert SECRET in each["kubeconfig"], "a secret is marked as one"
    assert outputs["endpoint"] == "https://10.0.0.1:6443", "its address is none"
    assert inputs["clusterIdentifier"] == "https://10.0.0.1:6443"
    named = laboratory.graph('ExistingCluster("ml", args(context="kind-ml"))').inputs(PROVIDER, "ml-kubernetes")
    assert named["context"] == "kind-ml"
    assert "kubeconfig" not in named


def test_a_kubeconfig_that_is_none_is_never_shown(project):
    result = project.run("up", 'ExistingCluster("ml", args(context=None), kubeconfig="do-not-tell: [")')
    assert errors(result) == "kubeconfig  is none: neither YAML nor JSON with clusters, contexts and users"


def test_the_pools_that_come_back_are_those_that_were_said(laboratory):
    graph = read.Graph(laboratory.graph(PLAIN).resources)
    assert graph.unread_pools == {}
    general, gpu = graph.pools
    assert (general.min, general.max, general.allocatable) == (2, 2, {"cpu": 8000, "memory": 16 * 2**30, "pods": 110})
    assert gpu.allocatable["nvidia.com/gpu"] == 1
    assert [str(each) for each in gpu.taints] == ["nvidia.com/gpu=present:NoSchedule"]
    assert gpu.labels["rack"] == "b"
    assert general.cluster == next(each.urn for each in graph.of_type(PROVIDER))


def test_two_clusters_in_one_stack_are_kept_apart(laboratory):
    graph = read.Graph(
        laboratory.graph(
            """
            for name in ("near", "far"):
                cluster = ExistingCluster(name, args(context=f"kind-{name}"))
                platform = Platform(f"{name}-platform", PlatformArgs(cluster=cluster, addons=[]))
                Team(f"{name}-team", TeamArgs(platform=platform, spec=TeamSpec("research")))
            """
        ).resources
    )
    homes = {each.name: graph.pools_cluster(each).rpartition("::")[2] for each in graph.namespaces}
    assert homes == {"near-team-namespace": "near-kubernetes", "far-team-namespace": "far-kubernetes"}


def test_a_document_that_lacks_something_is_no_pool_and_says_what(laboratory):
    (cluster,) = [each for each in laboratory.graph(PLAIN).resources if each["type"] == CLUSTER]
    pools = [dict(each) for each in cluster["inputs"]["pools"]]
    del pools[1]["allocatable"]
    graph = read.Graph([{**cluster, "inputs": {"pools": pools}}])
    assert graph.pools == []
    assert graph.unread_pools == {cluster["urn"]: "ml.pools[1].allocatable is not given"}


@pytest.mark.parametrize(
    "change, path, said",
    [
        ({"kubernetes_version": "latest"}, "kubernetes_version", "is not a version"),
        ({"distribution": "minicube"}, "distribution", "did you mean minikube?"),
        ({"context": None}, "context", "whichever kubectl was last told to use"),
        ({"distribution": "kubeadm"}, "storage_classes.block", "kubeadm brings no class of them"),
        ({"storage_classes": {"shard": "nfs"}}, "storage_classes.shard", "did you mean shared?"),
        ({"built_in": ["nvidia-device-plugins"]}, "built_in[0]", "did you mean nvidia-device-plugin?"),
        ({"environment": "test"}, "environment", "is not one of dev, staging, prod"),
        ({"tags": {"owner": "me"}}, "tags.owner", "has its own argument"),
        (
            {"node_pools": [LocalPool("a", nodes=0, cpus=1, memory="1Gi")]},
            "node_pools[0].nodes",
            "0; allowed: 1 or more",
        ),
        ({"node_pools": [LocalPool("a", nodes=1, cpus="1x", memory="1Gi")]}, "node_pools[0].cpus", "is not a quantity"),
        ({"node_pools": [LocalPool("A", nodes=1, cpus=1, memory="1Gi")]}, "node_pools[0].name", "is not a name"),
        (
            {"node_pools": [LocalPool("a", nodes=1, cpus=1, memory="1Gi", accelerator="h1000")]},
            "node_pools[0].accelerator",
            "did you mean h100?",
        ),
        (
            {"node_pools": [LocalPool("a", nodes=1, cpus=1, memory="1Gi", accelerator="tpu-v6e")]},
            "node_pools[0].accelerator",
            "is no accelerator that machines of one's own have",
        ),
        (
            {"node_pools": [LocalPool("a", nodes=1, cpus=1, memory="1Gi", untainted=True)]},
            "node_pools[0].untainted",
            "the pool has none",
        ),
        (
            {"node_pools": [LocalPool("a", nodes=1, cpus=1, memory="1Gi", taints=[Taint("k", "v", "Never")])]},
            "node_pools[0].taints[0].effect",
            "is not one of NoSchedule",
        ),
        (
            {"node_pools": [LocalPool("a", nodes=1, cpus=1, memory="1Gi", accelerator="t4")]},
            "node_pools",
            "the platform's own pods go nowhere",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_path(change, path, said):
    given = {"kubernetes_version": "1.35", "distribution": "kind", "context": "kind-ml", "node_pools": []}
    with pytest.raises(InvalidArgs) as refused:
        check("ml", ExistingClusterArgs(**{**given, **change}))
    assert [problem.path for problem in refused.value.problems] == [path]
    assert said in refused.value.problems[0].message


def test_all_that_is_wrong_is_said_at_once():
    wrong = LocalPool("Gpu", nodes=0, cpus="x", memory="0", accelerator="t44")
    with pytest.raises(InvalidArgs) as refused:
        check("ML", ExistingClusterArgs(kubernetes_version="1", distribution="k3s", node_pools=[wrong]))
    assert [problem.path for problem in refused.value.problems] == [
        *("name", "kubernetes_version", "distribution", "context", "node_pools[0].cpus", "node_pools[0].memory"),
        *("node_pools[0].accelerator", "node_pools[0].name", "node_pools[0].nodes"),
    ]


SERVER = """
cluster = ExistingCluster("ml", args({args}))
platform = Platform("platform", PlatformArgs(cluster=cluster, spec=PlatformSpec(metrics_replicas=1)))
team = Team("research", TeamArgs(platform=platform, spec=TeamSpec("research", serving_gpus={{"t4": 1}})))
from pulumi_kubeml.storage.claims import ClaimSpec
ModelServer("chat", ModelServerArgs(team=team, spec=ModelServerSpec(
    "chat", team="research", pool="gpu", image="chat:1", port=80, replicas=1, accelerators=1, {server}
)))
"""


def test_what_the_distribution_lacks_is_said_with_a_way_out(project):
    claim = 'claims=[ClaimSpec("models", "/models", size="1Gi")]'
    said = errors(project.run("up", SERVER.format(args="", server=claim)))
    assert re.findall(r"^\S+", said, re.MULTILINE) == ["exposure", "claims[0].purpose"]
    assert "on kind there is none but cloud-provider-kind, a program beside it; allowed: cluster" in said
    assert "kind brings none; name one in storage_classes.shared of the cluster" in said


def test_a_server_on_the_node_with_the_device_is_placed_there(laboratory):
    claim = 'exposure="cluster", claims=[ClaimSpec("models", "/models", size="1Gi", purpose="block")]'
    evaluated = laboratory.graph(SERVER.format(args="", server=claim))
    placed = {each.pod.name: each for each in read.landing(read.Graph(evaluated.resources))}
    assert placed["chat"].pools == {"gpu": 1}
    assert not [name for name, each in placed.items() if each.missing]
    releases = {each["inputs"]["name"] for each in evaluated.of("kubernetes:helm.sh/v3:Release").values()}
    assert {"nvidia-device-plugin", "dcgm-exporter", "metrics-server"} <= releases
    assert {"aws-load-balancer-controller", "cluster-autoscaler"}.isdisjoint(releases)


def test_an_add_on_that_is_there_is_not_installed_twice(laboratory):
    there = 'built_in=["nvidia-device-plugin", "metrics-server"], unsigned_kubelets=True'
    evaluated = laboratory.graph(SERVER.format(args=there, server='exposure="cluster"'))
    releases = {each["inputs"]["name"] for each in evaluated.of("kubernetes:helm.sh/v3:Release").values()}
    assert {"nvidia-device-plugin", "metrics-server"}.isdisjoint(releases)


def test_a_kubelet_without_a_signed_certificate_is_trusted_only_where_that_is_said(laboratory):
    def arguments(args):
        evaluated = laboratory.graph(SERVER.format(args=args, server='exposure="cluster"'))
        return evaluated.inputs("kubernetes:helm.sh/v3:Release", "platform-metrics-server")["values"].get("args")

    assert arguments("") is None
    assert arguments("unsigned_kubelets=True") == ["--kubelet-insecure-tls"]


def test_permissions_of_a_cloud_are_refused_with_the_reason(project):
    asks = 'ExistingCluster("ml", args()).workload_identity("r", namespace="a", service_account="b", policy=[])'
    assert "kind belongs to no cloud whose permissions a service account could have" in errors(project.run("up", asks))


def test_one_node_with_a_device_takes_the_platform_too_where_it_is_said_to_be_untainted():
    node = LocalPool("all", nodes=1, cpus=8, memory="32Gi", accelerator="t4", untainted=True)
    check(
        "ml",
        ExistingClusterArgs(kubernetes_version="1.35", distribution="minikube", context="minikube", node_pools=[node]),
    )
    (pool,) = resolve_locals([node])
    assert pool.taints == ()
    assert pool.placement(1).tolerations[0]["key"] == "nvidia.com/gpu", "a pod with a device may go wherever one is"
    assert pool.placement().tolerations == []


def test_the_document_says_what_a_scheduler_has_to_know():
    node = LocalPool("arm", nodes=3, cpus="3500m", memory="7Gi", storage="50Gi", arch="arm64", taints=[Taint("slow")])
    (made,) = document(resolve_locals([node]))
    assert made["allocatable"] == {"cpu": 3500, "memory": 7 * 2**30, "ephemeral-storage": 50 * 2**30, "pods": 110}
    assert made["labels"]["kubernetes.io/arch"] == "arm64"
    assert made["taints"] == [{"key": "slow", "value": "", "effect": "NoSchedule"}]
