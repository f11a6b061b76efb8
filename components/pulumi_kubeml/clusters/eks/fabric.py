"""The network between accelerators of several nodes (EFA): its security group, interfaces, and nodes that stand close together.

A rule that is missing here fails silently: jobs then run over TCP, many times slower.
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from pulumi_kubeml.catalog import Fabric


def fabric_group(
    name: str, *, vpc_id: pulumi.Input[str], tags: Mapping[str, str], parent: pulumi.Resource
) -> tuple[aws.ec2.SecurityGroup, list[pulumi.Resource]]:
    """Make the group that EFA needs: all traffic to itself and from itself, and no other.

    (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-start.html, 2026-09.)
    """
    opts = pulumi.ResourceOptions(parent=parent)
    named = {**tags, "Name": name}
    group = aws.ec2.SecurityGroup(
        name, vpc_id=vpc_id, description="EFA between the nodes of the cluster", tags=named, opts=opts
    )
    into = aws.vpc.SecurityGroupIngressRule(
        name,
        security_group_id=group.id,
        referenced_security_group_id=group.id,
        ip_protocol="-1",
        description="All traffic from itself",
        tags=named,
        opts=opts,
    )
    out = aws.vpc.SecurityGroupEgressRule(
        name,
        security_group_id=group.id,
        referenced_security_group_id=group.id,
        ip_protocol="-1",
        description="All traffic to itself",
        tags=named,
        opts=opts,
    )
    return group, [into, out]


def interfaces(fabric: Fabric, groups: Sequence[pulumi.Input[str]]) -> list[aws.ec2.LaunchTemplateNetworkInterfaceArgs]:
    """Make the interfaces of a machine, by the layout of its row; a template that names interfaces names their groups too."""
    return [
        aws.ec2.LaunchTemplateNetworkInterfaceArgs(
            network_card_index=card,
            device_index=device,
            interface_type=kind,
            security_groups=list(groups),
            delete_on_termination="true",
        )
        for card, device, kind in fabric.interfaces
    ]


def close_together(name: str, *, tags: Mapping[str, str], opts: pulumi.ResourceOptions) -> aws.ec2.PlacementGroup:
    """Make a placement group whose machines stand close together, in one zone."""
    return aws.ec2.PlacementGroup(name, strategy="cluster", tags={**tags, "Name": name}, opts=opts)
