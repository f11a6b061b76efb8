"""Programs that are measured: made in a folder, run by the engine like any other."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kubeml_simulator.cli.providers import simulated
from kubeml_simulator.engine import load_project, run
from kubeml_simulator.provider.failures import FailurePlan

# One bare resource of each package: the least that its provider takes.
_BARE = {
    "aws": 'aws.ec2.Eip(f"bare-{index}")',
    "kubernetes": 'kubernetes.core.v1.ConfigMap(f"bare-{index}", metadata={"name": f"bare-{index}", "namespace": "bench"}, data={"key": "value"})',
    "": 'pulumi.ComponentResource("bench:index:Bare", f"bare-{index}")',
}
_IMPORTS = {"aws": "import pulumi_aws as aws", "kubernetes": "import pulumi_kubernetes as kubernetes", "": ""}


def bare(folder: Path, counts: dict[str, int], classes: Iterable[str] = ()) -> Path:
    """Makes the folder of a program that registers so many bare resources of each package, nothing depending on anything.

    `classes` are those of the SDKs that the program looks at besides (`aws.eks.Cluster`): loading an SDK's modules costs a second.
    """
    folder.mkdir(parents=True)
    lines = ["import pulumi", *(_IMPORTS[package] for package in counts if _IMPORTS[package]), *classes]
    start = 0
    for package, count in sorted(counts.items()):
        lines.append(f"for index in range({start}, {start + count}):\n    {_BARE[package]}")
        start += count
    (folder / "__main__.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n", encoding="utf-8")
    (folder / "Pulumi.dev.yaml").write_text("config:\n  aws:region: us-east-1\n", encoding="utf-8")
    return folder


def evaluated(folder: Path, stack: str, operation: str = "preview", *, runner: str = "fast") -> Any:
    """Runs a stack without policies and without state; a run that fails is no measure of anything."""
    project = load_project(folder)
    result = run(
        operation, project, project.stack(stack), providers=simulated(FailurePlan()), touch_state=False, runner=runner
    )
    assert result.ok, f"{stack}: {[each.message for each in result.diagnostics if each.severity == 'error'][:3]}"
    return result


def packages(resources: list[dict[str, Any]]) -> dict[str, int]:
    """Counts the resources of a graph by package: components under the empty name, providers and the stack not at all.

    >>> packages([{"type": "pulumi:pulumi:Stack"}, {"type": "aws:ec2/vpc:Vpc", "custom": True}, {"type": "kubeml:eks:Cluster"}])
    {'aws': 1, '': 1}
    """
    counts = Counter[str]()
    for each in resources:
        if not each["type"].startswith("pulumi:"):
            package = each["type"].split(":", 1)[0]
            counts[package if each.get("custom") and package in _BARE else ""] += 1
    return dict(counts)


def classes_of(resources: list[dict[str, Any]]) -> list[str]:
    """Makes one class of the SDKs for each of their modules in a graph; custom kinds have none.

    >>> classes_of([{"type": "aws:eks/cluster:Cluster"}, {"type": "aws:eks/addon:Addon"}, {"type": "kubernetes:rbac.authorization.k8s.io/v1:Role"}])
    ['aws.eks.Addon', 'kubernetes.rbac.v1.Role']
    """
    found: dict[str, str] = {}
    for token in sorted({each["type"] for each in resources}):
        package, module, name = token.split(":")
        parts = module.split("/")
        path = f"{package}.{parts[0]}" if package == "aws" else f"{package}.{parts[0].split('.')[0]}.{parts[-1]}"
        if package in _IMPORTS and _exists(path):
            found.setdefault(path, f"{path}.{name}")
    return sorted(found.values())


def _exists(path: str) -> bool:
    from importlib.util import find_spec

    try:
        return find_spec(f"pulumi_{path}") is not None
    except ModuleNotFoundError:
        return False


def multiplied(root: Path, folder: Path, stack: str, times: int) -> Path:
    """Makes a copy of the reference project in which the stack has so many times its teams, on pools as much larger."""
    import yaml

    folder.mkdir(parents=True)
    for name in ("__main__.py", "Pulumi.yaml"):
        (folder / name).write_bytes((root / name).read_bytes())
    stacks = folder / "stacks"
    stacks.mkdir()
    config = yaml.safe_load((root / "stacks" / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    values = config["config"]
    text = json.dumps(values["kubeml:teams"])
    values["kubeml:teams"] = [team for index in range(times) for team in json.loads(_renamed(text, index))]
    for pool in values["kubeml:pools"]:
        pool["max"] = pool["max"] * times
    (stacks / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return folder


def _renamed(teams: str, index: int) -> str:
    """Makes other names of teams and of what they own, so that nothing is there twice."""
    from re import sub

    return sub(r'"name": "([a-z0-9-]+)"', rf'"name": "\1-{index}"', teams) if index else teams
