"""The control plane: the EKS cluster, the role it acts in, and its log group.

Costs: the cluster by the hour, its logs by volume. Exposes: the API to the blocks of `endpoint_access`, to nobody else.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from pulumi_kubeml.clusters.eks.account import Account
from pulumi_kubeml.clusters.eks.args import EksClusterArgs
from pulumi_kubeml.clusters.eks.identity import service_role

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
"""All that there are (https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html, 2026-09)."""


class ControlPlane(NamedTuple):
    """What the rest of the cluster needs of it."""

    cluster: aws.eks.Cluster
    security_group_id: pulumi.Output[str]
    """The security group of the API and of all nodes."""


def log_group_name(cluster_name: str) -> str:
    """Make the name that EKS writes to, whoever makes the group.

    >>> log_group_name("ml-dev-eks")
    '/aws/eks/ml-dev-eks/cluster'
    """
    return f"/aws/eks/{cluster_name}/cluster"


def control_plane(
    name: str,
    args: EksClusterArgs,
    *,
    cluster_name: str,
    account: Account,
    subnet_ids: Sequence[pulumi.Input[str]],
    key: aws.kms.Key,
    tags: Mapping[str, str],
    parent: pulumi.Resource,
) -> ControlPlane:
    """Make the control plane in private subnets, with secrets encrypted and everything logged."""
    opts = pulumi.ResourceOptions(parent=parent)
    role, attached = service_role(
        f"{name}-cluster",
        service="eks",
        account=account,
        policies={"cluster": "AmazonEKSClusterPolicy"},
        tags=tags,
        opts=opts,
    )
    logs = aws.cloudwatch.LogGroup(
        f"{name}-logs",
        name=log_group_name(cluster_name),
        retention_in_days=args.log_retention_days,
        kms_key_id=key.arn,
        tags=tags,
        opts=opts,
    )
    protected = args.environment == "prod" if args.deletion_protection is None else args.deletion_protection
    cluster = aws.eks.Cluster(
        name,
        name=cluster_name,
        version=args.kubernetes_version,
        role_arn=role.arn,
        access_config=aws.eks.ClusterAccessConfigArgs(
            authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
        ),
        bootstrap_self_managed_addons=False,
        deletion_protection=protected,
        enabled_cluster_log_types=list(LOG_TYPES),
        encryption_config=aws.eks.ClusterEncryptionConfigArgs(
            provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=key.arn), resources=["secrets"]
        ),
        vpc_config=aws.eks.ClusterVpcConfigArgs(
            subnet_ids=subnet_ids,
            endpoint_private_access=True,
            endpoint_public_access=bool(args.endpoint_access),
            public_access_cidrs=list(args.endpoint_access) or None,
        ),
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[*attached, logs]),
    )
    return ControlPlane(cluster, cluster.vpc_config.cluster_security_group_id.apply(_known))


def _known(security_group_id: str | None) -> str:
    assert security_group_id is not None
    return security_group_id
