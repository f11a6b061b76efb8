"""What is wrong between queues and pools, as data with all figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pulumi_kubeml.capacity.quantity import MAX, show

Kind = Literal["overpromised", "shared", "twice", "no-flavor", "no-pool", "no-resource", "tainted"]


@dataclass(frozen=True, slots=True)
class Promise:
    """What one queue, cohort or namespace is promised; `tree` is the cohort at the root, empty for a queue alone."""

    holder: str
    kind: Literal["ClusterQueue", "Cohort", "ResourceQuota"]
    amount: int
    tree: str = ""
    flavor: str = ""
    urn: str = ""

    def say(self, resource: str) -> str:
        """Write whose it is and how much.

        >>> Promise("ml", "Cohort", 4).say("nvidia.com/gpu")
        'cohort ml 4'
        """
        what = {"ClusterQueue": "", "Cohort": "cohort ", "ResourceQuota": "quotas of "}[self.kind]
        return f"{what}{self.holder} {_said(resource, self.amount)}"


@dataclass(frozen=True)
class Finding:
    """What is wrong between queues and pools, with all figures.

    `overpromised`: of one flavor more is promised than its pools have; `shared`: of several flavors that share pools; `twice`: to
    queues and to quotas of namespaces together; `no-resource`: of what no node of the flavor has; `no-flavor` and `no-pool`:
    a flavor that does not exist, or whose labels no pool has; `tainted`: nodes that its pods do not tolerate by it alone.
    """

    kind: Kind
    flavors: tuple[str, ...]
    resource: str = ""
    promises: tuple[Promise, ...] = ()
    offers: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    """Most nodes and what one has, by pool."""
    detail: str = ""

    @property
    def promised(self) -> int:
        """All promises together."""
        return sum(each.amount for each in self.promises)

    @property
    def offered(self) -> int:
        """What the pools have at their maximum."""
        return sum(nodes * each for nodes, each in self.offers.values())

    @property
    def largest(self) -> Promise | None:
        """The largest promise, to which a finding may be pinned."""
        return min(self.promises, key=lambda each: (-each.amount, each.kind, each.holder), default=None)

    def __str__(self) -> str:
        flavors = " and ".join(self.flavors)
        told = ", ".join(each.say(self.resource) for each in self.promises)
        holders = ", ".join(dict.fromkeys(each.holder for each in self.promises))
        offers = self.offers.items()
        pools = ", ".join(f"{pool} {nodes} x {show(self.resource, each)}" for pool, (nodes, each) in offers)
        amount = f"{_said(self.resource, self.promised)} {self.resource}"
        most = f"{show(self.resource, self.offered)} at most ({pools})"
        match self.kind:
            case "overpromised":
                return f"{amount} of {flavors} are promised ({told}), its pools have {most}"
            case "shared":
                return f"{amount} of {flavors} are promised ({told}), the pools that they share have {most}"
            case "twice":
                return f"{amount} are promised to queues and to quotas ({told}), the pools have {most}"
            case "no-flavor":
                return f"flavor {flavors} does not exist, so nothing is admitted by {holders}"
            case "no-pool":
                return f"flavor {flavors} matches no pool: {self.detail}; it is promised to {holders}"
            case "no-resource":
                return f"{amount} of {flavors} are promised ({told}), but no node of it has any ({self.detail})"
            case "tainted":
                return (
                    f"flavor {flavors} gives and asks for no toleration of {self.detail}: pods without their own wait"
                )


def _said(resource: str, amount: int) -> str:
    return "unlimited" if amount >= MAX else show(resource, amount)


def whose(promises: Iterable[Promise]) -> tuple[Promise, ...]:
    """Make the promises of more than nothing."""
    return tuple(each for each in promises if each.amount)
