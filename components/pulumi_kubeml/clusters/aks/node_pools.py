"""Node pools on AKS: one agent pool for each rung of a pool; the cluster's own is part of the cluster.

Costs: `min` machines of each pool at least, `max` at most. Exposes: nothing; nodes are private, without SSH keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import compute, containerservice

from pulumi_kubeml.clusters.aks import pools
from pulumi_kubeml.nodes import NodePool, Rung

INFINIBAND = (
    "has InfiniBand, and its nodes reach each other by it only when the subscription has the feature "
    "Microsoft.ContainerService/AKSInfinibandSupport, registered before the pool is made"
)
"""(azure-aks-docs@fb060abe6a8f articles/aks/use-amd-gpus.md)."""


@dataclass(frozen=True, kw_only=True)
class NodePoolsArgs:
    """Arguments of `NodePools`."""

    pool: NodePool
    """The pool, with everything decided."""
    resource_group: pulumi.Input[str]
    """Name of the cluster's group."""
    cluster: containerservice.ManagedCluster
    """Which cluster its nodes join."""
    kubernetes_version: str
    """Version of the nodes."""
    subnet_id: pulumi.Input[str]
    """Where the nodes are."""
    place: str
    """The addresses of the network; nodes elsewhere are another agent pool."""
    tags: Mapping[str, str]
    """Tags of every machine and disk."""


class NodePools(pulumi.ComponentResource):
    """Makes the agent pools of one pool.

    An agent pool begins with its minimum, and after that AKS's autoscaler decides: a later run leaves the number alone. What cannot
    be changed makes another agent pool, of another name, before the old one goes.
    """

    groups: list[pulumi.Resource]

    def __init__(self, name: str, args: NodePoolsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubeml:aks:NodePools", name, None, opts)
        if args.pool.fabric is not None:
            pulumi.log.info(f"{args.pool.machine.name} {INFINIBAND}", resource=self)
        self._close = self._placement(name, args) if args.pool.compact else None
        self.groups = [self._make(f"{name}-{rung.suffix}".rstrip("-"), rung, args) for rung in args.pool.rungs]
        self.register_outputs({"agentPools": [group.urn for group in self.groups]})

    def _placement(self, name: str, args: NodePoolsArgs) -> compute.ProximityPlacementGroup:
        """Make what keeps the machines of a pool close together, in the one zone that it then has."""
        return compute.ProximityPlacementGroup(
            name,
            resource_group_name=args.resource_group,
            proximity_placement_group_type="Standard",
            intent=compute.ProximityPlacementGroupPropertiesIntentArgs(vm_sizes=[args.pool.machine.machine_type]),
            zones=list(args.pool.zones) or None,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, replace_on_changes=["zones"]),
        )

    def _make(self, name: str, rung: Rung, args: NodePoolsArgs) -> containerservice.AgentPool:
        made = pools.settings(args.pool, rung, args.kubernetes_version)
        return containerservice.AgentPool(
            name,
            agent_pool_name=pools.name(args.pool, rung, made, args.place),
            resource_group_name=args.resource_group,
            resource_name_=args.cluster.name,
            **made,
            vnet_subnet_id=args.subnet_id,
            proximity_placement_group_id=self._close.id if self._close else None,
            tags=args.tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["count"],
                replace_on_changes=list(pools.REFUSED_UPDATES),
                delete_before_replace=False,
            ),
        )
