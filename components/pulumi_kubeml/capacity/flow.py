"""Whether demands that may each be met from some places only can all be met at once.

>>> rooms = {"serve": 4, "train": 8}
>>> [sorted(each) for each in unmet({"any": (6, {"serve", "train"}), "train": (8, {"train"})}, rooms)]
[['any', 'train']]
>>> list(unmet({"train": (8, {"train"})}, rooms))
[]
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

Demands = Mapping[str, tuple[int, Collection[str]]]
"""How much is asked for, and where it may come from."""


def unmet(demands: Demands, rooms: Mapping[str, int]) -> Iterator[frozenset[str]]:
    """Yield sets of demands that are together more than all their places have; none when all can be met at once.

    A set has all demands of those places, and no demand is in two.
    """
    left = dict(demands)
    while found := _unmet(left, rooms):
        places = {place for name in found for place in left[name][1]}
        every = frozenset(name for name, (amount, mine) in left.items() if amount and places.issuperset(mine))
        yield every
        left = {name: demand for name, demand in left.items() if name not in every}


def _unmet(demands: Demands, rooms: Mapping[str, int]) -> frozenset[str]:
    """Make some demands that are too much together; those of few places and small ones come first, so that they are few."""
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
