"""What can be wrong with a node pool whatever machine it gets: name, bounds, ladder, labels, taints, disk."""

import re
from collections.abc import Mapping
from functools import cache

from pulumi_kubeml.catalog.rows import read
from pulumi_kubeml.names import is_label
from pulumi_kubeml.nodes.capacity import CapacityBlock, Reservation, offered
from pulumi_kubeml.nodes.ladder import shares
from pulumi_kubeml.nodes.pool import POOL_LABEL
from pulumi_kubeml.nodes.spec import EFFECTS, PURPOSES, NodePoolSpec
from pulumi_kubeml.problems import Problems, listed, suggestion

NAME_LIMIT = 30
RESERVED = ("kubernetes.io", "k8s.io", "kubeml.io")

_LABEL_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", re.ASCII)
_DOMAIN = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", re.ASCII)


@cache
def limits(cloud: str) -> Mapping[str, int]:
    """Make the limits of a cloud's node pools, rows of `catalog/data/node_limits.csv`.

    >>> limits("aws")
    {'max_nodes': 450, 'disk_min_gib': 20, 'disk_max_gib': 16384}
    """
    return {row["limit"]: int(row["value"]) for row in read("node_limits") if row["cloud"] == cloud}


def check_spec(
    spec: NodePoolSpec, cloud: str, problems: Problems, *, accelerated: bool, hosts: int | None = None
) -> None:
    """Add everything that is wrong with a spec by itself, on a cloud that has node pools.

    `hosts` are the nodes of a TPU slice of several: they bound the pool where nothing else does.
    """
    if not is_label(spec.name, longest=NAME_LIMIT):
        problems.add(
            "name", f'"{spec.name}" is not a name: lower-case letters, digits and dashes, at most {NAME_LIMIT}'
        )
    if spec.purpose not in PURPOSES:
        problems.add(
            "purpose",
            f'"{spec.purpose}" is no purpose; allowed: {listed(PURPOSES)}' + suggestion(spec.purpose, PURPOSES),
        )
    low, high = limits(cloud)["disk_min_gib"], limits(cloud)["disk_max_gib"]
    if spec.disk_gib is not None and not (_whole(spec.disk_gib) and low <= spec.disk_gib <= high):
        problems.add("disk_gib", f"{spec.disk_gib!r} GiB; allowed: {low} to {high}, in whole GiB")
    if _bounds(spec, limits(cloud)["max_nodes"], problems, unbounded=accelerated and hosts is None):
        _ladder(spec, cloud, problems, hosts)
    _labels(spec.labels, problems.under("labels"))
    _taints(spec, problems)


def _bounds(spec: NodePoolSpec, most: int, problems: Problems, *, unbounded: bool) -> bool:
    before = len(problems)
    if not _whole(spec.min) or spec.min < 0:
        problems.add("min", f"{spec.min!r} is not a number of nodes; allowed: 0 or more")
    if spec.max is None:
        if unbounded:
            problems.add(
                "max",
                "not given, but a pool with accelerators must be bounded; give the nodes that it may hold at most",
            )
    elif not _whole(spec.max) or not 1 <= spec.max <= most:
        problems.add("max", f"{spec.max!r} is not a number of nodes that a pool may hold; allowed: 1 to {most}")
    elif len(problems) == before and spec.min > spec.max:
        problems.add("min", f"{spec.min} is above max {spec.max}; allowed: 0 to {spec.max}")
    if len(problems) == before:
        _initial(spec, problems)
    return len(problems) == before


def _initial(spec: NodePoolSpec, problems: Problems) -> None:
    if spec.initial is None:
        return
    if not _whole(spec.initial):
        problems.add("initial", f"{spec.initial!r} is not a number of nodes")
        return
    low, high = spec.min, spec.max if spec.max is not None else max(spec.min, 1)
    if not low <= spec.initial <= high:
        problems.add(
            "initial", f"{spec.initial}; allowed: {low} to {high}: the nodes to begin with are within min and max"
        )


def _ladder(spec: NodePoolSpec, cloud: str, problems: Problems, hosts: int | None) -> None:
    most = spec.max if spec.max is not None else max(spec.min, hosts or 1)
    before = len(problems)
    kinds = offered(cloud)
    allowed = f"allowed: {listed(kind.written for kind in kinds.values())}"
    if not spec.capacity:
        problems.add("capacity", f"empty; {allowed}, one or more of them")
    for index, rung in enumerate(spec.capacity):
        at = problems.under("capacity").under(index)
        offer = kinds.get(str(getattr(rung, "kind", "")))
        if offer is None:
            where = f"is not offered on {cloud}" if hasattr(rung, "kind") else "is not a way to buy nodes"
            at.add("", f"{rung!r} {where}; {allowed}")
            continue
        if rung.max is not None and (not _whole(rung.max) or not 1 <= rung.max <= most):
            at.add("max", f"{rung.max!r}, but the pool holds {most}; allowed: 1 to {most}")
        if isinstance(rung, Reservation | CapacityBlock) and not offer.takes(rung.id):
            at.add("id", f'"{rung.id}" is not {offer.id_words}')
    if not spec.capacity or len(problems) > before:
        return
    if len(set(spec.capacity)) < len(spec.capacity):
        problems.add("capacity", "the same rung twice; each is one node group, so one of them is enough")
    made = shares(spec.capacity, most)
    if sum(made) != most or min(made) < 1:
        own = listed("the rest" if rung.max is None else rung.max for rung in spec.capacity)
        problems.add("capacity", f"the rungs hold {own}, which must make {most} (max) with at least 1 each")


def _labels(labels: Mapping[str, str], problems: Problems) -> None:
    for key, value in labels.items():
        domain, _, name = key.rpartition("/")
        if not _LABEL_NAME.fullmatch(name) or (domain and not _DOMAIN.fullmatch(domain)):
            problems.add(
                key, "not the key of a label: a name of at most 63 characters, after a domain and / if it has one"
            )
        elif key == POOL_LABEL or any(domain == own or domain.endswith(f".{own}") for own in RESERVED):
            problems.add(
                key, f"belongs to Kubernetes or to the pool itself; any domain outside {listed(RESERVED)} is free"
            )
        if value and not _LABEL_NAME.fullmatch(value):
            problems.add(key, f'"{value}" is not the value of a label: at most 63 letters, digits, -, _ and .')


def _taints(spec: NodePoolSpec, problems: Problems) -> None:
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(spec.taints):
        at = problems.under("taints").under(index)
        name = taint.key.rpartition("/")[2]
        if not _LABEL_NAME.fullmatch(name):
            at.add("key", f'"{taint.key}" is not the key of a taint')
        if taint.value and not _LABEL_NAME.fullmatch(taint.value):
            at.add("value", f'"{taint.value}" is not the value of a taint: at most 63 letters, digits, -, _ and .')
        if taint.effect not in EFFECTS:
            at.add(
                "effect",
                f'"{taint.effect}" is no effect; allowed: {listed(EFFECTS)}' + suggestion(taint.effect, EFFECTS),
            )
        if (taint.key, taint.effect) in seen:
            at.add("key", f'"{taint.key}" with effect {taint.effect} is there twice; a node has it once')
        seen.add((taint.key, taint.effect))


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
