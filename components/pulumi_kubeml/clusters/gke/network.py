"""The network of a cluster: one subnetwork with ranges for nodes, pods and services, and a way out without a way in.

Costs: the gateway by the hour and by what goes through it. Exposes: nothing; nodes have no public address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pulumi
import pulumi_gcp as gcp

from pulumi_kubeml.clusters.gke.args import ExistingNetwork

PODS, SERVICES = "pods", "services"
WEBHOOK_PORTS = ("443", "6443", "8443", "9443", "10250")
"""Ports on which pods of the platform answer the API server. GKE itself opens 443 and 10250 only
(https://cloud.google.com/kubernetes-engine/docs/how-to/private-clusters, add firewall rules, 2026-09)."""


class Places(NamedTuple):
    """Where a cluster is in a network, and what its nodes wait for."""

    network_id: pulumi.Output[str]
    subnetwork_id: pulumi.Output[str]
    pods: str
    """Name of the range of pods."""
    services: str
    egress: Sequence[pulumi.Resource]
    """What a node needs to reach registries, and the API server to reach webhooks; empty where it is somebody else's."""


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Arguments of `Network`."""

    region: str
    """Where the subnetwork is."""
    node_cidr: str
    """Addresses of nodes and internal load balancers."""
    pod_cidr: str
    """Addresses of pods."""
    service_cidr: str
    """Addresses of services."""
    control_plane_cidr: str
    """Addresses from which the API server calls webhooks."""
    nodes: pulumi.Input[str]
    """Address of the account that nodes act as: what may be called is told by it."""


class Network(pulumi.ComponentResource):
    """Makes the network, its subnetwork and its way out."""

    places: Places

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubeml:gke:Network", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        network = gcp.compute.Network(name, auto_create_subnetworks=False, routing_mode="REGIONAL", opts=child)
        subnetwork = gcp.compute.Subnetwork(
            name,
            network=network.id,
            region=args.region,
            ip_cidr_range=args.node_cidr,
            secondary_ip_ranges=[
                gcp.compute.SubnetworkSecondaryIpRangeArgs(range_name=PODS, ip_cidr_range=args.pod_cidr),
                gcp.compute.SubnetworkSecondaryIpRangeArgs(range_name=SERVICES, ip_cidr_range=args.service_cidr),
            ],
            private_ip_google_access=True,
            log_config=gcp.compute.SubnetworkLogConfigArgs(
                aggregation_interval="INTERVAL_10_MIN", flow_sampling=0.5, metadata="INCLUDE_ALL_METADATA"
            ),
            opts=child,
        )
        router = gcp.compute.Router(name, network=network.id, region=args.region, opts=child)
        nat = gcp.compute.RouterNat(
            name,
            router=router.name,
            region=args.region,
            nat_ip_allocate_option="AUTO_ONLY",
            source_subnetwork_ip_ranges_to_nat="LIST_OF_SUBNETWORKS",
            subnetworks=[
                gcp.compute.RouterNatSubnetworkArgs(name=subnetwork.id, source_ip_ranges_to_nats=["ALL_IP_RANGES"])
            ],
            log_config=gcp.compute.RouterNatLogConfigArgs(enable=True, filter="ERRORS_ONLY"),
            opts=child,
        )
        webhooks = open_webhooks(
            name, network_id=network.id, control_plane_cidr=args.control_plane_cidr, nodes=args.nodes, opts=child
        )
        self.places = Places(network.id, subnetwork.id, PODS, SERVICES, [nat, webhooks])
        self.register_outputs({"networkId": network.id, "subnetworkId": subnetwork.id})


def existing(
    name: str,
    network: ExistingNetwork,
    *,
    project: str,
    control_plane_cidr: str,
    nodes: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> Places:
    """Make the places of a network that somebody else keeps; in a project of one's own its webhooks are opened here."""
    whole = pulumi.Output.from_input(network.network)
    mine = not isinstance(network.network, str) or network.network.startswith(f"projects/{project}/")
    opened = (
        [open_webhooks(name, network_id=whole, control_plane_cidr=control_plane_cidr, nodes=nodes, opts=opts)]
        if mine
        else []
    )
    return Places(whole, pulumi.Output.from_input(network.subnetwork), network.pods, network.services, opened)


def open_webhooks(
    name: str,
    *,
    network_id: pulumi.Input[str],
    control_plane_cidr: str,
    nodes: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    """Let the API server call the webhooks of the platform on the nodes."""
    return gcp.compute.Firewall(
        f"{name}-webhooks",
        network=network_id,
        description="Webhooks of the platform, for the API server",
        direction="INGRESS",
        source_ranges=[control_plane_cidr],
        target_service_accounts=[nodes],
        allows=[gcp.compute.FirewallAllowArgs(protocol="tcp", ports=list(WEBHOOK_PORTS))],
        opts=opts,
    )
