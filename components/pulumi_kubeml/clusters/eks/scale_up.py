"""What the cluster autoscaler is told of a node group without nodes, so that pods find it.

Labels and taints it reads from EKS, processors and memory from EC2. What else a node will offer it cannot know before there
is one: devices, those of the fabric, hugepages, and space on the disk
(https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md, 2026-09).
"""

import pulumi
import pulumi_aws as aws

from pulumi_kubeml.nodes import NodePool, Rung

KEY = "k8s.io/cluster-autoscaler/node-template/resources/"
GPU_LABEL = "k8s.amazonaws.com/accelerator"
"""By it the autoscaler knows a node that will have devices before its plugin has told of them, and adds no other meanwhile
(https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/aws_cloud_provider.go, 2026-09)."""

_KNOWN = frozenset({"cpu", "memory", "pods"})
_MIB = 2**20


def labels(pool: NodePool) -> dict[str, str]:
    """Make the label of a pool with NVIDIA devices.

    >>> from pulumi_kubeml.nodes import NodePoolSpec, resolve
    >>> labels(resolve(NodePoolSpec("serve", accelerator="l4", max=2), "aws"))
    {'k8s.amazonaws.com/accelerator': 'l4'}
    """
    has = pool.accelerator is not None and pool.accelerator.vendor == "nvidia"
    return {GPU_LABEL: pool.accelerator.key} if has and pool.accelerator else {}


def offers(pool: NodePool) -> dict[str, str]:
    """Make what a node of a pool offers that the autoscaler cannot know, by resource.

    >>> from pulumi_kubeml.nodes import NodePoolSpec, resolve
    >>> pool = resolve(NodePoolSpec("p", machine="p5.48xlarge", max=2, zones=["us-east-1a"], fabric="required"), "aws")
    >>> offers(pool)
    {'ephemeral-storage': '47003048345', 'hugepages-2Mi': '10256Mi', 'nvidia.com/gpu': '8', 'vpc.amazonaws.com/efa': '32'}
    """
    return {
        key: f"{amount // _MIB}Mi" if key.startswith("hugepages-") else str(amount)
        for key, amount in sorted(pool.allocatable.items())
        if key not in _KNOWN
    }


GROUP = ["autoscalingGroupName"]
"""A tag of another group is another tag."""


def tell(name: str, pool: NodePool, rung: Rung, group: aws.eks.NodeGroup, opts: pulumi.ResourceOptions) -> None:
    """Make the tags of the group behind a node group that may have no nodes; of any other a node shows it all."""
    if rung.min:
        return
    behind = group.resources[0].autoscaling_groups[0].name.apply(lambda known: known or "")
    for key, amount in offers(pool).items():
        aws.autoscaling.Tag(
            f"{name}-{key.rpartition('/')[2]}",
            autoscaling_group_name=behind,
            tag=aws.autoscaling.TagTagArgs(key=f"{KEY}{key}", value=amount, propagate_at_launch=False),
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(replace_on_changes=GROUP)),
        )
