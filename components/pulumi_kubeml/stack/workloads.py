"""Workloads of a stack as the capacity arithmetic sees them: equal pods of one template, and what is wrong with where they are to run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pulumi_kubeml.capacity.fits import shortfalls
from pulumi_kubeml.capacity.model import Pod, Quota
from pulumi_kubeml.capacity.placement import predict
from pulumi_kubeml.capacity.quantity import QuantityError, amount, show
from pulumi_kubeml.capacity.quota import usage
from pulumi_kubeml.nodes import NodePool
from pulumi_kubeml.pods import Quantities, resources
from pulumi_kubeml.problems import ConfigurationError, Problems, listed, suggestion
from pulumi_kubeml.serving import ModelServerSpec
from pulumi_kubeml.stack.model import NAMESPACE
from pulumi_kubeml.storage.claims import ClaimSpec
from pulumi_kubeml.tenancy import TeamSpec
from pulumi_kubeml.training import TFJobSpec
from pulumi_kubeml.training.check import FIELDS

KEYS = ("cpu", "memory", "ephemeral-storage")
"""What a container may ask for by itself; devices come with `accelerators`."""
VERB = {"servingGpus": "serve", "trainingGpus": "train"}


@dataclass(frozen=True, kw_only=True)
class Work:
    """Equal pods of one template, with the paths of what decides about them."""

    name: str
    team: str
    pool: str
    purpose: str
    """The key of the team's devices that they use."""
    replicas: int
    """At most, the autoscaler at its maximum."""
    accelerators: int
    requests: Quantities
    limits: Quantities
    path: str
    count_path: str
    """Where the number of replicas stands."""
    team_path: str
    claims: Sequence[ClaimSpec] = ()

    def pod(self, pool: NodePool) -> Pod:
        """Make the pods for a pool that has enough devices a node."""
        placement = pool.placement(self.accelerators)
        asked = resources(self.requests, self.limits, placement.resources)["requests"]
        return Pod(
            self.name,
            self.team,
            replicas=self.replicas,
            requests={key: amount(key, value) for key, value in asked.items()},
            node_selector=placement.node_selector,
            tolerations=tuple(placement.tolerations),
            path=self.count_path,
        )


def works(serving: Sequence[ModelServerSpec | None], training: Sequence[TFJobSpec | None]) -> Iterator[Work]:
    """Make one Work for each model server and for each role of a job."""
    for index, server in enumerate(serving):
        if server is None:
            continue
        at = f"{NAMESPACE}:serving[{index}]"
        scaled = server.autoscaling is not None and server.autoscaling.max >= server.replicas
        yield Work(
            name=server.name,
            team=server.team,
            pool=server.pool,
            purpose="servingGpus",
            replicas=server.most_replicas,
            accelerators=server.accelerators,
            requests=server.requests,
            limits=server.limits,
            path=at,
            count_path=f"{at}.{'autoscaling.max' if scaled else 'replicas'}",
            team_path=f"{at}.team",
            claims=server.claims,
        )
    for index, job in enumerate(training):
        if job is None:
            continue
        at = f"{NAMESPACE}:training[{index}]"
        claims = job.claims
        for role, each in job.roles.items():
            path = f"{at}.{'parameterServer' if role == 'PS' else FIELDS[role]}"
            yield Work(
                name=f"{job.name}/{role}",
                team=job.team,
                pool=each.pool,
                purpose="trainingGpus",
                replicas=each.replicas,
                accelerators=each.accelerators,
                requests=each.requests,
                limits=each.limits,
                path=path,
                count_path=f"{path}.replicas",
                team_path=f"{at}.team",
                claims=claims,
            )
            claims = ()  # made once a job


def check(
    found: Iterable[Work], pools: Mapping[str, NodePool | None], teams: Sequence[TeamSpec | None], problems: Problems
) -> None:
    """Note every workload without a team or a pool, that fits no node, or for which pool or team are too small.

    Args:
        found: The workloads.
        pools: Pools by name; None for one that could not be resolved.
        teams: Teams in the order of the stack file.
        problems: Where to note.
    """
    runnable: list[tuple[Work, NodePool, Pod]] = []
    names = [team.name for team in teams if team]
    for work in found:
        _known(work.team, names, work.team_path, "team", problems)
        _known(work.pool, pools, f"{work.path}.pool", "pool", problems)
        pool = pools.get(work.pool)
        if not _quantities(work, problems) or pool is None:
            continue
        try:
            pod = work.pod(pool)
        except ConfigurationError as error:
            for problem in error.problems:
                problems.add(f"{work.path}.{problem.path}", problem.message)
            continue
        lacking = shortfalls(pod.requests, pool.allocatable)
        for each in lacking:
            problems.add(f"{work.path}.pool", f'"{pool.name}", but a pod {each} ({pool.machine.name})')
        if not lacking:
            runnable.append((work, pool, pod))
    _room(runnable, problems)
    for index, team in enumerate(teams):
        if team:
            mine = [each for each in runnable if each[0].team == team.name]
            _devices(team, index, mine, problems)
            _quota(team, index, [pod for _, _, pod in mine], problems)
            _storage(team, index, [claim for work, _, _ in mine for claim in work.claims], problems)


