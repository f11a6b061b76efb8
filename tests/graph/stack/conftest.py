"""The reference project, evaluated as `up` would, and changed copies of it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubeml_simulator.clouds.aws import AwsProvider
from kubeml_simulator.engine import Providers, Result, load_project, run
from kubeml_simulator.kubernetes import KubernetesProvider

STACK = "dev-eks"


@dataclass(frozen=True)
class Graph:
    """The resources of an evaluated stack, found by what they are."""

    result: Result

    @property
    def resources(self) -> list[dict[str, Any]]:
        return self.result.resources

    @cached_property
    def by_urn(self) -> dict[str, dict[str, Any]]:
        return {each["urn"]: each for each in self.resources}

    def of(self, token: str) -> dict[str, dict[str, Any]]:
        """Resources of a type, by name."""
        return {name(each["urn"]): each for each in self.resources if each["type"] == token}

    def inputs(self, which: str) -> dict[str, Any]:
        """The inputs of the Kubernetes object of a name."""
        (found,) = [each for each in self.kubernetes() if name(each["urn"]) == which]
        return found["inputs"]

    def kubernetes(self) -> Iterator[dict[str, Any]]:
        return (each for each in self.resources if each["type"].startswith("kubernetes:"))

    def inside(self, component: str) -> dict[str, dict[str, Any]]:
        """Inputs of everything in a component, by kind and name."""
        (whole,) = [each["urn"] for each in self.resources if each["type"] == component]
        children = [each for each in self.resources if each.get("parent") == whole]
        return {f"{each['type'].rpartition(':')[2]} {name(each['urn'])}": each["inputs"] for each in children}

    def before(self, resource: dict[str, Any]) -> set[str]:
        """URNs of everything that comes before a resource by its own dependencies, however far."""
        found: set[str] = set()
        left = [resource]
        while left:
            for urn in left.pop().get("dependencies", []):
                if urn in self.by_urn and urn not in found:
                    found.add(urn)
                    left.append(self.by_urn[urn])
        return found


def name(urn: str) -> str:
    return urn.rpartition("::")[2]


def evaluate(directory: Path, operation: str, *, stack: str = STACK, **options: Any) -> Result:
    project = load_project(directory)
    providers = Providers(in_process={"aws": AwsProvider, "kubernetes": KubernetesProvider})
    return run(operation, project, project.stack(stack), providers=providers, **options)


@pytest.fixture(scope="session")
def dev_eks(root: Path) -> Graph:
    """The graph of dev-eks."""
    result = evaluate(root, "up", touch_state=False)
    assert result.ok, [each.message for each in result.diagnostics]
    return Graph(result)


@pytest.fixture(scope="session")
def graph_of() -> Callable[[Path, str], Graph]:
    """Evaluates a stack of a project, touching no state."""

    def graph(directory: Path, stack: str) -> Graph:
        result = evaluate(directory, "up", stack=stack, touch_state=False)
        assert result.ok, [each.message for each in result.diagnostics]
        return Graph(result)

    return graph


@pytest.fixture
def changed(root: Path, tmp_path: Path) -> Callable[[Callable[[dict[str, Any]], object]], Path]:
    """Makes a copy of the project whose stack was changed."""

    def copy(change: Callable[[dict[str, Any]], object]) -> Path:
        for file in ("Pulumi.yaml", "__main__.py"):
            shutil.copy(root / file, tmp_path / file)
        (tmp_path / "stacks").mkdir()
        stack = yaml.safe_load((root / "stacks" / f"Pulumi.{STACK}.yaml").read_text(encoding="utf-8"))
        change(stack["config"])
        (tmp_path / "stacks" / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(stack), encoding="utf-8")
        return tmp_path

    return copy


@pytest.fixture
def evaluated() -> Callable[..., Result]:
    """Runs a project's stack: (directory, operation, state_dir=...)."""
    return evaluate
