"""A program in a folder of its own, run by the embedded evaluator against the simulated clouds."""

import json
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kubeml_simulator.clouds.azure import AzureProvider
from kubeml_simulator.engine import Providers, Result, load_project, run
from kubeml_simulator.kubernetes import KubernetesProvider

# Ids and the ends of automatic names: different for every cluster, and nobody's promise.
GIVEN_BY_AZURE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|(?<=[a-z0-9-])[0-9a-f]{8}\b")
IMPORTS = """
import pulumi
import pulumi_azure_native as azure
from pulumi_kubeml import AksCluster, AksClusterArgs, NodePoolSpec, OnDemand, Reservation, Spot, Taint
from pulumi_kubeml.nodes import Mig, Mps, TimeSlicing

D8 = "Standard_D8ds_v5"
GROUP = "0a1b2c3d-0000-4000-8000-000000000001"
RESERVED = "/subscriptions/00000000-0000-4000-8000-000000000009/resourceGroups/held/providers/Microsoft.Compute/capacityReservationGroups/a100"

def args(**more):
    given = {
        "kubernetes_version": "1.35",
        "endpoint_access": ["203.0.113.0/24"],
        "admin_groups": [GROUP],
        "node_pools": [
            NodePoolSpec("general", machine=D8, min=1, max=4),
            NodePoolSpec("serve", accelerator="t4", max=8, purpose="serving", capacity=[OnDemand(max=6), Spot()]),
        ],
    }
    return AksClusterArgs(**{**given, **more})
"""


@dataclass(frozen=True)
class Graph:
    """The resources of one evaluated stack, found by what they are."""

    result: Result

    @property
    def resources(self) -> list[dict[str, Any]]:
        return self.result.resources

    def of(self, token: str) -> dict[str, dict[str, Any]]:
        """Resources of a type, by name."""
        return {name_of(each): each for each in self.resources if each["type"] == token}

    def inputs(self, token: str, name: str) -> dict[str, Any]:
        return self.of(token)[name]["inputs"]

    def needs(self, resource: dict[str, Any]) -> set[str]:
        """URNs of everything that comes before a resource, however far."""
        by_urn = {each["urn"]: each for each in self.resources}
        found: set[str] = set()
        left = [resource]
        while left:
            each = left.pop()
            provider = each.get("provider", "").rpartition("::")[0]
            for urn in [*each.get("dependencies", []), provider]:
                if urn in by_urn and urn not in found:
                    found.add(urn)
                    left.append(by_urn[urn])
        return found


def name_of(resource: dict[str, Any]) -> str:
    return resource["urn"].rpartition("::")[2]


def errors(result: Result) -> str:
    return "\n".join(each.message for each in result.diagnostics if each.severity == "error")


@dataclass(frozen=True)
class Workbench:
    """A project that can be run more than once, with a state between."""

    directory: Path

    def run(self, operation: str, program: str | None = None, *, touch_state: bool = True) -> Result:
        if program is not None:
            (self.directory / "__main__.py").write_text(IMPORTS + textwrap.dedent(program), encoding="utf-8")
        project = load_project(self.directory)
        providers = Providers(in_process={"azure-native": AzureProvider, "kubernetes": KubernetesProvider})
        return run(operation, project, project.stack("dev"), providers=providers, touch_state=touch_state)

    def graph(self, program: str, operation: str = "up") -> Graph:
        result = self.run(operation, program, touch_state=False)
        assert result.ok, errors(result)
        return Graph(result)


def workbench(directory: Path) -> Workbench:
    (directory / "Pulumi.yaml").write_text("name: ml\nruntime: python\n", encoding="utf-8")
    (directory / "Pulumi.dev.yaml").write_text("config:\n  azure-native:location: eastus\n", encoding="utf-8")
    return Workbench(directory)


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """A project of this test alone."""
    return workbench(tmp_path)


@pytest.fixture(scope="session")
def make_bench(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Workbench]:
    """Makes a project that several tests share."""
    return lambda name: workbench(tmp_path_factory.mktemp(name))


@pytest.fixture(scope="session")
def make_graph(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Graph]:
    """Evaluates a program once, however many tests ask for it."""
    made: dict[tuple[str, str], Graph] = {}

    def graph(program: str, operation: str = "up") -> Graph:
        if (program, operation) not in made:
            made[program, operation] = workbench(tmp_path_factory.mktemp("aks")).graph(program, operation)
        return made[program, operation]

    return graph


@pytest.fixture(scope="session")
def cluster(make_graph: Callable[..., Graph]) -> Graph:
    """One cluster, as a team would have it, and one workload identity."""
    return make_graph(
        """
        cluster = AksCluster("ml", args())
        cluster.workload_identity(
            "reader", namespace="research", service_account="loader",
            policy=[{"role": "Reader", "scope": cluster.network_id}],
        )
        pulumi.export("kubeconfig", cluster.kubeconfig)
        """
    )


@pytest.fixture(scope="session")
def masked() -> Callable[[object], str]:
    """Makes the text of a value, without what Azure makes up."""

    def text(value: object) -> str:
        return GIVEN_BY_AZURE.sub("...", json.dumps(value, indent=1, sort_keys=True))

    return text
