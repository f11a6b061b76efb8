"""What a user says of a GKE cluster: plain data, so that a stack file can hold it."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, Literal, get_args

from pulumi_kubeml.clusters.args import ClusterArgs
from pulumi_kubeml.nodes import NodePoolSpec
from pulumi_kubeml.specs import IN_STACK_FILES

Channel = Literal["rapid", "regular", "stable"]
CHANNELS: tuple[str, ...] = get_args(Channel)

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[str, ...] = get_args(Day)

SharedFiles = Literal["shares", "instance"]
SHARED_FILES: tuple[str, ...] = get_args(SharedFiles)

Scope = Literal["no-upgrades", "no-minor-upgrades", "no-minor-or-node-upgrades"]
SCOPES: tuple[str, ...] = get_args(Scope)


@dataclass(frozen=True)
class MaintenanceExclusion:
    """A time in which GKE leaves the cluster's versions alone.

    >>> MaintenanceExclusion("launch", "2026-11-20T00:00:00Z", end="2026-12-04T00:00:00Z").scope
    'no-minor-or-node-upgrades'
    """

    name: str
    """What it is for: lower-case letters, digits and dashes."""
    start: str
    """When it begins, in UTC ("2026-11-20T00:00:00Z")."""
    _: KW_ONLY
    end: str | None = None
    """When it ends; by default when support for the cluster's version does."""
    scope: Scope = "no-minor-or-node-upgrades"
    """What is left alone; patches of the control plane come in any case, unless it is "no-upgrades"."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES


@dataclass(frozen=True, kw_only=True)
class ExistingNetwork:
    """A network that somebody else keeps: its ranges and its ways out are theirs."""

    network: str
    """The network: projects/PROJECT/global/networks/NAME."""
    subnetwork: str
    """Its subnetwork in the cluster's region: projects/PROJECT/regions/REGION/subnetworks/NAME."""
    pods: str = "pods"
    """Name of the subnetwork's secondary range for pods."""
    services: str = "services"
    """Name of that for services."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES


@dataclass(frozen=True, kw_only=True)
class KnownReservation:
    """What is known of a reservation that pools take nodes from; what is said here is held against them before anything is made."""

    project: str | None = None
    """Project that it belongs to."""
    zone: str | None = None
    """Zone that its machines are in."""
    machine: str | None = None
    """Machine type that it holds."""
    consumption: Literal["specific", "any"] | None = None
    """Whether only who names it gets its machines."""
    active: bool | None = None
    """Whether it has begun."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES


def _system_pool() -> NodePoolSpec:
    return NodePoolSpec("system", machine="e2-standard-4", min=2, max=6, purpose="system")


@dataclass(frozen=True, kw_only=True)
class GkeClusterArgs(ClusterArgs):
    """Arguments of `GkeCluster`.

    >>> GkeClusterArgs(kubernetes_version="1.35", endpoint_access=["203.0.113.0/24"], node_pools=[]).environment
    'dev'
    """

    # Access
    admins: Sequence[str] = ()
    """Who administers the cluster ("user:ann@example.com", "group:...", "serviceAccount:..."); owners of the project do anyway."""
    security_group: str | None = None
    """Google group whose member groups can be named in roles of the cluster: gke-security-groups@DOMAIN."""

    # Network
    region: str | None = None
    """Region of the control plane and of all nodes; by default that of the gcp provider."""
    network: ExistingNetwork | None = None
    """A network that exists; by default the cluster has one of its own. Where another project keeps it, that opens the ports of
    webhooks, too."""
    node_cidr: str = "10.0.0.0/20"
    """Addresses of nodes and of internal load balancers, /16 to /24."""
    pod_cidr: str = "10.4.0.0/14"
    """Addresses of pods, /9 to /21; each node takes a part of them for its own."""
    service_cidr: str = "10.0.32.0/20"
    """Addresses of services, /16 to /24."""
    control_plane_cidr: str = "172.16.0.0/28"
    """Addresses of the control plane in the cluster's network, a /28."""
    fabric_cidr: str = "192.168.0.0/16"
    """Addresses of the networks between accelerators, /16 to /20, for pools that need them."""
    zones: Sequence[str] = ()
    """Three zones; by default the first three of the region."""

    # Control plane
    release_channel: Channel = "regular"
    """How soon new versions come."""
    maintenance_days: Sequence[Day] = ("saturday", "sunday")
    """Days on which GKE may upgrade."""
    maintenance_start: str = "02:00"
    """When maintenance begins on those days, in UTC."""
    maintenance_hours: int = 6
    """How long it may take; GKE demands 48 hours in 32 days, at least 4 at a time."""
    maintenance_exclusions: Sequence[MaintenanceExclusion] = ()
    """Times in which versions are left alone whatever day it is."""
    managed_prometheus: bool = False
    """Whether Google's Prometheus collects the metrics of nodes, workloads and devices too, beside the platform's own; billed by sample."""

    # Storage
    shared_files: SharedFiles = "shares"
    """What a volume of shared files is: one of ten "shares" of an instance, of at most 1 TiB, or an "instance" of its own, of 1 TiB
    at least and 10 TiB at most."""
    lustre: bool = False
    """Whether volumes of Managed Lustre can be mounted; in a network that exists, its keepers connect it to Google's."""

    # Nodes
    system_pool: NodePoolSpec = field(default_factory=_system_pool)
    """Nodes of the platform's own pods; its name is "system" and its purpose "system"."""
    reservations: Mapping[str, KnownReservation] = field(default_factory=dict[str, KnownReservation])
    """What is known of the reservations of pools, by their names."""
