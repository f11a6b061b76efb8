"""The nodes of a pool while groups of pods are placed on them.

A group that depends on nothing but resources takes as many pods as fit, node after node; one that depends on other pods
is placed pod by pod, by the same rules as the scheduler's (`capacity.topology`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_kubeml.capacity.claims import BROKEN, BrokenClaimError, Device
from pulumi_kubeml.capacity.decide import NO_PORTS, NOT_SELECTED, short, unclaimed, untainted
from pulumi_kubeml.capacity.model import Pod, PoolLike
from pulumi_kubeml.capacity.node import HOSTNAME, Node, zone_labels
from pulumi_kubeml.capacity.selectors import NODE_OWN, node_term
from pulumi_kubeml.capacity.topology import NOT_APART, Namespaces, Neighbours, Spread
from pulumi_kubeml.capacity.volumes import Storage

Taken = tuple[Node, int]
"""A node and how many pods of a group it got."""


@dataclass
class PoolNodes:
    """The nodes of one pool: those in use, and what an empty one has beside its daemons."""

    pool: PoolLike
    size: int = 0
    """How many there are."""
    daemons: list[Pod] = field(default_factory=list[Pod])
    nodes: list[Node] = field(default_factory=list[Node])
    _full: dict[tuple[tuple[str, int], ...], int] = field(default_factory=dict[tuple[tuple[str, int], ...], int])
    _empty: dict[str, int] | None = None

    @property
    def empty(self) -> Mapping[str, int]:
        """What a node has left when only its daemons run."""
        if self._empty is None:
            node = self._node(0)
            self._empty = {key: node.free(key) for key in {*node.allocatable, *node.used, "pods"}}
        return self._empty

    @property
    def taken(self) -> list[Device]:
        """The devices that the daemons of a node have."""
        return self._node(0).taken if any(each.claims or each.mapped for each in self.daemons) else []

    def daemon(self, pod: Pod) -> None:
        """Run one more daemon on every node; they come before any other pod."""
        self.daemons.append(pod)
        self._empty = None

    def place(self, pod: Pod, wanted: int, start: int = 0) -> list[Taken]:
        """Put up to `wanted` pods on the nodes from `start` on by their resources alone; gives the number on each node used."""
        placed: list[Taken] = []
        shape = tuple(pod.requests.items())
        first = start if pod.alone else max(start, self._full.get(shape, 0))
        most = 1 if pod.alone else wanted
        for position in range(first, self.size):
            if not wanted:
                break
            node = self.at(position)
            taken = node.room(pod, min(wanted, most))
            node.take(pod, taken)
            wanted -= taken
            if taken:
                placed.append((node, taken))
            if wanted and not pod.alone:
                self._full[shape] = (
                    position + 1
                )  # nodes only fill up: none before has room for a pod of this shape again
        return placed

    def at(self, position: int) -> Node:
        """Make the node at a position, in use from now on."""
        while len(self.nodes) <= position:
            self.nodes.append(self._node(len(self.nodes)))
        return self.nodes[position]

    def every(self) -> list[Node]:
        """Make all nodes that there are."""
        return [self.at(position) for position in range(self.size)]

    def shrink(self, size: int) -> None:
        """Take away the nodes beyond some, which hold nothing but daemons."""
        self.size = size
        del self.nodes[size:]

    def _node(self, number: int) -> Node:
        zones: Sequence[str] = getattr(self.pool, "zones", ())
        name = f"{self.pool.name}-{number}"
        labels = {**self.pool.labels, HOSTNAME: name, **zone_labels(zones, number)}
        devices = tuple(getattr(self.pool, "devices", ()))
        return Node(
            name, labels, tuple(self.pool.taints), self.pool.allocatable, pods=list(self.daemons), devices=devices
        )


@dataclass
class Careful:
    """Places the pods of one group one after the other, each by what is on all nodes then."""

    pod: Pod
    affine: Sequence[PoolNodes]
    """The pools that the pod's spread is about."""
    placed: Iterable[tuple[Pod, Node]]
    """Pods that it may have to be near to or apart from, or that want to be apart from it."""
    namespaces: Namespaces
    storage: Storage
    """What placed pods have made of volumes."""
    held: dict[str, str] = field(default_factory=dict[str, str])
    """The nodes of claims that pods share and that are met already."""
    reasons: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    """Why the nodes of each pool take no more, in the scheduler's words."""

    def __post_init__(self) -> None:
        nodes = (node for pool in self.affine for node in pool.every())
        self._spread = Spread(self.pod, nodes, self._may, lambda node: untainted(self.pod, node))
        self._neighbours = Neighbours(self.pod, self.placed, self.namespaces, NODE_OWN)

    def place(self, pool: PoolNodes, wanted: int) -> list[Taken]:
        """Put up to `wanted` pods on the nodes of a pool, and give the number on each node used."""
        placed: dict[str, Taken] = {}
        while wanted:
            why: Counter[str] = Counter()
            for node in pool.every():
                reason = next(self._rejections(node), "")
                if not reason:
                    break
                why[reason] += 1
            else:
                self.reasons[pool.pool.name] = why
                break
            node.take(self.pod)
            self.held.update(dict.fromkeys(node.shared, node.name))
            self._spread.add(node, (self.pod,))
            self._neighbours.add(self.pod, node)
            if self.pod.volumes:
                self.storage.take(self.pod, node.labels)
            placed[node.name] = (node, placed[node.name][1] + 1 if node.name in placed else 1)
            wanted -= 1
        return list(placed.values())

    def _rejections(self, node: Node) -> Iterator[str]:
        if not self._may(node):
            yield NOT_SELECTED
        if self.pod.ports and not node.has_ports(self.pod.ports):
            yield NO_PORTS
        yield from short(self.pod, node)
        if self.pod.volumes:
            yield from self.storage.rejections(self.pod, node.labels)
        if self.pod.alone and any(each is self.pod for each in node.pods):
            yield NOT_APART
        yield from filter(None, (self._spread.rejection(node), self._neighbours.rejection(node)))
        try:
            yield from filter(None, (unclaimed(self.pod, node, self.held),))
        except BrokenClaimError:
            yield BROKEN

    def _may(self, node: Node) -> bool:
        """Whether selector and affinity are sure to take a node, of which the name is made up and the zone may not be told."""
        chosen = self.pod.node_selector.items()
        if any(key == HOSTNAME or node.labels.get(key) != value for key, value in chosen):
            return False
        if not self.pod.affinity:
            return True
        labels = {**node.labels, HOSTNAME: ""}
        return any(_surely(term, labels) for term in self.pod.affinity)


def _surely(term: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a term takes a node whatever the labels are that it does not tell."""
    rules: Sequence[Mapping[str, Any]] = term.get("matchExpressions") or ()
    untold = [rule for rule in rules if rule.get("key") in NODE_OWN and rule.get("key") not in labels]
    if any(rule.get("operator") != "Exists" for rule in untold):
        return False
    told = {**labels, **{str(rule["key"]): "" for rule in untold}}
    return node_term(term, told, name="")


def takes(pod: Pod, labels: Mapping[str, str]) -> bool:
    """Whether selector and required node affinity of a pod take nodes of a pool with some labels, the name not being told."""
    chosen = pod.node_selector.items()
    if any(labels.get(key) != value and (key in labels or key not in NODE_OWN) for key, value in chosen):
        return False
    return not pod.affinity or any(node_term(term, labels) for term in pod.affinity)
