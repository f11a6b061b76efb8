"""Everything that can be wrong with the arguments of an EKS cluster, found before anything is registered."""

import re
from collections.abc import Sequence
from dataclasses import fields
from ipaddress import IPv4Network
from typing import Any

from pulumi_kubeml.clusters import check as common
from pulumi_kubeml.clusters.check import OWN_TAGS, block, tags
from pulumi_kubeml.clusters.eks.args import NAT_GATEWAYS, EksClusterArgs, ExistingVpc
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.names import fit, limit
from pulumi_kubeml.nodes import CapacityBlock, NodePool, Reservation
from pulumi_kubeml.problems import ConfigurationError, Problems, listed, suggestion

__all__ = ["ADDONS", "ZONES", "check", "cluster_name", "facts", "resolve_pools", "tags", "zones"]

ADDONS = (
    "vpc-cni",
    "kube-proxy",
    "eks-pod-identity-agent",
    "coredns",
    "aws-ebs-csi-driver",
    "aws-efs-csi-driver",
    "eks-node-monitoring-agent",
)
MORE_ADDONS = ("snapshot-controller", "aws-fsx-csi-driver", "aws-mountpoint-s3-csi-driver")
"""Those that an argument asks for."""
ZONES = 3
EXISTING_ZONES = 2
"""https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html, 2026-09."""
ENDPOINT_BLOCKS = 40
"""CIDR blocks of one public endpoint (https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html, 2026-09)."""
LOG_RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html, 2026-09."""

_PRIVATE = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_CLUSTER_NAME = re.compile(r"[0-9A-Za-z][-0-9A-Za-z_]*", re.ASCII)
_BUCKET = re.compile(r"[a-z0-9][-a-z0-9.]{1,61}[a-z0-9]", re.ASCII)
_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/.+", re.ASCII)


def check(name: str, args: EksClusterArgs) -> None:
    """Raise InvalidArgs with all problems of the arguments, if there are any."""
    problems = Problems()
    common.check_name(name, problems)
    common.check_version(args, "eks", problems)
    args = common.lists_only(args, ("endpoint_access", "admins", "zones", "mount_buckets"), problems)
    common.check_environment(args, problems)
    common.check_choice("nat_gateways", args.nat_gateways, NAT_GATEWAYS, problems)
    _endpoint(args, problems)
    _network(args, problems)
    _reservations(args, problems)
    _buckets(args, problems)
    _control_plane(args, problems)
    _admins(args, problems)
    _tags(args, problems)
    for addon in args.addon_releases:
        if addon not in addons(args):
            problems.add(
                f"addon_releases.{addon}",
                f"is no add-on of the cluster; allowed: {listed(addons(args))}" + suggestion(addon, addons(args)),
            )
    common.check_system_pool(args.system_pool, problems.under("system_pool"))
    try:
        resolve_pools(args, zones(args))
    except ConfigurationError as error:
        problems.extend(error)
    problems.raise_if_any(InvalidArgs)


def resolve_pools(args: EksClusterArgs, zones: Sequence[str]) -> tuple[NodePool, ...]:
    """Make the pools of the cluster, its own first; raises InvalidArgs with the problems of all."""
    return common.resolve_pools(args, "aws", zones, facts=facts(args))


def facts(args: EksClusterArgs) -> dict[str, Any]:
    """Make what the cluster says of itself in the words of the preconditions.

    >>> facts(EksClusterArgs(kubernetes_version="1.35", endpoint_access=[], node_pools=[]))["security_group_self_rule"]
    True
    """
    return {
        "kubernetes_version": args.kubernetes_version,
        "security_group_self_rule": True,  # the group of EFA is the cluster's own, and open to itself (fabric.py)
        "reservations": {key: vars(known) for key, known in args.reservations.items()},
    }


def addons(args: EksClusterArgs) -> tuple[str, ...]:
    """Make the names of the add-ons of a cluster.

    >>> args = EksClusterArgs(kubernetes_version="1.35", endpoint_access=[], node_pools=[], lustre=True)
    >>> addons(args)[-1]
    'aws-fsx-csi-driver'
    """
    asked = (args.snapshots, args.lustre, bool(args.mount_buckets))
    return (*ADDONS, *(addon for addon, wanted in zip(MORE_ADDONS, asked, strict=True) if wanted))


def zones(args: EksClusterArgs) -> tuple[str, ...]:
    """Make the zones of a cluster as far as its arguments say; none where AWS is to be asked."""
    if args.vpc is not None:
        return tuple(args.vpc.private_subnets)
    return tuple(args.zones) if len(args.zones) == ZONES else ()


def cluster_name(name: str, stack: str, args: EksClusterArgs) -> str:
    """Make the cluster's name at AWS.

    >>> args = EksClusterArgs(kubernetes_version="1.35", endpoint_access=[], node_pools=[])
    >>> cluster_name("ml", "dev-eks", args)
    'ml-dev-eks'
    """
    return args.cluster_name or fit("eks-cluster", name, stack)


def _endpoint(args: EksClusterArgs, problems: Problems) -> None:
    for path, network in common.check_access(args, ENDPOINT_BLOCKS, problems):
        if any(network.subnet_of(private) for private in _PRIVATE):
            problems.add(
                path,
                f'"{network}" is private, and EKS takes public blocks only; inside the VPC the API is open anyway',
            )


def _network(args: EksClusterArgs, problems: Problems) -> None:
    network = block(args.vpc_cidr)
    if network is None or not 16 <= network.prefixlen <= 20:
        problems.add("vpc_cidr", f'"{args.vpc_cidr}" is not an IPv4 CIDR block of /16 to /20, such as 10.0.0.0/16')
    if args.zones and (len(args.zones) != ZONES or len(set(args.zones)) != ZONES):
        problems.add("zones", f"{listed(args.zones)}; allowed: {ZONES} different zones, or none for the region's first")
    if args.vpc is not None:
        _vpc(args, args.vpc, problems)


def _vpc(args: EksClusterArgs, vpc: ExistingVpc, problems: Problems) -> None:
    """Note what is wrong with a VPC that exists, and what is said of a VPC of the cluster's own beside it."""
    if len(vpc.private_subnets) < EXISTING_ZONES:
        problems.add(
            "vpc.private_subnets",
            f"subnets in {len(vpc.private_subnets)} zones; allowed: {EXISTING_ZONES} or more: EKS needs two",
        )
    for path, given, form in (
        ("vpc.id", vpc.id, "vpc"),
        *((f"vpc.private_subnets.{zone}", subnet, "subnet") for zone, subnet in vpc.private_subnets.items()),
    ):
        if isinstance(given, str) and not re.fullmatch(rf"{form}-[0-9a-f]{{8,17}}", given, re.ASCII):
            problems.add(path, f'"{given}" is not the id of a {form}: {form}- and 8 to 17 hexadecimal digits')
    for field in ("vpc_cidr", "zones", "nat_gateways", "vpc_endpoints"):
        default = next(each.default for each in fields(EksClusterArgs) if each.name == field)
        if getattr(args, field) != default:
            problems.add(
                field, "is for a VPC of the cluster's own, but vpc names one that exists; leave one of the two out"
            )


