"""What a resolved pool, and the cluster that it is in, say of themselves in the words of the preconditions.

A cluster says what only it knows: `project`, `kubernetes_version`, `vpc_native`, `dataplane_v2`, `fqdn_policy`,
`slice_controller`, `topology_mode`, `extra_networks` and `rdma_subnets` (networks of one's own), `security_group_self_rule`,
`efa_by_dra`, and under `reservations`, by their id, what is known of reservations: a mapping with some of `project`,
`zone`, `machine`, `consumption` ("specific" or "any") and `active`.
"""

from collections.abc import Mapping
from typing import Any

from pulumi_kubeml import catalog
from pulumi_kubeml.nodes.capacity import CapacityBlock, FlexStart, Queued, Reservation, Spot
from pulumi_kubeml.nodes.options import stands_together
from pulumi_kubeml.nodes.pool import NodePool, Rung
from pulumi_kubeml.nodes.preconditions import Facts, broken
from pulumi_kubeml.problems import Problems

ClusterFacts = Mapping[str, Any]
"""What a cluster says of itself, by the name of a fact; what it does not say is not judged."""

LOCAL_SSD_GB = 375
"""One local SSD of Google Cloud (https://cloud.google.com/compute/docs/disks/local-ssd, 2026-09)."""
RESERVATION_FACTS = ("project", "zone", "machine", "consumption", "active")


def facts(pool: NodePool, rung: Rung, cluster: ClusterFacts | None = None) -> Facts:
    """Make the facts of one node group of a pool in a cluster; what is not known is not among them.

    >>> from pulumi_kubeml.nodes import NodePoolSpec, resolve
    >>> pool = resolve(NodePoolSpec("train", accelerator="h100", accelerators_per_node=8, max=4), "gcp")
    >>> known = facts(pool, pool.rungs[0])
    >>> known["family"], known["fabric"], known["queued"], "zones" in known
    ('a3-highgpu', 'tcpx', False, False)
    """
    about = {key: value for key, value in (cluster or {}).items() if key != "reservations"}
    return {**_own(pool, rung), **_networks(pool), **_zones(pool), **about, **_reservation(rung, cluster or {})}


def _own(pool: NodePool, rung: Rung) -> dict[str, Any]:
    machine, capacity, spec = pool.machine, rung.capacity, pool.spec
    fixed = rung.max if 0 < rung.min == rung.max else None
    disks = local_ssds(pool)
    return {
        "machine": machine.machine_type,
        "family": machine.family,
        "vendor": pool.accelerator.vendor if pool.accelerator else None,
        "accelerators": machine.devices,
        "purpose": spec.purpose,
        "sharing": spec.sharing.kind if spec.sharing else None,
        "min": rung.min,
        "max": rung.max,
        "initial": pool.spec.initial if len(pool.rungs) == 1 else rung.initial,
        "static_count": fixed,
        "autoscaling": fixed is None,
        "spot": isinstance(capacity, Spot),
        "queued": isinstance(capacity, Queued),
        "flex_start": isinstance(capacity, FlexStart),
        "capacity_block": isinstance(capacity, CapacityBlock),
        "placement": "compact" if pool.compact and stands_together(pool.cloud, capacity) else None,
        "upgrade": pool.upgrade,
        "auto_repair": pool.auto_repair,
        "image_streaming": pool.image_streaming,
        "ephemeral_local_ssd": disks if pool.local_disks == "ephemeral" else 0,
        "block_local_ssd": disks if pool.local_disks == "block" else 0,
        "max_pods": spec.max_pods,
        "topology": pool.topology.topology if pool.topology else None,
        "gpu_management": "Managed" if pool.driver and pool.driver.setting == "Managed" else None,
        "gpu_driver": pool.driver.setting if pool.driver else None,
    }


def local_ssds(pool: NodePool) -> int:
    """Make the number of local disks of a node: on Google Cloud each has one size; elsewhere, whether there are any."""
    size = pool.machine.local_nvme_gb or 0
    return size // LOCAL_SSD_GB if pool.cloud == "gcp" else min(size, 1)


def _networks(pool: NodePool) -> dict[str, Any]:
    has = catalog.fabric(pool.machine)
    known: dict[str, Any] = {"fabric": has.kind if has else None, "fabric_required": pool.fabric is not None}
    if pool.fabric is not None:
        known |= {"extra_networks": pool.fabric.extra_networks, "network_profile": pool.fabric.network_profile}
        known["rdma_subnets"] = pool.fabric.rdma_subnets
    return known


def _zones(pool: NodePool) -> dict[str, Any]:
    """A pool that names no zone is in all of the cluster's; on AWS there are always several."""
    named = {"zones_named": len(pool.spec.zones)}
    if pool.zones:
        return {**named, "zones": len(pool.zones), "zone_names": pool.zones}
    return {**named, "zones": 0} if pool.cloud == "aws" else named


def _reservation(rung: Rung, cluster: ClusterFacts) -> dict[str, Any]:
    capacity = rung.capacity
    if not isinstance(capacity, Reservation | CapacityBlock):
        return {"reservation": "none", "reservation_names": 0, "reservation_block": None}
    name, _, block = capacity.id.partition("/reservationBlocks/")
    details: Mapping[str, Any] = cluster.get("reservations", {}).get(name, {})
    known = {f"reservation_{key}": details[key] for key in RESERVATION_FACTS if details.get(key) is not None}
    if "/" in name:  # by its whole name: one that another project shares
        known.pop("reservation_project", None)
    specific = isinstance(capacity, Reservation)
    return {
        "reservation": "specific" if specific else "none",
        "reservation_names": int(specific),
        "reservation_block": block or None,
        **known,
    }


def check_preconditions(pool: NodePool, problems: Problems, cluster: ClusterFacts | None = None) -> None:
    """Add what a cloud has against any node group of a pool, each reason once."""
    seen: set[tuple[str, str]] = set()
    for index, rung in enumerate(pool.rungs):
        for path, reason in broken(pool.cloud, facts(pool, rung, cluster)):
            at = f"capacity[{index}]" if path == "capacity" else path
            if (at, reason) not in seen:
                problems.add(at, reason)
            seen.add((at, reason))
