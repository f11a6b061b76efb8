"""Node pools on EKS: one managed node group and one launch template for each rung of a pool.

Costs: `min` machines of each pool at least, `max` at most. Exposes: nothing; nodes are private, without SSH, and their
metadata service answers only to the node itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from pulumi_kubeml.clusters.eks import scale_up
from pulumi_kubeml.clusters.eks.account import Account
from pulumi_kubeml.clusters.eks.fabric import close_together
from pulumi_kubeml.clusters.eks.identity import service_role
from pulumi_kubeml.clusters.eks.launch_template import Surroundings, launch_template
from pulumi_kubeml.clusters.eks.user_data import CUSTOM
from pulumi_kubeml.nodes import Capacity, CapacityBlock, NodePool, Rung, Spot, stands_together

NODE_POLICIES = {"worker": "AmazonEKSWorkerNodePolicy", "pull": "AmazonEC2ContainerRegistryPullOnly"}
"""The least that a node needs (https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html, 2026-09);
the network add-on has its own role."""
AMAZON_LINUX = "AL2023_"
EFFECTS = {"NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}

SURGELESS = "MINIMAL"
"""A node goes before its successor comes: of machines with accelerators there is seldom one more
(https://docs.aws.amazon.com/eks/latest/APIReference/API_NodegroupUpdateConfig.html, 2026-11)."""


@dataclass(frozen=True, kw_only=True)
class NodeGroupsArgs:
    """Arguments of `NodeGroups`."""

    pool: NodePool
    """The pool, with everything decided."""
    around: Surroundings
    """Which cluster its nodes join, its subnets and security groups."""
    kubernetes_version: str
    """Version of the node images."""
    image_release: str | None
    """Release of the images of Amazon Linux; None, and of any other image: the newest when the group is made."""
    role_arn: pulumi.Input[str]
    """What the nodes act as."""
    after: Sequence[pulumi.Resource]
    """What nodes need to join: ways out, permissions, the network add-on."""
    tags: Mapping[str, str]
    """Tags of every resource, machine, disk and interface."""


class NodeGroups(pulumi.ComponentResource):
    """Makes the node groups of one pool.

    Spot nodes need nothing beside: a managed node group drains a node that EC2 is about to take back, and asks for another
    (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html, 2026-09).

    A group begins with its minimum, and after that an autoscaler decides: a later run leaves the size alone. So a minimum
    that is raised above what a group holds is refused by EKS until the group has grown to it.
    """

    groups: list[pulumi.Resource]

    def __init__(self, name: str, args: NodeGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubeml:eks:NodeGroups", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        together = [rung for rung in args.pool.rungs if stands_together(args.pool.cloud, rung.capacity)]
        self._placement = close_together(name, tags=args.tags, opts=child) if args.pool.compact and together else None
        self.groups = [self._group(f"{name}-{rung.suffix}".rstrip("-"), rung, args) for rung in args.pool.rungs]
        self.register_outputs({"nodeGroups": [group.urn for group in self.groups]})

    def _group(self, name: str, rung: Rung, args: NodeGroupsArgs) -> aws.eks.NodeGroup:
        pool = args.pool
        template = launch_template(
            name,
            pool,
            rung,
            args.around,
            placement_group=self._placement,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        own_image = pool.image == CUSTOM
        release = args.image_release if pool.image.startswith(AMAZON_LINUX) else None
        zones = [zone for zone in args.around.subnet_ids if not pool.zones or zone in pool.zones]
        group = aws.eks.NodeGroup(
            name,
            cluster_name=args.around.cluster.name,
            version=None if own_image else args.kubernetes_version,
            release_version=release,
            node_role_arn=args.role_arn,
            subnet_ids=[args.around.subnet_ids[zone] for zone in zones],
            ami_type=pool.image,
            instance_types=None if isinstance(rung.capacity, CapacityBlock) else [pool.machine.name],
            capacity_type=_bought(rung.capacity),
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                min_size=rung.min, desired_size=rung.initial, max_size=rung.max
            ),
            update_config=aws.eks.NodeGroupUpdateConfigArgs(
                max_unavailable=1, update_strategy=SURGELESS if pool.accelerator else None
            ),
            node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=pool.auto_repair),
            labels={**pool.own_labels, **scale_up.labels(pool)},
            taints=[
                aws.eks.NodeGroupTaintArgs(key=taint.key, value=taint.value, effect=EFFECTS[taint.effect])
                for taint in pool.taints
            ],
            tags={**args.tags, "Name": name},
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=list(args.after), ignore_changes=["scalingConfig.desiredSize"]
            ),
        )
        scale_up.tell(name, pool, rung, group, pulumi.ResourceOptions(parent=self))
        return group


def _bought(capacity: Capacity) -> str:
    if isinstance(capacity, CapacityBlock):
        return "CAPACITY_BLOCK"
    return "SPOT" if isinstance(capacity, Spot) else "ON_DEMAND"


def node_role(
    name: str, account: Account, tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, list[aws.iam.RolePolicyAttachment]]:
    """Make what nodes act as: they may join the cluster, and pull images."""
    return service_role(name, service="ec2", account=account, policies=NODE_POLICIES, tags=tags, opts=opts)
