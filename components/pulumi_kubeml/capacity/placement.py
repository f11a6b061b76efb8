"""Where every pod lands when the pools are at their maximum, and why one lands nowhere.

First fit decreasing: the groups with most devices first, then by the share of a node they take. It is a prediction: the
scheduler may spread the same pods otherwise. It is exact about what fits nowhere: a group that finds no node here asks
for more than an empty node of any pool that it may use, or its pools are full of what was placed before it. Daemon sets
take their part of every node before any other pod. Spread over zones and preferences are not followed.

>>> from pulumi_kubeml.capacity.model import Pod, Pool
>>> pools = [Pool("serve", 3, {}, (), {"cpu": 3920, "memory": 2**34, "pods": 110, "nvidia.com/gpu": 1})]
>>> for placed in predict(pools, [Pod("chat", replicas=2, requests={"nvidia.com/gpu": 1}), Pod("big", requests={"nvidia.com/gpu": 2})]):
...     print(placed.pod, placed.pools, placed.missing, placed.reason or 'none left')
big {} 1 0 of 1 pools: serve: needs 2 nvidia.com/gpu, a node has 1
chat {'serve': 2} 0 none left
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pulumi_kubeml.capacity.accelerators import devices
from pulumi_kubeml.capacity.fits import exclusions, shortfalls
from pulumi_kubeml.capacity.model import Pod, PoolLike
from pulumi_kubeml.capacity.quantity import show


@dataclass(frozen=True)
class Placed:
    """Where one group lands: pods by pool, how many found no node, and why; `nodes` are those it is on, by pool."""

    pod: Pod
    pools: Mapping[str, int]
    missing: int = 0
    reason: str = ""
    nodes: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass
class _Nodes:
    """The nodes of one pool: those in use with what is free on each, and what an empty one has."""

    pool: PoolLike
    empty: dict[str, int]
    free: list[dict[str, int]] = field(default_factory=list)

    def place(self, pod: Pod, wanted: int) -> list[int]:
        """Put up to `wanted` pods on the nodes, opening new ones up to the pool's maximum; give the number on each node used."""
        asked = {**pod.requests, "pods": 1}
        placed: list[int] = []
        left = wanted
        for node in self.free:
            placed.append(_fill(node, asked, left, alone=pod.alone))
            left -= placed[-1]
        while left and len(self.free) < self.pool.max:
            node = dict(self.empty)
            taken = _fill(node, asked, left, alone=pod.alone)
            if not taken:
                break
            self.free.append(node)
            placed.append(taken)
            left -= taken
        return [count for count in placed if count]


def predict(pools: Sequence[PoolLike], pods: Iterable[Pod]) -> list[Placed]:
    """Make the placement of every group, in the order in which they were placed; daemon sets come first."""
    pods = sorted(pods, key=lambda pod: (pod.namespace, pod.name, pod.role, pod.urn, pod.path))
    state = [_Nodes(pool, dict(pool.allocatable)) for pool in pools]
    placed = [_daemon(pod, state) for pod in pods if pod.daemon]
    rest = [pod for pod in pods if not pod.daemon]
    rest.sort(key=lambda pod: (-sum(devices(pod.requests).values()), -_share(pod, pools)))
    return placed + [_group(pod, state) for pod in rest]


def _daemon(pod: Pod, state: Sequence[_Nodes]) -> Placed:
    """Take a daemon's part of every node that it runs on; it comes before all else, so only its selectors decide."""
    reasons: list[str] = []
    landed: dict[str, int] = {}
    short = 0
    asked = {**pod.requests, "pods": 1}
    for nodes in state:
        if exclusions(pod, nodes.pool):
            continue
        lacking = shortfalls(asked, nodes.empty)
        if lacking:
            reasons.append(f"{nodes.pool.name}: {', '.join(lacking)}")
            short += nodes.pool.max
            continue
        landed[nodes.pool.name] = nodes.pool.max
        for resource, amount in asked.items():
            nodes.empty[resource] -= amount
    return Placed(pod, landed, short, "; ".join(reasons), dict(landed))


def _group(pod: Pod, state: Sequence[_Nodes]) -> Placed:
    left = pod.replicas
    landed: dict[str, int] = {}
    used: dict[str, int] = {}
    blocked: list[str] = []
    full: list[str] = []
    asked = {**pod.requests, "pods": 1}
    for nodes in sorted(state, key=lambda nodes: _waste(pod, nodes)):
        reasons = (*exclusions(pod, nodes.pool), *shortfalls(asked, nodes.empty))
        if reasons:
            blocked.append(f"{nodes.pool.name}: {', '.join(reasons)}")
            continue
        taken = nodes.place(pod, left)
        if taken:
            landed[nodes.pool.name], used[nodes.pool.name] = sum(taken), len(taken)
        left -= sum(taken)
        if left:
            full.append(f"{nodes.pool.name}: full with {_contents(pod, nodes)}")
    if not left:
        return Placed(pod, landed, nodes=used)
    head = f"{len(full)} of {len(state)} pools" if full else f"0 of {len(state)} pools"
    reason = f"{head}: {'; '.join(sorted(full) + sorted(blocked))}" if state else "there is no pool"
    return Placed(pod, landed, left, reason, used)


def _fill(node: dict[str, int], asked: Mapping[str, int], wanted: int, *, alone: bool) -> int:
    """Take as many pods as a node has room for, at most `wanted`, and at most one when they must be alone."""
    room = min((node.get(key, 0) // amount for key, amount in asked.items() if amount), default=wanted)
    taken = max(0, min(room, wanted, 1 if alone else wanted))
    if taken:
        for key, amount in asked.items():
            node[key] = node.get(key, 0) - amount * taken
    return taken


def _contents(pod: Pod, nodes: _Nodes) -> str:
    """Make the text of what is scarce in a full pool: the pod's device, else the first resource that no node has left."""
    key = next(iter(sorted(devices(pod.requests))), None) or next(
        (key for key in sorted(pod.requests) if all(node.get(key, 0) < pod.requests[key] for node in nodes.free)),
        "pods",
    )
    return f"{nodes.pool.max} nodes of {show(key, nodes.empty.get(key, 0))} {key}"


def _waste(pod: Pod, nodes: _Nodes) -> tuple[int, int]:
    """Order pools for a pod: those whose devices it uses up, then small nodes before large ones."""
    offered = devices(nodes.pool.allocatable)
    unused = sum(count for key, count in offered.items() if key not in pod.requests)
    return unused, sum(offered.values())


def _share(pod: Pod, pools: Sequence[PoolLike]) -> float:
    """Make the largest part of a node that a pod takes, over the largest node there is of each resource."""
    largest = {key: max((pool.allocatable.get(key, 0) for pool in pools), default=0) for key in pod.requests}
    return max((amount / largest[key] for key, amount in pod.requests.items() if largest[key]), default=0)
