"""Everything that can be wrong with the arguments of an AKS cluster, found before anything is registered."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pulumi_kubeml import catalog
from pulumi_kubeml.clusters import check as common
from pulumi_kubeml.clusters.aks import pools
from pulumi_kubeml.clusters.aks.args import NODE_IMAGE_CHANNELS, TIERS, UPGRADE_CHANNELS, WEEKDAYS, AksClusterArgs
from pulumi_kubeml.clusters.check import OWN_TAGS, block, tags
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.names import fit, limit
from pulumi_kubeml.nodes import NodePool
from pulumi_kubeml.problems import ConfigurationError, Problems, listed

if TYPE_CHECKING:
    from ipaddress import IPv4Network

__all__ = ["BUILT_IN", "check", "cluster_name", "resolve_pools", "tags", "tier"]

BUILT_IN = (
    "azuredisk-csi-driver",
    "azurefile-csi-driver",
    "cilium",
    "cluster-autoscaler",
    "metrics-server",
    "snapshot-controller",
)
ENDPOINT_BLOCKS = 2000
"""With the API server in the cluster's network (github.com/MicrosoftDocs/azure-aks-docs@fb060abe6a8f
articles/aks/api-server-authorized-ip-ranges.md)."""
ENCRYPTED_NFS = (1, 33)
"""From this version on files are encrypted on their way to pods (azure-aks-docs@fb060abe6a8f articles/aks/create-volume-azure-files.md)."""
SYSTEM_NODES = 2
"""Nodes of a system pool at least (azure-aks-docs@fb060abe6a8f articles/aks/create-node-pools.md)."""
NODE_BLOCK = 24
"""Prefix of the block of pod addresses that a node takes (azure-aks-docs@fb060abe6a8f articles/aks/concepts-network-azure-cni-overlay.md)."""
OWN_TAG_LIMIT = 50
"""Tags of one resource (https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources, 2026-08)."""

_CLUSTER_NAME = re.compile(r"[0-9A-Za-z]([-0-9A-Za-z_]*[0-9A-Za-z])?", re.ASCII)
_OBJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_START = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_TAG_KEY = re.compile(r"[^<>%&\\?/=,]{1,128}")
_TAG_VALUE = re.compile(r"[^=,]{0,256}")


def check(name: str, args: AksClusterArgs) -> None:
    """Raise InvalidArgs with all problems of the arguments, if there are any."""
    problems = Problems()
    common.check_name(name, problems)
    if name[:1].isdigit():
        problems.add("name", f'"{name}" begins with a digit, and the names that Azure takes begin with a letter')
    common.check_version(args, "aks", problems)
    args = common.lists_only(args, ("endpoint_access", "admin_groups", "zones"), problems)
    common.check_environment(args, problems)
    common.check_choice("upgrade_channel", args.upgrade_channel, UPGRADE_CHANNELS, problems)
    common.check_choice("node_image_channel", args.node_image_channel, NODE_IMAGE_CHANNELS, problems)
    common.check_choice("maintenance_day", args.maintenance_day, WEEKDAYS, problems)
    if args.tier is not None:
        common.check_choice("tier", args.tier, TIERS, problems)
    common.check_access(args, ENDPOINT_BLOCKS, problems)
    _admins(args, problems)
    _network(args, problems)
    _control_plane(args, problems)
    _tags(args, problems)
    common.check_system_pool(args.system_pool, problems.under("system_pool"))
    if args.system_pool.min in range(1, SYSTEM_NODES):
        problems.add("system_pool.min", f"{args.system_pool.min}, but AKS wants {SYSTEM_NODES} nodes or more here")
    try:
        resolve_pools(args)
    except ConfigurationError as error:
        problems.extend(error)
    problems.raise_if_any(InvalidArgs)


def resolve_pools(args: AksClusterArgs) -> tuple[NodePool, ...]:
    """Make the pools of the cluster, its own first; raises InvalidArgs with the problems of all."""
    problems = Problems()
    try:
        found = common.resolve_pools(args, "azure", tuple(args.zones))
    except ConfigurationError as error:
        problems.extend(error)
        found = ()
    pools.check(args, found, problems)
    problems.raise_if_any(InvalidArgs)
    return found


def cluster_name(name: str, stack: str, args: AksClusterArgs) -> str:
    """Make the cluster's name at Azure.

    >>> args = AksClusterArgs(kubernetes_version="1.35", endpoint_access=[], admin_groups=[], node_pools=[])
    >>> cluster_name("ml", "dev-aks", args)
    'ml-dev-aks'
    """
    return args.cluster_name or fit("aks-cluster", name, stack)


def tier(args: AksClusterArgs) -> str:
    """Make the tier of the control plane.

    >>> args = AksClusterArgs(kubernetes_version="1.35", endpoint_access=[], admin_groups=[], node_pools=[], environment="prod")
    >>> tier(args)
    'Standard'
    """
    return args.tier or ("Free" if args.environment == "dev" else "Standard")


def _admins(args: AksClusterArgs, problems: Problems) -> None:
    if not args.admin_groups:
        problems.add("admin_groups", "empty, but local accounts are off: without a group nobody could enter")
    for index, group in enumerate(args.admin_groups):
        if not _OBJECT_ID.fullmatch(group):
            problems.add(
                f"admin_groups[{index}]",
                f'"{group}" is not the object id of an Entra group, such as 0a1b2c3d-0000-4000-8000-000000000001',
            )
        elif group in args.admin_groups[:index]:
            problems.add(f"admin_groups[{index}]", f'"{group}" is there twice')


def _network(args: AksClusterArgs, problems: Problems) -> None:
    known: dict[str, IPv4Network] = {}
    for field, low, high in (("vnet_cidr", 16, 20), ("pod_cidr", 8, 21), ("service_cidr", 12, 24)):
        text = getattr(args, field)
        network = block(text)
        if network is None or not low <= network.prefixlen <= high:
            problems.add(field, f'"{text}" is not an IPv4 CIDR block of /{low} to /{high}, such as {_EXAMPLES[field]}')
            continue
        for other, taken in known.items():
            if network.overlaps(taken):
                problems.add(field, f'"{text}" overlaps {other} ({taken}); the three must be apart')
        known[field] = network
    if len(set(args.zones)) != len(args.zones) or not all(zone in {"1", "2", "3"} for zone in args.zones):
        problems.add("zones", f"{listed(args.zones)}; allowed: some of 1, 2, 3, each once, or none")
    _within("outbound_addresses", args.outbound_addresses, 1, 16, problems)
    nodes = sum(spec.max or max(spec.min, 1) for spec in (args.system_pool, *args.node_pools) if _counts(spec))
    room = 2 ** (NODE_BLOCK - known["pod_cidr"].prefixlen) if "pod_cidr" in known else None
    if room is not None and nodes > room:
        why = f"each node takes a /{NODE_BLOCK}, so that this is enough for {room} nodes, and the pools hold {nodes}"
        problems.add("pod_cidr", f'"{args.pod_cidr}": {why}')


def _control_plane(args: AksClusterArgs, problems: Problems) -> None:
    longest = limit("aks-cluster")
    name = args.cluster_name
    if name is not None and not (len(name) <= longest and _CLUSTER_NAME.fullmatch(name)):
        problems.add("cluster_name", f'"{name}" is not a name: letters, digits, - and _, at most {longest}')
    _within("log_retention_days", args.log_retention_days, 30, 730, problems)
    _within("maintenance_hours", args.maintenance_hours, 4, 24, problems)
    _within("image_cleaner_hours", args.image_cleaner_hours, 24, 2160, problems)
    if not _START.fullmatch(args.maintenance_start):
        problems.add("maintenance_start", f'"{args.maintenance_start}" is not a time of day, such as 01:00')
    offered = args.kubernetes_version in catalog.kubernetes_versions("aks")
    if offered and tuple(map(int, args.kubernetes_version.split("."))) < ENCRYPTED_NFS:
        problems.add(
            "kubernetes_version",
            f'"{args.kubernetes_version}": shared files are encrypted on their way to pods from 1.33 on; take that or newer',
        )


def _tags(args: AksClusterArgs, problems: Problems) -> None:
    if len(args.tags) + len(OWN_TAGS) > OWN_TAG_LIMIT:
        problems.add("tags", f"{len(args.tags)}, and {len(OWN_TAGS)} of our own; allowed: {OWN_TAG_LIMIT} together")
    for key, value in args.tags.items():
        at = f"tags.{key}"
        if key in OWN_TAGS:
            problems.add(at, "has its own argument, so that it is never left out")
        elif not _TAG_KEY.fullmatch(key) or not _TAG_VALUE.fullmatch(value):
            problems.add(
                at,
                "is no tag that Azure and the drivers of its volumes take: a key of 1 to 128 characters without "
                r"< > % & \ ? / = and comma, and a value of at most 256 without = and comma",
            )
    for field in ("owner", "team", "cost_center"):
        value = getattr(args, field)
        if not value or not _TAG_VALUE.fullmatch(value):
            problems.add(field, "must be 1 to 256 characters without = and comma: it is a tag of everything")


def _counts(spec: object) -> bool:
    """Whether the bounds of a pool are numbers, so that they can be summed; what is wrong with them is said elsewhere."""
    return all(
        isinstance(value, int) and not isinstance(value, bool)
        for value in (getattr(spec, "min", None), getattr(spec, "max", None) or 0)
    )


def _within(field: str, value: object, low: int, high: int, problems: Problems) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        problems.add(field, f"{value!r}; allowed: {low} to {high}")


_EXAMPLES: Mapping[str, str] = {
    "vnet_cidr": "10.0.0.0/16",
    "pod_cidr": "10.128.0.0/12",
    "service_cidr": "172.16.0.0/16",
}
