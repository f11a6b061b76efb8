"""What can be wrong with the arguments of a cluster on any cloud; each kind adds what its cloud demands."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from ipaddress import IPv4Network, ip_network
from typing import TypeVar

from pulumi_kubeml import catalog
from pulumi_kubeml.clusters.args import ENVIRONMENTS, AnyClusterArgs, ClusterArgs
from pulumi_kubeml.clusters.contract import SYSTEM_POOL
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.names import is_label
from pulumi_kubeml.nodes import ClusterFacts, NodePool, NodePoolSpec, resolve, resolve_all
from pulumi_kubeml.problems import ConfigurationError, Problems, listed, suggestion

NAME_LIMIT = 30
OWN_TAGS = ("environment", "owner", "team", "cost-center")

Args = TypeVar("Args", bound=ClusterArgs)


def check_name(name: str, problems: Problems) -> None:
    """Note a component's name that is too long for what is made of it, or no name."""
    if not is_label(name, longest=NAME_LIMIT):
        problems.add("name", f'"{name}" is not a name: lower-case letters, digits and dashes, at most {NAME_LIMIT}')


def check_version(args: ClusterArgs, kind: str, problems: Problems) -> None:
    """Note a version of Kubernetes that a kind of clusters does not offer."""
    versions = catalog.kubernetes_versions(kind)
    if args.kubernetes_version not in versions:
        problems.add(
            "kubernetes_version",
            f'"{args.kubernetes_version}" is not offered by {kind.upper()}; allowed: {listed(versions)}',
        )


def check_choice(field: str, value: str, allowed: Sequence[str], problems: Problems) -> None:
    """Note a value that is none of those that there are."""
    if value not in allowed:
        problems.add(field, f'"{value}" is not one of {listed(allowed)}' + suggestion(value, allowed))


def check_environment(args: AnyClusterArgs, problems: Problems) -> None:
    """Note a stage that is none."""
    check_choice("environment", args.environment, ENVIRONMENTS, problems)


def lists_only(args: Args, fields: Iterable[str], problems: Problems) -> Args:
    """Note fields with one text where a list of them is needed, and make the arguments without those."""
    for field in fields:
        if isinstance(getattr(args, field), str):
            problems.add(field, f'"{getattr(args, field)}" is one text; allowed: a list of them')
            args = replace(args, **{field: ()})
    return args


def check_access(args: ClusterArgs, most: int, problems: Problems) -> list[tuple[str, IPv4Network]]:
    """Note blocks that may reach the API and are none, or are everyone; make the others, each with its path."""
    if len(args.endpoint_access) > most:
        problems.add("endpoint_access", f"{len(args.endpoint_access)} blocks; allowed: {most} at most")
    found: list[tuple[str, IPv4Network]] = []
    for index, text in enumerate(args.endpoint_access):
        path = f"endpoint_access[{index}]"
        network = block(text)
        if network is None:
            problems.add(
                path, f'"{text}" is not an IPv4 CIDR block, such as 203.0.113.0/24, with no bit beyond its prefix'
            )
        elif network.prefixlen:
            found.append((path, network))
        elif not args.i_know_this_is_public:
            problems.add(
                path,
                f'"{text}" lets anyone knock at the API; name your own blocks, '
                "or set i_know_this_is_public (iKnowThisIsPublic in a stack file)",
            )
    return found


def check_system_pool(spec: NodePoolSpec, problems: Problems) -> None:
    """Note what keeps a pool from being the platform's own."""
    if spec.name != SYSTEM_POOL:
        problems.add("name", f'"{spec.name}", but the cluster\'s own pool is called "{SYSTEM_POOL}"')
    if spec.purpose != SYSTEM_POOL:
        problems.add("purpose", f'"{spec.purpose}", but the platform\'s pods are alone here; allowed: system')
    if spec.accelerator is not None:
        problems.add("accelerator", f'"{spec.accelerator}", but the platform\'s pods use none')
    if spec.min == 0:
        problems.add("min", "0, but without a node here no name is resolved and no volume attached; allowed: 1 or more")


def resolve_pools(
    args: ClusterArgs,
    cloud: str,
    zones: Sequence[str],
    problems: Problems | None = None,
    facts: ClusterFacts | None = None,
) -> tuple[NodePool, ...]:
    """Make the pools of a cluster, its own first; raises InvalidArgs with the problems of all, and those found before.

    `facts` are what the cluster says of itself in the words of the preconditions (`nodes/facts.py`).
    """
    problems = Problems() if problems is None else problems
    pools: list[NodePool] = []
    try:
        pools.append(resolve(args.system_pool, cloud, path="system_pool", zones=zones, cluster=facts))
    except ConfigurationError as error:
        problems.extend(error)
    for index, spec in enumerate(args.node_pools):
        if spec.name == SYSTEM_POOL:
            problems.add(f"node_pools[{index}].name", f'"{SYSTEM_POOL}" is the cluster\'s own pool; see system_pool')
    try:
        pools.extend(resolve_all(args.node_pools, cloud, path="node_pools", zones=zones, cluster=facts))
    except ConfigurationError as error:
        problems.extend(error)
    problems.raise_if_any(InvalidArgs)
    return tuple(pools)


def tags(args: AnyClusterArgs) -> dict[str, str]:
    """Make the tags of everything that the cluster owns.

    >>> from pulumi_kubeml.clusters.eks import EksClusterArgs
    >>> args = EksClusterArgs(kubernetes_version="1.35", endpoint_access=[], node_pools=[], tags={"project": "chat"})
    >>> tags(args)["project"], tags(args)["environment"]
    ('chat', 'dev')
    """
    own = (args.environment, args.owner, args.team, args.cost_center)
    return {**args.tags, **dict(zip(OWN_TAGS, own, strict=True))}


def block(text: object) -> IPv4Network | None:
    """Make a block of IPv4 addresses of its text; None where it is none.

    >>> block("10.0.0.0/16"), block("10.0.0.1/16"), block("10.0.0.0")
    (IPv4Network('10.0.0.0/16'), None, None)
    """
    try:
        network = ip_network(text) if isinstance(text, str) and "/" in text else None
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) else None
