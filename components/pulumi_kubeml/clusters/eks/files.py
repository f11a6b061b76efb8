"""The file system that pods of several nodes share: EFS, encrypted, reachable from the cluster's nodes only.

Costs by what is stored and moved; nothing when empty.
"""

from collections.abc import Mapping
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

NFS = 2049


class SharedFiles(NamedTuple):
    """A file system, and the points through which nodes reach it."""

    file_system: aws.efs.FileSystem
    mount_targets: list[pulumi.Resource]


def shared_files(
    name: str,
    *,
    vpc_id: pulumi.Input[str],
    subnet_ids: Mapping[str, pulumi.Input[str]],
    nodes: pulumi.Input[str],
    key: aws.kms.Key,
    protect: bool,
    tags: Mapping[str, str],
    parent: pulumi.Resource,
) -> SharedFiles:
    """Make the file system and one mount target in each zone; `nodes` is the security group of the nodes."""
    opts = pulumi.ResourceOptions(parent=parent)
    named = {**tags, "Name": name}
    group = aws.ec2.SecurityGroup(
        name, vpc_id=vpc_id, description="Shared files of the cluster, for its nodes", tags=named, opts=opts
    )
    rule = aws.vpc.SecurityGroupIngressRule(
        name,
        security_group_id=group.id,
        referenced_security_group_id=nodes,
        ip_protocol="tcp",
        from_port=NFS,
        to_port=NFS,
        description="NFS from the nodes",
        tags=named,
        opts=opts,
    )
    file_system = aws.efs.FileSystem(
        name,
        encrypted=True,
        kms_key_id=key.arn,
        throughput_mode="elastic",
        tags=named,
        opts=pulumi.ResourceOptions(parent=parent, protect=protect or None),
    )
    targets = [
        aws.efs.MountTarget(
            f"{name}-{zone}",
            file_system_id=file_system.id,
            subnet_id=subnet_id,
            security_groups=[group.id],
            opts=opts,
        )
        for zone, subnet_id in subnet_ids.items()
    ]
    return SharedFiles(file_system, [rule, *targets])
