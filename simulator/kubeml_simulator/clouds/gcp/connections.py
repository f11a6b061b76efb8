"""Connections between networks: peerings, and the ranges that Google's own services get."""

from collections.abc import Iterator
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Failure

from .behaviours import checks, computes
from .case import Case, last
from .networks import SUBNETWORK, network, ranges_of, same_network

CONNECTION = "gcp:servicenetworking/connection:Connection"
RANGE = "gcp:compute/globalAddress:GlobalAddress"
PEERING = "gcp:compute/networkPeering:NetworkPeering"


@checks(RANGE)
def a_range_for_services_has_a_size(case: Case) -> Iterator[Failure]:
    """What is kept for Google's services is an internal range of a network, with a prefix."""
    if case.known("purpose") != "VPC_PEERING":
        return
    kind = case.known("addressType")
    if kind != "INTERNAL" and not case.unknown("addressType"):
        yield Failure("addressType", kind or "EXTERNAL", "INTERNAL", "the purpose is VPC_PEERING")
    for name, allowed in (("prefixLength", "8 to 24"), ("network", "the id of a Network")):
        if not case.given(name):
            yield Failure(name, why="missing: the purpose is VPC_PEERING", allowed=allowed)


@checks(RANGE)
def the_range_is_free(case: Case) -> Iterator[Failure]:
    """A range that is kept overlaps no subnetwork of the network."""
    start, prefix, where = case.known("address"), case.known("prefixLength"), case.known("network")
    block = network(f"{start}/{prefix}") if start and prefix else None
    if block is None or where is None:
        return
    for other in case.world.all(SUBNETWORK):
        theirs = next((each for each in ranges_of(other) if each.overlaps(block)), None)
        if theirs and same_network(case, where, other["network"]):
            why = f"Invalid IPCidrRange: {block} conflicts with {theirs} of {other.urn}"
            yield Failure("address", start, "a range that is free in the network", why)


@checks(CONNECTION)
def ranges_are_kept_for_it(case: Case) -> Iterator[Failure]:
    """Services get ranges that were kept for them in the same network."""
    where = case.known("network")
    for path, name in case.each("reservedPeeringRanges[*]"):
        kept = case.world.find(RANGE, name=last(name))
        if kept is None:
            continue
        if kept["purpose"] not in ("VPC_PEERING", UNKNOWN):
            yield Failure(path, name, "a GlobalAddress of the purpose VPC_PEERING", f"{kept.urn} has another purpose")
        elif where and kept["network"] not in (None, UNKNOWN) and not same_network(case, where, kept["network"]):
            yield Failure(path, name, "a GlobalAddress of the same network", f"{kept.urn} is of another network")


@checks(PEERING)
def two_networks_are_peered(case: Case) -> Iterator[Failure]:
    """A network is not its own peer, and no range is in both."""
    one, other = case.known("network"), case.known("peerNetwork")
    if one is None or other is None:
        return
    if same_network(case, one, other):
        yield Failure("peerNetwork", other, "another network", "a network cannot be peered with itself")
        return
    everything = case.world.all(SUBNETWORK)
    near = [subnetwork for subnetwork in everything if same_network(case, one, subnetwork["network"])]
    ours = [block for subnetwork in near for block in ranges_of(subnetwork)]
    for subnetwork in everything:
        if same_network(case, other, subnetwork["network"]):
            clash = next((b for b in ranges_of(subnetwork) if any(b.overlaps(each) for each in ours)), None)
            if clash:
                why = f"An IP range in the peer network ({clash} of {subnetwork.urn}) overlaps with one in the local network"
                yield Failure("peerNetwork", other, "a network with other ranges", why)
                return


@computes(PEERING)
def peering_state(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """A peering is active when its counterpart is there."""
    if preview:
        return {}
    back = any(
        same_network(case, other["network"], state["peerNetwork"])
        and same_network(case, other["peerNetwork"], state["network"])
        for other in case.world.all(PEERING)
    )
    said = "[date]: Connected." if back else "[date]: Waiting for peer network to connect."
    return {
        "state": "ACTIVE" if back else "INACTIVE",
        "stateDetails": said.replace("[date]", "2026-01-01T00:00:00.000-00:00"),
    }
