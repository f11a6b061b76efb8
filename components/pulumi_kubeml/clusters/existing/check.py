"""Everything that can be wrong with what is said of a cluster that is there already, found before anything is registered."""

import re
from collections.abc import Mapping, Sequence

from pulumi_kubeml import catalog
from pulumi_kubeml.catalog.charts import charts
from pulumi_kubeml.clusters import check as common
from pulumi_kubeml.clusters.args import AnyClusterArgs
from pulumi_kubeml.clusters.existing.args import CLOUD_KINDS, DISTRIBUTIONS, ExistingClusterArgs, StackClusterArgs
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.nodes import NodePool, resolve_all, resolve_locals
from pulumi_kubeml.problems import ConfigurationError, Problems, listed, suggestion
from pulumi_kubeml.storage.claims import ACCESS_MODES

CLOUDS: Mapping[str, str] = dict(zip(CLOUD_KINDS, ("aws", "gcp", "azure"), strict=True))

_VERSION = re.compile(r"1\.[0-9]{1,2}", re.ASCII)


def check(name: str, args: ExistingClusterArgs, *, given: bool = False) -> None:
    """Raise InvalidArgs with all problems of the arguments, if there are any.

    `given`: whether the kubeconfig itself is given, beside them.
    """
    problems = Problems()
    _common(name, args, problems)
    common.check_choice("distribution", args.distribution, DISTRIBUTIONS, problems)
    _way_in(args, given, problems)
    _storage(args, problems)
    for index, addon in enumerate(args.built_in):
        if addon not in charts():
            problems.add(f"built_in[{index}]", f'"{addon}" is not in the chart table' + suggestion(addon, charts()))
    _pools(args, problems)
    problems.raise_if_any(InvalidArgs)


def check_stack(name: str, args: StackClusterArgs, stack: str) -> None:
    """Raise InvalidArgs with all problems of what is said of another stack's cluster, if there are any."""
    problems = Problems()
    _common(name, args, problems)
    common.check_choice("kind", args.kind, CLOUD_KINDS, problems)
    if stack.count("/") != 2 or not all(stack.split("/")):
        problems.add("stack", f'"{stack}" is not the name of a stack, such as organization/kubeml/dev-eks')
    _purposes(args.storage_classes, problems)
    if args.kind in CLOUDS:
        try:
            stack_pools(args)
        except ConfigurationError as error:
            problems.extend(error)
    problems.raise_if_any(InvalidArgs)


def local_pools(args: ExistingClusterArgs) -> tuple[NodePool, ...]:
    """Make the pools of a cluster that is there already, those of the platform first."""
    return tuple(sorted(resolve_locals(args.node_pools), key=_rank))


def stack_pools(args: StackClusterArgs) -> tuple[NodePool, ...]:
    """Make the pools of another stack's cluster; where they may be, that stack has decided."""
    return resolve_all(args.node_pools, CLOUDS[args.kind], path="node_pools")


def lacks(args: ExistingClusterArgs) -> dict[str, str]:
    """Make what a cluster cannot give, each with the reason.

    >>> args = ExistingClusterArgs(kubernetes_version="1.35", distribution="kind", context="kind-ml", node_pools=[])
    >>> sorted(lacks(args))
    ['identity', 'internal', 'shared']
    """
    known = catalog.distributions().get(args.distribution)
    what = known.name if known else "a cluster of which nothing is known"
    balancers = known.balancers if known else "none is known of here"
    found = {
        "internal": f"needs a load balancer inside the cluster's network, but on {what} {balancers}; allowed: cluster",
        "identity": f"{what} belongs to no cloud whose permissions a service account could have; "
        "give the pods what they need otherwise",
    }
    for purpose, mode in ACCESS_MODES.items():
        if purpose not in storage(args):
            found[purpose] = (
                f"needs a storage class of volumes for {mode}, but {what} brings none; "
                f"name one in storage_classes.{purpose} of the cluster"
            )
    return found


def storage(args: ExistingClusterArgs) -> dict[str, str]:
    """Make the name of the storage class by purpose: what is said, else the distribution's own.

    >>> storage(ExistingClusterArgs(kubernetes_version="1.35", distribution="minikube", context="minikube", node_pools=[]))
    {'block': 'standard'}
    """
    known = catalog.distributions().get(args.distribution)
    own = {"block": known.storage_class} if known and known.storage_class else {}
    return {**own, **args.storage_classes}


def _common(name: str, args: AnyClusterArgs, problems: Problems) -> None:
    common.check_name(name, problems)
    common.check_environment(args, problems)
    if not _VERSION.fullmatch(args.kubernetes_version):
        problems.add("kubernetes_version", f'"{args.kubernetes_version}" is not a version, such as "1.35"')
    for key in args.tags:
        if key in common.OWN_TAGS:
            problems.add(f"tags.{key}", "has its own argument, so that it is never left out")


def _way_in(args: ExistingClusterArgs, given: bool, problems: Problems) -> None:
    if given and args.kubeconfig_file is not None:
        problems.add("kubeconfig_file", "is given beside a kubeconfig; leave one of the two out")
    elif not given and args.context is None:
        problems.add(
            "context",
            "not given, but without it the cluster is whichever kubectl was last told to use; "
            "`kubectl config get-contexts` lists them",
        )


def _storage(args: ExistingClusterArgs, problems: Problems) -> None:
    _purposes(args.storage_classes, problems)
    if args.distribution in DISTRIBUTIONS and "block" not in storage(args):
        problems.add(
            "storage_classes.block",
            f"not given, but the platform keeps its metrics on volumes, and {args.distribution} brings no class of them; "
            "name one that is there",
        )


def _purposes(classes: Mapping[str, str], problems: Problems) -> None:
    for purpose, named in classes.items():
        if purpose not in ACCESS_MODES:
            problems.add(
                f"storage_classes.{purpose}",
                f"is no purpose; allowed: {listed(ACCESS_MODES)}" + suggestion(purpose, ACCESS_MODES),
            )
        elif not named:
            problems.add(f"storage_classes.{purpose}", "empty; give the name of a storage class")


def _pools(args: ExistingClusterArgs, problems: Problems) -> None:
    try:
        pools: Sequence[NodePool] = local_pools(args)
    except ConfigurationError as error:
        problems.extend(error)
        return
    if pools and all(_rank(pool) == len(_RANKS) for pool in pools):
        problems.add(
            "node_pools",
            "all have an accelerator that keeps other pods away, and the platform's own pods go nowhere; "
            "add a pool without one, or say untainted where there is one kind of node",
        )


def _rank(pool: NodePool) -> int:
    """Which pool the platform's pods go to first."""
    return next((rank for rank, fits in enumerate(_RANKS) if fits(pool)), len(_RANKS))


_RANKS = (
    lambda pool: pool.spec.purpose == "system",
    lambda pool: pool.accelerator is None,
    lambda pool: all(each.key != pool.resource_key for each in pool.taints),
)
