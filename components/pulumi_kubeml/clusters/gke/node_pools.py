"""Node pools on GKE: one node pool of the cluster for each rung of a pool.

Costs: `min` machines of each pool at least, `max` at most. Exposes: nothing; nodes are private, and their metadata service
answers pods with their own identity only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from pulumi_kubeml.clusters.gke.fabric import Rail
from pulumi_kubeml.clusters.gke.node_config import node_config
from pulumi_kubeml.names import fit
from pulumi_kubeml.nodes import NodePool, Queued, Rung, stands_together


@dataclass(frozen=True, kw_only=True)
class NodePoolsArgs:
    """Arguments of `NodePools`."""

    pool: NodePool
    """The pool, with everything decided."""
    cluster: gcp.container.Cluster
    """Which cluster its nodes join."""
    region: str
    """Where the cluster is; the pool's zones are in it."""
    nodes: pulumi.Input[str]
    """Address of the account that nodes act as."""
    disk_key: pulumi.Input[str]
    """The key of the disks that nodes start from."""
    rails: Sequence[Rail]
    """Networks of the fabric, beside the cluster's."""
    after: Sequence[pulumi.Resource]
    """What nodes need to join: a way out, permissions, the use of the key."""
    labels: Mapping[str, str]
    """Labels of every machine and disk."""


class NodePools(pulumi.ComponentResource):
    """Makes the node pools of one pool.

    A node pool begins with `initial` nodes, and after that GKE's autoscaler decides: a later run leaves the size alone. One
    that has to be replaced is made anew, under another name, before the old one goes.
    """

    groups: list[pulumi.Resource]

    def __init__(self, name: str, args: NodePoolsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubeml:gke:NodePools", name, None, opts)
        self.groups = [self._pool(fit("gke-node-pool", name, rung.suffix), rung, args) for rung in args.pool.rungs]
        self.register_outputs({"nodePools": [group.urn for group in self.groups]})

    def _pool(self, name: str, rung: Rung, args: NodePoolsArgs) -> gcp.container.NodePool:
        pool, container = args.pool, gcp.container
        return container.NodePool(
            name,
            cluster=args.cluster.id,
            location=args.region,
            node_locations=list(pool.zones) or None,
            initial_node_count=per_zone(rung, len(pool.zones)),
            # Of the whole pool: what counts by zone would be three times what was asked for.
            autoscaling=container.NodePoolAutoscalingArgs(
                total_min_node_count=rung.min,
                total_max_node_count=rung.max,
                location_policy="BALANCED" if balanced(pool, rung) else "ANY",
            ),
            management=container.NodePoolManagementArgs(auto_repair=pool.auto_repair, auto_upgrade=True),
            max_pods_per_node=pool.allocatable["pods"],
            network_config=_network(args),
            node_config=node_config(pool, rung, nodes=args.nodes, disk_key=args.disk_key, labels=args.labels),
            placement_policy=_placement(pool, rung),
            queued_provisioning=container.NodePoolQueuedProvisioningArgs(enabled=True)
            if isinstance(rung.capacity, Queued)
            else None,
            upgrade_settings=_upgrade(pool),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=list(args.after), ignore_changes=["initialNodeCount", "nodeCount"]
            ),
        )


def per_zone(rung: Rung, zones: int) -> int:
    """Make the nodes that each zone begins with: as few as make what the rung begins with, unless that were too many.

    GKE counts by zone here. What is left is the autoscaler's, which brings the pool to its minimum.

    >>> from pulumi_kubeml.nodes import OnDemand
    >>> [per_zone(Rung("", OnDemand(), 0, most, begin), 3) for most, begin in ((6, 2), (2, 2), (9, 0))]
    [1, 0, 0]
    """
    each, over = divmod(rung.initial, max(zones, 1))
    return each + 1 if over and (each + 1) * zones <= rung.max else each


def balanced(pool: NodePool, rung: Rung) -> bool:
    """Whether nodes are spread over zones evenly; scarce ones are taken wherever they are.

    (https://cloud.google.com/kubernetes-engine/docs/concepts/cluster-autoscaler, location policy, 2026-09.)
    """
    return rung.capacity.kind == "onDemand" and pool.accelerator is None


def _network(args: NodePoolsArgs) -> gcp.container.NodePoolNetworkConfigArgs:
    fabric = args.pool.fabric
    return gcp.container.NodePoolNetworkConfigArgs(
        enable_private_nodes=True,
        additional_node_network_configs=[
            gcp.container.NodePoolNetworkConfigAdditionalNodeNetworkConfigArgs(
                network=rail.network, subnetwork=rail.subnetwork
            )
            for rail in args.rails
        ]
        or None,
        accelerator_network_profile="auto" if fabric and fabric.network_profile == "auto" else None,
    )


def _placement(pool: NodePool, rung: Rung) -> gcp.container.NodePoolPlacementPolicyArgs | None:
    """Close together, for a fabric; a TPU slice of several nodes is one by its topology."""
    if pool.topology is not None and pool.topology.hosts > 1:
        return gcp.container.NodePoolPlacementPolicyArgs(type="COMPACT", tpu_topology=pool.topology.topology)
    if pool.compact and stands_together(pool.cloud, rung.capacity):
        return gcp.container.NodePoolPlacementPolicyArgs(type="COMPACT")
    return None


def _upgrade(pool: NodePool) -> gcp.container.NodePoolUpgradeSettingsArgs:
    """One node more before one goes; where machines are scarce there is none to add, so one goes first."""
    settings = gcp.container.NodePoolUpgradeSettingsArgs
    if pool.upgrade == "blue-green":
        return settings(
            strategy="BLUE_GREEN",
            blue_green_settings=gcp.container.NodePoolUpgradeSettingsBlueGreenSettingsArgs(
                standard_rollout_policy=gcp.container.NodePoolUpgradeSettingsBlueGreenSettingsStandardRolloutPolicyArgs(
                    batch_node_count=1
                )
            ),
        )
    scarce = pool.accelerator is not None
    return settings(strategy="SURGE", max_surge=0 if scarce else 1, max_unavailable=1 if scarce else 0)
