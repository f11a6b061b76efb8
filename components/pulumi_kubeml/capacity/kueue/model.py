"""The objects of Kueue that quotas are made of, as plain data: queues, cohorts, flavors.

Amounts are the integers of `capacity.quantity`; one of 2^63-1 or more is without limit, as in Kueue.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pulumi_kubeml.capacity.model import Taint
from pulumi_kubeml.capacity.quantity import MAX


class FlavorResource(NamedTuple):
    """One resource of one flavor: what a quota is about."""

    flavor: str
    resource: str

    def __str__(self) -> str:
        return f"{self.resource} of {self.flavor}"


class Share(NamedTuple):
    """What a queue or a cohort has of one resource of one flavor; a limit of None is none.

    >>> Share(9, borrowing=1)
    Share(nominal=9, borrowing=1, lending=None)
    """

    nominal: int
    borrowing: int | None = None
    """How much it may use beyond what it has, at most."""
    lending: int | None = None
    """How much others may use of what it has, at most."""


@dataclass(frozen=True)
class ResourceGroup:
    """Resources that come from one flavor together; flavors in the order in which Kueue tries them."""

    resources: tuple[str, ...]
    flavors: Mapping[str, Mapping[str, Share]]

    def shares(self) -> Iterator[tuple[FlavorResource, Share]]:
        """Yield every share with what it is of."""
        for flavor, each in self.flavors.items():
            for resource, share in each.items():
                yield FlavorResource(flavor, resource), share


@dataclass(frozen=True)
class _Holder:
    """What has quotas."""

    name: str
    cohort: str = ""
    groups: tuple[ResourceGroup, ...] = ()
    urn: str = ""
    cluster: str = ""

    def shares(self) -> dict[FlavorResource, Share]:
        """Make all shares by what they are of."""
        return {key: share for group in self.groups for key, share in group.shares()}


@dataclass(frozen=True)
class ClusterQueue(_Holder):
    """A queue in a cohort, or alone where `cohort` is empty.

    `reclaim`, `within` and `borrow_within` are its preemption policies (`reclaimWithinCohort`, `withinClusterQueue` and the
    policy of `borrowWithinCohort`); `next_borrow` and `next_preempt` say whether another flavor is tried first (TryNextFlavor).
    `spaces` is its namespace selector, None when no namespace may use it.
    """

    reclaim: str = "Never"
    within: str = "Never"
    borrow_within: str = "Never"
    next_borrow: bool = False
    next_preempt: bool = True
    stopped: bool = False
    spaces: Mapping[str, Any] | None = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Cohort(_Holder):
    """A group of queues and of other cohorts; `cohort` is its parent, empty for the root of a tree.

    Its quotas come on top of those of its queues. A cohort that is only named has none.
    """


@dataclass(frozen=True)
class Flavor:
    """A kind of node: those with these labels. Pods of it are given the tolerations, and must tolerate the taints themselves."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    taints: tuple[Taint, ...] = ()
    tolerations: tuple[Mapping[str, Any], ...] = ()
    urn: str = ""
    cluster: str = ""


@dataclass(frozen=True)
class LocalQueue:
    """The door of a namespace to a queue."""

    name: str
    namespace: str
    queue: str
    urn: str = ""
    cluster: str = ""


@dataclass(frozen=True)
class Kueue:
    """Everything of Kueue in one cluster that quotas depend on."""

    queues: tuple[ClusterQueue, ...] = ()
    cohorts: tuple[Cohort, ...] = ()
    flavors: tuple[Flavor, ...] = ()
    doors: tuple[LocalQueue, ...] = ()


def plus(left: int, right: int) -> int:
    """Make a sum that stays without limit once a part is.

    >>> plus(1, 2), plus(MAX, -5) == MAX
    (3, True)
    """
    return MAX if left >= MAX or right >= MAX else min(MAX, left + right)


def minus(left: int, right: int) -> int:
    """Make a difference: without limit remains so, and nothing is left of a bounded amount without an unlimited one.

    >>> minus(3, 2), minus(MAX, 5) == MAX, minus(MAX, MAX)
    (1, True, 0)
    """
    if left >= MAX:
        return 0 if right >= MAX else MAX
    return -MAX if right >= MAX else left - right
