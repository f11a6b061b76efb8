"""Quotas against what the pools have: for stack models, policies and previews alike.

A quota cannot tell accelerators of one resource key apart. Where pods of each have a priority class and a namespace a quota for
each class, each is held to the pools that its pods may run on; a namespace without such classes to all that have the device.

>>> from pulumi_kubeml.capacity.model import Pool
>>> pool = Pool("serve", 12, {}, (), {"nvidia.com/gpu": 1})
>>> excess = over_capacity([Quota("research", "gpus", {"requests.nvidia.com/gpu": 16})], [pool])
>>> str(excess[0])
'the quotas grant 16 nvidia.com/gpu (research 16), the pools have 12 at most (serve 12 x 1)'
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from pulumi_kubeml.capacity.accelerators import is_device
from pulumi_kubeml.capacity.charges import counts
from pulumi_kubeml.capacity.fits import exclusions
from pulumi_kubeml.capacity.flow import unmet
from pulumi_kubeml.capacity.model import Pod, PoolLike, Quota, TaintLike

PREFIX = "requests."


@dataclass(frozen=True)
class Grant:
    """What a namespace may use of one device, for all of its pods or for those that the scopes of a quota take."""

    quota: Quota
    amount: int

    def __str__(self) -> str:
        return " ".join((self.quota.namespace, *map(_scope, self.quota.scopes)))


@dataclass(frozen=True)
class Excess:
    """More granted of one device than the pools can ever have; `some` when only those count that the pods may run on."""

    resource: str
    grants: tuple[Grant, ...]
    capacity: Mapping[str, tuple[int, int]]
    overcommit: Fraction
    some: bool = False

    @property
    def granted(self) -> Mapping[str, int]:
        """Devices by whom they are granted to."""
        return {str(grant): grant.amount for grant in self.grants}

    @property
    def largest(self) -> Quota:
        """The quota that grants most."""
        return min(self.grants, key=lambda grant: (-grant.amount, str(grant), grant.quota.name)).quota

    @property
    def total(self) -> int:
        """Devices granted over all namespaces."""
        return sum(grant.amount for grant in self.grants)

    @property
    def ceiling(self) -> int:
        """Devices of all pools at their maximum."""
        return sum(nodes * each for nodes, each in self.capacity.values())

    @property
    def allowed(self) -> int:
        """Devices that may be granted."""
        return int(self.ceiling * self.overcommit)

    def __str__(self) -> str:
        granted = ", ".join(f"{namespace} {count}" for namespace, count in self.granted.items())
        pools = ", ".join(f"{pool} {nodes} x {each}" for pool, (nodes, each) in self.capacity.items())
        allowed = "" if self.overcommit == 1 else f"; an overcommit of {float(self.overcommit):g} allows {self.allowed}"
        return (
            f"the quotas grant {self.total} {self.resource} ({granted}), the pools {'that their pods may use ' * self.some}"
            f"have {self.ceiling} at most "
            f"({pools or 'no pool has any'}){allowed}"
        )


def over_capacity(
    quotas: Iterable[Quota], pools: Iterable[PoolLike], pods: Iterable[Pod] = (), *, overcommit: float = 1
) -> list[Excess]:
    """Make one Excess for each device, and for some pools of it, of which the quotas grant more than the maximum times `overcommit`.

    `pods` tell where those of a priority class may run.
    """
    pools, found, factor = told_apart(pools), list[Excess](), Fraction(str(overcommit))
    homes: dict[tuple[str, str], list[Pod]] = defaultdict(list)
    for pod in pods:
        homes[pod.cluster, pod.namespace].append(pod)
    for device, granted in grants(quotas).items():
        every = supply(pools, device)
        having = [pool for pool in pools if pool.name in every]
        told = {str(number): grant for number, grant in enumerate(granted)}
        demands = {
            name: (
                grant.amount * factor.denominator,
                _places(grant.quota, device, homes[grant.quota.cluster, grant.quota.namespace], having),
            )
            for name, grant in told.items()
        }
        rooms = {name: nodes * each * factor.numerator for name, (nodes, each) in every.items()}
        for together in unmet(demands, rooms):
            places = {place for name in together for place in demands[name][1]}
            capacity = {name: offer for name, offer in every.items() if name in places}
            those = tuple(grant for name, grant in told.items() if name in together)
            found.append(Excess(device, those, capacity, factor, some=len(capacity) < len(every)))
    return found


def _places(quota: Quota, device: str, pods: Iterable[Pod], pools: Sequence[PoolLike]) -> Collection[str]:
    """Make the pools that the pods of a scoped quota may run on; all, while it has none that can run anywhere."""
    mine = [pod for pod in pods if quota.scoped and pod.requests.get(device) and counts(quota, pod)]
    found = [pool.name for pool in pools if any(not exclusions(pod, pool) for pod in mine)]
    return found or [pool.name for pool in pools]


class _Numbered(NamedTuple):
    """A pool under another name."""

    name: str
    max: int
    labels: Mapping[str, str]
    taints: Sequence[TaintLike]
    allocatable: Mapping[str, int]


def told_apart(pools: Iterable[PoolLike]) -> list[PoolLike]:
    """Make pools of which each has a name of its own: the rungs of one that is bought in several ways share theirs.

    >>> from pulumi_kubeml.capacity.model import Pool
    >>> [pool.name for pool in told_apart(Pool(name, 1, {}, (), {}) for name in "aba")]
    ['a (1)', 'b', 'a (2)']
    """
    pools, seen = list(pools), Counter[str]()
    many = Counter(pool.name for pool in pools)
    found: list[PoolLike] = []
    for pool in pools:
        seen[pool.name] += 1
        name = f"{pool.name} ({seen[pool.name]})" if many[pool.name] > 1 else pool.name
        found.append(_Numbered(name, pool.max, pool.labels, pool.taints, pool.allocatable))
    return found


def supply(pools: Iterable[PoolLike], resource: str) -> dict[str, tuple[int, int]]:
    """Make, for each pool that has the resource, its most nodes and what one of them has.

    >>> from pulumi_kubeml.capacity.model import Pool
    >>> supply([Pool("train", 4, {}, (), {"nvidia.com/gpu": 8}), Pool("general", 3, {}, (), {})], "nvidia.com/gpu")
    {'train': (4, 8)}
    """
    found = {pool.name: (pool.max, pool.allocatable[resource]) for pool in pools if pool.allocatable.get(resource)}
    return dict(sorted(found.items()))


def grants(quotas: Iterable[Quota]) -> dict[str, tuple[Grant, ...]]:
    """Make what each namespace may use of each device: the least of its quotas that count every pod, else one grant for each scope.

    Of several quotas on the same pods the least counts.

    >>> found = grants([Quota("a", "x", {"requests.nvidia.com/gpu": 4}), Quota("a", "y", {"requests.nvidia.com/gpu": 2})])
    >>> [(str(grant), grant.amount) for grant in found["nvidia.com/gpu"]]
    [('a', 2)]
    """
    least: dict[tuple[str, str, str], dict[str, Grant]] = defaultdict(dict)
    for quota in quotas:
        for key, count in quota.hard.items():
            device = key.removeprefix(PREFIX)
            if is_device(device) and device != key:
                of_home = least[device, quota.cluster, quota.namespace]
                scope = repr(quota.scopes or quota.name) if quota.scoped else ""
                if scope not in of_home or count < of_home[scope].amount:
                    of_home[scope] = Grant(quota, count)
    found: dict[str, tuple[Grant, ...]] = {}
    for (device, *_), scopes in sorted(least.items()):
        mine = [scopes[""]] if "" in scopes else [scopes[scope] for scope in sorted(scopes)]
        found[device] = (*found.get(device, ()), *mine)
    return found


def _scope(scope: Mapping[str, Any]) -> str:
    """Write what a scope takes: the priority classes that it names, else its own name."""
    if scope.get("scopeName") == "PriorityClass" and scope.get("operator") == "In":
        return " or ".join(scope.get("values") or ())
    return str(scope.get("scopeName"))
