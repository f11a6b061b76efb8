"""The virtual network of a cluster: one subnet for nodes, one for the API server, one for private endpoints.

Costs: a NAT gateway and its addresses. Exposes: nothing; nodes have no public address, and whatever they ask of the internet comes
from those of the gateway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

import pulumi
from pulumi_azure_native import network

API_SERVER = "Microsoft.ContainerService/managedClusters"
"""To whom the subnet of the API server is delegated (azure-aks-docs@fb060abe6a8f articles/aks/api-server-vnet-integration.md)."""
NFS = "2049"


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Arguments of `Network`."""

    resource_group: pulumi.Input[str]
    """Name of the group that everything is made in."""
    cidr: str
    """Addresses of the network, /16 to /20."""
    zones: Sequence[str]
    """Zones that the addresses of the gateway are kept in."""
    outbound_addresses: int
    """Public addresses of the NAT gateway."""
    tags: Mapping[str, str]
    """Tags of every resource."""


class Network(pulumi.ComponentResource):
    """Makes the network, its subnets and its way out."""

    network_id: pulumi.Output[str]
    nodes: network.Subnet
    api_server: network.Subnet
    endpoints: network.Subnet

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubeml:aks:Network", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        blocks = subnets(args.cidr)
        self._network = network.VirtualNetwork(
            name,
            resource_group_name=args.resource_group,
            address_space=network.AddressSpaceArgs(address_prefixes=[args.cidr]),
            tags=args.tags,
            opts=self._child,
        )
        self.network_id = self._network.id
        self.nodes = self._subnet("nodes", blocks["nodes"], nat_gateway=network.SubResourceArgs(id=self._gateway().id))
        self.api_server = self._subnet(
            "api-server",
            blocks["api-server"],
            after=self.nodes,
            delegations=[network.DelegationArgs(name="aks", service_name=API_SERVER)],
        )
        self.endpoints = self._subnet(
            "endpoints",
            blocks["endpoints"],
            after=self.api_server,
            network_security_group=network.NetworkSecurityGroupArgs(id=self._guard(blocks).id),
            private_endpoint_network_policies="NetworkSecurityGroupEnabled",
        )
        self.register_outputs({"networkId": self.network_id, "nodes": self.nodes.id})

    def _subnet(
        self, name: str, block: IPv4Network, *, after: pulumi.Resource | None = None, **more: Any
    ) -> network.Subnet:
        # One after the other: Azure refuses to change two subnets of a network at once.
        return network.Subnet(
            f"{self._name}-{name}",
            resource_group_name=self._args.resource_group,
            virtual_network_name=self._network.name,
            subnet_name=name,
            address_prefix=str(block),
            default_outbound_access=False,
            **more,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after] if after else []),
        )

    def _gateway(self) -> network.NatGateway:
        addresses = [
            network.PublicIPAddress(
                f"{self._name}-out-{number}",
                resource_group_name=self._args.resource_group,
                public_ip_allocation_method="Static",
                public_ip_address_version="IPv4",
                sku=network.PublicIPAddressSkuArgs(name="Standard", tier="Regional"),
                zones=list(self._args.zones) or None,
                tags=self._args.tags,
                opts=pulumi.ResourceOptions(parent=self, replace_on_changes=["zones"]),
            )
            for number in range(1, self._args.outbound_addresses + 1)
        ]
        return network.NatGateway(
            self._name,
            resource_group_name=self._args.resource_group,
            sku=network.NatGatewaySkuArgs(name="Standard"),
            public_ip_addresses=[network.SubResourceArgs(id=each.id) for each in addresses],
            idle_timeout_in_minutes=4,
            tags=self._args.tags,
            opts=self._child,
        )

    def _guard(self, blocks: Mapping[str, IPv4Network]) -> network.NetworkSecurityGroup:
        """Make what lets nodes reach private endpoints by NFS, and nobody else by anything."""
        rules = [
            ("nfs-from-nodes", 100, "Allow", "Tcp", str(blocks["nodes"]), NFS),
            ("nothing-else", 4096, "Deny", "*", "*", "*"),
        ]
        return network.NetworkSecurityGroup(
            f"{self._name}-endpoints",
            resource_group_name=self._args.resource_group,
            security_rules=[
                network.SecurityRuleArgs(
                    name=rule,
                    priority=priority,
                    direction="Inbound",
                    access=access,
                    protocol=protocol,
                    source_address_prefix=source,
                    source_port_range="*",
                    destination_address_prefix="*",
                    destination_port_range=port,
                )
                for rule, priority, access, protocol, source, port in rules
            ],
            tags=self._args.tags,
            opts=self._child,
        )


def subnets(cidr: str) -> dict[str, IPv4Network]:
    """Make the blocks of a network: the lower half for nodes, a sixteenth each for the API server and for private endpoints.

    >>> {name: str(block) for name, block in subnets("10.0.0.0/16").items()}
    {'nodes': '10.0.0.0/17', 'api-server': '10.0.128.0/20', 'endpoints': '10.0.144.0/20'}
    """
    lower, upper = IPv4Network(cidr).subnets(prefixlen_diff=1)
    api_server, endpoints, *_ = upper.subnets(prefixlen_diff=3)
    return {"nodes": lower, "api-server": api_server, "endpoints": endpoints}
