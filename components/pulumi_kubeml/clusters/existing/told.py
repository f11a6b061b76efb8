"""What another stack tells of its cluster, held against what is said of it here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi_kubeml.clusters.existing.args import StackClusterArgs
from pulumi_kubeml.clusters.handover import OUTPUT, VERSION
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.nodes import NodePool, document
from pulumi_kubeml.problems import Problems, listed, suggestion


def compared(
    given: Any, args: StackClusterArgs, pools: Sequence[NodePool], *, installed: Sequence[str], stack: str
) -> Mapping[str, Any]:
    """Make what a stack tells, if all that is said here is so; else raise InvalidArgs with every difference.

    >>> compared(None, StackClusterArgs(kind="eks", kubernetes_version="1.35", node_pools=[]), [], installed=[], stack="o/kubeml/dev")
    Traceback (most recent call last):
        ...
    pulumi_kubeml.errors.InvalidArgs: stack  "o/kubeml/dev" exports no cluster_contract; bring it up with this package first
    """
    problems = Problems()
    if not isinstance(given, Mapping):
        problems.add("stack", f'"{stack}" exports no {OUTPUT}; bring it up with this package first')
    elif given.get("version") != VERSION:
        problems.add(
            "stack",
            f'"{stack}" tells version {_whole(given.get("version"))} of its {OUTPUT}, but {VERSION} is understood here; '
            "use the same version of this package in both",
        )
    else:
        for path, mine, theirs in _differences(given, args, pools, installed):
            problems.add(path, f'{mine}, but stack "{stack}" has {theirs}')
    problems.raise_if_any(InvalidArgs)
    return given


def _differences(
    given: Mapping[str, Any], args: StackClusterArgs, pools: Sequence[NodePool], installed: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield path, value here and value there of all that differs."""
    yield from _unequal("kind", args.kind, given["kind"])
    yield from _unequal("kubernetes_version", args.kubernetes_version, given["kubernetesVersion"])
    for purpose, named in args.storage_classes.items():
        yield from _unequal(f"storage_classes.{purpose}", named, given["storage"].get(purpose))
    for addon in installed:
        if addon not in given["addons"]:
            yield "installed", addon, listed(sorted(given["addons"])) or "none"
    theirs = {each["name"]: each for each in given["pools"]}
    for index, mine in enumerate(document(pools)):
        path = f"node_pools[{index}]"
        if mine["name"] not in theirs:
            yield f"{path}.name", f'"{mine["name"]}"', listed(theirs) + suggestion(mine["name"], theirs)
            continue
        yield from _pool(path, mine, theirs[mine["name"]])


def _pool(path: str, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for key in ("machine", "min", "max"):
        yield from _unequal(f"{path}.{key}", mine[key], theirs[key])
    if mine["zones"]:  # without any, all that the cluster has
        yield from _unequal(f"{path}.zones", listed(mine["zones"]), listed(theirs["zones"]))
    for key in ("labels", "allocatable"):
        for each in sorted({*mine[key], *theirs[key]}):
            yield from _unequal(f"{path}.{key}.{each}", mine[key].get(each), theirs[key].get(each))
    taints = [[f"{each['key']}={each['value']}:{each['effect']}" for each in side["taints"]] for side in (mine, theirs)]
    yield from _unequal(f"{path}.taints", *(listed(each) or "none" for each in taints))


def _unequal(path: str, mine: Any, theirs: Any) -> Iterator[tuple[str, str, str]]:
    if mine != theirs:
        yield path, _shown(mine), _shown(_whole(theirs))


def _whole(value: Any) -> Any:
    """Outputs have no whole numbers, but numbers that are whole."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _shown(value: Any) -> str:
    return "nothing" if value is None else f'"{value}"' if isinstance(value, str) else str(value)
