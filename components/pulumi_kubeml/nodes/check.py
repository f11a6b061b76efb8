"""What can be wrong with a node pool whatever machine it gets: name, bounds, ladder, labels, taints, disk."""

import re
from collections.abc import Mapping

from pulumi_kubeml.names import is_label
from pulumi_kubeml.nodes.capacity import KINDS, Reservation
from pulumi_kubeml.nodes.ladder import shares
from pulumi_kubeml.nodes.pool import POOL_LABEL
from pulumi_kubeml.nodes.spec import EFFECTS, PURPOSES, NodePoolSpec
from pulumi_kubeml.problems import Problems, listed, suggestion

NAME_LIMIT = 30
MAX_NODES = 450
"""Nodes of one EKS managed node group (https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html, 2026-09)."""
DISK_LIMITS_GIB = (20, 16384)
"""The AL2023 image's own size, and the largest gp3 volume (https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html)."""
RESERVED = ("kubernetes.io", "k8s.io", "kubeml.io")

_LABEL_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?", re.ASCII)
_DOMAIN = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", re.ASCII)
_RESERVATION = re.compile(r"cr-[0-9a-f]{17}", re.ASCII)


def check_spec(spec: NodePoolSpec, problems: Problems, *, accelerated: bool) -> None:
    """Add everything that is wrong with a spec by itself."""
    if not is_label(spec.name, longest=NAME_LIMIT):
        problems.add(
            "name", f'"{spec.name}" is not a name: lower-case letters, digits and dashes, at most {NAME_LIMIT}'
        )
    if spec.purpose not in PURPOSES:
        problems.add(
            "purpose",
            f'"{spec.purpose}" is no purpose; allowed: {listed(PURPOSES)}' + suggestion(spec.purpose, PURPOSES),
        )
    low, high = DISK_LIMITS_GIB
    if spec.disk_gib is not None and not (_whole(spec.disk_gib) and low <= spec.disk_gib <= high):
        problems.add("disk_gib", f"{spec.disk_gib!r} GiB; allowed: {low} to {high}, in whole GiB")
    if _bounds(spec, problems, accelerated=accelerated):
        _ladder(spec, problems)
    _labels(spec.labels, problems.under("labels"))
    _taints(spec, problems)


def _bounds(spec: NodePoolSpec, problems: Problems, *, accelerated: bool) -> bool:
    before = len(problems)
    if not _whole(spec.min) or spec.min < 0:
        problems.add("min", f"{spec.min!r} is not a number of nodes; allowed: 0 or more")
    if spec.max is None:
        if accelerated:
            problems.add(
                "max",
                "not given, but a pool with accelerators must be bounded; give the nodes that it may hold at most",
            )
    elif not _whole(spec.max) or not 1 <= spec.max <= MAX_NODES:
        problems.add("max", f"{spec.max!r} is not a number of nodes that a pool may hold; allowed: 1 to {MAX_NODES}")
    elif len(problems) == before and spec.min > spec.max:
        problems.add("min", f"{spec.min} is above max {spec.max}; allowed: 0 to {spec.max}")
    return len(problems) == before


def _ladder(spec: NodePoolSpec, problems: Problems) -> None:
    most = spec.max if spec.max is not None else max(spec.min, 1)
    before = len(problems)
    if not spec.capacity:
        problems.add("capacity", "empty; allowed: one or more of OnDemand(), Spot(), Reservation(ID)")
    for index, rung in enumerate(spec.capacity):
        at = problems.under("capacity").under(index)
        if not isinstance(rung, tuple(KINDS.values())):
            at.add("", f"{rung!r} is not a way to buy nodes; allowed: OnDemand(), Spot(), Reservation(ID)")
            continue
        if rung.max is not None and (not _whole(rung.max) or not 1 <= rung.max <= most):
            at.add("max", f"{rung.max!r}, but the pool holds {most}; allowed: 1 to {most}")
        if isinstance(rung, Reservation) and not _RESERVATION.fullmatch(rung.id):
            at.add("id", f'"{rung.id}" is not the id of a capacity reservation: cr- and 17 hexadecimal digits')
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
