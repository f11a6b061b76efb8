"""Networks: what EC2 refuses about subnets, gateways and rules, and what it fills in."""

import ipaddress
from collections.abc import Iterator
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Failure

from .behaviours import checks, computes
from .case import Case
from .regions import zone_id, zones

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
MORE_BLOCKS = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"
RULES = (
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
)
DOOR = "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment"
Network = ipaddress.IPv4Network


def network(value: Any) -> Network | None:
    """The IPv4 network of a block, or None when it is none (another check says so)."""
    try:
        return ipaddress.IPv4Network(value)
    except ValueError:
        return None


@checks(SUBNET)
def block_lies_in_the_vpc(case: Case) -> Iterator[Failure]:
    """A subnet's block is part of the VPC's blocks and overlaps no other subnet of it."""
    block, vpc_id = network(case.known("cidrBlock")), case.known("vpcId")
    vpc = case.world.find(VPC, id=vpc_id) if block and vpc_id else None
    if block is None or vpc is None:
        return
    more = [known["cidrBlock"] for known in case.world.having(MORE_BLOCKS, "vpcId", vpc_id)]
    blocks = [found for text in (vpc["cidrBlock"], *more) if (found := network(text))]
    if blocks and not any(block.subnet_of(whole) for whole in blocks):
        allowed = f"a block in {', '.join(map(str, blocks))} of {vpc_id}"
        yield Failure("cidrBlock", str(block), allowed, "InvalidSubnet.Range: the block is outside its VPC")
    for other in case.world.having(SUBNET, "vpcId", vpc_id):
        theirs = network(other["cidrBlock"])
        if case.rivals(other) and theirs and theirs.overlaps(block):
            why = f"InvalidSubnet.Conflict: it overlaps {theirs} of {other.urn}"
            yield Failure("cidrBlock", str(block), f"a free block of {vpc_id}", why)


@checks(SUBNET)
def zone_is_in_the_region(case: Case) -> Iterator[Failure]:
    """A subnet's zone belongs to its region."""
    zone = case.known("availabilityZone")
    if zone is not None and zones(case.region) and zone not in zones(case.region):
        yield Failure("availabilityZone", zone, ", ".join(zones(case.region)), f"{case.region} has no such zone")


@checks("aws:ec2/natGateway:NatGateway")
def public_nat_has_an_address(case: Case) -> Iterator[Failure]:
    """A public NAT gateway needs an address, a private one must not have one; a zonal one stands in a subnet."""
    if (
        case.unknown("connectivityType")
        or case.unknown("availabilityMode")
        or case.known("availabilityMode") == "regional"
    ):
        return
    private = case.known("connectivityType") == "private"
    if private and case.given("allocationId") and not case.unknown("allocationId"):
        yield Failure(
            "allocationId", case.known("allocationId"), "none", "a private NAT gateway has no elastic address"
        )
    if not private and not case.given("allocationId"):
        yield Failure(
            "allocationId", why="missing: a public NAT gateway needs an elastic address", allowed="the id of an Eip"
        )
    if not case.given("subnetId"):
        yield Failure("subnetId", why="missing: a zonal NAT gateway stands in a subnet", allowed="the id of a Subnet")


@checks("aws:ec2/natGateway:NatGateway")
def the_vpc_leads_to_the_internet(case: Case) -> Iterator[Failure]:
    """A public NAT gateway fails to come up in a VPC without an internet gateway."""
    subnet = case.world.find(SUBNET, id=case.known("subnetId"))
    if subnet is None or case.unknown("connectivityType") or case.known("connectivityType") == "private":
        return
    doors = [*case.world.all("aws:ec2/internetGateway:InternetGateway"), *case.world.all(DOOR)]
    if not any(door["vpcId"] in (subnet["vpcId"], UNKNOWN) for door in doors):
        why = f"Gateway.NotAttached: {subnet['vpcId']} has no internet gateway; make the NAT gateway depend on it"
        yield Failure("subnetId", subnet.id, "a subnet of a VPC with an internet gateway", why)


