"""The VPC of a cluster: three zones, private subnets for nodes and pods, public ones for load balancers and gateways.

Costs: a NAT gateway and an address in each zone, or one of each; nothing else here is billed by the hour.
Exposes: nothing; nodes have no public address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from pulumi_kubeml.catalog.rows import read
from pulumi_kubeml.clusters.eks.args import ExistingVpc, NatGateways
from pulumi_kubeml.clusters.eks.check import ZONES
from pulumi_kubeml.clusters.eks.endpoints import endpoints
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.problems import Problem, listed

# What the load balancer controller looks for
# (https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/).
PUBLIC_ROLE = {"kubernetes.io/role/elb": "1"}
PRIVATE_ROLE = {"kubernetes.io/role/internal-elb": "1"}


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Arguments of `Network`."""

    cidr: str
    """Addresses of the VPC, /16 to /20."""
    zones: Sequence[str]
    """Names of three availability zones."""
    nat_gateways: NatGateways
    """One a zone, or a single one."""
    endpoints: bool
    """Whether AWS answers inside the VPC."""
    region: pulumi.Input[str]
    """Where the VPC is."""
    addons: Sequence[str]
    """What runs in the cluster: some of it needs endpoints of its own."""
    tags: Mapping[str, str]
    """Tags of every resource."""


class Places(NamedTuple):
    """Where nodes are, whoever keeps the VPC."""

    vpc_id: pulumi.Output[str]
    private_subnet_ids: Mapping[str, pulumi.Output[str]]
    """By zone."""
    egress: list[pulumi.Resource]
    """What a node needs to reach AWS: until it exists, nodes cannot join."""


def existing(vpc: ExistingVpc) -> Places:
    """Make the places of a VPC that somebody else keeps, ways out included."""
    subnet_ids = {zone: pulumi.Output.from_input(subnet) for zone, subnet in vpc.private_subnets.items()}
    return Places(pulumi.Output.from_input(vpc.id), subnet_ids, [])


class Network(pulumi.ComponentResource):
    """Makes the VPC, its subnets and its ways out."""

    places: Places

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubeml:eks:Network", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        private, public = subnets(args.cidr)
        vpc = aws.ec2.Vpc(
            name,
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._tags(name),
            opts=self._child,
        )
        gateway = aws.ec2.InternetGateway(name, vpc_id=vpc.id, tags=self._tags(name), opts=self._child)
        public_table = self._table("public", vpc)
        out = self._route("public", public_table, gateway_id=gateway.id)
        nat: dict[str, aws.ec2.NatGateway] = {}
        for zone, block in zip(args.zones, public, strict=True):
            subnet = self._subnet(f"public-{zone}", vpc, zone, block, PUBLIC_ROLE)
            joined = self._associate(f"public-{zone}", subnet, public_table)
            if args.nat_gateways == "one-per-zone" or not nat:
                nat[zone] = self._nat(zone, subnet, [out, joined])
        first = args.zones[0]
        subnet_ids: dict[str, pulumi.Output[str]] = {}
        egress: list[pulumi.Resource] = []
        tables: list[aws.ec2.RouteTable] = []
        for zone, block in zip(args.zones, private, strict=True):
            subnet = self._subnet(f"private-{zone}", vpc, zone, block, PRIVATE_ROLE)
            table = self._table(f"private-{zone}", vpc)
            egress.append(self._route(f"private-{zone}", table, nat_gateway_id=nat.get(zone, nat[first]).id))
            egress.append(self._associate(f"private-{zone}", subnet, table))
            subnet_ids[zone] = subnet.id
            tables.append(table)
        if args.endpoints:
            egress += endpoints(
                f"{name}-endpoints",
                vpc_id=vpc.id,
                cidr=args.cidr,
                region=args.region,
                subnet_ids=list(subnet_ids.values()),
                route_table_ids=[table.id for table in tables],
                addons=args.addons,
                tags=args.tags,
                parent=self,
            )
        self.places = Places(vpc.id, subnet_ids, egress)
        self.register_outputs({"vpcId": vpc.id, "privateSubnetIds": list(subnet_ids.values())})

    def _tags(self, name: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
        return {**self._args.tags, **(more or {}), "Name": name}

    def _subnet(
        self, suffix: str, vpc: aws.ec2.Vpc, zone: str, block: IPv4Network, role: Mapping[str, str]
    ) -> aws.ec2.Subnet:
        name = f"{self._name}-{suffix}"
        return aws.ec2.Subnet(
            name,
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=str(block),
            map_public_ip_on_launch=False,
            tags=self._tags(name, role),
            opts=self._child,
        )

    def _table(self, suffix: str, vpc: aws.ec2.Vpc) -> aws.ec2.RouteTable:
        name = f"{self._name}-{suffix}"
        return aws.ec2.RouteTable(name, vpc_id=vpc.id, tags=self._tags(name), opts=self._child)

    def _associate(
        self, suffix: str, subnet: aws.ec2.Subnet, table: aws.ec2.RouteTable
    ) -> aws.ec2.RouteTableAssociation:
        return aws.ec2.RouteTableAssociation(
            f"{self._name}-{suffix}", subnet_id=subnet.id, route_table_id=table.id, opts=self._child
        )

    def _route(
        self,
        suffix: str,
        table: aws.ec2.RouteTable,
        *,
        gateway_id: pulumi.Output[str] | None = None,
        nat_gateway_id: pulumi.Output[str] | None = None,
    ) -> aws.ec2.Route:
        return aws.ec2.Route(
            f"{self._name}-{suffix}",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway_id,
            nat_gateway_id=nat_gateway_id,
            opts=self._child,
        )

    def _nat(self, zone: str, subnet: aws.ec2.Subnet, way_out: Sequence[pulumi.Resource]) -> aws.ec2.NatGateway:
        name = f"{self._name}-{zone}"
        address = aws.ec2.Eip(name, domain="vpc", tags=self._tags(name), opts=self._child)
        return aws.ec2.NatGateway(
            name,
            subnet_id=subnet.id,
            allocation_id=address.id,
            tags=self._tags(name),
            opts=pulumi.ResourceOptions(parent=self, depends_on=way_out),
        )


def subnets(cidr: str) -> tuple[list[IPv4Network], list[IPv4Network]]:
    """Make the private and the public blocks of a VPC: three quarters, and three parts of the fourth.

    >>> private, public = subnets("10.0.0.0/16")
    >>> [str(block) for block in private], str(public[0])
    (['10.0.0.0/18', '10.0.64.0/18', '10.0.128.0/18'], '10.0.192.0/20')
    """
    *private, last = IPv4Network(cidr).subnets(prefixlen_diff=2)
    return private, list(last.subnets(prefixlen_diff=2))[:ZONES]


def first_zones(opts: pulumi.InvokeOptions) -> list[str]:
    """Ask AWS for the first three zones of the region that need no opt-in and that EKS can use."""
    answer = aws.get_availability_zones(
        state="available",
        filters=[aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])],
        exclude_zone_ids=[row["zone_id"] for row in read("eks_excluded_zones")],
        opts=opts,
    )
    zones = sorted(answer.names)
    if len(zones) < ZONES:
        message = f"the region has {len(zones)} that EKS can use ({listed(zones)}), and a cluster needs {ZONES}"
        raise InvalidArgs([Problem("zones", message)])
    return zones[:ZONES]