def _reservations(args: EksClusterArgs, problems: Problems) -> None:
    """Note what is said of a reservation that no pool takes its nodes from: it would change nothing."""
    rungs = [rung for spec in args.node_pools for rung in spec.capacity]
    used = {rung.id for rung in rungs if isinstance(rung, Reservation | CapacityBlock)}
    for key in args.reservations if args.node_pools else ():  # a stack file's pools come apart from its cluster
        if key not in used:
            problems.add(
                f"reservations.{key}", f"no pool takes its nodes from it; those of pools: {listed(used) or 'none'}"
            )


def _buckets(args: EksClusterArgs, problems: Problems) -> None:
    for index, bucket in enumerate(args.mount_buckets):
        if not _BUCKET.fullmatch(bucket):
            problems.add(
                f"mount_buckets[{index}]",
                f'"{bucket}" is not the name of a bucket: 3 to 63 lower-case letters, digits, dots and dashes',
            )


def _control_plane(args: EksClusterArgs, problems: Problems) -> None:
    longest = limit("eks-cluster")
    name = args.cluster_name
    if name is not None and not (len(name) <= longest and _CLUSTER_NAME.fullmatch(name)):
        problems.add("cluster_name", f'"{name}" is not a name: letters, digits, - and _, at most {longest}')
    if args.log_retention_days not in LOG_RETENTION_DAYS:
        problems.add("log_retention_days", f"{args.log_retention_days!r}; allowed: {listed(LOG_RETENTION_DAYS)}")
    release = args.image_release
    if release is not None and not release.startswith(f"{args.kubernetes_version}."):
        problems.add(
            "image_release", f'"{release}" is not of Kubernetes {args.kubernetes_version}; it would begin with it'
        )


def _admins(args: EksClusterArgs, problems: Problems) -> None:
    for index, principal in enumerate(args.admins):
        if not _PRINCIPAL.fullmatch(principal):
            hint = "; give the role itself, not a session of it" if ":assumed-role/" in principal else ""
            problems.add(f"admins[{index}]", f'"{principal}" is not the ARN of an IAM role or user{hint}')
        elif principal in args.admins[:index]:
            problems.add(f"admins[{index}]", f'"{principal}" is there twice')


def _tags(args: EksClusterArgs, problems: Problems) -> None:
    for key, value in args.tags.items():
        at = f"tags.{key}"
        if key in OWN_TAGS:
            problems.add(at, "has its own argument, so that it is never left out")
        elif key.lower().startswith("aws:") or not 1 <= len(key) <= 128 or len(value) > 256:
            problems.add(
                at, "is no tag that AWS takes: a key of 1 to 128 characters, not aws:, and a value of at most 256"
            )
    for field in ("owner", "team", "cost_center"):
        if not 1 <= len(getattr(args, field)) <= 256:
            problems.add(field, "must be 1 to 256 characters: it is a tag of everything")
