"""The launch template of a rung: disks, interfaces, placement, how its machines are bought, and what they read first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from pulumi_kubeml.clusters.eks.fabric import interfaces
from pulumi_kubeml.clusters.eks.user_data import BOTTLEROCKET, CUSTOM, Join, user_data
from pulumi_kubeml.nodes import CapacityBlock, NodePool, Reservation, Rung, stands_together

OS_DEVICE, DATA_DEVICE = "/dev/xvda", "/dev/xvdb"
"""The root device of AL2023, and of Bottlerocket beside it that of images and pods
(https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html, https://bottlerocket.dev/en/os/latest/concepts/storage/,
2026-09)."""
OS_GIB = 4
"""Bottlerocket's own disk, which nothing fills; twice its size today."""
PULL_MIB_PER_SECOND = 600
"""Below it, pulling in parallel is slower than pulling as always
(https://docs.convox.com/configuration/rack-parameters/aws/fast_image_pull_enable, after AWS, 2026-11)."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What node groups and their templates need of the cluster beside the pool."""

    cluster: aws.eks.Cluster
    cluster_group_id: pulumi.Input[str]
    """The security group of the API and of all nodes."""
    fabric_group_id: pulumi.Input[str] | None
    """The security group of EFA, where a pool needs it."""
    subnet_ids: Mapping[str, pulumi.Input[str]]
    """Private subnets by zone."""
    placement_groups: Mapping[str, str | None]
    """Placement groups that reservations were made in, by their id."""


def launch_template(
    name: str,
    pool: NodePool,
    rung: Rung,
    around: Surroundings,
    *,
    placement_group: aws.ec2.PlacementGroup | None,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> aws.ec2.LaunchTemplate:
    """Make the template; the metadata service answers only to the node itself, and all disks are encrypted."""
    named = {**tags, "Name": name}
    block = isinstance(rung.capacity, CapacityBlock)
    return aws.ec2.LaunchTemplate(
        name,
        update_default_version=True,
        image_id=pool.spec.image_id,
        # The group of a capacity block must not name its machines
        # (https://docs.aws.amazon.com/eks/latest/userguide/capacity-blocks-mng.html).
        instance_type=pool.machine.name if block else None,
        instance_market_options=aws.ec2.LaunchTemplateInstanceMarketOptionsArgs(market_type="capacity-block")
        if block
        else None,
        metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
            http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
        ),
        block_device_mappings=_disks(pool),
        capacity_reservation_specification=_reserved(rung),
        network_interfaces=_interfaces(pool, around),
        placement=_placement(pool, rung, around, placement_group),
        user_data=_user_data(pool, around.cluster),
        tag_specifications=[
            aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=named)
            for kind in ("instance", "volume", "network-interface")
        ],
        tags=named,
        opts=opts,
    )


def _disks(pool: NodePool) -> list[aws.ec2.LaunchTemplateBlockDeviceMappingArgs]:
    if not pool.image.startswith(BOTTLEROCKET):
        return [_disk(OS_DEVICE, pool.disk_gib, fast=pool.image_streaming)]
    return [_disk(OS_DEVICE, OS_GIB, fast=False), _disk(DATA_DEVICE, pool.disk_gib, fast=pool.image_streaming)]


def _disk(device: str, gib: int, *, fast: bool) -> aws.ec2.LaunchTemplateBlockDeviceMappingArgs:
    return aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
        device_name=device,
        ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            volume_type="gp3",
            volume_size=gib,
            throughput=PULL_MIB_PER_SECOND if fast else None,
            encrypted="true",
            delete_on_termination="true",
        ),
    )


def _interfaces(pool: NodePool, around: Surroundings) -> Sequence[aws.ec2.LaunchTemplateNetworkInterfaceArgs] | None:
    if pool.fabric is None:
        return None
    assert around.fabric_group_id is not None, "a cluster with such a pool has the group"
    return interfaces(pool.fabric, [around.cluster_group_id, around.fabric_group_id])


def _placement(
    pool: NodePool, rung: Rung, around: Surroundings, own: aws.ec2.PlacementGroup | None
) -> aws.ec2.LaunchTemplatePlacementArgs | None:
    if own is not None and stands_together(pool.cloud, rung.capacity):
        return aws.ec2.LaunchTemplatePlacementArgs(group_name=own.name)
    if not isinstance(rung.capacity, Reservation | CapacityBlock):
        return None
    reserved = around.placement_groups.get(rung.capacity.id)
    return aws.ec2.LaunchTemplatePlacementArgs(group_name=reserved) if reserved else None


def _reserved(rung: Rung) -> aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs | None:
    if not isinstance(rung.capacity, Reservation | CapacityBlock):
        return None
    return aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs(
        capacity_reservation_preference="capacity-reservations-only",
        capacity_reservation_target=aws.ec2.LaunchTemplateCapacityReservationSpecificationCapacityReservationTargetArgs(
            capacity_reservation_id=rung.capacity.id
        ),
    )


def _user_data(pool: NodePool, cluster: aws.eks.Cluster) -> pulumi.Input[str]:
    if pool.image != CUSTOM:
        return user_data(pool)
    known = pulumi.Output.all(
        cluster.name,
        cluster.endpoint,
        cluster.certificate_authority.data,
        cluster.kubernetes_network_config.service_ipv4_cidr,
    )
    return known.apply(lambda values: user_data(pool, Join(*values)))
