"""What AKS is told of a node pool, as plain data: the same for the cluster's own pool and for every other."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_kubeml.clusters.aks.args import AksClusterArgs
from pulumi_kubeml.clusters.contract import SYSTEM_POOL
from pulumi_kubeml.names import compact
from pulumi_kubeml.nodes import NodePool, Reservation, Rung, Spot
from pulumi_kubeml.problems import Problems

RESERVED = "kubernetes.azure.com"
"""Domain of AKS's own labels and taints (azure-aks-docs@fb060abe6a8f articles/aks/use-labels.md)."""
DRIVERS: Mapping[str, str] = {"cloud": "Install", "operator": "None"}
"""`gpuProfile.driver` by who owns the driver (rows of `catalog/data/driver_modes.csv`)."""
EXCLUSIVE_CPUS = {"cpu_manager_policy": "static", "topology_manager_policy": "best-effort"}
"""What gives whole CPUs to one container, next to its devices (azure-aks-docs@fb060abe6a8f articles/aks/custom-node-configuration-reference.md)."""
CHANGING = (
    "count",
    "max_count",
    "min_count",
    "mode",
    "node_labels",
    "node_taints",
    "orchestrator_version",
    "upgrade_settings",
)
"""Settings that AKS changes in place."""
REFUSED_UPDATES = (
    "availabilityZones",
    "capacityReservationGroupID",
    "enableEncryptionAtHost",
    "enableFIPS",
    "enableNodePublicIP",
    "enableUltraSSD",
    "gpuProfile",
    "kubeletConfig",
    "kubeletDiskType",
    "maxPods",
    "osDiskSizeGB",
    "osDiskType",
    "osSKU",
    "osType",
    "proximityPlacementGroupID",
    "scaleSetEvictionPolicy",
    "scaleSetPriority",
    "spotMaxPrice",
    "vnetSubnetID",
)
"""Properties that azure-native sends as updates and the service refuses (hashicorp/terraform-provider-azurerm@69697b7
internal/services/containers; azure-native replaces for vmSize and gpuInstanceProfile by itself)."""


def settings(pool: NodePool, rung: Rung, kubernetes_version: str) -> dict[str, Any]:
    """Make the settings of one agent pool, by the names of azure-native's arguments.

    >>> from pulumi_kubeml.nodes import NodePoolSpec, resolve
    >>> pool = resolve(NodePoolSpec("serve", accelerator="t4", max=8, capacity=[Spot()]), "azure")
    >>> made = settings(pool, pool.rungs[0], "1.35")
    >>> made["vm_size"], made["gpu_profile"], made["scale_set_priority"], made["max_count"]
    ('Standard_NC4as_T4_v3', {'driver': 'Install'}, 'Spot', 8)
    """
    own = pool.name == SYSTEM_POOL
    made: dict[str, Any] = {
        "mode": "System" if own else "User",
        "type": "VirtualMachineScaleSets",
        "vm_size": pool.machine.machine_type,
        "os_type": "Linux",
        "os_sku": pool.image,
        "os_disk_size_gb": pool.disk_gib,
        "os_disk_type": "Managed",
        "orchestrator_version": kubernetes_version,
        "enable_auto_scaling": True,
        "count": rung.initial,
        "min_count": rung.min,
        "max_count": rung.max,
        "max_pods": pool.allocatable["pods"],
        "availability_zones": list(pool.zones) or None,
        "node_labels": pool.own_labels,
        "node_taints": [f"{taint.key}={taint.value}:{taint.effect}" for taint in _taints(pool, rung)],
        "enable_encryption_at_host": True,
        "enable_fips": False,
        "enable_node_public_ip": False,
        "enable_ultra_ssd": False,
        "upgrade_settings": _upgrade(pool, rung),
        "kubelet_config": EXCLUSIVE_CPUS if pool.exclusive_cpus else None,
        "gpu_profile": {"driver": DRIVERS[pool.driver_owner]} if pool.driver_owner else None,
        "gpu_instance_profile": (pool.shares.setting or None) if pool.shares else None,
    }
    if isinstance(rung.capacity, Spot):
        # -1: never taken away because of its price, only because the machine is needed.
        made |= {"scale_set_priority": "Spot", "scale_set_eviction_policy": "Delete", "spot_max_price": -1}
    if isinstance(rung.capacity, Reservation):
        made["capacity_reservation_group_id"] = rung.capacity.id
    return {key: value for key, value in made.items() if value is not None}


