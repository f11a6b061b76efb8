"""What every managed cluster gives, whatever its cloud: everything above a cluster is written once, against this."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import pulumi
import pulumi_kubernetes as kubernetes

from pulumi_kubeml.nodes import NodePool, Placement
from pulumi_kubeml.problems import ConfigurationError, Problem, listed, suggestion

SYSTEM_POOL = "system"
"""Name of the pool that every cluster has for itself."""

Policy: TypeAlias = Sequence[Mapping[str, Any]]
"""Permissions in one cloud's own words; values may be outputs.

AWS: statements of a policy, `{"Effect": ..., "Action": ..., "Resource": ...}`. Google Cloud: roles on named resources,
`{"role": "roles/storage.objectUser", "bucket": ...}`. Azure: roles on scopes, `{"role": ..., "scope": ...}`.
"""


@dataclass(frozen=True)
class WorkloadIdentity:
    """The permission of one service account to act as one cloud identity."""

    annotations: Mapping[str, pulumi.Input[str]]
    """Annotations that the service account needs; empty where the cloud binds by name (EKS Pod Identity)."""
    resources: tuple[pulumi.Resource, ...]
    """What must exist before the first pod of the service account starts."""


class Cluster(pulumi.ComponentResource):
    """A managed Kubernetes cluster with node pools and storage classes.

    Subclasses set every attribute below before they call `register_outputs`.
    """

    kind: str
    """The cloud's name of its clusters: "eks"."""
    cloud: str
    """The catalog's name of the cloud: "aws"."""
    built_in: frozenset[str]
    """Add-ons that the cluster brings itself, by their names in the chart table."""
    lacks: Mapping[str, str] = MappingProxyType({})
    """Why it cannot give what others can: "internal" (load balancers), "block" and "shared" (volumes), "identity"."""
    unsigned_kubelets: bool = False
    """Whether its kubelets answer with certificates that nobody signed."""
    identity: Mapping[str, pulumi.Input[str]] = MappingProxyType({})
    """What another stack has to know of the cluster to give identities to service accounts in it."""

    cluster_name: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]
    """A kubeconfig in JSON; always secret."""
    region: pulumi.Output[str]

    kubernetes_version: str
    environment: str
    tags: Mapping[str, str]
    """Tags of every cloud resource of the cluster; whatever is made beside it takes the same."""
    provider: kubernetes.Provider
    """For everything inside the cluster; it waits until its user may enter."""
    node_pools: tuple[NodePool, ...]
    """All pools, the system pool first."""
    system: Placement
    """Where the platform's own pods go."""
    storage: Mapping[str, str]
    """Name of the storage class by purpose ("block", "shared")."""
    storage_classes: Mapping[str, pulumi.Resource]
    """The class by purpose: a claim depends on it, and so waits for the driver that serves it."""
    ready: list[pulumi.Resource]
    """What a pod needs before it can run: schedulable nodes, a network for pods, names."""
    nodes: Mapping[str, Sequence[pulumi.Resource]]
    """The node groups of each pool, by its name: a workload that waits for those of its pool finds nodes."""
    network_id: pulumi.Output[str]
    """The cloud's id of the cluster's network (EKS: the VPC)."""

    def pool(self, name: str) -> NodePool:
        """Make a pool of its name; ConfigurationError names those that there are."""
        for pool in self.node_pools:
            if pool.name == name:
                return pool
        names = [pool.name for pool in self.node_pools]
        raise ConfigurationError(
            [Problem("pool", f'"{name}" is no pool of the cluster; allowed: {listed(names)}' + suggestion(name, names))]
        )

    @abstractmethod
    def workload_identity(
        self,
        name: str,
        *,
        namespace: str,
        service_account: str,
        policy: Policy,
        opts: pulumi.ResourceOptions | None = None,
    ) -> WorkloadIdentity:
        """Let one Kubernetes service account use named cloud permissions, and no other account.

        Args:
            name: Logical name of what is made; its parent is the cluster unless `opts` has one.
            namespace: Namespace of the service account.
            service_account: Name of the service account, which need not exist yet.
            policy: What it may do, in the words of this cluster's cloud.
            opts: Options of what is made.
        """
