"""The way from a cluster's network to file systems that Google runs in networks of its own (Managed Lustre).

Costs nothing by itself. Exposes: the port of Lustre on the nodes, to the addresses that Google is given here.
"""

from collections.abc import Mapping

import pulumi
import pulumi_gcp as gcp

PREFIX = 20
"""Addresses for Google's networks: an instance of Lustre takes a /23 (https://docs.cloud.google.com/managed-lustre/docs/vpc, 2026-09)."""
LUSTRE_PORT = "988"
"""On which Lustre's servers call their clients back (github.com/GoogleCloudPlatform/cluster-toolkit@1047080375af examples/gke-a4)."""


def reach_private_services(
    name: str,
    *,
    network_id: pulumi.Input[str],
    nodes: pulumi.Input[str],
    labels: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Make the connection, and let servers reach the nodes by the port of Lustre."""
    addresses = gcp.compute.GlobalAddress(
        f"{name}-services",
        purpose="VPC_PEERING",
        address_type="INTERNAL",
        prefix_length=PREFIX,
        network=network_id,
        labels=labels,
        opts=opts,
    )
    connection = gcp.servicenetworking.Connection(
        f"{name}-services",
        network=network_id,
        service="servicenetworking.googleapis.com",
        reserved_peering_ranges=[addresses.name],
        opts=opts,
    )
    lustre = gcp.compute.Firewall(
        f"{name}-lustre",
        network=network_id,
        description="Servers of Lustre, to the nodes that mount it",
        direction="INGRESS",
        source_ranges=[pulumi.Output.concat(addresses.address, "/", str(PREFIX))],
        target_service_accounts=[nodes],
        allows=[gcp.compute.FirewallAllowArgs(protocol="tcp", ports=[LUSTRE_PORT])],
        opts=opts,
    )
    return [connection, lustre]
