"""What is wrong between the parts of a stack: pools that hold less than teams may use, workloads that fit nowhere, names that clash.

The arithmetic is that of `capacity`, which the policy pack and the preview use too.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from pulumi_kubeml.addons import PlatformSpec
from pulumi_kubeml.addons.check import check as check_platform
from pulumi_kubeml.capacity.quantity import QuantityError, amount
from pulumi_kubeml.capacity.quota import over_capacity
from pulumi_kubeml.catalog import accelerators
from pulumi_kubeml.catalog.charts import charts
from pulumi_kubeml.clusters.args import AnyClusterArgs, Environment
from pulumi_kubeml.clusters.contract import SYSTEM_POOL
from pulumi_kubeml.names import camel
from pulumi_kubeml.nodes import LocalPool, NodePool, NodePoolSpec
from pulumi_kubeml.problems import ConfigurationError, Problems, listed
from pulumi_kubeml.serving import ModelServerSpec
from pulumi_kubeml.serving.check import check as check_server
from pulumi_kubeml.stack import workloads
from pulumi_kubeml.stack.kinds import Kind
from pulumi_kubeml.stack.model import NAME, NAMESPACE
from pulumi_kubeml.tenancy import TeamSpec
from pulumi_kubeml.tenancy.team import check as check_team
from pulumi_kubeml.training import TFJobSpec
from pulumi_kubeml.training.check import check as check_job

RESERVED = ("default", "kube-system", "kube-public", "kube-node-lease")


@dataclass(frozen=True)
class Parts:
    """The parts of a stack as far as they could be read; None stands for an item that could not."""

    environment: Environment
    kind: Kind | None
    """Without it nothing is known of machines, and pools are not judged."""
    cluster: AnyClusterArgs | None
    pools: Sequence[NodePoolSpec | LocalPool | None]
    platform: PlatformSpec
    teams: Sequence[TeamSpec | None]
    serving: Sequence[ModelServerSpec | None]
    training: Sequence[TFJobSpec | None]

    def arguments(self) -> AnyClusterArgs:
        """Make the arguments of the cluster with its pools; only for parts without problems."""
        if self.cluster is None:
            raise ValueError("the cluster could not be read")
        return replace(self.cluster, node_pools=[pool for pool in self.pools if pool])


def check(parts: Parts, problems: Problems) -> None:
    """Note everything that is wrong between the parts, and within each beyond its shape."""
    kind, bare = parts.kind, parts.cluster
    if kind is not None and bare is not None:
        _note(problems, "cluster", lambda _: kind.check(NAME, bare))
    _note(problems, "platform", lambda at: check_platform(parts.platform, problems=at))
    for key, items in (
        ("pools", parts.pools),
        ("teams", parts.teams),
        ("serving", parts.serving),
        ("training", parts.training),
    ):
        _unique(key, items, problems)
    _clash(parts, problems)
    pools = {spec.name: _pool(index, spec, parts, problems) for index, spec in enumerate(parts.pools) if spec}
    for index, team in enumerate(parts.teams):
        if team:
            _team(team, index, problems)
    _gpus(parts, pools, problems)
    _shares(parts, pools, problems)
    lacks = kind.lacks(bare) if kind is not None and bare is not None else {}
    offered = [metric.name for metric in parts.platform.external_metrics]
    for index, server in enumerate(parts.serving):
        if server:
            _note(
                problems,
                f"serving[{index}]",
                lambda at, spec=server: check_server(spec, metrics=offered, lacks=lacks, problems=at),
            )
    for index, job in enumerate(parts.training):
        if job:
            _note(problems, f"training[{index}]", lambda at, spec=job: check_job(spec, lacks=lacks, problems=at))
    workloads.check(workloads.works(parts.serving, parts.training), pools, parts.teams, problems)


def _note(problems: Problems, at: str, checked: Callable[[Problems], object]) -> None:
    """Run a check of a component, and note what it finds in the words of a stack file."""
    found = Problems()
    try:
        checked(found)
    except ConfigurationError as error:
        found.extend(error)
    for problem in found:
        problems.add(f"{NAMESPACE}:{at}" + (f".{written(problem.path)}" if problem.path else ""), problem.message)


def written(path: str) -> str:
    """Make the path of a field as a stack file writes it.

    >>> written("system_pool.accelerators_per_node"), written("callers[0]")
    ('systemPool.acceleratorsPerNode', 'callers[0]')
    """
    return re.sub(r"[a-z]+(?:_[a-z]+)+", lambda name: camel(name[0]), path)


def _pool(index: int, spec: NodePoolSpec | LocalPool, parts: Parts, problems: Problems) -> NodePool | None:
    pool: list[NodePool] = []
    kind, cluster = parts.kind, parts.cluster
    if kind is not None:
        facts, zones = (kind.facts(cluster), kind.zones(cluster)) if cluster is not None else (None, ())
        _note(problems, f"pools[{index}]", lambda _: pool.append(kind.resolve(spec, zones=zones, facts=facts)))
    if spec.name == SYSTEM_POOL and not isinstance(spec, LocalPool):
        problems.add(
            f"{NAMESPACE}:pools[{index}].name", f'"{SYSTEM_POOL}" is the cluster\'s own pool; see cluster.systemPool'
        )
    return pool[0] if pool else None


def _unique(
    key: str,
    items: Sequence[NodePoolSpec | LocalPool | TeamSpec | ModelServerSpec | TFJobSpec | None],
    problems: Problems,
) -> None:
    first: dict[str, int] = {}
    for index, item in enumerate(items):
        if item is not None and first.setdefault(item.name, index) != index:
            problems.add(
                f"{NAMESPACE}:{key}[{index}].name",
                f'"{item.name}" is the name of {key}[{first[item.name]}] too; names are unique',
            )


def _clash(parts: Parts, problems: Problems) -> None:
    """A server and a job of one team share their names with objects of the same kinds, and so do their claims."""
    servers = {(server.team, server.name): index for index, server in enumerate(parts.serving) if server}
    made: dict[tuple[str, str], str] = {}
    for key, items in (("serving", parts.serving), ("training", parts.training)):
        for index, item in enumerate(items):
            if item is None:
                continue
            at = f"{key}[{index}]"
            if key == "training" and (item.team, item.name) in servers:
                other = f"serving[{servers[item.team, item.name]}]"
                problems.add(
                    f"{NAMESPACE}:{at}.name",
                    f'"{item.name}" is the name of {other} of the same team too; names are unique',
                )
            for number, claim in enumerate(item.claims):
                if claim.size is None:
                    continue
                here = f"{at}.claims[{number}]"
                if _quantity("storage", claim.size, f"{NAMESPACE}:{here}.size", problems):
                    owner = made.setdefault((item.team, claim.name), here)
                    if owner != here:
                        problems.add(
                            f"{NAMESPACE}:{here}.size",
                            f'claim "{claim.name}" is made by {owner} already; without a size it is only mounted',
                        )


def _team(team: TeamSpec, index: int, problems: Problems) -> None:
    at = f"teams[{index}]"
    _note(problems, at, lambda _: check_team(team))
    platform = {row.namespace for row in charts().values()}
    if team.name in platform or team.name in RESERVED or team.name.startswith("kube-"):
        problems.add(
            f"{NAMESPACE}:{at}.name",
            f'"{team.name}" is a namespace of Kubernetes or of the platform; any other name will do',
        )


def _quantity(resource: str, value: str | int, path: str, problems: Problems) -> bool:
    try:
        if amount(resource, value) > 0:
            return True
        problems.add(path, f"{value}; allowed: more than 0")
    except QuantityError as error:
        problems.add(path, str(error))
    return False


def _shares(parts: Parts, pools: dict[str, NodePool | None], problems: Problems) -> None:
    """Pools must share what teams may use of them."""
    sharing = {pool.name: pool for pool in pools.values() if pool and pool.shares}
    left = {name: pool.capacity().get(pool.resource_key or "", 0) for name, pool in sharing.items()}
    for index, team in enumerate(parts.teams):
        for name, count in (team.gpu_shares if team else {}).items():
            at = f"{NAMESPACE}:teams[{index}].gpuShares.{name}"
            if name in pools and pools[name] is None:
                continue
            if name not in sharing:
                problems.add(
                    at,
                    f"{count}, but no pool of that name shares its devices; pools that do: {listed(sharing) or 'none'}",
                )
            elif count < 0:
                problems.add(at, f"{count}; allowed: 0 or more")
            elif count > left[name]:
                most = sharing[name].capacity().get(sharing[name].resource_key or "", 0)
                problems.add(
                    at, f"{count}, but pool {name} has {most} shares at most, {left[name]} of them left; lower this"
                )
            else:
                left[name] -= count


def _gpus(parts: Parts, pools: dict[str, NodePool | None], problems: Problems) -> None:
    """Pools must hold all devices that teams may use at once, accelerator by accelerator."""
    resolved = [pool for pool in pools.values() if pool]
    if len(resolved) < len(parts.pools):
        return  # a pool that could not be read may be the one that has them
    granted = [(index, team, team.gpus()) for index, team in enumerate(parts.teams) if team]
    for key in sorted({key for _, _, gpus in granted for key in gpus if key in accelerators()}):
        resource = accelerators()[key].resource_key
        whole = [pool for pool in resolved if pool.accelerator and not pool.shares]  # a grant is one of whole devices
        having = [pool for pool in whole if pool.accelerator and pool.accelerator.key == key]
        holders = [(index, team, gpus[key]) for index, team, gpus in granted if gpus.get(key, 0) > 0]
        quotas = [workloads.quota_of(team, {resource: count}) for _, team, count in holders]
        for excess in over_capacity(quotas, having):
            said = ", ".join(f"{team.name} {count}" for _, team, count in holders)
            if not having:
                shared = any(pool.shares and pool.accelerator and pool.accelerator.key == key for pool in resolved)
                owned = sorted({pool.accelerator.key for pool in whole if pool.accelerator})
                for index, team, _ in holders:
                    for field in ("serving_gpus", "training_gpus"):
                        if getattr(team, field).get(key):
                            problems.add(
                                f"{NAMESPACE}:teams[{index}].{camel(field)}.{key}",
                                f"{getattr(team, field)[key]}, but no pool has {'whole ' * shared}{key}; pools have: {listed(owned) or 'no accelerator'}",
                            )
            elif len(having) == 1:
                pool = having[0]
                index = next(i for i, spec in enumerate(parts.pools) if spec and spec.name == pool.name)
                enough = ceil(excess.total / pool.accelerators_per_node)
                problems.add(
                    f"{NAMESPACE}:pools[{index}].max",
                    f"{pool.max}, but the teams may use {excess.total} {key} ({said}); raise max to {enough} or lower a team",
                )
            else:
                shown = ", ".join(f"{pool.name} {pool.max} x {pool.accelerators_per_node}" for pool in having)
                problems.add(
                    f"{NAMESPACE}:teams",
                    f"may use {excess.total} {key} ({said}), but the pools have {excess.ceiling} at most ({shown}); raise a max or lower a team",
                )
