"""Endpoints of AWS services inside the VPC: nodes of a private cluster reach them without the internet.

Costs: an interface by the hour for each service and zone (the gateway to S3 is free). Exposes: nothing; they answer to the
addresses of the VPC only.
"""

from collections.abc import Collection, Mapping, Sequence

import pulumi
import pulumi_aws as aws

from pulumi_kubeml.catalog.rows import read

HTTPS = 443


def endpoints(
    name: str,
    *,
    vpc_id: pulumi.Input[str],
    cidr: str,
    region: pulumi.Input[str],
    subnet_ids: Sequence[pulumi.Input[str]],
    route_table_ids: Sequence[pulumi.Input[str]],
    addons: Collection[str],
    tags: Mapping[str, str],
    parent: pulumi.Resource,
) -> list[pulumi.Resource]:
    """Make an endpoint for each row of `catalog/data/eks_endpoints.csv`, but those for other add-ons; nodes wait for all."""
    opts = pulumi.ResourceOptions(parent=parent)
    named = {**tags, "Name": name}
    group = aws.ec2.SecurityGroup(
        name, vpc_id=vpc_id, description="AWS services, for the VPC of the cluster", tags=named, opts=opts
    )
    rule = aws.vpc.SecurityGroupIngressRule(
        name,
        security_group_id=group.id,
        cidr_ipv4=cidr,
        ip_protocol="tcp",
        from_port=HTTPS,
        to_port=HTTPS,
        description="HTTPS from the VPC",
        tags=named,
        opts=opts,
    )
    made: list[pulumi.Resource] = [rule]
    for row in read("eks_endpoints"):
        if row["needed_for"] and row["needed_for"] not in addons:
            continue
        service = f"{name}-{row['service'].replace('.', '-')}"
        interface = row["type"] == "Interface"
        made.append(
            aws.ec2.VpcEndpoint(
                service,
                vpc_id=vpc_id,
                service_name=pulumi.Output.concat("com.amazonaws.", region, ".", row["service"]),
                vpc_endpoint_type=row["type"],
                private_dns_enabled=True if interface else None,
                subnet_ids=list(subnet_ids) if interface else None,
                security_group_ids=[group.id] if interface else None,
                route_table_ids=None if interface else list(route_table_ids),
                tags={**tags, "Name": service},
                opts=opts,
            )
        )
    return made
