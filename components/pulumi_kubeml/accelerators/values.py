"""Values of the charts that make devices visible: NVIDIA's device plugin (to the scheduler) and DCGM exporter (to Prometheus)."""

import json
from collections.abc import Iterable
from typing import Any

from pulumi_kubeml.nodes import GPU_PRESENT_LABEL, Mig, Mps, NodePool, TimeSlicing
from pulumi_kubeml.nodes.shares import CONFIG_LABEL


def with_devices(pools: Iterable[NodePool], vendor: str, *, driver_owners: tuple[str, ...] = ()) -> list[NodePool]:
    """Make the pools that have devices of a vendor, and, if owners are given, a driver from one of them."""
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
    """Make the values of nvidia-device-plugin: devices handed to containers through CDI, whole unless a pool shares them.

    Feature discovery is off: the pools label their nodes with what the catalog knows. A node where the plugin cannot start
    fails it, so that the fault is seen, instead of a node that silently offers no device. A pool that shares its devices
    names its configuration in a label of its nodes; nodes without the label take the one called "default".
    """
    pools = list(pools)
    strategies = {pool.name: _mig_strategy(pool) for pool in pools}
    values: dict[str, Any] = {
        "failOnInitError": True,
        "deviceListStrategy": "cdi-cri",
        "gfd": {"enabled": False},
        "nodeSelector": {GPU_PRESENT_LABEL: "true"},
        "tolerations": tolerations(pools),
    }
    cut = any(each != "none" for each in strategies.values())
    if not cut:  # said for all, so that the chart gives the plugin no more rights than whole devices need
        values["migStrategy"] = "none"
    named = {pool.labels[CONFIG_LABEL]: plugin_config(pool) for pool in pools if CONFIG_LABEL in pool.labels}
    if named:
        whole: dict[str, Any] = {"version": "v1", **({"flags": {"migStrategy": "none"}} if cut else {})}
        configs = {"default": whole, **named}
        values["config"] = {"map": {key: json.dumps(configs[key], sort_keys=True) for key in sorted(configs)}}
    return values


def plugin_config(pool: NodePool) -> dict[str, Any]:
    """Make the device plugin's configuration for the nodes of a pool that shares its devices.

    Shares have a name of their own, and a container that asks for more than one is refused: it would get no more.
    """
    sharing = pool.spec.sharing
    if not isinstance(sharing, TimeSlicing | Mps) or pool.accelerator is None:
        return {"version": "v1", "flags": {"migStrategy": _mig_strategy(pool)}}
    shared = {
        "renameByDefault": True,
        "failRequestsGreaterThanOne": True,
        "resources": [{"name": pool.accelerator.resource_key, "replicas": sharing.replicas}],
    }
    return {"version": "v1", "sharing": {sharing.kind: shared}}


def _mig_strategy(pool: NodePool) -> str:
    return pool.spec.sharing.strategy if isinstance(pool.spec.sharing, Mig) else "none"


def dcgm_exporter(pools: Iterable[NodePool]) -> dict[str, Any]:
    """Make the values of dcgm-exporter: one on each node with devices, scraped every 15 seconds."""
    return {
        "serviceMonitor": {"enabled": True, "interval": "15s"},
        "kubernetesDRA": {"enabled": False},
        "nodeSelector": {GPU_PRESENT_LABEL: "true"},
        "tolerations": tolerations(pools),
        "resources": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
    }
