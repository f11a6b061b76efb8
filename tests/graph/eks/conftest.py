"""A program in a folder of its own, run by the embedded evaluator against the simulated clouds."""

import json
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kubeml_simulator.clouds.aws import AwsProvider
from kubeml_simulator.engine import Providers, Result, load_project, run
from kubeml_simulator.kubernetes import KubernetesProvider

# Ids and the ends of automatic names: different for every cluster, and nobody's promise.
GIVEN_BY_AWS = re.compile(r"(?<=-)[0-9a-f]{7}\b|(?<=-)[0-9a-f]{17}\b|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9A-F]{32}")
IMPORTS = """
import pulumi
import pulumi_aws as aws
from pulumi_kubeml import EksCluster, EksClusterArgs, NodePoolSpec, OnDemand, Reservation, Spot, Taint

def args(**more):
    given = {
        "kubernetes_version": "1.35",
        "endpoint_access": ["203.0.113.0/24"],
        "admins": ["arn:aws:iam::123456789012:role/Admin"],
        "node_pools": [
            NodePoolSpec("general", machine="m7i.2xlarge", min=1, max=4),
            NodePoolSpec("serve", accelerator="l4", max=8, purpose="serving", capacity=[OnDemand(max=6), Spot()]),
        ],
    }
    return EksClusterArgs(**{**given, **more})
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
        providers = Providers(in_process={"aws": AwsProvider, "kubernetes": KubernetesProvider})
        return run(operation, project, project.stack("dev"), providers=providers, touch_state=touch_state)

    def graph(self, program: str) -> Graph:
        result = self.run("up", program, touch_state=False)
        assert result.ok, errors(result)
        return Graph(result)


def workbench(directory: Path) -> Workbench:
    (directory / "Pulumi.yaml").write_text("name: ml\nruntime: python\n", encoding="utf-8")
    (directory / "Pulumi.dev.yaml").write_text("config:\n  aws:region: us-east-1\n", encoding="utf-8")
    return Workbench(directory)


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """A project of this test alone."""
    return workbench(tmp_path)


@pytest.fixture(scope="session")
def make_graph(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Graph]:
    """Evaluates a program once, however many tests ask for it."""
    made: dict[str, Graph] = {}

    def graph(program: str) -> Graph:
        if program not in made:
            made[program] = workbench(tmp_path_factory.mktemp("eks")).graph(program)
        return made[program]

    return graph


@pytest.fixture(scope="session")
def cluster(make_graph: Callable[[str], Graph]) -> Graph:
    """One cluster, as a team would have it, and one workload identity."""
    return make_graph(
        """
        cluster = EksCluster("ml", args())
        cluster.workload_identity(
            "reader", namespace="research", service_account="loader",
            policy=[{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": cluster.region.apply(lambda r: f"arn:aws:s3:::corpus-{r}/*")}],
        )
        pulumi.export("kubeconfig", cluster.kubeconfig)
        """
    )


@pytest.fixture(scope="session")
def masked() -> Callable[[object], str]:
    """Makes the text of a value, without what AWS makes up."""

    def text(value: object) -> str:
        return GIVEN_BY_AWS.sub("...", json.dumps(value, indent=1, sort_keys=True))

    return text
