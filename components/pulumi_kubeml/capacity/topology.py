"""What a pod may do beside other pods: hard topology spread, and required pod affinity and anti-affinity.

Both look at all nodes at once; what they count is worked out once for a pod and asked node by node. Constraints and terms
are as Kubernetes writes them (https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/ and
https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/, 2026-09).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pulumi_kubeml.capacity.model import Pod
from pulumi_kubeml.capacity.node import Node
from pulumi_kubeml.capacity.selectors import selects

Namespaces = Mapping[str, Mapping[str, str]]
"""The labels of each namespace."""

MISSING = "node(s) didn't match pod topology spread constraints (missing required label)"
SKEWED = "node(s) didn't match pod topology spread constraints"
NOT_NEAR = "node(s) didn't match pod affinity rules"
NOT_APART = "node(s) didn't match pod anti-affinity rules"
UNWANTED = "node(s) didn't satisfy existing pods anti-affinity rules"


class Spread:
    """How many matching pods each domain of each constraint has; `affine` and `tolerated` tell which nodes count."""

    def __init__(
        self, pod: Pod, nodes: Iterable[Node], affine: Callable[[Node], bool], tolerated: Callable[[Node], bool]
    ) -> None:
        self._pod = pod
        self._affine, self._tolerated = affine, tolerated
        self._counts: list[Counter[str]] = [Counter() for _ in pod.spread]
        self._fewest: list[int] | None = None
        for node in nodes if pod.spread else ():
            self.add(node, node.pods)

    def add(self, node: Node, pods: Iterable[Pod]) -> None:
        """Count some pods on a node."""
        self._fewest = None
        if not all(constraint["topologyKey"] in node.labels for constraint in self._pod.spread):
            return
        for constraint, counts in zip(self._pod.spread, self._counts, strict=True):
            counted = constraint.get("nodeAffinityPolicy") == "Ignore" or self._affine(node)
            if counted and (constraint.get("nodeTaintsPolicy") != "Honor" or self._tolerated(node)):
                counts[node.labels[constraint["topologyKey"]]] += sum(
                    _spreads(constraint, self._pod, each) for each in pods
                )

    def rejection(self, node: Node) -> str:
        """Make the reason why the pod may not come here, empty when it may."""
        if self._fewest is None:
            pairs = zip(self._pod.spread, self._counts, strict=True)
            self._fewest = [_fewest(constraint, counts) for constraint, counts in pairs]
        for constraint, counts, fewest in zip(self._pod.spread, self._counts, self._fewest, strict=True):
            value = node.labels.get(constraint["topologyKey"])
            if value is None:
                return MISSING
            own = selects_pod(constraint, self._pod, self._pod.labels)
            if counts[value] + own - fewest > constraint["maxSkew"]:
                return SKEWED
        return ""


class Neighbours:
    """Where the pods are that a pod must be near to or apart from, and those that want to be apart from it.

    `untold` are labels that nodes have even where they do not tell them: those nodes may be together, so pods that want to be
    apart are not put on two of them.
    """

    def __init__(
        self,
        pod: Pod,
        placed: Iterable[tuple[Pod, Node]],
        namespaces: Namespaces,
        untold: frozenset[str] = frozenset(),
    ) -> None:
        self._pod = pod
        self._namespaces = namespaces
        self._untold = untold
        self._near: set[tuple[str, str]] = set()
        self._apart: set[tuple[str, str]] = set()
        self._unwanted: set[tuple[str, str]] = set()
        for other, node in placed:
            self.add(other, node)

    def add(self, other: Pod, node: Node) -> None:
        """Count one more pod on a node."""
        pod = self._pod
        if pod.near and self._takes_all(other):
            self._near |= _domains(pod.near, node)
        if pod.apart:
            self._apart |= self._apart_in((term for term in pod.apart if self._takes(term, pod, other)), node)
        if other.apart:
            self._unwanted |= self._apart_in((term for term in other.apart if self._takes(term, other, pod)), node)

    def rejection(self, node: Node) -> str:
        """Make the reason why the pod may not come here, empty when it may."""
        if self._pod.near and not self._is_near(node):
            return NOT_NEAR
        if self._apart_in(self._pod.apart, node) & self._apart:
            return NOT_APART
        if not self._unwanted:
            return ""
        here = {*node.labels.items(), *((key, "") for key in self._untold if key not in node.labels)}
        return UNWANTED if not self._unwanted.isdisjoint(here) else ""

    def _apart_in(self, terms: Iterable[Mapping[str, Any]], node: Node) -> set[tuple[str, str]]:
        """Make the domains of a node that some anti-affinity terms are about, those included that it does not tell."""
        keys = (term["topologyKey"] for term in terms)
        return {(key, node.labels.get(key, "")) for key in keys if key in node.labels or key in self._untold}

    def _is_near(self, node: Node) -> bool:
        wanted = _domains(self._pod.near, node)
        if any(term["topologyKey"] not in node.labels for term in self._pod.near):
            return False
        return wanted <= self._near or (not self._near and self._takes_all(self._pod))

    def _takes_all(self, other: Pod) -> bool:
        return all(self._takes(term, self._pod, other) for term in self._pod.near)

    def _takes(self, term: Mapping[str, Any], owner: Pod, other: Pod) -> bool:
        """Whether a term of one pod is about another: its namespace is meant and its labels are selected."""
        by_labels = term.get("namespaceSelector")
        names = term.get("namespaces") or (() if by_labels is not None else (owner.namespace,))
        if other.namespace not in names and (
            by_labels is None or not selects(by_labels, self._namespaces.get(other.namespace, {}))
        ):
            return False
        return selects_pod(term, owner, other.labels)


def selects_pod(rule: Mapping[str, Any], owner: Pod, labels: Mapping[str, str]) -> bool:
    """Whether the `labelSelector` of a pod's rule, narrowed by its own values of `matchLabelKeys`, takes some labels.

    A rule without a selector takes none.

    >>> selects_pod({"labelSelector": {}, "matchLabelKeys": ["app"]}, Pod("a", labels={"app": "x"}), {"app": "y"})
    False
    """
    selector = rule.get("labelSelector")
    if selector is None or not selects(selector, labels):
        return False
    mine = owner.labels
    same = all(labels.get(key) == mine[key] for key in rule.get("matchLabelKeys") or () if key in mine)
    return same and all(labels.get(key) != mine[key] for key in rule.get("mismatchLabelKeys") or () if key in mine)


def _fewest(constraint: Mapping[str, Any], counts: Mapping[str, int]) -> int:
    """Make the least number of matching pods of a domain, none while there are fewer domains than there must be."""
    return min(counts.values()) if len(counts) >= (constraint.get("minDomains") or 1) else 0


def _spreads(constraint: Mapping[str, Any], pod: Pod, other: Pod) -> bool:
    """Whether a placed pod counts for a constraint; an empty selector counts none, although it takes the pod itself."""
    selector = constraint.get("labelSelector") or {}
    narrowed = any(key in pod.labels for key in constraint.get("matchLabelKeys") or ())
    told = bool(selector.get("matchLabels") or selector.get("matchExpressions") or narrowed)
    return told and other.namespace == pod.namespace and selects_pod(constraint, pod, other.labels)


def _domains(terms: Iterable[Mapping[str, Any]], node: Node) -> set[tuple[str, str]]:
    keys = (term["topologyKey"] for term in terms)
    return {(key, node.labels[key]) for key in keys if key in node.labels}
