"""Who may act as what: roles of services, and roles of single service accounts by EKS Pod Identity."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from pulumi_kubeml.clusters.contract import WorkloadIdentity
from pulumi_kubeml.clusters.eks.account import Account

VERSION = "2012-10-17"


def service_role(
    name: str,
    *,
    service: str,
    account: Account,
    policies: Mapping[str, str],
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> tuple[aws.iam.Role, list[aws.iam.RolePolicyAttachment]]:
    """Make the role of an AWS service, with policies that AWS keeps (short name to policy name)."""
    role = aws.iam.Role(
        name,
        assume_role_policy=pulumi.Output.json_dumps(
            {
                "Version": VERSION,
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": pulumi.Output.concat(service, ".", account.dns_suffix)},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
        tags=tags,
        opts=opts,
    )
    return role, attach(name, role, account, policies, opts)


def attach(
    name: str, role: aws.iam.Role, account: Account, policies: Mapping[str, str], opts: pulumi.ResourceOptions
) -> list[aws.iam.RolePolicyAttachment]:
    """Give a role policies that AWS keeps."""
    return [
        aws.iam.RolePolicyAttachment(
            f"{name}-{short}", role=role.name, policy_arn=account.managed_policy(policy), opts=opts
        )
        for short, policy in policies.items()
    ]


def pod_role(
    name: str,
    *,
    cluster_arn: pulumi.Input[str],
    namespace: str,
    service_account: str,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> aws.iam.Role:
    """Make a role that one service account of one cluster can be given, and nothing else.

    The conditions are on the tags that EKS puts on the session
    (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html, 2026-09).
    """
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": cluster_arn,
                "aws:RequestTag/kubernetes-namespace": namespace,
                "aws:RequestTag/kubernetes-service-account": service_account,
            }
        },
    }
    return aws.iam.Role(
        name,
        assume_role_policy=pulumi.Output.json_dumps({"Version": VERSION, "Statement": [trust]}),
        tags=tags,
        opts=opts,
    )


def inline_policy(
    name: str, role: aws.iam.Role, statements: Sequence[Mapping[str, Any]], opts: pulumi.ResourceOptions
) -> aws.iam.RolePolicy:
    """Give a role statements of its own."""
    document = pulumi.Output.json_dumps({"Version": VERSION, "Statement": list(statements)})
    return aws.iam.RolePolicy(name, role=role.name, policy=document, opts=opts)


def pod_identity(
    name: str,
    *,
    cluster: aws.eks.Cluster,
    cluster_arn: pulumi.Input[str],
    namespace: str,
    service_account: str,
    policy: Sequence[Mapping[str, Any]],
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> WorkloadIdentity:
    """Make a role with the statements, and give it to the service account."""
    role = pod_role(
        name, cluster_arn=cluster_arn, namespace=namespace, service_account=service_account, tags=tags, opts=opts
    )
    allowed = inline_policy(name, role, policy, opts)
    association = aws.eks.PodIdentityAssociation(
        name,
        cluster_name=cluster.name,
        namespace=namespace,
        service_account=service_account,
        role_arn=role.arn,
        tags=tags,
        opts=opts,
    )
    return WorkloadIdentity(annotations={}, resources=(allowed, association))


def oidc_provider(
    name: str, cluster: aws.eks.Cluster, tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> aws.iam.OpenIdConnectProvider:
    """Make IAM trust the tokens of the cluster, for what cannot use Pod Identity."""
    return aws.iam.OpenIdConnectProvider(
        name,
        url=cluster.identities[0].oidcs[0].issuer.apply(lambda issuer: issuer or ""),
        client_id_lists=["sts.amazonaws.com"],
        tags=tags,
        opts=opts,
    )
