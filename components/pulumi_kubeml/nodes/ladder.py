"""How the bounds of a pool are shared by the rungs of its capacity ladder."""

from collections.abc import Sequence

from pulumi_kubeml.nodes.capacity import Capacity
from pulumi_kubeml.nodes.pool import Rung


def rungs(capacity: Sequence[Capacity], least: int, most: int, begin: int | None = None) -> tuple[Rung, ...]:
    """Make the rungs of a ladder that was checked; their bounds sum up to the pool's.

    The first rung that can holds the pool's minimum; what it cannot hold goes to the next. So it is with the nodes that a
    pool begins with, of which each rung has its minimum at least.

    >>> from pulumi_kubeml.nodes import OnDemand, Spot
    >>> [(rung.suffix, rung.min, rung.max) for rung in rungs([OnDemand(max=4), Spot()], 5, 24)]
    [('', 4, 4), ('spot', 1, 20)]
    >>> [rung.initial for rung in rungs([OnDemand(max=4), Spot()], 1, 24, 6)]
    [4, 2]
    """
    made: list[Rung] = []
    wanted = least
    more = max(0, (least if begin is None else begin) - least)
    for index, (rung, most_here) in enumerate(zip(capacity, shares(capacity, most), strict=True)):
        least_here = min(wanted, most_here)
        wanted -= least_here
        begin_here = least_here + min(more, most_here - least_here)
        more -= begin_here - least_here
        made.append(Rung(_suffix(index, capacity), rung, least_here, most_here, begin_here))
    return tuple(made)


def shares(capacity: Sequence[Capacity], most: int) -> list[int]:
    """Make the maximum of each rung: its own, or its share of what those leave.

    >>> from pulumi_kubeml.nodes import OnDemand, Spot
    >>> shares([OnDemand(), Spot()], 5)
    [3, 2]
    """
    bounded = sum(rung.max for rung in capacity if rung.max is not None)
    free = [index for index, rung in enumerate(capacity) if rung.max is None]
    made = [rung.max or 0 for rung in capacity]
    for turn, index in enumerate(free):
        each, over = divmod(most - bounded, len(free))
        made[index] = each + (turn < over)
    return made


def _suffix(index: int, capacity: Sequence[Capacity]) -> str:
    if index == 0:
        return ""
    kinds = [rung.kind.lower() for rung in capacity]
    return kinds[index] if kinds.count(kinds[index]) == 1 else f"{kinds[index]}-{index + 1}"
