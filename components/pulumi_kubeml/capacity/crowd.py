"""The pods that are placed already, found by the namespaces that a pod's affinity is about.

Nearly every term is about the namespace of its own pod, so what matters to one more pod is found without looking at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pulumi_kubeml.capacity.model import Pod
from pulumi_kubeml.capacity.node import Node

Pair = tuple[Pod, Node]


class Crowd:
    """Placed pods with their nodes; equal pods on one node are one pair.

    >>> crowd, node = Crowd(), Node("n1")
    >>> term = {"topologyKey": "zone", "labelSelector": {}}
    >>> crowd.add(Pod("a", "research", apart=(term,)), node)
    >>> [pod.name for pod, _ in crowd.about(Pod("b", "research"))], list(crowd.about(Pod("b", "vision")))
    (['a'], [])
    """

    def __init__(self) -> None:
        self._inside: dict[str, list[Pair]] = defaultdict(list)
        self._guards: dict[str, list[Pair]] = defaultdict(list)
        self._guards_anywhere: list[Pair] = []

    def add(self, pod: Pod, node: Node) -> None:
        """Note that such pods are on a node."""
        self._inside[pod.namespace].append((pod, node))
        if pod.apart:
            meant = namespaces(pod.apart, pod)
            if meant is None:
                self._guards_anywhere.append((pod, node))
            for name in meant or ():
                self._guards[name].append((pod, node))

    def about(self, pod: Pod) -> Iterator[Pair]:
        """Yield the pods that a pod's own terms may be about, and those whose terms may be about it, some of them twice."""
        yield from self._guards_anywhere
        yield from self._guards.get(pod.namespace, ())
        terms = (*pod.near, *pod.apart)
        meant = namespaces(terms, pod) if terms else frozenset[str]()
        for name in self._inside if meant is None else meant:
            yield from self._inside.get(name, ())

    def minds(self, pod: Pod) -> bool:
        """Whether the terms of some placed pod may be about a pod."""
        return bool(self._guards_anywhere or self._guards.get(pod.namespace))


def namespaces(terms: Iterable[Mapping[str, Any]], owner: Pod) -> frozenset[str] | None:
    """Make the namespaces that some affinity terms are about, None when their labels decide."""
    found: set[str] = set()
    for term in terms:
        if term.get("namespaceSelector") is not None:
            return None
        found.update(term.get("namespaces") or (owner.namespace,))
    return frozenset(found)
