"""What a resolved pool says of itself, in the words of the preconditions."""

from pulumi_kubeml import catalog
from pulumi_kubeml.nodes.capacity import CapacityBlock, FlexStart, Queued, Reservation, Spot
from pulumi_kubeml.nodes.pool import NodePool, Rung
from pulumi_kubeml.nodes.preconditions import Facts, broken
from pulumi_kubeml.problems import Problems


def facts(pool: NodePool, rung: Rung) -> Facts:
    """Make the facts of one node group of a pool; what only a cluster knows is not among them.

    >>> from pulumi_kubeml.nodes import NodePoolSpec, resolve
    >>> pool = resolve(NodePoolSpec("train", accelerator="h100", accelerators_per_node=8, max=4), "gcp")
    >>> known = facts(pool, pool.rungs[0])
    >>> known["family"], known["fabric"], known["queued"], "zones" in known
    ('a3-highgpu', 'tcpx', False, False)
    """
    machine, fabric = pool.machine, catalog.fabric(pool.machine)
    capacity = rung.capacity
    reserved = isinstance(capacity, Reservation)
    fixed = rung.max if 0 < rung.min == rung.max else None
    return {
        "machine": machine.machine_type,
        "family": machine.family,
        "vendor": pool.accelerator.vendor if pool.accelerator else None,
        "accelerators": machine.devices,
        "purpose": pool.spec.purpose,
        "sharing": pool.spec.sharing.kind if pool.spec.sharing else None,
        "fabric": fabric.kind if fabric else None,
        "min": rung.min,
        "max": rung.max,
        "static_count": fixed,
        "autoscaling": fixed is None,
        "spot": isinstance(capacity, Spot),
        "queued": isinstance(capacity, Queued),
        "flex_start": isinstance(capacity, FlexStart),
        "capacity_block": isinstance(capacity, CapacityBlock),
        "reservation": "specific" if reserved else "none",
        "reservation_names": 1 if reserved else 0,
        "reservation_block": capacity.id.partition("/reservationBlocks/")[2] or None if reserved else None,
        "zones_named": len(pool.spec.zones),
        **({"zones": len(pool.zones), "zone_names": pool.zones} if pool.zones else {}),
    }


def check_preconditions(pool: NodePool, problems: Problems) -> None:
    """Add what a cloud has against any node group of a pool, each reason once."""
    seen: set[tuple[str, str]] = set()
    for index, rung in enumerate(pool.rungs):
        for path, reason in broken(pool.cloud, facts(pool, rung)):
            at = f"capacity[{index}]" if path == "capacity" else path
            if (at, reason) not in seen:
                problems.add(at, reason)
            seen.add((at, reason))
