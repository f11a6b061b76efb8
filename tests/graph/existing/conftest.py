"""Programs with clusters that are there already, run against the simulated Kubernetes."""

import json
import shutil

import pytest

from kubeml_simulator.clouds.aws import AwsProvider
from kubeml_simulator.engine import Providers, load_project, run
from kubeml_simulator.kubernetes import KubernetesProvider

FIRST = "dev-eks"
IMPORTS = """
import json
import pulumi
from pulumi_kubeml import ExistingCluster, ExistingClusterArgs, LocalPool, Platform, PlatformArgs, PlatformSpec, Taint
from pulumi_kubeml import ModelServer, ModelServerArgs, ModelServerSpec, Team, TeamArgs, TeamSpec

def args(**more):
    given = {
        "kubernetes_version": "1.35",
        "distribution": "kind",
        "context": "kind-ml",
        "node_pools": [
            LocalPool("general", nodes=2, cpus=8, memory="16Gi"),
            LocalPool("gpu", nodes=1, cpus=8, memory="32Gi", accelerator="t4", purpose="serving", labels={"rack": "b"}),
        ],
    }
    return ExistingClusterArgs(**{**given, **more})

KUBECONFIG = json.dumps({
    "current-context": "lab", "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "me"}}],
    "clusters": [{"name": "lab", "cluster": {"server": "https://10.0.0.1:6443"}}],
    "users": [{"name": "me", "user": {"token": "do-not-tell"}}],
})
"""
SECOND = """
import pulumi
from pulumi_kubeml import ExistingCluster, ModelServer, ModelServerArgs, ModelServerSpec
from pulumi_kubeml import Platform, PlatformArgs, StackClusterArgs, Team, TeamArgs, TeamSpec
from pulumi_kubeml.stack import source

first = source.read_file("first.yaml")
cluster = ExistingCluster.from_stack("ml", "organization/kubeml/dev-eks", StackClusterArgs.of(first.kind, first.cluster))
platform = Platform("platform", PlatformArgs(cluster=cluster))
team = Team("vision", TeamArgs(platform=platform, spec=TeamSpec("vision", members=["ml-vision"], serving_gpus={"l4": 4})))
server = ModelServer("detector", ModelServerArgs(team=team, spec=ModelServerSpec(
    "detector", team="vision", pool="serve", image="your-registry/detector:v1.0.0", port=8080, replicas=3, accelerators=1,
)))
pulumi.export("detector", server.address)
"""


@pytest.fixture(scope="session")
def laboratory(make_laboratory):
    return make_laboratory("existing", imports=IMPORTS, config={}, providers={"kubernetes": KubernetesProvider})


@pytest.fixture
def project(laboratory, tmp_path):
    """A project of this test alone."""
    return laboratory.project(tmp_path)


def evaluate(directory, operation, stack, state):
    project = load_project(directory)
    providers = Providers(in_process={"aws": AwsProvider, "kubernetes": KubernetesProvider})
    return run(operation, project, project.stack(stack), providers=providers, state_dir=state)


@pytest.fixture(scope="session")
def first(root, tmp_path_factory):
    """The states of a root in which the reference project's stack on EKS is up."""
    states = tmp_path_factory.mktemp("states")
    result = evaluate(root, "up", FIRST, states)
    assert result.ok, [each.message for each in result.diagnostics]
    return states


@pytest.fixture
def second(root, first, tmp_path):
    """A project of its own that works in the cluster of the first stack: (operation, program, file) to its result."""
    states = tmp_path / "states"
    shutil.copytree(first, states)
    (tmp_path / "Pulumi.yaml").write_text("name: vision\nruntime: python\n", encoding="utf-8")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n", encoding="utf-8")
    file = (root / "stacks" / f"Pulumi.{FIRST}.yaml").read_text(encoding="utf-8")

    def go(operation, program=SECOND, change=lambda text: text):
        (tmp_path / "__main__.py").write_text(program, encoding="utf-8")
        (tmp_path / "first.yaml").write_text(change(file), encoding="utf-8")
        return evaluate(tmp_path, operation, "dev", states)

    go.tell = lambda change: _tell(states / FIRST / "state.json", change)
    return go


def _tell(path, change):
    """Changes what the first stack's state says of its cluster."""
    state = json.loads(path.read_text(encoding="utf-8"))
    stack = next(each for each in state["deployment"]["resources"] if each["type"] == "pulumi:pulumi:Stack")
    change(stack["outputs"])
    path.write_text(json.dumps(state), encoding="utf-8")
