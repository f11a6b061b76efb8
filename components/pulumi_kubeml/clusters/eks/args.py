"""What a user says of an EKS cluster: plain data, so that a stack file can hold it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

from pulumi_kubeml.clusters.args import ClusterArgs
from pulumi_kubeml.nodes import NodePoolSpec
from pulumi_kubeml.specs import IN_STACK_FILES

NatGateways = Literal["one-per-zone", "single"]
NAT_GATEWAYS: tuple[str, ...] = get_args(NatGateways)


def _system_pool() -> NodePoolSpec:
    return NodePoolSpec("system", machine="m7i.xlarge", min=2, max=6, purpose="system")


@dataclass(frozen=True, kw_only=True)
class ExistingVpc:
    """A VPC that somebody else keeps: its subnets, its ways out and its endpoints are theirs."""

    id: str
    """Id of the VPC ("vpc-0a1b2c3d4e5f67890")."""
    private_subnets: Mapping[str, str]
    """Id of one private subnet by availability zone, in two zones at least; nodes and pods take their addresses there."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES


@dataclass(frozen=True, kw_only=True)
class ReservedMachines:
    """What is known of a capacity reservation or block: what contradicts it is refused before anything is made."""

    zone: str | None = None
    """Availability zone that it is in."""
    machine: str | None = None
    """Machine type that it holds."""
    active: bool | None = None
    """Whether it has begun; a pool of one that has not must begin with no nodes."""
    placement_group: str | None = None
    """Name of the cluster placement group that it was made in, which its nodes then join."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES


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
    vpc: ExistingVpc | None = None
    """A VPC that exists; by default the cluster has its own."""
    vpc_endpoints: bool | None = None
    """Whether nodes reach the services of AWS without the internet; by default where the API is private."""

    # Control plane
    log_retention_days: int = 90
    """Days that control-plane logs are kept."""

    # Nodes
    system_pool: NodePoolSpec = field(default_factory=_system_pool)
    """Nodes of the platform's own pods; its name is "system" and its purpose "system"."""
    image_release: str | None = None
    """Release of the images of Amazon Linux, such as "1.35.0-20260801"; by default EKS takes the newest when it makes a pool."""

    reservations: Mapping[str, ReservedMachines] = field(default_factory=dict[str, ReservedMachines])
    """What is known of the capacity reservations and blocks of the pools, by their id."""

    # Add-ons
    snapshots: bool = False
    """Whether volumes may have snapshots, by the snapshot controller; it needs nodes of a pool without taints."""
    lustre: bool = False
    """Whether pods may mount FSx for Lustre, by its driver."""
    mount_buckets: Sequence[str] = ()
    """Names of the S3 buckets that pods may mount, by Mountpoint's driver; without any it is not installed."""
    addon_releases: Mapping[str, str] = field(default_factory=dict[str, str])
    """Releases of managed add-ons, by name, instead of those that the catalog pins for the Kubernetes version."""
