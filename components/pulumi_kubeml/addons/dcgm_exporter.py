"""DCGM exporter: how busy, hot and healthy each NVIDIA device is."""

from pulumi_kubeml.accelerators import dcgm_exporter, with_devices
from pulumi_kubeml.addons.contract import Addon

ADDON = Addon(
    name="dcgm-exporter",
    requires=("prometheus-operator-crds",),
    conflicts=("gpu-operator",),  # it deploys its own exporter
    wanted=lambda cluster: bool(with_devices(cluster.node_pools, "nvidia")),
    values=lambda cluster, _spec: dcgm_exporter(with_devices(cluster.node_pools, "nvidia")),
)
