"""Networks: what Compute Engine refuses about subnetworks and rules, and what it fills in."""

import ipaddress
import itertools
from collections.abc import Iterator
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Existing, Failure

from .behaviours import checks, computes
from .case import Case

NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
NAT = "gcp:compute/routerNat:RouterNat"
FIREWALL = "gcp:compute/firewall:Firewall"
# The range that the subnetworks of an auto mode network are made of: https://cloud.google.com/vpc/docs/subnets#ip-ranges
AUTOMATIC = ipaddress.IPv4Network("10.128.0.0/9")
PROXIES = frozenset({"REGIONAL_MANAGED_PROXY", "GLOBAL_MANAGED_PROXY", "INTERNAL_HTTPS_LOAD_BALANCER"})
Network = ipaddress.IPv4Network
Range = tuple[str, Network]  # where it is said, and what it is


def found(case: Case, token: str, value: Any) -> Existing | None:
    """The resource of a type that a reference means, by whichever spelling."""
    for spelling in case.spellings(value):
        for key in ("id", "name"):
            if spelling is not None and (resource := case.world.find(token, **{key: spelling})):
                return resource
    return None


def network(value: Any) -> Network | None:
    """The IPv4 network of a block, or None when it is none (another check says so)."""
    try:
        return ipaddress.IPv4Network(value)
    except ValueError:
        return None


def ranges(case: Case) -> list[Range]:
    """The primary and the secondary ranges of the subnetwork under examination."""
    said = [*case.each("ipCidrRange"), *case.each("secondaryIpRanges[*].ipCidrRange")]
    return [(path, block) for path, value in said if (block := network(value))]


def ranges_of(subnetwork: Existing) -> list[Network]:
    """The ranges of a subnetwork that exists."""
    more: Any = subnetwork["secondaryIpRanges"]
    secondary = [each.get("ipCidrRange") for each in more] if isinstance(more, list) else []
    said = [subnetwork["ipCidrRange"], *secondary]
    return [block for value in said if (block := network(value))]


def same_network(case: Case, one: Any, other: Any) -> bool:
    """Whether two references mean one network, as far as that is known."""
    if UNKNOWN in (one, other):
        return False
    first, second = found(case, NETWORK, one), found(case, NETWORK, other)
    return first.urn == second.urn if first and second else case.spellings(one)[-1] == case.spellings(other)[-1]


@checks(SUBNETWORK)
def ranges_do_not_overlap(case: Case) -> Iterator[Failure]:
    """No range of a subnetwork overlaps another one of the network."""
    own = ranges(case)
    for (path, block), (other_path, other) in itertools.combinations(own, 2):
        if block.overlaps(other):
            why = f"Invalid IPCidrRange: {other} conflicts with {path}, {block}"
            yield Failure(other_path, str(other), "a range that overlaps no other", why)
    where = case.known("network")
    if where is None:
        return
    network_found = found(case, NETWORK, where)
    for path, block in own:
        if network_found and network_found["autoCreateSubnetworks"] is True and block.overlaps(AUTOMATIC):
            why = f"Invalid IPCidrRange: {block} conflicts with {AUTOMATIC}, of which an auto mode network is made"
            yield Failure(path, str(block), "a range outside it, or a network with autoCreateSubnetworks false", why)
    for other in case.world.all(SUBNETWORK):
        if not case.rivals(other) or not same_network(case, where, other["network"]):
            continue
        for path, block in own:
            theirs = next((each for each in ranges_of(other) if each.overlaps(block)), None)
            if theirs:
                why = f"Invalid IPCidrRange: {block} conflicts with {theirs} of {other.urn}"
                yield Failure(path, str(block), "a range that is free in the network", why)


@checks(SUBNETWORK)
def secondary_ranges_have_names_of_their_own(case: Case) -> Iterator[Failure]:
    """The name of a secondary range is unique in its subnetwork."""
    names = list(case.each("secondaryIpRanges[*].rangeName"))
    for index, (path, name) in enumerate(names):
        if name in [other for _, other in names[:index]]:
            yield Failure(path, name, "a name once", "Invalid value for field 'rangeName': duplicate range name")


