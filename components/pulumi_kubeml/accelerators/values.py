"""Values of the charts that make devices visible: NVIDIA's device plugin (to the scheduler) and DCGM exporter (to Prometheus)."""

from collections.abc import Iterable
from typing import Any

from pulumi_kubeml.nodes import GPU_PRESENT_LABEL, NodePool


def with_devices(pools: Iterable[NodePool], vendor: str, *, driver_owners: tuple[str, ...] = ()) -> list[NodePool]:
    """Make the pools that have whole devices of a vendor, and, if owners are given, a driver from one of them."""
    return [
        pool
        for pool in pools
        if pool.accelerator is not None
        and pool.accelerator.vendor == vendor
        and (not driver_owners or pool.driver_owner in driver_owners)
    ]


def tolerations(pools: Iterable[NodePool]) -> list[dict[str, str]]:
    """Make the tolerations that let an agent run on every node of these pools, each once."""
    found: list[dict[str, str]] = []
    for pool in pools:
        found += [each for each in pool.placement().tolerations if each not in found]
    return found


def device_plugin(pools: Iterable[NodePool]) -> dict[str, Any]:
    """Make the values of nvidia-device-plugin: whole devices, handed to containers through CDI, nothing shared.

    Feature discovery is off: the pools label their nodes with what the catalog knows. A node where the plugin cannot start
    fails it, so that the fault is seen, instead of a node that silently offers no device.
    """
    return {
        "migStrategy": "none",
        "failOnInitError": True,
        "deviceListStrategy": "cdi-cri",
        "gfd": {"enabled": False},
        "nodeSelector": {GPU_PRESENT_LABEL: "true"},
        "tolerations": tolerations(pools),
    }


def dcgm_exporter(pools: Iterable[NodePool]) -> dict[str, Any]:
    """Make the values of dcgm-exporter: one on each node with devices, scraped every 15 seconds."""
    return {
        "serviceMonitor": {"enabled": True, "interval": "15s"},
        "kubernetesDRA": {"enabled": False},
        "nodeSelector": {GPU_PRESENT_LABEL: "true"},
        "tolerations": tolerations(pools),
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
    }
