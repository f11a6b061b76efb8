"""The add-ons that AWS manages in a cluster, and the roles of those that call AWS.

Those that nodes need come before the nodes, so that the first node has them; those that are pods themselves come after
the first nodes, so that none is reported as failing before it can run.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from pulumi_kubeml.clusters.eks.account import Account
from pulumi_kubeml.clusters.eks.args import EksClusterArgs
from pulumi_kubeml.clusters.eks.encryption import use_statements
from pulumi_kubeml.clusters.eks.identity import attach, inline_policy, pod_role
from pulumi_kubeml.nodes import Placement


@dataclass(frozen=True)
class AddonSpec:
    """One add-on: what it is told, and what its service account may do."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    service_account: str | None = None
    policy: str | None = None
    """Name of the policy that AWS keeps for it."""
    statements: Sequence[Mapping[str, Any]] = ()
    """What it may do beside that."""


def before_nodes() -> list[AddonSpec]:
    """Make those that every node needs: pod network with policies enforced, service routing, pod identities.

    With prefixes a node runs as many pods as its size allows, not as it has interfaces
    (https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html); network policies are not
    enforced unless switched on (https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html).
    """
    network = {
        "enableNetworkPolicy": "true",
        "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
    }
    return [
        AddonSpec("vpc-cni", network, "aws-node", "AmazonEKS_CNI_Policy"),
        AddonSpec("kube-proxy"),
        AddonSpec("eks-pod-identity-agent"),
        # What it finds, EKS repairs; its helper that asks the devices tolerates no taint unless told to
        # (https://docs.aws.amazon.com/eks/latest/userguide/node-health.html).
        AddonSpec("eks-node-monitoring-agent", {"dcgmAgent": {"tolerations": [{"operator": "Exists"}]}}),
    ]


def after_nodes(system: Placement, key_arn: pulumi.Input[str]) -> list[AddonSpec]:
    """Make those that are pods: names, block volumes, shared files; their controllers go to the system pool.

    Volumes are encrypted with the key, which their driver may use.
    """
    there = {"nodeSelector": system.node_selector, "tolerations": system.tolerations}
    return [
        AddonSpec("coredns", there),
        AddonSpec(
            "aws-ebs-csi-driver",
            {"controller": there},
            "ebs-csi-controller-sa",
            "service-role/AmazonEBSCSIDriverPolicy",
            use_statements(key_arn),
        ),
        AddonSpec(
            "aws-efs-csi-driver",
            {"controller": there},
            "efs-csi-controller-sa",
            "service-role/AmazonEFSCSIDriverPolicy",
        ),
    ]


def asked_for(args: EksClusterArgs, system: Placement, account: Account) -> list[AddonSpec]:
    """Make those that an argument asks for: snapshots of volumes, FSx for Lustre, and S3 buckets as folders."""
    there = {"nodeSelector": system.node_selector, "tolerations": system.tolerations}
    specs: list[AddonSpec] = []
    if args.snapshots:
        specs.append(AddonSpec("snapshot-controller"))
    if args.lustre:
        specs.append(
            AddonSpec("aws-fsx-csi-driver", {"controller": there}, "fsx-csi-controller-sa", "AmazonFSxFullAccess")
        )
    if args.mount_buckets:
        everywhere = {"node": {"tolerateAllTaints": True}}
        reads = bucket_statements(args.mount_buckets, account)
        specs.append(AddonSpec("aws-mountpoint-s3-csi-driver", everywhere, "s3-csi-driver-sa", statements=reads))
    return specs


def bucket_statements(buckets: Sequence[str], account: Account) -> list[dict[str, Any]]:
    """Make what Mountpoint needs of some buckets, and of no other.

    (https://docs.aws.amazon.com/eks/latest/userguide/s3-csi-create.html, 2026-09.)
    """
    arns = [pulumi.Output.concat("arn:", account.partition, ":s3:::", bucket) for bucket in buckets]
    objects = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject"]
    return [
        {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": arns},
        {"Effect": "Allow", "Action": objects, "Resource": [pulumi.Output.concat(arn, "/*") for arn in arns]},
    ]


@dataclass(frozen=True, kw_only=True)
class AddonMaker:
    """Makes add-ons of one cluster."""

    name: str
    cluster: aws.eks.Cluster
    cluster_arn: pulumi.Input[str]
    account: Account
    releases: Mapping[str, str]
    tags: Mapping[str, str]
    parent: pulumi.Resource

    def make(self, spec: AddonSpec, *, after: Sequence[pulumi.Resource] = ()) -> aws.eks.Addon:
        """Make one, with its role if it has a service account."""
        opts = pulumi.ResourceOptions(parent=self.parent)
        name = f"{self.name}-{spec.name}"
        permitted: list[pulumi.Resource] = []
        identities: list[aws.eks.AddonPodIdentityAssociationArgs] = []
        if spec.service_account:
            role = pod_role(
                name,
                cluster_arn=self.cluster_arn,
                namespace="kube-system",
                service_account=spec.service_account,
                tags=self.tags,
                opts=opts,
            )
            if spec.policy:
                permitted.extend(attach(name, role, self.account, {"policy": spec.policy}, opts))
            if spec.statements:
                permitted.append(inline_policy(name, role, spec.statements, opts))
            identities.append(
                aws.eks.AddonPodIdentityAssociationArgs(role_arn=role.arn, service_account=spec.service_account)
            )
        return aws.eks.Addon(
            name,
            cluster_name=self.cluster.name,
            addon_name=spec.name,
            addon_version=self.releases.get(spec.name),
            configuration_values=json.dumps(spec.settings, sort_keys=True) if spec.settings else None,
            pod_identity_associations=identities or None,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="PRESERVE",
            tags=self.tags,
            opts=pulumi.ResourceOptions(parent=self.parent, depends_on=[*after, *permitted]),
        )