def _known(name: str, known: Iterable[str], path: str, what: str, problems: Problems) -> None:
    known = list(known)
    if name not in known:
        allowed = f"allowed: {listed(known)}" if known else f"there is no {what}"
        problems.add(path, f'"{name}" is no {what}; {allowed}' + suggestion(name, known))


def _quantities(work: Work, problems: Problems) -> bool:
    before = len(problems)
    for field, quantities in (("limits", work.limits), ("requests", work.requests)):
        for key, value in quantities.items():
            path = f"{work.path}.{field}.{key}"
            if key not in KEYS:
                problems.add(path, f"unknown key; allowed: {listed(KEYS)}; devices are asked for by accelerators")
                continue
            try:
                amount(key, value)
            except QuantityError as error:
                problems.add(path, str(error))
    if len(problems) > before:
        return False
    for key in ("cpu", "memory"):
        if key not in work.limits and key not in work.requests:
            problems.add(f"{work.path}.requests.{key}", "missing, but needed: the scheduler must know")
    if "memory" not in work.limits:
        problems.add(f"{work.path}.limits.memory", "missing, but needed: a pod without it takes the node's")
    for key, value in work.requests.items():
        if key in work.limits and amount(key, value) > amount(key, work.limits[key]):
            problems.add(f"{work.path}.requests.{key}", f"{value} is above the limit {work.limits[key]}")
    return len(problems) == before


def _room(runnable: Sequence[tuple[Work, NodePool, Pod]], problems: Problems) -> None:
    """Note what is left without a node when everything runs at its most and the pools are at their maximum."""
    pools = {pool.name: pool for _, pool, _ in runnable}
    for placed in predict(list(pools.values()), [pod for _, _, pod in runnable]):
        if placed.missing:
            work = next(work for work, _, pod in runnable if pod.path == placed.pod.path)
            pool = pools[work.pool]
            devices = (
                f" with {work.accelerators} {pool.accelerator.key} each"
                if pool.accelerator and work.accelerators
                else ""
            )
            problems.add(
                work.count_path,
                f"{work.replicas} pods{devices}, but {placed.missing} of them find no room in pool {pool.name} "
                f"({pool.max} x {pool.machine.name}); raise its max or lower this",
            )


def _devices(team: TeamSpec, index: int, mine: Sequence[tuple[Work, NodePool, Pod]], problems: Problems) -> None:
    for purpose, granted in (("servingGpus", team.serving_gpus), ("trainingGpus", team.training_gpus)):
        asked: dict[str, list[Work]] = {}
        for work, pool, _ in mine:
            if work.purpose == purpose and work.accelerators and pool.accelerator:
                asked.setdefault(pool.accelerator.key, []).append(work)
        for key, those in asked.items():
            total = sum(work.replicas * work.accelerators for work in those)
            if total <= granted.get(key, 0):
                continue
            parts = ", ".join(f"{work.name} {work.replicas} x {work.accelerators}" for work in those)
            problems.add(
                f"{NAMESPACE}:teams[{index}].{purpose}.{key}",
                f"{granted.get(key, 0)}, but the workloads {VERB[purpose]} on {total} at most ({parts}); raise it to {total} or lower them",
            )


def _quota(team: TeamSpec, index: int, pods: Sequence[Pod], problems: Problems) -> None:
    used = usage(pods).get(team.name, {})
    for key in ("cpu", "memory"):
        try:
            hard = amount(key, getattr(team, key))
        except QuantityError:
            continue
        if used.get(key, 0) > hard:
            problems.add(
                f"{NAMESPACE}:teams[{index}].{key}",
                f"{getattr(team, key)}, but the workloads request {show(key, used[key])} at most; raise it or lower them",
            )


def _storage(team: TeamSpec, index: int, claims: Sequence[ClaimSpec], problems: Problems) -> None:
    made = [claim for claim in claims if claim.size is not None]
    if len(made) > team.claims:
        problems.add(f"{NAMESPACE}:teams[{index}].claims", f"{team.claims}, but the workloads make {len(made)}")
    try:
        total = sum(amount("storage", claim.size or 0) for claim in made)
        hard = amount("storage", team.storage)
    except QuantityError:
        return
    if total > hard:
        problems.add(
            f"{NAMESPACE}:teams[{index}].storage",
            f"{team.storage}, but the claims are {show('storage', total)}; raise it or lower them",
        )


def quota_of(team: TeamSpec, devices: Mapping[str, int]) -> Quota:
    """Make the quota of a team on devices, as capacity counts it."""
    return Quota(team.name, "team", {f"requests.{key}": count for key, count in devices.items()})
