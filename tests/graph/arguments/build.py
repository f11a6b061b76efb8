"""The program that the tests evaluate: a cluster for each case of its arguments, and one with a pool for each case of a pool's."""

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from tests.graph.arguments.case import Case

from pulumi_kubeml.nodes import NodePoolSpec
from pulumi_kubeml.problems import ConfigurationError

COMPONENTS = {"eks": "EksCluster", "gke": "GkeCluster", "aks": "AksCluster"}


def table(kind: str) -> ModuleType:
    """The cases of a kind of clusters."""
    return import_module(f"{__package__}.{kind}")


def numbered(kind: str, level: str) -> list[Mapping[str, Any]]:
    """Everything that is said at a level, each once; the plain cluster or pool is there twice, first."""
    cases: Mapping[str, Case] = table(kind).CASES
    said: list[Mapping[str, Any]] = [{}, {}] if level == "cluster" else []
    for case in cases.values():
        if case.level == level and not case.refused:
            said += [each for each in (case.before, case.after) if each not in said]
    return [said[0], *said] if level == "pool" else said


def name(level: str, number: int) -> str:
    """The name of what is said; all are equally long.

    >>> name("cluster", 7)
    'c007'
    """
    return f"{level[0]}{number:03}"


def make(kind: str) -> None:
    """Make the clusters."""
    import pulumi

    import pulumi_kubeml

    known = table(kind)
    component = getattr(pulumi_kubeml, COMPONENTS[kind])
    real: Any = known.outside() if hasattr(known, "outside") else dict
    for number, said in enumerate(numbered(kind, "cluster")):
        component(name("cluster", number), known.ARGS(**{**known.BASE, **real(said)}))
    pools = [NodePoolSpec(name("pool", number), **said) for number, said in enumerate(numbered(kind, "pool"))]
    component("pools", known.ARGS(**{**known.BASE, "node_pools": pools}))
    pulumi.export(
        "refused", {key: refusal(component, known, case) for key, case in known.CASES.items() if case.refused}
    )


def refusal(component: Any, known: ModuleType, case: Case) -> Mapping[str, str]:
    """What is said against a case, by path; nothing where it is made."""
    said = case.after if case.level == "cluster" else {"node_pools": [NodePoolSpec("p", **case.after)]}
    try:
        component("refused", known.ARGS(**{**known.BASE, **said}))
    except ConfigurationError as error:
        return {problem.path: problem.message for problem in error.problems}
    return {}
