"""Which nodes take a pod, and if none does, why: the scheduler's decision in the scheduler's words.

A node is asked one thing after another, in the scheduler's order, and the first that it fails gives its reasons. Texts and
order are those of Kubernetes 1.37 (kubernetes/kubernetes, pkg/scheduler/framework/plugins, v1.37.2; judged by the real
scheduler in tests/cluster).

>>> from pulumi_kubeml.capacity.model import Taint
>>> nodes = [Node("a", allocatable={"cpu": 2000, "pods": 10}), Node("b", taints=(Taint("nvidia.com/gpu", "", "NoSchedule"),))]
>>> str(decide(Pod("web", requests={"cpu": 4000}), nodes))
'0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s).'
>>> decide(Pod("web", requests={"cpu": 1000}), nodes).nodes
('a',)
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pulumi_kubeml.capacity.claims import BROKEN, ELSEWHERE, UNAVAILABLE, BrokenClaimError, allocate, missing_class
from pulumi_kubeml.capacity.model import Pod, Taint
from pulumi_kubeml.capacity.node import Node
from pulumi_kubeml.capacity.selectors import node_names, node_term, tolerates
from pulumi_kubeml.capacity.topology import Namespaces, Neighbours, Spread
from pulumi_kubeml.capacity.volumes import Storage, problem

CORDONED = "node(s) were unschedulable"
TAINTED = "node(s) had untolerated taint(s)"
NOT_SELECTED = "node(s) didn't match Pod's node affinity/selector"
NOT_NAMED = "node(s) didn't satisfy plugin(s) [NodeAffinity]"
CONFLICT = "pod affinity terms conflict"
NO_PORTS = "node(s) didn't have free ports for the requested pod ports"
TOO_MANY = "Too many pods"
NO_NODES = "no nodes available to schedule pods"
_CORDON = Taint("node.kubernetes.io/unschedulable", "", "NoSchedule")


@dataclass(frozen=True)
class Decision:
    """The nodes that take a pod; when there is none, how many of the `total` nodes give each reason."""

    nodes: tuple[str, ...]
    reasons: Mapping[str, int]
    total: int
    conflict: str = ""
    """Why no node was even asked."""

    def __str__(self) -> str:
        if self.nodes:
            return f"{len(self.nodes)}/{self.total} nodes are available: {', '.join(self.nodes)}."
        if not self.total:
            return NO_NODES
        counted = self.conflict or ", ".join(sorted(f"{count} {reason}" for reason, count in self.reasons.items()))
        return f"0/{self.total} nodes are available: {counted}."


def decide(pod: Pod, nodes: Sequence[Node], namespaces: Namespaces | None = None) -> Decision:
    """Make the decision for one more pod; `namespaces` are the labels that namespace selectors ask for."""
    named = node_names(pod.affinity)
    if named is not None and not named:
        return Decision((), {}, len(nodes), CONFLICT)
    unbound = problem(pod)
    if unbound:
        return Decision((), {}, len(nodes), unbound)
    storage = Storage(other for node in nodes for other in node.pods) if pod.volumes else None
    held = holders(nodes)
    missing = missing_class([claim for claim in pod.claims if not claim.key or claim.key not in held])
    if missing:
        return Decision((), {}, len(nodes), missing)
    spread = Spread(pod, nodes, lambda node: selected(pod, node), lambda node: untainted(pod, node))
    neighbours = Neighbours(pod, ((other, node) for node in nodes for other in node.pods), namespaces or {})
    takers: list[str] = []
    reasons: Counter[str] = Counter()
    for node in nodes:
        if named is not None and node.name not in named:
            reasons[NOT_NAMED] += 1
            continue
        found = own_rejections(pod, node)
        if not found and storage is not None:
            found = storage.rejections(pod, node.labels)
        if not found:
            try:
                first = spread.rejection(node) or neighbours.rejection(node) or unclaimed(pod, node, held)
            except BrokenClaimError:
                return Decision((), {}, len(nodes), BROKEN)
            found = [first] if first else []
        if not found:
            takers.append(node.name)
        reasons.update(found)
    return Decision(tuple(takers), {} if takers else reasons, len(nodes))


def own_rejections(pod: Pod, node: Node) -> list[str]:
    """Make the reasons of the first thing that a node fails by itself, whatever is on other nodes; empty when it takes the pod."""
    if node.unschedulable and not tolerates(pod.tolerations, _CORDON):
        return [CORDONED]
    if not untainted(pod, node):
        return [TAINTED]
    if not selected(pod, node):
        return [NOT_SELECTED]
    if pod.ports and not node.has_ports(pod.ports):
        return [NO_PORTS]
    return list(short(pod, node))


def short(pod: Pod, node: Node) -> Iterator[str]:
    """Yield what a node has too little of for one more pod."""
    if node.free("pods") < 1:
        yield TOO_MANY
    for key, amount in pod.requests.items():
        if amount > 0 and amount > node.free(key) and (key not in pod.mapped or node.allocatable.get(key)):
            yield f"Insufficient {key}"


def holders(nodes: Iterable[Node]) -> dict[str, str]:
    """Make the node on which each claim that pods share got its devices."""
    return {key: node.name for node in nodes for key in node.shared}


def unclaimed(pod: Pod, node: Node, held: Mapping[str, str]) -> str:
    """Make why a node does not meet the claims of a pod, empty when it does; `held` are the nodes of claims that are met already."""
    if not (pod.claims or pod.mapped):
        return ""
    wanted = node.open_claims(pod, held)
    if wanted and allocate(wanted, node.devices, node.taken) is None:
        return UNAVAILABLE
    away = any(held.get(claim.key, node.name) != node.name for claim in pod.claims if claim.key)
    return ELSEWHERE if away else ""


def selected(pod: Pod, node: Node) -> bool:
    """Whether node selector and required node affinity of a pod take a node."""
    if any(node.labels.get(key) != value for key, value in pod.node_selector.items()):
        return False
    return not pod.affinity or any(node_term(term, node.labels, name=node.name) for term in pod.affinity)


def untainted(pod: Pod, node: Node) -> bool:
    """Whether a pod tolerates every taint that keeps pods away; one that only prefers does not."""
    return all(taint.effect == "PreferNoSchedule" or tolerates(pod.tolerations, taint) for taint in node.taints)
