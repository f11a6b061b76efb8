"""Whether demands that may each be met from some places only can all be met at once.

>>> rooms = {"serve": 4, "train": 8}
>>> sorted(unmet({"any": (6, {"serve", "train"}), "train": (8, {"train"})}, rooms)), unmet({"train": (8, {"train"})}, rooms)
(['any', 'train'], frozenset())
"""

from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from itertools import pairwise

Demands = Mapping[str, tuple[int, Collection[str]]]
"""How much is asked for, and where it may come from."""


def unmet(demands: Demands, rooms: Mapping[str, int]) -> frozenset[str]:
    """Make demands that are together more than all their places have; empty when all can be met at once.

    Smaller demands of few places come first, so that a set is found that is too much, and little beside it.
    """
    free = dict(rooms)
    taken: dict[str, dict[str, int]] = {place: defaultdict(int) for place in rooms}
    for name in sorted(demands, key=lambda name: (len(demands[name][1]), demands[name][0], name)):
        left = demands[name][0]
        while left > 0:
            way, seen = _way(name, demands, free, taken)
            if not way:
                return seen
            last = way[-1][1]
            moved = min([left, free[last], *(taken[place][after] for (_, place), (after, _) in pairwise(way))])
            for (demand, place), (after, _) in pairwise(way):
                taken[place][demand] += moved
                taken[place][after] -= moved
            taken[last][way[-1][0]] += moved
            free[last] -= moved
            left -= moved
    return frozenset()


def _way(
    start: str, demands: Demands, free: Mapping[str, int], taken: Mapping[str, Mapping[str, int]]
) -> tuple[list[tuple[str, str]], frozenset[str]]:
    """Make the shortest way to a place with room: a demand takes a place, whose former holder takes the next; and whom it met.

    Where there is none, those that it met fill all their places by themselves.
    """
    came: dict[str, tuple[str, str]] = {}
    seen = {start}
    front = deque([start])
    while front:
        demand = front.popleft()
        for place in sorted(demands[demand][1]):
            if free[place] > 0:
                way = [(demand, place)]
                while way[0][0] != start:
                    way.insert(0, came[way[0][0]])
                return way, frozenset(seen)
            for other in sorted(taken[place]):
                if taken[place][other] > 0 and other not in seen:
                    seen.add(other)
                    came[other] = (demand, place)
                    front.append(other)
    return [], frozenset(seen)
