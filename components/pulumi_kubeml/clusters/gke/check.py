"""Everything that can be wrong with the arguments of a GKE cluster, found before anything is registered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

from pulumi_kubeml.clusters import check as common
from pulumi_kubeml.clusters.check import OWN_TAGS, block, tags
from pulumi_kubeml.clusters.gke.args import (
    CHANNELS,
    DAYS,
    SCOPES,
    SHARED_FILES,
    ExistingNetwork,
    GkeClusterArgs,
    MaintenanceExclusion,
)
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.names import fit, is_label, limit
from pulumi_kubeml.nodes import NodePool
from pulumi_kubeml.problems import ConfigurationError, Problems, listed

__all__ = ["ZONES", "check", "check_room", "cluster_name", "resolve_pools", "tags"]

BUILT_IN = ("cluster-autoscaler", "metrics-server", "nvidia-device-plugin")
"""Add-ons that GKE brings, by their names in the chart table."""

ZONES = 3
ENDPOINT_BLOCKS = 50
"""Authorised networks of one cluster (https://cloud.google.com/kubernetes-engine/docs/how-to/authorized-networks, 2026-09)."""
SIZES: Mapping[str, tuple[int, int]] = {
    "node_cidr": (16, 24),
    "pod_cidr": (9, 21),
    "service_cidr": (16, 24),
    "control_plane_cidr": (28, 28),
    "fabric_cidr": (16, 20),
}
"""Prefixes of the ranges (https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips, 2026-09)."""
OWN_RANGES = ("node_cidr", "pod_cidr", "service_cidr")
KEPT_ADDRESSES = 4
"""Addresses that Google keeps of a subnetwork (https://cloud.google.com/vpc/docs/subnets, 2026-09)."""
MAINTENANCE_HOURS = (4, 24)
MAINTENANCE_IN_32_DAYS = 48
"""https://cloud.google.com/kubernetes-engine/docs/concepts/maintenance-windows-and-exclusions, 2026-09."""

_CLUSTER_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?", re.ASCII)
_PRINCIPAL = re.compile(r"(user|group|serviceAccount):[^@\s]+@[^@\s]+", re.ASCII)
_SECURITY_GROUP = re.compile(r"gke-security-groups@[^@\s]+", re.ASCII)
_LABEL_KEY = re.compile(r"[a-z][-_a-z0-9]{0,62}", re.ASCII)
_LABEL_VALUE = re.compile(r"[-_a-z0-9]{1,63}", re.ASCII)
_NETWORK = re.compile(r"projects/[^/]+/global/networks/[^/]+", re.ASCII)
_SUBNETWORK = re.compile(r"projects/[^/]+/regions/[^/]+/subnetworks/[^/]+", re.ASCII)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


def check(name: str, args: GkeClusterArgs) -> None:
    """Raise InvalidArgs with all problems of the arguments, if there are any."""
    problems = Problems()
    common.check_name(name, problems)
    common.check_version(args, "gke", problems)
    args = common.lists_only(args, ("endpoint_access", "admins", "zones", "maintenance_days"), problems)
    common.check_environment(args, problems)
    common.check_choice("release_channel", args.release_channel, CHANNELS, problems)
    common.check_choice("shared_files", args.shared_files, SHARED_FILES, problems)
    common.check_access(args, ENDPOINT_BLOCKS, problems)
    ranges = _ranges(args, problems)
    if args.network is not None:
        _existing(args, args.network, problems)
        ranges = {field: block for field, block in ranges.items() if field not in OWN_RANGES}
    if args.zones and (len(args.zones) != ZONES or len(set(args.zones)) != ZONES):
        problems.add("zones", f"{listed(args.zones)}; allowed: {ZONES} different zones, or none for the region's first")
    _control_plane(args, problems)
    _maintenance(args, problems)
    _admins(args, problems)
    _labels(args, problems)
    common.check_system_pool(args.system_pool, problems.under("system_pool"))
    try:
        check_room(resolve_pools(args, args.zones if len(args.zones) == ZONES else ()), ranges, problems)
    except ConfigurationError as error:
        problems.extend(error)
    problems.raise_if_any(InvalidArgs)


def resolve_pools(args: GkeClusterArgs, zones: Sequence[str], project: str | None = None) -> tuple[NodePool, ...]:
    """Make the pools of the cluster, its own first; raises InvalidArgs with the problems of all."""
    pools = common.resolve_pools(args, "gcp", zones, facts=facts(args, project))
    problems = Problems()
    _rdma_zone(pools, problems)
    problems.raise_if_any(InvalidArgs)
    return pools


def _rdma_zone(pools: Sequence[NodePool], problems: Problems) -> None:
    """The network of RDMA is that of one zone, and the cluster has one; what GKE attaches by itself is not meant."""
    first: str | None = None
    for index, pool in enumerate(pools[1:]):
        if pool.fabric is None:
            continue
        at = f"node_pools[{index}]"
        if pool.fabric.network_profile == "vpc-roce-metal":
            why = "GkeCluster makes no networks for bare metal machines; leave fabric out, or take another machine type"
            problems.add(f"{at}.fabric", f'"required", but {why}')
        elif pool.fabric.rdma_subnets:
            if len(pool.spec.zones) != 1:
                said = listed(pool.spec.zones) or "none named"
                problems.add(f"{at}.zones", f"{said}, but a network that carries RDMA is in one zone; name that one")
            elif (first := first or pool.spec.zones[0]) != pool.spec.zones[0]:
                problems.add(
                    f"{at}.zones",
                    f"{pool.spec.zones[0]}, but the RDMA network of the cluster is in {first}; take the same, or another cluster",
                )


def facts(args: GkeClusterArgs, project: str | None = None) -> dict[str, Any]:
    """Make what the cluster says of itself in the words of the preconditions; its project once it is known.

    >>> facts(GkeClusterArgs(kubernetes_version="1.35", endpoint_access=[], node_pools=[]), "shop")["dataplane_v2"]
    True
    """
    reservations = {
        name: {key: value for key, value in asdict(each).items() if value is not None}
        for name, each in args.reservations.items()
    }
    known = {"kubernetes_version": args.kubernetes_version, "vpc_native": True, "dataplane_v2": True}
    return {**known, "reservations": reservations, **({"project": project} if project else {})}


def cluster_name(name: str, stack: str, args: GkeClusterArgs) -> str:
    """Make the cluster's name at Google Cloud.

    >>> args = GkeClusterArgs(kubernetes_version="1.35", endpoint_access=[], node_pools=[])
    >>> cluster_name("ml", "dev-gke", args)
    'ml-dev-gke'
    """
    return args.cluster_name or fit("gke-cluster", name, stack)


def check_room(pools: Sequence[NodePool], ranges: Mapping[str, IPv4Network], problems: Problems) -> None:
    """Note ranges in which not all nodes find addresses, for themselves or for the pods that they may run."""
    most = sum(pool.max for pool in pools)
    nodes = ranges.get("node_cidr")
    if nodes is not None and nodes.num_addresses - KEPT_ADDRESSES < most:
        room = nodes.num_addresses - KEPT_ADDRESSES
        problems.add("node_cidr", f'"{nodes}" has addresses for {room} nodes, and the pools may have {most}; widen it')
    pods = ranges.get("pod_cidr")
    needed = sum(pool.max * pod_addresses(pool.allocatable["pods"]) for pool in pools)
    if pods is not None and pods.num_addresses < needed:
        problems.add(
            "pod_cidr",
            f'"{pods}" has {pods.num_addresses} addresses, and the {most} nodes that the pools may have take {needed} '
            "(each at least twice what it may run); widen it, or lower a max",
        )


def pod_addresses(most: int) -> int:
    """Make the addresses that a node takes for itself: twice the pods that it may run, rounded up to a power of two.

    (https://cloud.google.com/kubernetes-engine/docs/how-to/flexible-pod-cidr, 2026-09.)

    >>> pod_addresses(110), pod_addresses(32), pod_addresses(8)
    (256, 64, 16)
    """
    return 1 << (2 * most - 1).bit_length()


def _ranges(args: GkeClusterArgs, problems: Problems) -> dict[str, IPv4Network]:
    found: dict[str, IPv4Network] = {}
    for field, (shortest, longest) in SIZES.items():
        text = getattr(args, field)
        network = block(text)
        if network is None or not shortest <= network.prefixlen <= longest:
            sizes = f"/{shortest}" if shortest == longest else f"/{shortest} to /{longest}"
            problems.add(field, f'"{text}" is not an IPv4 CIDR block of {sizes}')
        else:
            found[field] = network
    for (one, first), (other, second) in combinations(found.items(), 2):
        if first.overlaps(second):
            problems.add(other, f'"{second}" overlaps {one} "{first}"; each needs addresses of its own')
    return found


def _existing(args: GkeClusterArgs, network: ExistingNetwork, problems: Problems) -> None:
    for field, form in (("network", _NETWORK), ("subnetwork", _SUBNETWORK)):
        value = getattr(network, field)
        if isinstance(value, str) and not form.fullmatch(value):
            shown = re.sub(r"\[[^\]]*\]\+", "...", form.pattern)
            problems.add(f"network.{field}", f'"{value}" is not the whole name, which is of the form {shown}')
    plain = {field.name: field.default for field in fields(args)}
    for field in OWN_RANGES:
        if getattr(args, field) != plain[field]:
            problems.add(
                field,
                "is for a network of the cluster's own, but network names one that exists; leave one of the two out",
            )


def _control_plane(args: GkeClusterArgs, problems: Problems) -> None:
    longest = limit("gke-cluster")
    name = args.cluster_name
    if name is not None and not (len(name) <= longest and _CLUSTER_NAME.fullmatch(name)):
        problems.add(
            "cluster_name",
            f'"{name}" is not a name: lower-case letters, digits and dashes, a letter first, at most {longest}',
        )
    group = args.security_group
    if group is not None and not _SECURITY_GROUP.fullmatch(group):
        problems.add("security_group", f'"{group}", but GKE takes one name only: gke-security-groups@DOMAIN')


def _maintenance(args: GkeClusterArgs, problems: Problems) -> None:
    for index, day in enumerate(args.maintenance_days):
        common.check_choice(f"maintenance_days[{index}]", day, DAYS, problems)
    if not _TIME.fullmatch(args.maintenance_start):
        problems.add("maintenance_start", f'"{args.maintenance_start}" is not a time of day, such as 02:00')
    low, high = MAINTENANCE_HOURS
    hours = args.maintenance_hours
    if not low <= hours <= high:
        problems.add("maintenance_hours", f"{hours}; allowed: {low} to {high}")
    elif (total := 32 * len(set(args.maintenance_days)) * hours // 7) < MAINTENANCE_IN_32_DAYS:
        problems.add(
            "maintenance_days",
            f"{len(set(args.maintenance_days))} days a week of {hours} hours are {total} hours in 32 days; "
            f"GKE demands {MAINTENANCE_IN_32_DAYS}: name more days, or raise maintenance_hours",
        )
    seen: set[str] = set()
    for index, exclusion in enumerate(args.maintenance_exclusions):
        at = problems.under("maintenance_exclusions").under(index)
        _exclusion(exclusion, at)
        if exclusion.name in seen:
            at.add("name", f'"{exclusion.name}" is there twice; names are unique')
        seen.add(exclusion.name)


def _exclusion(exclusion: MaintenanceExclusion, problems: Problems) -> None:
    if not is_label(exclusion.name):
        problems.add("name", f'"{exclusion.name}" is not a name: lower-case letters, digits and dashes')
    common.check_choice("scope", exclusion.scope, SCOPES, problems)
    start, end = _moment("start", exclusion.start, problems), None
    if exclusion.end is not None:
        end = _moment("end", exclusion.end, problems)
    elif exclusion.scope == "no-upgrades":
        problems.add("end", "not given, but without any upgrade there is an end: 30 days after the start at most")
    if start and end and end <= start:
        problems.add("end", f'"{exclusion.end}" is not after the start')


def _moment(field: str, text: str, problems: Problems) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        problems.add(field, f'"{text}" is not a time, such as 2026-11-20T00:00:00Z')
        return None


def _admins(args: GkeClusterArgs, problems: Problems) -> None:
    for index, principal in enumerate(args.admins):
        if not _PRINCIPAL.fullmatch(principal):
            problems.add(
                f"admins[{index}]",
                f'"{principal}" is not a member; allowed: user:ADDRESS, group:ADDRESS, serviceAccount:ADDRESS',
            )
        elif principal in args.admins[:index]:
            problems.add(f"admins[{index}]", f'"{principal}" is there twice')


def _labels(args: GkeClusterArgs, problems: Problems) -> None:
    """Labels of Google Cloud have fewer characters than tags elsewhere, and no upper case."""
    for key, value in args.tags.items():
        at = f"tags.{key}"
        if key in OWN_TAGS:
            problems.add(at, "has its own argument, so that it is never left out")
        elif not _LABEL_KEY.fullmatch(key) or not (value == "" or _LABEL_VALUE.fullmatch(value)):
            problems.add(
                at,
                f'"{value}" or its key is no label that Google Cloud takes: '
                "lower-case letters, digits, - and _, at most 63, a letter first in a key",
            )
    for field in ("owner", "team", "cost_center"):
        if not _LABEL_VALUE.fullmatch(getattr(args, field)):
            problems.add(
                field,
                f'"{getattr(args, field)}" is not the value of a label: 1 to 63 lower-case letters, digits, - and _',
            )
