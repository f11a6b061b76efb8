"""Networks between accelerators: what GPUs of several nodes talk over, beside the network of the cluster.

TCPX and TCPXO take a network of their own for each rail, RDMA one network with a subnetwork for each rail and another for
what does not go by RDMA (github.com/GoogleCloudPlatform/cluster-toolkit@1047080375af examples/gke-a3-megagpu and
examples/gke-a3-ultragpu). Costs nothing by itself. Exposes: nothing; there is no way out of these networks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import chain

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as kubernetes

from pulumi_kubeml.catalog import Fabric
from pulumi_kubeml.clusters.gke.place import Place
from pulumi_kubeml.nodes import NodePool

RAILS, PLAIN, RDMA = 0, 8, 16
"""Where in the addresses of all fabrics, cut in 32, those of each begin."""
DEVICE, RDMA_DEVICE = "NetDevice", "RDMA"
API = "networking.gke.io"


@dataclass(frozen=True)
class Rail:
    """One network to which nodes are attached, and the name by which pods ask for it."""

    name: str
    network: pulumi.Output[str]
    subnetwork: pulumi.Output[str]
    mode: str


@dataclass(frozen=True, kw_only=True)
class FabricNetworksArgs:
    """Arguments of `FabricNetworks`."""

    pools: Sequence[NodePool]
    """All pools; those that need a fabric decide what is made."""
    place: Place
    """Where the networks are."""
    cidr: str
    """Addresses of all of them, /16 to /20."""
    nodes: pulumi.Input[str]
    """Address of the account that nodes act as: they reach each other, and nobody else reaches them."""


class FabricNetworks(pulumi.ComponentResource):
    """Makes the networks that the pools of a cluster need between their accelerators, shared by pools of one kind."""

    rails: Mapping[str, Sequence[Rail]]
    """The networks by kind of fabric, in the order of a node's interfaces."""

    def __init__(self, name: str, args: FabricNetworksArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubeml:gke:FabricNetworks", name, None, opts)
        self._name, self._args = name, args
        self._blocks = list(IPv4Network(args.cidr).subnets(prefixlen_diff=5))
        needed = [(pool, pool.fabric) for pool in args.pools if pool.fabric is not None]
        # One set of rails for TCPX and TCPXO: a node of the one takes the first of what a node of the other has.
        wide = [fabric for _, fabric in needed if fabric.kind in {"tcpx", "tcpxo"}]
        most = max((fabric.extra_networks or 0 for fabric in wide), default=0)
        own = [self._rail(index, wide[0].mtu) for index in range(most)]
        self.rails = {fabric.kind: own[: fabric.extra_networks or 0] for fabric in wide}
        remote = [(pool, fabric) for pool, fabric in needed if fabric.rdma_subnets]
        if remote:
            pool, fabric = remote[0]
            self.rails = {**self.rails, fabric.kind: self._rdma(pool.zones[0], fabric)}
        self.register_outputs({kind: [rail.name for rail in rails] for kind, rails in self.rails.items()})

    def of(self, pool: NodePool) -> list[Rail]:
        """Make the networks to which the nodes of a pool are attached; none where GKE attaches them itself."""
        fabric = pool.fabric
        return list(self.rails.get(fabric.kind, ())) if fabric is not None and fabric.extra_networks else []

    def _rail(self, index: int, mtu: int | None) -> Rail:
        called = f"{self._name}-rail-{index + 1}"
        network = self._network(called, mtu=mtu)
        subnetwork = self._subnetwork(called, network, self._blocks[RAILS + index])
        self._open(called, network)
        return Rail(f"vpc{index + 1}", network.name, subnetwork.name, DEVICE)

    def _rdma(self, zone: str, fabric: Fabric) -> list[Rail]:
        """One plain network, and one with the profile of a zone that carries RDMA; the profile has rules of its own."""
        plain = self._network(f"{self._name}-plain", mtu=fabric.mtu)
        beside = self._subnetwork(f"{self._name}-plain", plain, self._blocks[PLAIN])
        self._open(f"{self._name}-plain", plain)
        profile = f"projects/{self._args.place.project}/global/networkProfiles/{zone}-{fabric.network_profile}"
        network = self._network(f"{self._name}-rdma", profile=profile)
        rails = [
            self._subnetwork(f"{self._name}-rdma-{index}", network, self._blocks[RDMA + index])
            for index in range(fabric.rdma_subnets or 0)
        ]
        return [
            Rail("gvnic-1", plain.name, beside.name, DEVICE),
            *(Rail(f"rdma-{index}", network.name, rail.name, RDMA_DEVICE) for index, rail in enumerate(rails)),
        ]

    def _network(self, name: str, *, mtu: int | None = None, profile: str | None = None) -> gcp.compute.Network:
        return gcp.compute.Network(
            name,
            auto_create_subnetworks=False,
            routing_mode="REGIONAL",
            mtu=mtu,
            network_profile=profile,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _subnetwork(self, name: str, network: gcp.compute.Network, block: IPv4Network) -> gcp.compute.Subnetwork:
        return gcp.compute.Subnetwork(
            name,
            network=network.id,
            region=self._args.place.region,
            ip_cidr_range=str(block),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _open(self, name: str, network: gcp.compute.Network) -> None:
        allow = gcp.compute.FirewallAllowArgs
        gcp.compute.Firewall(
            name,
            network=network.id,
            description="Accelerators of the cluster's nodes, to each other",
            direction="INGRESS",
            source_service_accounts=[self._args.nodes],
            target_service_accounts=[self._args.nodes],
            allows=[allow(protocol=protocol) for protocol in ("tcp", "udp", "icmp")],
            opts=pulumi.ResourceOptions(parent=self),
        )


def offer_rails(
    name: str,
    fabric: FabricNetworks,
    *,
    provider: kubernetes.Provider,
    cluster: pulumi.Resource,
    after: Sequence[pulumi.Resource],
    parent: pulumi.Resource,
) -> list[pulumi.Resource]:
    """Make the objects by which pods ask for the networks of a fabric, by their names (vpc1, gvnic-1, rdma-0 and so on).

    (https://cloud.google.com/kubernetes-engine/docs/how-to/setup-multinetwork-support-for-pods, 2026-09.)
    """
    opts = pulumi.ResourceOptions(parent=parent, provider=provider, depends_on=list(after), deleted_with=cluster)
    made: list[pulumi.Resource] = []
    rails = {rail.name: rail for rail in chain(*fabric.rails.values())}
    for rail in rails.values():
        metadata = kubernetes.meta.v1.ObjectMetaArgs(name=rail.name)
        parameters = kubernetes.apiextensions.CustomResource(
            f"{name}-{rail.name}",
            api_version=f"{API}/v1",
            kind="GKENetworkParamSet",
            metadata=metadata,
            spec={"vpc": rail.network, "vpcSubnet": rail.subnetwork, "deviceMode": rail.mode},
            opts=opts,
        )
        reference = {"group": API, "kind": "GKENetworkParamSet", "name": rail.name}
        network = kubernetes.apiextensions.CustomResource(
            f"{name}-{rail.name}",
            api_version=f"{API}/v1",
            kind="Network",
            metadata=metadata,
            spec={"type": "Device", "parametersRef": reference},
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[parameters])),
        )
        made += [parameters, network]
    return made
