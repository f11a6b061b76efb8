"""The EFA device plugin: tells the scheduler how many devices of the fabric a node has, so that pods can ask for them."""

from collections.abc import Mapping
from typing import Any

from pulumi_kubeml.accelerators.values import tolerations
from pulumi_kubeml.addons.contract import Addon, PlatformSpec
from pulumi_kubeml.clusters.contract import Cluster
from pulumi_kubeml.nodes import NodePool


def _pools(cluster: Cluster) -> list[NodePool]:
    return [pool for pool in cluster.node_pools if pool.fabric and pool.fabric.kind == "efa"]


def values(cluster: Cluster, spec: PlatformSpec) -> Mapping[str, Any]:  # noqa: ARG001
    """Make the values: on the machine types of the pools that are joined by EFA, whatever taints their nodes have."""
    pools = _pools(cluster)
    return {
        "supportedInstanceLabels": {
            "keys": ["node.kubernetes.io/instance-type"],
            "values": sorted({pool.machine.machine_type for pool in pools}),
        },
        "tolerations": tolerations(pools),
    }


ADDON = Addon(
    name="aws-efa-k8s-device-plugin",
    clouds=("aws",),
    wanted=lambda cluster: bool(_pools(cluster)),
    values=values,
)
