"""The network between the accelerators of several nodes: EFA, TCPX, TCPXO, RoCE, InfiniBand."""

from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

from pulumi_kubeml.catalog.machines import Machine
from pulumi_kubeml.catalog.rows import read, whole

Kind = Literal["efa", "tcpx", "tcpxo", "roce", "infiniband"]


@dataclass(frozen=True)
class Fabric:
    """What a machine type has beside its ordinary network. A figure that no source gives is None."""

    kind: str
    gbps: int | None
    """All connections of one machine together."""
    network_cards: int | None
    efa_cards: tuple[int, ...]
    """Numbers of the cards that have EFA; empty for another fabric."""
    extra_networks: int | None
    """Networks that a node pool is attached to beside the cluster's (GKE)."""
    mtu: int | None
    rdma_subnets: int | None
    network_profile: str | None
    """GKE: "vpc-roce" or "vpc-roce-metal" after the zone's name, or "auto" for DRANET."""
    hugepages_2mi: int | None
    """Pages of 2 MiB that a node sets aside for it."""
    source: str
    date: str

    @property
    def interfaces(self) -> "tuple[Interface, ...]":
        """The network interfaces that a launch template must name (AWS); empty for another fabric.

        The primary interface is a plain one; card 0, if it has EFA, gets EFA as its second device, every further card as
        its first (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-acc-inst-types.md).

        >>> from pulumi_kubeml.catalog import machines
        >>> fabric(machines("aws")["p4d.24xlarge"]).interfaces[:3]
        (Interface(card=0, device=0, type='interface'), Interface(card=0, device=1, type='efa-only'), Interface(card=1, device=0, type='efa-only'))
        >>> [card for card, _, kind in fabric(machines("aws")["p6-b300.48xlarge"]).interfaces if kind == "efa-only"][0]
        1
        """
        if self.kind != "efa":
            return ()
        efa = (Interface(card, 0 if card else 1, "efa-only") for card in self.efa_cards)
        return (Interface(0, 0, "interface"), *efa)


class Interface(NamedTuple):
    """One network interface of a launch template."""

    card: int
    device: int
    type: str


def fabric(machine: Machine) -> Fabric | None:
    """Make the fabric of a machine type; None where it has none, or none that is known.

    >>> from pulumi_kubeml.catalog import machines
    >>> found = fabric(machines("gcp")["a3-megagpu-8g"])
    >>> found.kind, found.extra_networks, found.mtu
    ('tcpxo', 8, 8244)
    >>> fabric(machines("aws")["m7i.large"]) is None
    True
    """
    return _fabrics().get((machine.cloud, machine.machine_type))


@cache
def _fabrics() -> dict[tuple[str, str], Fabric]:
    return {
        (row["cloud"], row["machine"]): Fabric(
            kind=row["kind"],
            gbps=whole(row["gbps"]),
            network_cards=whole(row["network_cards"]),
            efa_cards=_cards(row["efa_cards"]),
            extra_networks=whole(row["extra_networks"]),
            mtu=whole(row["mtu"]),
            rdma_subnets=whole(row["rdma_subnets"]),
            network_profile=row["network_profile"] or None,
            hugepages_2mi=whole(row["hugepages_2mi"]),
            source=row["source"],
            date=row["date"],
        )
        for row in read("fabrics")
    }


def _cards(text: str) -> tuple[int, ...]:
    first, _, last = text.partition("-")
    return tuple(range(int(first), int(last or first) + 1)) if text else ()
