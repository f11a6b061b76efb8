"""Node pools on EKS: one managed node group and one launch template for each rung of a pool.

Costs: `min` machines of each pool at least, `max` at most. Exposes: nothing; nodes are private, without SSH, and their
metadata service answers only to the node itself.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from pulumi_kubeml.clusters.eks.account import Account
from pulumi_kubeml.clusters.eks.identity import service_role
from pulumi_kubeml.nodes import NodePool, Reservation, Rung, Spot

NODE_POLICIES = {"worker": "AmazonEKSWorkerNodePolicy", "pull": "AmazonEC2ContainerRegistryPullOnly"}
"""The least that a node needs (https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html, 2026-09);
the network add-on has its own role."""
EFFECTS = {"NoSchedule": "NO_SCHEDULE", "PreferNoSchedule": "PREFER_NO_SCHEDULE", "NoExecute": "NO_EXECUTE"}
ROOT_DEVICE = "/dev/xvda"
"""The root device of AL2023 (https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html, 2026-09)."""


@dataclass(frozen=True, kw_only=True)
class NodeGroupsArgs:
    """Arguments of `NodeGroups`."""

    pool: NodePool
    """The pool, with everything decided."""
    cluster: aws.eks.Cluster
    """Which cluster its nodes join."""
    kubernetes_version: str
    """Version of the node images."""
    image_release: str | None
    """Release of the node images; None: the newest when the group is made."""
    role_arn: pulumi.Input[str]
    """What the nodes act as."""
    subnet_ids: Mapping[str, pulumi.Input[str]]
    """Private subnets by zone."""
    after: Sequence[pulumi.Resource]
    """What nodes need to join: ways out, permissions, the network add-on."""
    tags: Mapping[str, str]
    """Tags of every resource, machine, disk and interface."""


class NodeGroups(pulumi.ComponentResource):
    """Makes the node groups of one pool.

    A group begins with its minimum, and after that an autoscaler decides: a later run leaves the size alone. So a minimum
    that is raised above what a group holds is refused by EKS until the group has grown to it.
    """

    groups: list[pulumi.Resource]

    def __init__(self, name: str, args: NodeGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubeml:eks:NodeGroups", name, None, opts)
        self.groups = [self._group(f"{name}-{rung.suffix}".rstrip("-"), rung, args) for rung in args.pool.rungs]
        self.register_outputs({"nodeGroups": [group.urn for group in self.groups]})

    def _group(self, name: str, rung: Rung, args: NodeGroupsArgs) -> aws.eks.NodeGroup:
        pool = args.pool
        template = _launch_template(name, rung, args, pulumi.ResourceOptions(parent=self))
        zones = [zone for zone in args.subnet_ids if not pool.zones or zone in pool.zones]
        return aws.eks.NodeGroup(
            name,
            cluster_name=args.cluster.name,
            version=args.kubernetes_version,
            release_version=args.image_release,
            node_role_arn=args.role_arn,
            subnet_ids=[args.subnet_ids[zone] for zone in zones],
            ami_type=pool.image,
            instance_types=[pool.machine.name],
            capacity_type="SPOT" if isinstance(rung.capacity, Spot) else "ON_DEMAND",
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                min_size=rung.min, desired_size=rung.min, max_size=rung.max
            ),
            update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=1),
            labels=pool.labels,
            taints=[
                aws.eks.NodeGroupTaintArgs(key=taint.key, value=taint.value, effect=EFFECTS[taint.effect])
                for taint in pool.taints
            ],
            tags={**args.tags, "Name": name},
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=list(args.after), ignore_changes=["scalingConfig.desiredSize"]
            ),
        )


def node_role(
    name: str, account: Account, tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, list[aws.iam.RolePolicyAttachment]]:
    """Make what nodes act as: they may join the cluster, and pull images."""
    return service_role(name, service="ec2", account=account, policies=NODE_POLICIES, tags=tags, opts=opts)


def user_data(max_pods: int) -> str:
    """Make what a node reads when it starts: the pods it may run, now that addresses come by prefix.

    >>> base64.b64decode(user_data(110)).decode().splitlines()[-2]
    '      maxPods: 110'
    """
    text = f"""MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="//"

--//
Content-Type: application/node.eks.aws

apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  kubelet:
    config:
      maxPods: {max_pods}
--//--
"""
    return base64.b64encode(text.encode()).decode()


def _launch_template(
    name: str, rung: Rung, args: NodeGroupsArgs, opts: pulumi.ResourceOptions
) -> aws.ec2.LaunchTemplate:
    tags = {**args.tags, "Name": name}
    return aws.ec2.LaunchTemplate(
        name,
        update_default_version=True,
        metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
            http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
        ),
        block_device_mappings=[
            aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
                device_name=ROOT_DEVICE,
                ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                    volume_type="gp3", volume_size=args.pool.disk_gib, encrypted="true", delete_on_termination="true"
                ),
            )
        ],
        capacity_reservation_specification=_reserved(rung),
        user_data=user_data(args.pool.allocatable["pods"]),
        tag_specifications=[
            aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=tags)
            for kind in ("instance", "volume", "network-interface")
        ],
        tags=tags,
        opts=opts,
    )


def _reserved(rung: Rung) -> aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs | None:
    if not isinstance(rung.capacity, Reservation):
        return None
    return aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs(
        capacity_reservation_preference="capacity-reservations-only",
        capacity_reservation_target=aws.ec2.LaunchTemplateCapacityReservationSpecificationCapacityReservationTargetArgs(
            capacity_reservation_id=rung.capacity.id
        ),
    )
