"""NVIDIA's device plugin: tells the scheduler how many devices a node has, where the cloud does not, nor the GPU operator."""

from pulumi_kubeml.accelerators import device_plugin, with_devices
from pulumi_kubeml.addons.contract import Addon
from pulumi_kubeml.clusters.contract import Cluster
from pulumi_kubeml.nodes import NodePool


def _pools(cluster: Cluster) -> list[NodePool]:
    pools = with_devices(cluster.node_pools, "nvidia")
    return [
        pool for pool in pools if pool.driver and pool.driver.operator_device_plugin and pool.driver.owner != "operator"
    ]


ADDON = Addon(
    name="nvidia-device-plugin",
    conflicts=("gpu-operator",),  # it brings a device plugin of its own: one advertiser a device
    wanted=lambda cluster: bool(_pools(cluster)),
    values=lambda cluster, _spec: device_plugin(_pools(cluster)),
)
