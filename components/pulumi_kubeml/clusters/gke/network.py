"""The network of a cluster: one subnetwork with ranges for nodes, pods and services, and a way out without a way in.

Costs: the gateway by the hour and by what goes through it. Exposes: nothing; nodes have no public address.
"""

from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

PODS, SERVICES = "pods", "services"
WEBHOOK_PORTS = ("443", "6443", "8443", "9443", "10250")
"""Ports on which pods of the platform answer the API server. GKE itself opens 443 and 10250 only
(https://cloud.google.com/kubernetes-engine/docs/how-to/private-clusters, add firewall rules, 2026-09)."""


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

    network_id: pulumi.Output[str]
    subnetwork_id: pulumi.Output[str]
    egress: list[pulumi.Resource]
    """What a node needs to reach registries: until it exists, nodes pull nothing from outside Google."""

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
        webhooks = gcp.compute.Firewall(
            f"{name}-webhooks",
            network=network.id,
            description="Webhooks of the platform, for the API server",
            direction="INGRESS",
            source_ranges=[args.control_plane_cidr],
            target_service_accounts=[args.nodes],
            allows=[gcp.compute.FirewallAllowArgs(protocol="tcp", ports=list(WEBHOOK_PORTS))],
            opts=child,
        )
        self.network_id = network.id
        self.subnetwork_id = subnetwork.id
        self.egress = [nat, webhooks]
        self.register_outputs({"networkId": self.network_id, "subnetworkId": self.subnetwork_id})
