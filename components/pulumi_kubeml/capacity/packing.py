"""Whether a set of pods fits some nodes together: a packing that is found, or a proof that some must stay pending.

Both are one-sided: what `pack` leaves over might still fit in another order, and `stranded` counts only what can be proven.

>>> nodes = [Node("a", allocatable={"cpu": 2000, "pods": 10}), Node("b", allocatable={"cpu": 1000, "pods": 10})]
>>> pods = [Pod("small", requests={"cpu": 1000}), Pod("large", requests={"cpu": 2000}), Pod("more", requests={"cpu": 500})]
>>> stranded(pods, nodes), [pod.name for pod in pack(pods, nodes)]
(1, ['more'])
"""

from collections.abc import Iterable, Sequence

from pulumi_kubeml.capacity.decide import decide, own_rejections
from pulumi_kubeml.capacity.model import Pod
from pulumi_kubeml.capacity.node import Node
from pulumi_kubeml.capacity.topology import Namespaces


def pack(pods: Iterable[Pod], nodes: Sequence[Node], namespaces: Namespaces | None = None) -> list[Pod]:
    """Put pods on the nodes, the largest first and each where least is left, and give those that found none.

    The pods that need others near them come last; the nodes are changed.
    """
    by_name = {node.name: node for node in nodes}
    largest = {key: max(node.allocatable.get(key, 0) for node in nodes) for pod in pods for key in pod.requests}
    left: list[Pod] = []
    for pod in sorted(pods, key=lambda pod: (bool(pod.near), -share(pod, largest))):
        takers = [by_name[name] for name in decide(pod, nodes, namespaces).nodes]
        if not takers:
            left.append(pod)
            continue
        min(takers, key=lambda node: (_unasked(pod, node), -share(pod, {key: node.free(key) for key in largest}))).take(
            pod
        )
    return left


def stranded(pods: Sequence[Pod], nodes: Sequence[Node]) -> int:
    """Make the least number of pods that find no node in any order.

    They are those that no node takes by itself, and of the others, for the resource where that is worst, those beyond what
    all nodes have left of it together.
    """
    able = [pod for pod in pods if any(not own_rejections(pod, node) for node in nodes)]
    alone = len(pods) - len(able)
    keys = {"pods", *(key for pod in able for key in pod.requests if key not in pod.mapped)}
    return alone + max((_beyond(key, able, nodes) for key in keys), default=0)


def share(pod: Pod, largest: dict[str, int]) -> float:
    """Make the largest part that a pod takes of what there is of each resource."""
    return max((amount / largest[key] for key, amount in pod.requests.items() if largest.get(key)), default=0)


def _beyond(key: str, pods: Sequence[Pod], nodes: Sequence[Node]) -> int:
    """Make how many of the pods that ask for a resource are left when the smallest have used up all that there is."""
    left = sum(max(node.free(key), 0) for node in nodes)
    asked = sorted(1 if key == "pods" else pod.requests.get(key, 0) for pod in pods)
    for placed, amount in enumerate(amount for amount in asked if amount):
        left -= amount
        if left < 0:
            return sum(1 for amount in asked if amount) - placed
    return 0


def _unasked(pod: Pod, node: Node) -> int:
    """Make how many extended resources a node has that the pod does not ask for."""
    return sum(1 for key in node.allocatable if "/" in key and key not in pod.requests and node.free(key) > 0)