@checks(SUBNETWORK)
def proxies_have_a_role(case: Case) -> Iterator[Failure]:
    """A subnetwork for proxies says its role and holds nothing else."""
    purpose = case.known("purpose")
    if purpose in PROXIES and not case.given("role"):
        yield Failure("role", why=f"missing: the purpose is {purpose}", allowed="ACTIVE, BACKUP")
    if purpose in PROXIES and case.known("secondaryIpRanges"):
        why = f"a subnetwork of the purpose {purpose} has no secondary ranges"
        yield Failure("secondaryIpRanges", case.known("secondaryIpRanges"), "none", why)
    if case.given("role") and purpose not in PROXIES and not case.unknown("purpose") and not case.unknown("role"):
        yield Failure("role", case.known("role"), "none", "only subnetworks for proxies have a role")


@checks(NAT)
def addresses_and_subnetworks_fit(case: Case) -> Iterator[Failure]:
    """Addresses are listed where they are the program's, subnetworks where not all are meant."""
    option, listed = case.known("natIpAllocateOption"), case.known("natIps")
    if option == "MANUAL_ONLY" and not case.given("natIps"):
        yield Failure("natIps", why="missing: the addresses are allocated by hand", allowed="selfLinks of Addresses")
    if option == "AUTO_ONLY" and listed:
        yield Failure("natIps", listed, "none", "the addresses are allocated by the cloud")
    which = case.known("sourceSubnetworkIpRangesToNat")
    if which == "LIST_OF_SUBNETWORKS" and not case.given("subnetworks"):
        yield Failure("subnetworks", why="missing: only listed subnetworks are translated", allowed="a list of them")
    if which not in (None, "LIST_OF_SUBNETWORKS") and case.known("subnetworks"):
        yield Failure("subnetworks", case.known("subnetworks"), "none", f"{which} means every subnetwork")


@checks(NAT)
def one_gateway_for_all(case: Case) -> Iterator[Failure]:
    """A router has one gateway for all subnetworks of its region."""
    which, router = case.known("sourceSubnetworkIpRangesToNat"), case.known("router")
    if router is None or which in (None, "LIST_OF_SUBNETWORKS"):
        return
    for other in case.world.having(NAT, "router", router):
        if case.rivals(other) and other["sourceSubnetworkIpRangesToNat"] not in (UNKNOWN, "LIST_OF_SUBNETWORKS"):
            why = f"{other.urn} has all subnetworks of the router already"
            yield Failure("sourceSubnetworkIpRangesToNat", which, "LIST_OF_SUBNETWORKS", why)


@checks(FIREWALL)
def a_rule_has_an_end(case: Case) -> Iterator[Failure]:
    """A rule inwards says where from, a rule outwards never does."""
    outwards = case.known("direction") == "EGRESS"
    sources = ("sourceRanges", "sourceTags", "sourceServiceAccounts")
    if case.unknown("direction"):
        return
    if not outwards and not any(case.given(name) for name in sources):
        why = "missing: one of source_tags, source_ranges, or source_service_accounts must be defined"
        yield Failure("sourceRanges", why=why, allowed=", ".join(sources))
    for name in sources if outwards else ():
        if case.known(name):
            yield Failure(name, case.known(name), "none", "a rule outwards has no source")


@computes(SUBNETWORK)
def gateway(_: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The first address of the range is the gateway."""
    block = network(state.get("ipCidrRange"))
    return {} if preview or block is None else {"gatewayAddress": str(block[1])}


@computes("gcp:compute/address:Address")
def address(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """An address of the internet, or one of the subnetwork."""
    if preview or state.get("address"):
        return {}
    subnetwork = found(case, SUBNETWORK, state.get("subnetwork"))
    block = network(subnetwork["ipCidrRange"]) if subnetwork else None
    number = int(case.digest("address", 8), 16)
    if state.get("addressType") == "INTERNAL" and block:
        return {"address": str(block[4 + number % (block.num_addresses - 5)])}
    return {"address": f"203.0.113.{number % 254 + 1}"}


@computes("gcp:compute/globalAddress:GlobalAddress")
def global_address(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """A range is chosen of 10.0.0.0/8, an address of the internet's."""
    if preview or state.get("address"):
        return {}
    number = int(case.digest("address", 8), 16)
    internal = state.get("addressType") == "INTERNAL"
    return {"address": f"10.{number % 128}.0.0" if internal else f"198.51.100.{number % 254 + 1}"}
