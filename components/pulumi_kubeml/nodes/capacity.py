"""How the nodes of a pool are bought: the rungs of a capacity ladder.

A ladder of several rungs becomes one node group a rung. A rung may bound itself; what the bounded rungs leave of the
pool's `max` is shared by the others, the first of them taking what does not divide. Which kinds a cloud has is a row of
`catalog/data/capacity_kinds.csv`.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from pulumi_kubeml.catalog.rows import read


@dataclass(frozen=True)
class OnDemand:
    """Nodes at the list price, taken when the cloud has them.

    >>> OnDemand(max=4)
    OnDemand(max=4, kind='onDemand')
    """

    max: int | None = None
    """Nodes that this rung may hold; by default its share of the pool's."""
    kind: Literal["onDemand"] = "onDemand"
    """The rung's name in a stack file."""


@dataclass(frozen=True)
class Spot:
    """Nodes at the spot price, which the cloud may take back with two minutes' notice (on AWS)."""

    max: int | None = None
    """Nodes that this rung may hold; by default its share of the pool's."""
    kind: Literal["spot"] = "spot"
    """The rung's name in a stack file."""


@dataclass(frozen=True)
class Reservation:
    """Nodes of a capacity reservation that exists already; nothing is launched outside it.

    >>> Reservation("cr-0a1b2c3d4e5f67890").id
    'cr-0a1b2c3d4e5f67890'
    """

    id: str
    """AWS: the reservation's id. GKE: its name, or `projects/P/reservations/NAME`, and `/reservationBlocks/B` for one block.
    AKS: the resource id of a capacity reservation group."""
    max: int | None = None
    """Nodes that this rung may hold; by default its share of the pool's."""
    kind: Literal["reservation"] = "reservation"
    """The rung's name in a stack file."""


@dataclass(frozen=True)
class CapacityBlock:
    """Nodes of a capacity block: machines with accelerators, paid for in advance, for a time that was agreed (AWS)."""

    id: str
    """The block's id (`cr-` and 17 hexadecimal digits)."""
    max: int | None = None
    """Nodes that this rung may hold; by default its share of the pool's."""
    kind: Literal["capacityBlock"] = "capacityBlock"
    """The rung's name in a stack file."""


@dataclass(frozen=True)
class FlexStart:
    """Nodes that come when the cloud has them and run at most seven days (GKE flex start)."""

    max: int | None = None
    """Nodes that this rung may hold; by default its share of the pool's."""
    kind: Literal["flexStart"] = "flexStart"
    """The rung's name in a stack file."""


@dataclass(frozen=True)
class Queued:
    """Nodes that come all at once for one workload that waits for them (GKE queued provisioning)."""

    max: int | None = None
    """Nodes that this rung may hold; by default its share of the pool's."""
    kind: Literal["queued"] = "queued"
    """The rung's name in a stack file."""


Capacity: TypeAlias = OnDemand | Spot | Reservation | CapacityBlock | FlexStart | Queued

_PLAIN: dict[str, type[OnDemand] | type[Spot] | type[FlexStart] | type[Queued]] = {
    "onDemand": OnDemand,
    "spot": Spot,
    "flexStart": FlexStart,
    "queued": Queued,
}
_NAMED: dict[str, type[Reservation] | type[CapacityBlock]] = {
    "reservation": Reservation,
    "capacityBlock": CapacityBlock,
}
KINDS: dict[str, type[Capacity]] = {**_PLAIN, **_NAMED}
SHORT = ", ".join((*_PLAIN, *(f"{kind}:ID" for kind in _NAMED)))
"""The short forms in a stack file."""


@dataclass(frozen=True)
class Offer:
    """One kind of capacity on one cloud, and the form of the id that it takes."""

    kind: str
    id_pattern: str
    id_words: str
    taint: str = ""
    """The taint that the cloud gives to such nodes by itself, as `key=value`, with the effect NoSchedule; empty: none."""

    @property
    def written(self) -> str:
        """How a program writes it ("Reservation(ID)")."""
        return f"{KINDS[self.kind].__name__}({'ID' if self.id_pattern else ''})"

    def takes(self, reservation: str) -> bool:
        """Whether this cloud's ids look like that.

        >>> offered("aws")["reservation"].takes("cr-0a1b2c3d4e5f67890"), offered("gcp")["reservation"].takes("train")
        (True, True)
        """
        return re.fullmatch(self.id_pattern, reservation, re.ASCII) is not None


@cache
def offered(cloud: str) -> dict[str, Offer]:
    """Make the kinds of capacity that a cloud has, by their name.

    >>> list(offered("gcp")), list(offered("azure"))
    (['onDemand', 'spot', 'reservation', 'flexStart', 'queued'], ['onDemand', 'spot', 'reservation'])
    """
    rows = (row for row in read("capacity_kinds") if row["cloud"] == cloud)
    return {row["kind"]: Offer(row["kind"], row["id_pattern"], row["id_words"], row["taint"]) for row in rows}


def read_capacity(text: str) -> Capacity:
    """Make a rung from its short form in a stack file: `spot`, `reservation:ID` and so on.

    Raises ValueError, with what is allowed, for any other text.

    >>> read_capacity("spot"), read_capacity("reservation:cr-0a1b2c3d4e5f67890").kind
    (Spot(max=None, kind='spot'), 'reservation')
    >>> read_capacity("cheap")
    Traceback (most recent call last):
        ...
    ValueError: "cheap" is not a way to buy nodes; allowed: onDemand, spot, flexStart, queued, reservation:ID, capacityBlock:ID
    """
    kind, _, reservation = text.partition(":")
    if kind in _NAMED and reservation:
        return _NAMED[kind](reservation)
    if text in _PLAIN:
        return _PLAIN[text]()
    raise ValueError(f'"{text}" is not a way to buy nodes; allowed: {SHORT}')
