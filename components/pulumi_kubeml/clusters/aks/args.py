"""What a user says of an AKS cluster: plain data, so that a stack file can hold it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from pulumi_kubeml.clusters.args import ClusterArgs
from pulumi_kubeml.nodes import NodePoolSpec

Tier = Literal["Free", "Standard", "Premium"]
TIERS: tuple[str, ...] = get_args(Tier)

UpgradeChannel = Literal["none", "patch"]
UPGRADE_CHANNELS: tuple[str, ...] = get_args(UpgradeChannel)

NodeImageChannel = Literal["NodeImage", "SecurityPatch", "None"]
NODE_IMAGE_CHANNELS: tuple[str, ...] = get_args(NodeImageChannel)

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
WEEKDAYS: tuple[str, ...] = get_args(Weekday)


def _system_pool() -> NodePoolSpec:
    return NodePoolSpec("system", machine="Standard_D4ds_v5", min=2, max=6, purpose="system", max_pods=110)


@dataclass(frozen=True, kw_only=True)
class AksClusterArgs(ClusterArgs):
    """Arguments of `AksCluster`.

    >>> group = "0a1b2c3d-0000-4000-8000-000000000001"
    >>> AksClusterArgs(kubernetes_version="1.35", endpoint_access=[], admin_groups=[group], node_pools=[]).zones
    ('1', '2', '3')
    """

    # Access
    admin_groups: Sequence[str]
    """Object ids of the Entra groups that administer the cluster. There is no local account: who runs the program must be in one."""

    # Network
    vnet_cidr: str = "10.0.0.0/16"
    """Addresses of the virtual network, /16 to /20; half of them for nodes, an eighth for the API server and private endpoints, the rest stays free."""
    pod_cidr: str = "10.128.0.0/12"
    """Addresses of pods, which only the cluster knows; each node takes a /24 of them."""
    service_cidr: str = "172.16.0.0/16"
    """Addresses of services, which only the cluster knows; the tenth is that of the cluster's DNS."""
    zones: Sequence[str] = ("1", "2", "3")
    """Availability zones of the nodes, by number; empty in a region without zones."""
    outbound_addresses: int = 1
    """Public addresses of the NAT gateway, 1 to 16; each carries 64,512 connections to one destination."""

    # Control plane
    tier: Tier | None = None
    """How well the API is looked after, and what it costs; by default "Standard" in prod and staging, else "Free". "Premium" brings long-term support."""
    upgrade_channel: UpgradeChannel = "patch"
    """Whether AKS brings patch releases of Kubernetes in the maintenance window; the minor version is always yours."""
    log_retention_days: int = 90
    """Days that control-plane logs are kept, 30 to 730."""
    maintenance_day: Weekday = "Saturday"
    """Day of the week on which AKS upgrades the cluster and its node images."""
    maintenance_start: str = "01:00"
    """When that begins, in UTC."""
    maintenance_hours: int = 4
    """How long that may take, 4 to 24."""

    # Nodes
    system_pool: NodePoolSpec = field(default_factory=_system_pool)
    """Nodes of the platform's own pods; its name is "system" and its purpose "system". It is part of the cluster itself:
    another machine type, disk or set of zones replaces the cluster."""
    node_image_channel: NodeImageChannel = "NodeImage"
    """How nodes get new images: whole ones every week, security patches alone, or none."""
    image_cleaner_hours: int = 168
    """Hours between two sweeps of images that are not used and have known weaknesses, 24 to 2160."""

    # Storage
    blob_driver: bool = False
    """Whether containers of blobs can be mounted, by AKS's own driver."""
    zone_redundant_storage: bool = False
    """Whether disks and shared files are kept in three zones: they cost half as much again, and outlive a zone."""
