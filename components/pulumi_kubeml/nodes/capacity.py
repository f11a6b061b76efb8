"""How the nodes of a pool are bought: the rungs of a capacity ladder.

A ladder of several rungs becomes one node group a rung. A rung may bound itself; what the bounded rungs leave of the
pool's `max` is shared by the others, the first of them taking what does not divide.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias


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
    """The reservation's id (AWS: `cr-` and 17 hexadecimal digits)."""
    max: int | None = None
    """Nodes that this rung may hold; by default its share of the pool's."""
    kind: Literal["reservation"] = "reservation"
    """The rung's name in a stack file."""


Capacity: TypeAlias = OnDemand | Spot | Reservation

KINDS: dict[str, type[OnDemand] | type[Spot] | type[Reservation]] = {
    "onDemand": OnDemand,
    "spot": Spot,
    "reservation": Reservation,
}


def read_capacity(text: str) -> Capacity:
    """Make a rung from its short form in a stack file: `onDemand`, `spot`, or `reservation:ID`.

    Raises ValueError, with what is allowed, for any other text.

    >>> read_capacity("spot"), read_capacity("reservation:cr-0a1b2c3d4e5f67890").kind
    (Spot(max=None, kind='spot'), 'reservation')
    >>> read_capacity("cheap")
    Traceback (most recent call last):
        ...
    ValueError: "cheap" is not a way to buy nodes; allowed: onDemand, spot, reservation:ID
    """
    kind, _, reservation = text.partition(":")
    if kind == "reservation" and reservation:
        return Reservation(reservation)
    if text == "onDemand":
        return OnDemand()
    if text == "spot":
        return Spot()
    raise ValueError(f'"{text}" is not a way to buy nodes; allowed: onDemand, spot, reservation:ID')
