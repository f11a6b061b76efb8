"""Who administers the cluster, by access entries: EKS's own list, with nothing inside the cluster to lose."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from pulumi_kubeml.clusters.eks.account import Account

ADMIN_POLICY = "AmazonEKSClusterAdminPolicy"


def grant_admins(
    name: str,
    admins: Sequence[str],
    *,
    cluster: aws.eks.Cluster,
    account: Account,
    tags: Mapping[str, str],
    parent: pulumi.Resource,
) -> list[pulumi.Resource]:
    """Make the entry of each administrator; without any, that of whoever runs the program first, which stays.

    Returns what must exist before any of them may enter.
    """
    if admins:
        opts = pulumi.ResourceOptions(parent=parent)
        return [
            _grant(f"{name}-admin-{_short(admin)}", admin, cluster=cluster, account=account, tags=tags, opts=opts)
            for admin in admins
        ]
    # Another person's next run must not take the first one's access away.
    opts = pulumi.ResourceOptions(parent=parent, ignore_changes=["principalArn"])
    session = aws.iam.get_session_context_output(arn=account.caller, opts=pulumi.InvokeOutputOptions(parent=parent))
    return [_grant(f"{name}-creator", session.issuer_arn, cluster=cluster, account=account, tags=tags, opts=opts)]


def _grant(
    name: str,
    principal: pulumi.Input[str],
    *,
    cluster: aws.eks.Cluster,
    account: Account,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    entry = aws.eks.AccessEntry(name, cluster_name=cluster.name, principal_arn=principal, tags=tags, opts=opts)
    policy_arn = pulumi.Output.concat("arn:", account.partition, ":eks::aws:cluster-access-policy/", ADMIN_POLICY)
    return aws.eks.AccessPolicyAssociation(
        name,
        cluster_name=cluster.name,
        principal_arn=entry.principal_arn,
        policy_arn=policy_arn,
        access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
        opts=opts,
    )


def _short(arn: str) -> str:
    _, _, _, _, account_id, resource = arn.split(":", 5)
    return f"{account_id}-{resource.rpartition('/')[2]}"
