"""What a user says of an EKS cluster: plain data, so that a stack file can hold it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from pulumi_kubeml.clusters.args import ClusterArgs
from pulumi_kubeml.nodes import NodePoolSpec

NatGateways = Literal["one-per-zone", "single"]
NAT_GATEWAYS: tuple[str, ...] = get_args(NatGateways)


def _system_pool() -> NodePoolSpec:
    return NodePoolSpec("system", machine="m7i.xlarge", min=2, max=6, purpose="system")


@dataclass(frozen=True, kw_only=True)
class EksClusterArgs(ClusterArgs):
    """Arguments of `EksCluster`.

    >>> EksClusterArgs(kubernetes_version="1.35", endpoint_access=["203.0.113.0/24"], node_pools=[]).environment
    'dev'
    """

    # Access
    admins: Sequence[str] = ()
    """ARNs of the IAM roles or users that administer the cluster; by default whoever creates it, and only they."""

    # Network
    vpc_cidr: str = "10.0.0.0/16"
    """Addresses of the VPC, /16 to /20; three quarters for nodes and pods, one for load balancers and gateways."""
    zones: Sequence[str] = ()
    """Three availability zones; by default the first three of the region that EKS can use."""
    nat_gateways: NatGateways = "one-per-zone"
    """One NAT gateway a zone, or a single one: cheaper, and without it no zone reaches the internet."""

    # Control plane
    log_retention_days: int = 90
    """Days that control-plane logs are kept."""

    # Nodes
    system_pool: NodePoolSpec = field(default_factory=_system_pool)
    """Nodes of the platform's own pods; its name is "system" and its purpose "system"."""
    image_release: str | None = None
    """Release of the node images, such as "1.35.0-20260801"; by default EKS takes the newest when it makes a pool."""

    # Add-ons
    addon_releases: Mapping[str, str] = field(default_factory=dict[str, str])
    """Releases of managed add-ons, by name, instead of those that the catalog pins for the Kubernetes version."""
