"""The key of a cluster: it encrypts Kubernetes secrets, control-plane logs, block volumes and shared files.

Costs one KMS key a month. It rotates every year, and is kept for thirty days after it is deleted.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from pulumi_kubeml.clusters.eks.account import Account


def cluster_key(
    name: str,
    *,
    cluster_name: str,
    account: Account,
    log_group_name: str,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> aws.kms.Key:
    """Make the key; the account's own IAM policies decide who uses it, beside CloudWatch for this one log group."""
    key = aws.kms.Key(
        name,
        description=f"Secrets, logs and volumes of the cluster {cluster_name}",
        enable_key_rotation=True,
        deletion_window_in_days=30,
        policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": _statements(account, log_group_name)}),
        tags=tags,
        opts=opts,
    )
    aws.kms.Alias(name, name=f"alias/eks/{cluster_name}", target_key_id=key.key_id, opts=opts)
    return key


def use_statements(key_arn: pulumi.Input[str]) -> list[dict[str, Any]]:
    """Make what a storage driver needs to use a key for volumes.

    (https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html, for a key of one's own.)
    """
    return [
        {
            "Effect": "Allow",
            "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
            "Resource": key_arn,
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
        {
            "Effect": "Allow",
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": key_arn,
        },
    ]


def _statements(account: Account, log_group_name: str) -> list[dict[str, Any]]:
    root = pulumi.Output.concat("arn:", account.partition, ":iam::", account.id, ":root")
    group = pulumi.Output.concat(
        "arn:", account.partition, ":logs:", account.region, ":", account.id, ":log-group:", log_group_name
    )
    logs = pulumi.Output.concat("logs.", account.region, ".", account.dns_suffix)
    return [
        {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"},
        {
            "Sid": "ControlPlaneLogs",
            "Effect": "Allow",
            "Principal": {"Service": logs},
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": "*",
            "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": group}},
        },
    ]