@checks("aws:ec2/routeTableAssociation:RouteTableAssociation")
def both_are_in_one_vpc(case: Case) -> Iterator[Failure]:
    """A subnet uses a route table of its own VPC."""
    subnet = case.world.find(SUBNET, id=case.known("subnetId"))
    table = case.world.find("aws:ec2/routeTable:RouteTable", id=case.known("routeTableId"))
    if subnet and table and subnet["vpcId"] != table["vpcId"]:
        why = f"the route table belongs to {table['vpcId']}, the subnet to {subnet['vpcId']}"
        yield Failure("routeTableId", table.id, f"a route table of {subnet['vpcId']}", why)


@checks(*RULES)
def ports_fit_the_protocol(case: Case) -> Iterator[Failure]:
    """All protocols means all ports; TCP and UDP need a range that does not run backwards."""
    protocol, first, last = case.known("ipProtocol"), case.known("fromPort"), case.known("toPort")
    if str(protocol) == "-1":
        for end in ("fromPort", "toPort"):
            port = case.known(end)
            if port not in (None, -1):
                yield Failure(end, port, "none", "ipProtocol -1 opens all ports")
    if str(protocol).lower() in {"tcp", "udp", "6", "17"}:
        for end in ("fromPort", "toPort"):
            if not case.given(end):
                yield Failure(end, why=f"missing: {protocol} rules name their ports", allowed="0 to 65535")
        if isinstance(first, int) and isinstance(last, int) and first > last:
            yield Failure(
                "fromPort", first, f"at most toPort, {last}", "InvalidParameterValue: the port range runs backwards"
            )


@checks("aws:ec2/vpcEndpoint:VpcEndpoint")
def endpoint_kind_fits(case: Case) -> Iterator[Failure]:
    """A gateway endpoint is reached through route tables, an interface endpoint through subnets."""
    if case.unknown("vpcEndpointType"):
        return
    kind = case.known("vpcEndpointType") or "Gateway"
    wrong = {"Gateway": ("subnetIds", "securityGroupIds"), "Interface": ("routeTableIds",)}.get(kind, ())
    for name in wrong:
        if case.known(name):
            yield Failure(name, case.known(name), "none", f"a {kind} endpoint has no {name}")


@computes(SUBNET)
def subnet_zone(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The zone, and its id; without one the cloud picks a zone by the subnet's name."""
    zone = state.get("availabilityZone")
    names = zones(case.region)
    if not isinstance(zone, str) or zone == UNKNOWN:
        zone = UNKNOWN if preview or not names else names[int(case.digest("zone", 8), 16) % len(names)]
    return {"availabilityZone": zone, "availabilityZoneId": zone_id(case.region, zone) if zone in names else UNKNOWN}


@computes("aws:ec2/natGateway:NatGateway")
def nat_addresses(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The public address is that of the elastic address, the private one lies in the subnet."""
    if preview:
        return {}
    address = case.world.find("aws:ec2/eip:Eip", id=state.get("allocationId"))
    subnet = case.world.find(SUBNET, id=state.get("subnetId"))
    block = network(subnet["cidrBlock"]) if subnet else None
    found = {"publicIp": address["publicIp"]} if address else {}
    if block and not state.get("privateIp"):
        found["privateIp"] = str(block[4 + int(case.digest("ip", 8), 16) % (block.num_addresses - 5)])
    if subnet:
        found["vpcId"] = subnet["vpcId"]
    return found


@computes("aws:ec2/launchTemplate:LaunchTemplate")
def next_version(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """A changed template is a new version; a preview does not know its number."""
    if not case.old:
        return {}
    latest = int(case.old.get("latestVersion") or 1) + 1
    default = latest if state.get("updateDefaultVersion") else case.old.get("defaultVersion", 1)
    return {
        "latestVersion": UNKNOWN if preview else latest,
        "defaultVersion": case.inputs.get("defaultVersion") or default,
    }


@computes("aws:ec2/vpcEndpoint:VpcEndpoint")
def endpoint_interfaces(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """One interface in each subnet of an interface endpoint."""
    if preview or state.get("vpcEndpointType") != "Interface":
        return {}
    return {"networkInterfaceIds": [f"eni-{case.digest(subnet)}" for subnet in state.get("subnetIds") or []]}
