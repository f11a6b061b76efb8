"""From the configuration of a stack to its spec, or to everything that is wrong with it, at once."""

from collections.abc import Mapping
from typing import Any, get_args

from pulumi_kubeml.addons import PlatformSpec
from pulumi_kubeml.clusters.args import AnyClusterArgs, Environment
from pulumi_kubeml.names import camel
from pulumi_kubeml.problems import Problem, Problems, listed, suggestion
from pulumi_kubeml.stack import cross, shapes
from pulumi_kubeml.stack.kinds import KINDS, Kind
from pulumi_kubeml.stack.model import ELSEWHERE, KEYS, LISTS, NAMESPACE, REQUIRED, StackSpec

Config = Mapping[str, Any]


def read(config: Config) -> tuple[StackSpec | None, list[Problem]]:
    """Make the spec of a stack from its keys without their namespace; with problems, there is no spec.

    >>> _, problems = read({"cluster": {"kind": "eks", "kubernetesVersion": "1.35"}, "pols": []})
    >>> for problem in problems:
    ...     print(problem)
    kubeml:cluster.endpointAccess  missing, but needed
    kubeml:pools  missing, but needed
    kubeml:pols  unknown key; did you mean pools?
    """
    problems = Problems()
    for key in REQUIRED:
        if key not in config:
            problems.add(f"{NAMESPACE}:{key}", shapes.MISSING)
    environment = _environment(config, problems)
    kind = kind_of(config)
    shown = {**LISTS, **({"pools": kind.pool} if kind else {})}
    items = {key: _items(key, each, config, problems) for key, each in shown.items()}
    platform = shapes.read(PlatformSpec, config.get("platform", {}), problems.under(f"{NAMESPACE}:platform"))
    cluster = _cluster(config, kind, environment, problems)
    parts = cross.Parts(
        environment=environment,
        kind=kind,
        cluster=cluster,
        pools=items["pools"],
        platform=platform or PlatformSpec(),
        teams=items["teams"],
        serving=items["serving"],
        training=items["training"],
    )
    found = Problems()
    cross.check(parts, found)
    for key in config:
        if key not in KEYS:
            problems.add(f"{NAMESPACE}:{key}", "unknown key" + (suggestion(key, KEYS) or f"; allowed: {listed(KEYS)}"))
    every = _sorted(_once([*problems, *found]), config)
    if every or cluster is None or kind is None:
        return None, every
    spec = StackSpec(
        environment=environment,
        kind=kind.name,
        cluster=parts.arguments(),
        platform=parts.platform,
        teams=[each for each in parts.teams if each],
        serving=[each for each in parts.serving if each],
        training=[each for each in parts.training if each],
    )
    return spec, []


def kind_of(config: Config) -> Kind | None:
    """Make the kind of the cluster; None where none is named, or one that there is not.

    >>> kind_of({"cluster": {"kind": "eks"}}).cloud, kind_of({"cluster": {"kind": ["eks"]}})
    ('aws', None)
    """
    cluster = config.get("cluster")
    kind = cluster.get("kind") if isinstance(cluster, dict) else None
    return KINDS.get(kind) if isinstance(kind, str) else None


def _environment(config: Config, problems: Problems) -> Environment:
    given, stages = config.get("environment", "dev"), get_args(Environment)
    if given not in stages:
        problems.add(
            f"{NAMESPACE}:environment",
            f"{shapes.show(given)} is not allowed; allowed: {listed(stages)}" + suggestion(given, stages),
        )
        return "dev"
    return given


def _items(key: str, kind: type[Any], config: Config, problems: Problems) -> list[Any]:
    given = config.get(key, [])
    if not isinstance(given, list):
        problems.add(f"{NAMESPACE}:{key}", f"{shapes.show(given)}, but a list is needed")
        return []
    at = problems.under(f"{NAMESPACE}:{key}")
    return [shapes.read(kind, item, at.under(index)) for index, item in enumerate(given)]


def _cluster(config: Config, kind: Kind | None, environment: Environment, problems: Problems) -> AnyClusterArgs | None:
    """The cluster's arguments, without its pools; the keys that stand elsewhere in a stack file are unknown here."""
    given, at = config.get("cluster", {}), problems.under(f"{NAMESPACE}:cluster")
    if not isinstance(given, dict):
        at.add("", f"{shapes.show(given)}, but a map is needed")
        return None
    if "cluster" not in config:
        return None
    for key in map(camel, ELSEWHERE):
        if key in given:
            at.add(key, f"unknown key; it is kubeml:{'pools' if key == 'nodePools' else key}")
    if kind is None:  # which keys there may be, the kind decides
        said = f"{shapes.show(given['kind'])} is not allowed" if "kind" in given else shapes.MISSING
        at.add("kind", f"{said}; allowed: {listed(KINDS)}" + suggestion(given.get("kind"), KINDS))
        return None
    own = {key: value for key, value in given.items() if key not in {"kind", *map(camel, ELSEWHERE)}}
    return shapes.read(kind.args, {**own, "nodePools": [], "environment": environment}, at)


def _once(problems: list[Problem]) -> list[Problem]:
    """Leave out what is said of a value that is already known to be wrong."""
    kept: list[Problem] = []
    for problem in problems:
        if not any(_within(problem.path, other.path) for other in kept):
            kept.append(problem)
    return kept


def _within(path: str, other: str) -> bool:
    return path == other or path.startswith((f"{other}.", f"{other}["))


def _sorted(problems: list[Problem], config: Config) -> list[Problem]:
    """In the order of the keys of a stack file, unknown keys last, each list in its order."""
    keys = [*KEYS, *config]
    order = {key: index for index, key in reversed(list(enumerate(keys)))}

    def rank(problem: Problem) -> tuple[int, int]:
        key, _, rest = problem.path.partition(":")[2].partition(".")[0].partition("[")
        return order.get(key, len(keys)), int(rest.rstrip("]") or 0)

    return sorted(problems, key=rank)
