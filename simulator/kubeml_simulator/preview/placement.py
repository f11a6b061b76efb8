"""Where the pods of a graph land, as rows of a report; the reading and the arithmetic are `pulumi_kubeml.capacity`'s."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kubeml_simulator.preview.build import name_of
from kubeml_simulator.preview.document import Landing, PlacedPod, PodGroup, PoolUse

if TYPE_CHECKING:
    from kubeml_simulator.kubernetes.control_plane.decided import Decision
    from pulumi_kubeml.capacity.model import Pod, Pool
    from pulumi_kubeml.capacity.placement import Placed


@dataclass(frozen=True)
class Capacity:
    """The groups of pods of a graph, those with devices first, and its pools."""

    groups: tuple[PodGroup, ...]
    pools: tuple[PoolUse, ...]


def capacity(resources: Sequence[dict[str, Any]], sizes: Mapping[str, int] | None = None) -> Capacity:
    """Makes the rows of a graph's pods and pools; `sizes` are the nodes of pools that shall not have as many as they may."""
    from pulumi_kubeml.capacity.graph import Graph, scaling

    graph = Graph(resources)
    pools = [replace(pool, max=(sizes or {}).get(pool.name, pool.max)) for pool in graph.pools]
    plan = scaling(graph, pools)
    named = {pool.name: pool for pool in pools}
    groups = [
        _group(each, _waiting(each, at_once), plan.placed, named)
        for each, at_once in zip(plan.placed, plan.at_once, strict=True)
    ]
    groups.sort(key=lambda each: (not each.devices, each.namespace, each.name))
    unread = (PoolUse(name=name_of(urn)[1], undetermined=reason) for urn, reason in graph.unread_pools.items())
    read = (_use(pool, needed, plan.placed) for pool, needed in zip(pools, plan.needed, strict=True))
    return Capacity(tuple(groups), tuple(sorted((*read, *unread), key=lambda each: each.name)))


def decided(decisions: Iterable["Decision"]) -> tuple[PlacedPod, ...]:
    """Makes the rows of what a control plane's scheduler has decided."""
    return tuple(
        PlacedPod(
            namespace=each.namespace,
            name=each.name,
            owner=each.owner,
            phase=each.phase,
            node=each.node or None,
            pool=each.pool or None,
            devices=each.devices,
            daemon=each.daemon,
            refused=each.refused,
            reason=each.reason or None,
        )
        for each in decisions
    )


def counted(devices: Mapping[str, int]) -> str:
    """Writes devices.

    >>> counted({"nvidia.com/gpu": 4})
    '4 nvidia.com/gpu'
    """
    return ", ".join(f"{count} {key}" for key, count in sorted(devices.items()))


def used(pool: PoolUse) -> str:
    """Writes how many devices of a pool are taken when it has its most nodes.

    >>> used(PoolUse(name="serve", devices={"nvidia.com/gpu": 24}, taken={"nvidia.com/gpu": 20}))
    '20 of 24 nvidia.com/gpu'
    """
    return ", ".join(f"{pool.taken.get(key, 0)} of {count} {key}" for key, count in sorted(pool.devices.items()))


def waits(groups: Iterable[PodGroup]) -> str:
    """Says which pods need more nodes than pools have at least; empty where none do.

    >>> waits([PodGroup(owner="", name="chat", namespace="a", replicas=9, devices={}, waiting=7)])
    '7 pods start when nodes have been added to the fewest: 7 of chat'
    """
    late = [each for each in groups if each.waiting]
    total = sum(each.waiting for each in late)
    listed = ", ".join(f"{each.waiting} of {each.name}" for each in late)
    what = "pod starts" if total == 1 else "pods start"
    return f"{total} {what} when nodes have been added to the fewest: {listed}" if late else ""


def misfit(group: PodGroup) -> str:
    """Says why not all pods of a group have a place."""
    if group.undetermined:
        return f"undetermined: {group.undetermined}"
    return f"{group.missing} of {group.replicas} find no node: {group.reason}"


def _waiting(placed: "Placed", at_once: "Placed") -> int:
    """Counts the pods of a group that find a node, but none of those that their pools have at least."""
    return 0 if placed.pod.daemon else max(0, at_once.missing - placed.missing)


def _group(placed: "Placed", waiting: int, every: Sequence["Placed"], pools: Mapping[str, "Pool"]) -> PodGroup:
    from pulumi_kubeml.capacity.accelerators import devices

    pod = placed.pod
    return PodGroup(
        owner=pod.urn,
        name=str(pod),
        namespace=pod.namespace,
        replicas=sum(placed.pools.values()) + placed.missing if pod.daemon else pod.replicas,
        devices=devices(pod.requests),
        daemon=pod.daemon,
        landings=tuple(
            Landing(pool=name, pods=count, nodes=_nodes(pod, count, _left(pools[name], every)))
            for name, count in sorted(placed.pools.items())
        ),
        missing=placed.missing,
        waiting=waiting,
        reason=placed.reason or None,
        undetermined=pod.undetermined or None,
    )


def _left(pool: "Pool", every: Iterable["Placed"]) -> dict[str, int]:
    """Makes what a node of the pool has for pods that are no daemons."""
    left = dict(pool.allocatable)
    for placed in every:
        if placed.pod.daemon and pool.name in placed.pools:
            for key, amount in {**placed.pod.requests, "pods": 1}.items():
                left[key] = left.get(key, 0) - amount
    return left


def _nodes(pod: "Pod", count: int, node: Mapping[str, int]) -> int:
    """Counts the nodes that `count` pods need if nothing but daemons is on them."""
    asked = {**pod.requests, "pods": 1}
    room = min((node.get(key, 0) // amount for key, amount in asked.items() if amount), default=1)
    each = 1 if pod.alone or pod.daemon else max(1, room)
    return -(-count // each)


def _use(pool: "Pool", needed: int, placed: Iterable["Placed"]) -> PoolUse:
    from pulumi_kubeml.capacity.accelerators import devices

    taken: Counter[str] = Counter()
    for each in placed:
        for key, count in devices(each.pod.requests).items():
            taken[key] += count * each.pools.get(pool.name, 0)
    whole = {key: count * pool.max for key, count in devices(pool.allocatable).items()}
    return PoolUse(
        name=pool.name,
        machine=pool.machine,
        min=min(pool.min, pool.max),
        needed=needed,
        max=pool.max,
        devices=whole,
        taken=dict(+taken),
    )
