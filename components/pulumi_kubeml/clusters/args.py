"""What a user says of a cluster on any cloud: plain data, so that a stack file can hold it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

from pulumi_kubeml.nodes import LocalPool, NodePoolSpec
from pulumi_kubeml.specs import IN_STACK_FILES

Environment = Literal["dev", "staging", "prod"]
ENVIRONMENTS: tuple[str, ...] = get_args(Environment)


@dataclass(frozen=True, kw_only=True)
class AnyClusterArgs:
    """What every cluster is told, whoever made it."""

    kubernetes_version: str
    """Kubernetes version, "MAJOR.MINOR", one that the cloud offers."""
    node_pools: Sequence[NodePoolSpec | LocalPool]
    """Pools for workloads; the system pool is beside them."""

    # Who it belongs to: tags (labels on Google Cloud) of everything.
    environment: Environment = "dev"
    """Stage; "prod" protects the cluster from deletion and keeps volumes when their claims go."""
    owner: str = "platform"
    """Who answers for it: the tag `owner`."""
    team: str = "platform"
    """Whose it is: the tag `team`."""
    cost_center: str = "platform"
    """Who pays: the tag `cost-center`."""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    """More tags of every cloud resource."""

    cluster_name: str | None = None
    """Name at the cloud; by default the component's name and the stack's."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES


@dataclass(frozen=True, kw_only=True)
class ClusterArgs(AnyClusterArgs):
    """What the kinds of clusters are told that a cloud makes; each adds what is its cloud's own, and the machines of its system pool."""

    node_pools: Sequence[NodePoolSpec]
    """Pools for workloads; the system pool is beside them."""
    endpoint_access: Sequence[str]
    """CIDR blocks that may reach the API from outside the cluster's network; empty: the API is private."""

    # Access
    i_know_this_is_public: bool = False
    """Allow 0.0.0.0/0 or ::/0 in `endpoint_access`: anyone may knock at the API."""

    # Control plane
    deletion_protection: bool | None = None
    """Whether the cluster refuses to be deleted; by default in prod."""

    # Nodes
    system_pool: NodePoolSpec
    """Nodes of the platform's own pods; its name is "system" and its purpose "system"."""