def name(pool: NodePool, rung: Rung, made: Mapping[str, Any], place: str) -> str:
    """Make the name of an agent pool at AKS, which has room for twelve letters and digits.

    Its last six tell what cannot be changed (`place` says where the nodes are): a pool that differs in that has another name, and so
    is made beside the one that it replaces, before that goes.

    >>> from pulumi_kubeml.nodes import NodePoolSpec, resolve
    >>> def named(**more):
    ...     pool = resolve(NodePoolSpec("general", machine="Standard_D8ds_v5", **more), "azure")
    ...     return name(pool, pool.rungs[0], settings(pool, pool.rungs[0], "1.35"), "10.0.0.0/16")
    >>> named()[:6], len(named()), named(max=9) == named(), named(disk_gib=99) == named()
    ('genera', 12, True, False)
    """
    fixed = {key: value for key, value in made.items() if key not in CHANGING}
    return compact("aks-pool", pool.name, rung.suffix, mark=json.dumps([fixed, place, pool.compact], sort_keys=True))


def check(args: AksClusterArgs, found: Sequence[NodePool], problems: Problems) -> None:
    """Note what AKS has against pools, those that could not be resolved included."""
    for path, spec in (
        ("system_pool", args.system_pool),
        *((f"node_pools[{index}]", spec) for index, spec in enumerate(args.node_pools)),
    ):
        at = problems.under(path)
        if spec.name[:1].isdigit():
            at.add("name", f'"{spec.name}" begins with a digit, and the name of a pool at AKS begins with a letter')
        for key in spec.labels:
            domain = key.rpartition("/")[0]
            if domain == RESERVED or domain.endswith(f".{RESERVED}"):
                at.add(f"labels.{key}", f"{RESERVED} is AKS's own; any other domain is free")
        for index, taint in enumerate(spec.taints):
            if taint.key.startswith(f"{RESERVED}/"):
                at.add(f"taints[{index}].key", f'"{taint.key}": {RESERVED} is AKS\'s own; any other domain is free')
    if args.system_pool.compact:
        problems.add(
            "system_pool.compact", "true, but the cluster's own pool is there before any group of close machines"
        )
    if len(args.system_pool.capacity) > 1:
        many = len(args.system_pool.capacity)
        problems.add(
            "system_pool.capacity", f"{many} rungs, but the cluster's own pool is one agent pool; allowed: one"
        )
    first: dict[str, str] = {}
    for pool in found[1:]:
        for rung in pool.rungs:
            called = name(pool, rung, settings(pool, rung, args.kubernetes_version), args.vnet_cidr)
            if first.setdefault(called, pool.name) != pool.name:
                at = f"node_pools[{found.index(pool) - 1}].name"
                problems.add(at, f'"{pool.name}" would be called {called} at AKS, as "{first[called]}" is; rename one')


def _taints(pool: NodePool, rung: Rung) -> list[Any]:
    """Make the taints of one agent pool: AKS taints spot nodes, and only those."""
    spot = isinstance(rung.capacity, Spot)
    return [taint for taint in pool.taints if spot or not taint.key.startswith(f"{RESERVED}/")]


def _upgrade(pool: NodePool, rung: Rung) -> dict[str, str] | None:
    """Make how nodes are renewed: those with devices in place, for there is no other to be had; the others one by one beside.

    Spot nodes get no other node meanwhile, and a system pool must have one
    (azure-aks-docs@fb060abe6a8f articles/aks/upgrade-aks-node-pools-rolling.md, articles/aks/spot-node-pool.md).
    """
    if isinstance(rung.capacity, Spot):
        return None
    if pool.accelerator is not None:
        return {"max_surge": "0", "max_unavailable": "1"}
    return {"max_surge": "1"}
