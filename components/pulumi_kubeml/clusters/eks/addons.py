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
    ]


def after_nodes(system: Placement) -> list[AddonSpec]:
    """Make those that are pods: names, block volumes, shared files; their controllers go to the system pool."""
    there = {"nodeSelector": system.node_selector, "tolerations": system.tolerations}
    return [
        AddonSpec("coredns", there),
        AddonSpec(
            "aws-ebs-csi-driver",
            {"controller": there},
            "ebs-csi-controller-sa",
            "service-role/AmazonEBSCSIDriverPolicy",
        ),
        AddonSpec(
            "aws-efs-csi-driver",
            {"controller": there},
            "efs-csi-controller-sa",
            "service-role/AmazonEFSCSIDriverPolicy",
        ),
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

    def make(
        self,
        spec: AddonSpec,
        *,
        after: Sequence[pulumi.Resource] = (),
        statements: Sequence[Mapping[str, Any]] = (),
    ) -> aws.eks.Addon:
        """Make one, with its role if it has a service account; `statements` are added to what the role may do."""
        opts = pulumi.ResourceOptions(parent=self.parent)
        name = f"{self.name}-{spec.name}"
        permitted: list[pulumi.Resource] = []
        identities: list[aws.eks.AddonPodIdentityAssociationArgs] = []
        if spec.service_account and spec.policy:
            role = pod_role(
                name,
                cluster_arn=self.cluster_arn,
                namespace="kube-system",
                service_account=spec.service_account,
                tags=self.tags,
                opts=opts,
            )
            permitted.extend(attach(name, role, self.account, {"policy": spec.policy}, opts))
            if statements:
                permitted.append(inline_policy(name, role, statements, opts))
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
