"""cluster-autoscaler: nodes come when pods wait for them and go when they are idle, within the bounds of each pool."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_kubeml.addons.contract import Addon, PlatformSpec, on_system
from pulumi_kubeml.clusters.contract import Cluster

NAME = "cluster-autoscaler"
LOOKS = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeScalingActivities",
    "autoscaling:DescribeTags",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
    "eks:DescribeNodegroup",
)
"""What it reads (https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md)."""
ACTS = ("autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup")
"""What it changes: groups of this cluster only, which EKS tags with its name."""


def values(cluster: Cluster, spec: PlatformSpec) -> Mapping[str, Any]:  # noqa: ARG001
    """Make the values: the cheapest group that fits, zones kept even, and scratch space no reason to keep an idle node."""
    return {
        "cloudProvider": cluster.cloud,
        "awsRegion": cluster.region,
        "autoDiscovery": {"clusterName": cluster.cluster_name},
        "rbac": {"serviceAccount": {"create": True, "name": NAME}},
        "extraArgs": {
            "expander": "least-waste",
            "balance-similar-node-groups": True,
            "skip-nodes-with-local-storage": False,
            "skip-nodes-with-system-pods": False,
            "scale-down-unneeded-time": "10m",
        },
        "replicaCount": 2,
        "podDisruptionBudget": {"maxUnavailable": 1},
        "serviceMonitor": {"enabled": True},
        **on_system(cluster),
    }


def permissions(cluster: Cluster) -> Sequence[Mapping[str, Any]]:
    """Make the statements that its identity may use."""
    mine = {"StringEquals": {"aws:ResourceTag/eks:cluster-name": cluster.cluster_name}}
    return [
        {"Effect": "Allow", "Action": list(LOOKS), "Resource": "*"},
        {"Effect": "Allow", "Action": list(ACTS), "Resource": "*", "Condition": mine},
    ]


ADDON = Addon(
    name=NAME,
    requires=("prometheus-operator-crds",),
    conflicts=("karpenter",),  # two that add nodes for one pod
    clouds=("aws",),
    values=values,
    permissions={"aws": permissions},
    account_values=("rbac", "serviceAccount"),
)
