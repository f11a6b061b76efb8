"""What runs at once on pools that scale, and how many nodes all of it needs.

A pool begins with its minimum; an autoscaler adds nodes only for pods that find no room. So three answers belong together:
which pods fit the nodes at the minimum (they wait for no machine), how many nodes of each pool the whole set needs, and
which pods find no node even when every pool is at its maximum, with the reasons.

>>> from pulumi_kubeml.capacity.model import Pool
>>> serve = Pool("serve", 8, {}, (), {"pods": 110, "nvidia.com/gpu": 1}, min=2)
>>> plan = scale([serve], [Pod("chat", replicas=5, requests={"nvidia.com/gpu": 1})])
>>> plan.needed, plan.at_once[0].pools, plan.placed[0].missing
((5,), {'serve': 2}, 0)
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pulumi_kubeml.capacity.model import Pod, PoolLike
from pulumi_kubeml.capacity.placement import Placed, grown, predict
from pulumi_kubeml.capacity.topology import Namespaces


class ScalingPool(PoolLike, Protocol):
    """A pool with bounds."""

    @property
    def min(self) -> int:
        """The fewest nodes that it has."""
        ...


@dataclass(frozen=True)
class Plan:
    """Where the groups land: `placed` on the nodes that are needed, `at_once` on those at the minimum, both in the same order."""

    placed: tuple[Placed, ...]
    at_once: tuple[Placed, ...]
    needed: tuple[int, ...]
    """Nodes of each pool, in the order of the pools; between its minimum and its maximum."""


def scale(pools: Sequence[ScalingPool], pods: Iterable[Pod], namespaces: Namespaces | None = None) -> Plan:
    """Make the plan of some pods on some pools.

    The nodes needed are those that pools grow to, where the same pods find a node on them from the start; else each pool's
    maximum. Pods that are spread or near others may fit fewer nodes but not more: what fits best is the answer. What is said
    of pods that find none holds at the maximum.
    """
    pods = list(pods)
    least = [min(pool.min, pool.max) for pool in pools]
    most = [pool.max for pool in pools]
    at_most = predict(pools, pods, namespaces)
    at_least = predict(pools, pods, namespaces, sizes=least, explained=False)
    best, needed = at_most, most
    for sizes in (grown(pools, pods, namespaces, sizes=least), least):
        placed = at_least if sizes == least else predict(pools, pods, namespaces, sizes=sizes, explained=False)
        if _left(placed) < _left(best) or (_left(placed) == _left(best) and sum(sizes) < sum(needed)):
            best, needed = placed, sizes
    told = {id(each.pod): each for each in at_most}
    if any(each.missing and not told[id(each.pod)].missing for each in best):
        best = predict(pools, pods, namespaces, sizes=needed)
    placed = (_explained(each, told[id(each.pod)]) for each in best)
    return Plan(tuple(placed), tuple(at_least), tuple(needed))


def _left(placed: Iterable[Placed]) -> int:
    """Make how many pods find no node; daemons do not count, for there is one for each node that there is."""
    return sum(each.missing for each in placed if not each.pod.daemon)


def _explained(placed: Placed, at_most: Placed) -> Placed:
    """Make the placement with the reasons that hold at the maximum, where some pods are missing there too."""
    if not placed.missing or not at_most.missing:
        return placed
    return replace(placed, reason=at_most.reason, words=at_most.words)
