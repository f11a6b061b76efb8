"""Quotas against capacity, and workloads against quotas: the same arithmetic for stack models, policies and previews.

>>> from pulumi_kubeml.capacity.model import Pool, Quota
>>> pool = Pool("serve", 12, {}, (), {"nvidia.com/gpu": 1})
>>> excess = over_capacity([Quota("research", "gpus", {"requests.nvidia.com/gpu": 16})], [pool])
>>> str(excess[0])
'the quotas grant 16 nvidia.com/gpu (research 16), the pools have 12 at most (serve 12 x 1)'
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pulumi_kubeml.capacity.accelerators import is_device
from pulumi_kubeml.capacity.model import Pod, PoolLike, Quota
from pulumi_kubeml.capacity.quantity import show

PREFIX = "requests."
_PLAIN = frozenset({"cpu", "memory", "pods", "ephemeral-storage"})


@dataclass(frozen=True)
class Excess:
    """More granted of one device than the pools can ever have."""

    resource: str
    granted: Mapping[str, int]
    capacity: Mapping[str, tuple[int, int]]
    overcommit: Fraction

    @property
    def total(self) -> int:
        """Devices granted over all namespaces."""
        return sum(self.granted.values())

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
            f"the quotas grant {self.total} {self.resource} ({granted}), the pools have {self.ceiling} at most "
            f"({pools or 'no pool has any'}){allowed}"
        )


def over_capacity(quotas: Iterable[Quota], pools: Iterable[PoolLike], *, overcommit: float = 1) -> list[Excess]:
    """Make one Excess for each device of which the quotas grant more than the pools' maximum times `overcommit`."""
    granted = grants(quotas)
    pools = list(pools)
    factor = Fraction(str(overcommit))
    excesses = [Excess(key, granted[key], supply(pools, key), factor) for key in sorted(granted)]
    return [excess for excess in excesses if excess.total > excess.ceiling * factor]


def supply(pools: Iterable[PoolLike], resource: str) -> dict[str, tuple[int, int]]:
    """Make, for each pool that has the resource, its most nodes and what one of them has.

    >>> from pulumi_kubeml.capacity.model import Pool
    >>> supply([Pool("train", 4, {}, (), {"nvidia.com/gpu": 8}), Pool("general", 3, {}, (), {})], "nvidia.com/gpu")
    {'train': (4, 8)}
    """
    found = {pool.name: (pool.max, pool.allocatable[resource]) for pool in pools if pool.allocatable.get(resource)}
    return dict(sorted(found.items()))


def grants(quotas: Iterable[Quota]) -> dict[str, dict[str, int]]:
    """Make what each namespace may use of each device: the least of its quotas that count every pod, else the sum of the scoped.

    >>> from pulumi_kubeml.capacity.model import Quota
    >>> grants([Quota("a", "x", {"requests.nvidia.com/gpu": 4}), Quota("a", "y", {"requests.nvidia.com/gpu": 2})])
    {'nvidia.com/gpu': {'a': 2}}
    """
    whole: dict[tuple[str, str], list[int]] = defaultdict(list)
    scoped: dict[tuple[str, str], list[int]] = defaultdict(list)
    for quota in quotas:
        for key, count in quota.hard.items():
            device = key.removeprefix(PREFIX)
            if is_device(device) and device != key:
                (scoped if quota.scoped else whole)[device, quota.namespace].append(count)
    found: dict[str, dict[str, int]] = {}
    for device, namespace in sorted({*whole, *scoped}):
        counts = whole[device, namespace]
        found.setdefault(device, {})[namespace] = min(counts) if counts else sum(scoped[device, namespace])
    return found


def usage(pods: Iterable[Pod]) -> dict[str, dict[str, int]]:
    """Make what the pods of each namespace ask for at their most replicas; DaemonSets count once, for their nodes are not known.

    >>> from pulumi_kubeml.capacity.model import Pod
    >>> usage([Pod("m", "research", replicas=20, requests={"cpu": 1000})])
    {'research': {'cpu': 20000, 'pods': 20}}
    """
    used: dict[str, dict[str, int]] = {}
    for pod in pods:
        total = used.setdefault(pod.namespace, defaultdict(int))
        for resource, each in {**pod.requests, "pods": 1}.items():
            total[resource] += each * pod.replicas
    return {namespace: dict(total) for namespace, total in used.items()}


def over_quota(used: Mapping[str, int], quota: Quota) -> tuple[str, ...]:
    """Make what a namespace asks for beyond one of its quotas, each with both figures.

    >>> from pulumi_kubeml.capacity.model import Quota
    >>> over_quota({"cpu": 20000}, Quota("research", "compute", {"requests.cpu": 16000}))
    ('requests.cpu: the workloads ask for 20, the quota compute has 16',)
    """
    reasons: list[str] = []
    for key, hard in sorted(quota.hard.items()):
        resource = key.removeprefix(PREFIX)
        asked = used.get(resource, 0) if resource != key or key in _PLAIN else 0
        if asked > hard:
            reasons.append(
                f"{key}: the workloads ask for {show(key, asked)}, the quota {quota.name} has {show(key, hard)}"
            )
    return tuple(reasons)


def namespaces_of(quotas: Sequence[Quota]) -> tuple[str, ...]:
    """Make the sorted names of the namespaces that have a quota."""
    return tuple(sorted({quota.namespace for quota in quotas}))
