"""Networks: what Azure refuses about subnets, gateways and rules, and what it fills in."""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Existing, Failure, has_unknown

from . import arm, lookup, uses
from .behaviours import checks, computes, updates
from .case import Case

NETWORK = "azure-native:network:VirtualNetwork"
SUBNET = "azure-native:network:Subnet"
ADDRESS = "azure-native:network:PublicIPAddress"
NAT = "azure-native:network:NatGateway"
LINK = "azure-native:privatedns:VirtualNetworkLink"
Block = ipaddress.IPv4Network | ipaddress.IPv6Network


def block(value: Any) -> Block | None:
    """The network of a text, or None when it is none (another check says so)."""
    try:
        return ipaddress.ip_network(value)
    except ValueError:
        return None


def overlap(one: Block, other: Block) -> bool:
    """Whether two blocks have addresses in common."""
    return one.version == other.version and one.overlaps(other)  # type: ignore[arg-type]


def blocks_of(subnet: Mapping[str, Any]) -> list[Block]:
    """The blocks of a subnet, from one property or the other."""
    given = [subnet.get("addressPrefix"), *(subnet.get("addressPrefixes") or ())]
    return [found for value in given if value and (found := block(value))]


def network_of(case: Case) -> Existing | None:
    """The network that a subnet is in."""
    group, name = case.known("resourceGroupName"), case.known("virtualNetworkName")
    if not group or not name:
        return None
    return lookup.find(
        case,
        NETWORK,
        f"/subscriptions/{case.subscription}/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/{name}",
    )


def subnets_of(case: Case, network: Existing) -> Iterator[tuple[str, list[Block], str]]:
    """Name, blocks and origin of every subnet of a network: those written into it, and those made beside it."""
    for written in network["subnets"] or ():
        if isinstance(written, Mapping):
            yield str(written.get("name")), blocks_of(written), network.urn
    here = lookup.path_of(case, network).lower()
    for subnet in case.world.all(SUBNET):
        if here != UNKNOWN and lookup.path_of(case, subnet).lower().startswith(f"{here}/subnets/"):
            yield str(subnet["subnetName"]), blocks_of(subnet.state), subnet.urn


@checks(SUBNET)
def the_block_lies_in_the_network(case: Case) -> Iterator[Failure]:
    """A subnet's blocks are part of the network's address space and overlap no other subnet of it."""
    network = network_of(case)
    if network is None:
        return
    space = [found for value in network["addressSpace.addressPrefixes"] or () if (found := block(value))]
    for path, value in (*case.each("addressPrefix"), *case.each("addressPrefixes[*]")):
        ours = block(value)
        if ours is None:
            continue
        if space and not any(ours.version == s.version and ours.subnet_of(s) for s in space):  # type: ignore[arg-type]
            why = f"NetcfgInvalidSubnet: its range is outside the range of {network.urn.rsplit('::', 1)[-1]}"
            yield Failure(path, value, f"a block in {', '.join(map(str, space))}", why)
        for name, theirs, urn in subnets_of(case, network):
            if urn != case.urn and any(overlap(ours, other) for other in theirs):
                why = f"NetcfgSubnetRangesOverlap: its range overlaps with that of the subnet {name} of {urn}"
                yield Failure(path, value, "a free block of the network", why)


@checks(NETWORK)
def written_subnets_lie_in_the_network(case: Case) -> Iterator[Failure]:
    """The same for the subnets that are written into a network."""
    space = [found for _, value in case.each("addressSpace.addressPrefixes[*]") if (found := block(value))]
    seen: list[tuple[str, Block]] = []
    for path, value in case.each("subnets[*].addressPrefix"):
        ours = block(value)
        if ours is None:
            continue
        if space and not any(ours.version == s.version and ours.subnet_of(s) for s in space):  # type: ignore[arg-type]
            why = "NetcfgInvalidSubnet: its range is outside the range of the network"
            yield Failure(path, value, f"a block in {', '.join(map(str, space))}", why)
        for other_path, other in seen:
            if overlap(ours, other):
                why = f"NetcfgSubnetRangesOverlap: its range overlaps with {other} of {other_path}"
                yield Failure(path, value, "a free block of the network", why)
        seen.append((path, ours))


@updates(SUBNET)
def a_block_in_use_stays(case: Case) -> Iterator[str]:
    """The block of a subnet in which something stands cannot change."""
    before, after = blocks_of(case.old), blocks_of(case.inputs)
    if case.unknown("addressPrefix") or case.unknown("addressPrefixes"):
        return
    for gone in before:
        if gone not in after and next(uses.of_delete(case), None):
            name = case.identity.rsplit("/", 1)[-1]
            yield (
                f"InUsePrefixCannotBeDeleted: IpPrefix {gone} on Subnet {name} has active allocations and cannot be deleted."
            )


@checks(ADDRESS)
def a_standard_address_is_static(case: Case) -> Iterator[Failure]:
    """A standard address does not change."""
    standard, method = case.known("sku.name") == "Standard", case.known("publicIPAllocationMethod")
    if standard and method != "Static" and not case.unknown("publicIPAllocationMethod"):
        yield Failure(
            "publicIPAllocationMethod", method, "Static", "addresses of the standard SKU are allocated statically"
        )


@checks(NAT)
def a_nat_gateway_has_standard_addresses(case: Case) -> Iterator[Failure]:
    """The addresses of a NAT gateway are of the standard SKU; zones of the two agree."""
    if not case.given("sku.name"):
        yield Failure("sku.name", why="missing: a NAT gateway is of the standard SKU", allowed="Standard, StandardV2")
    for path, value in case.each("publicIpAddresses[*].id"):
        address = lookup.find(case, ADDRESS, value)
        if address and address["sku.name"] not in ("Standard", "StandardV2", UNKNOWN):
            why = "its SKU is basic, and a NAT gateway takes standard addresses"
            yield Failure(path, value, "an address with sku.name Standard", why)
        for other in case.world.all(NAT):
            theirs = [one.get("id") for one in other["publicIpAddresses"] or () if isinstance(one, Mapping)]
            if case.rivals(other) and value in theirs:
                why = f"PublicIPAddressInUse: it is already allocated to {other.urn}"
                yield Failure(path, value, "an address of its own", why)


@checks(LINK)
def a_network_knows_a_zone_once(case: Case) -> Iterator[Failure]:
    """A network is linked to one zone of a name, and registers its machines in one zone."""
    network, zone = case.known("virtualNetwork.id"), case.known("privateZoneName")
    for other in case.world.having(LINK, "virtualNetwork.id", network):
        if not case.rivals(other):
            continue
        if other["privateZoneName"] == zone:
            why = f"BadRequest: a virtual network cannot be linked to multiple zones with overlapping namespaces: {other.urn} links it"
            yield Failure("virtualNetwork.id", network, "another network, or no second link", why)
        elif case.known("registrationEnabled") is True and other["registrationEnabled"] is True:
            why = f"BadRequest: the network registers in {other['privateZoneName']} already"
            yield Failure("registrationEnabled", value=True, allowed="false", why=why)


@checks("azure-native:network:NetworkSecurityGroup")
def priorities_are_unique(case: Case) -> Iterator[Failure]:
    """Two rules of one direction do not have one priority."""
    seen: dict[tuple[Any, Any], Any] = {}
    for index, rule in enumerate(case.known("securityRules") or ()):
        key = (rule.get("direction"), rule.get("priority"))
        if key in seen:
            why = f"SecurityRuleConflict: {seen[key]} has the same priority and direction"
            yield Failure(f"securityRules[{index}].priority", key[1], "a priority of its own", why)
        seen.setdefault(key, rule.get("name"))


@checks("azure-native:network:SecurityRule")
def the_priority_is_free(case: Case) -> Iterator[Failure]:
    """A rule has a priority of its own among those of its group."""
    for other in case.world.having(case.token, "networkSecurityGroupName", case.known("networkSecurityGroupName")):
        keys = ("resourceGroupName", "direction", "priority")
        if case.rivals(other) and all(case.known(k) is not None and other[k] == case.known(k) for k in keys):
            why = f"SecurityRuleConflict: {other.urn} has the same priority and direction"
            yield Failure("priority", case.known("priority"), "a priority of its own", why)


@computes(NETWORK)
def written_subnets_have_ids(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The subnets written into a network, with their ids."""
    written = state.get("subnets")
    if not isinstance(written, list) or has_unknown(written):
        return {}
    base = case.identity
    return {
        "subnets": [
            {**one, "id": UNKNOWN if preview and not base else f"{base}/subnets/{one.get('name')}"} for one in written
        ]
    }


@computes("azure-native:network:PrivateEndpoint")
def an_endpoint_has_an_interface(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The network interface that comes with a private endpoint."""
    name = state.get("customNetworkInterfaceName")
    parsed = arm.parse(case.identity) if case.identity else None
    if parsed is None:
        return {"networkInterfaces": UNKNOWN} if preview else {}
    interface = name or f"{parsed.names[-1]}.nic.{case.uuid('nic')}"
    head = case.identity.rpartition("/privateEndpoints/")[0]
    return {"networkInterfaces": [{"id": f"{head}/networkInterfaces/{interface}"}]}
