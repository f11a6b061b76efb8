"""Workloads of a stack as the capacity arithmetic sees them: equal pods of one template, and what is wrong with where they are to run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from pulumi_kubeml.capacity.charges import overdrawn
from pulumi_kubeml.capacity.model import Pod, Quota
from pulumi_kubeml.capacity.placement import predict
from pulumi_kubeml.capacity.quantity import QuantityError, amount, show
from pulumi_kubeml.nodes import NodePool
from pulumi_kubeml.pods import Quantities, check_fit, check_resources, resources
from pulumi_kubeml.problems import Problems, listed, suggestion
from pulumi_kubeml.serving import ModelServerSpec
from pulumi_kubeml.stack.model import NAMESPACE
from pulumi_kubeml.storage.claims import ClaimSpec
from pulumi_kubeml.tenancy import TeamSpec
from pulumi_kubeml.training import TFJobSpec
from pulumi_kubeml.training.check import FIELDS

SHARES = "gpuShares"
"""What a team may use of pools that share their devices."""
DEVICES = "kubeml.io/device"
"""One name for whatever pods ask of accelerators, for quotas that are told apart by class."""
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
        pool, at = pools.get(work.pool), problems.under(work.path)
        right = check_resources(work.requests, work.limits, at)
        if right and pool is not None and check_fit(work.requests, work.limits, work.accelerators, pool, at):
            runnable.append((work, pool, work.pod(pool)))
    _room(runnable, problems)
    for index, team in enumerate(teams):
        if team:
            mine = [each for each in runnable if each[0].team == team.name]
            _quotas(team, index, mine, problems)
            _storage(team, index, [claim for work, _, _ in mine for claim in work.claims], problems)


def _known(name: str, known: Iterable[str], path: str, what: str, problems: Problems) -> None:
    known = list(known)
    if name not in known:
        allowed = f"allowed: {listed(known)}" if known else f"there is no {what}"
        problems.add(path, f'"{name}" is no {what}; {allowed}' + suggestion(name, known))


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


def _quotas(team: TeamSpec, index: int, mine: Sequence[tuple[Work, NodePool, Pod]], problems: Problems) -> None:
    """Note what the workloads of a team ask for beyond its quotas: one on all of them, one for each purpose and accelerator."""
    users: dict[tuple[str, str], list[Work]] = {}
    pods: list[Pod] = []
    for work, pool, pod in mine:
        if work.accelerators and pool.accelerator:
            kind, key = (SHARES, pool.name) if pool.shares else (work.purpose, pool.accelerator.key)
            users.setdefault((kind, key), []).append(work)
            # A quota tells accelerators apart by the class of the pods; shared or not, devices are counted as they are asked for.
            requests = {**pod.requests, DEVICES: work.accelerators}
            pods.append(replace(pod, requests=requests, priority_class=f"{kind}.{key}"))
        else:
            pods.append(pod)
    quotas = [Quota(team.name, "team", _hard(team)), *(_class_quota(team, *each) for each in users)]
    for quota, key, asked in overdrawn(quotas, pods):
        if not quota.scoped:
            problems.add(
                f"{NAMESPACE}:teams[{index}].{key}",
                f"{getattr(team, key)}, but the workloads request {show(key, asked)} at most; raise it or lower them",
            )
            continue
        purpose, _, accelerator = quota.name.partition(".")
        parts = ", ".join(f"{work.name} {work.replicas} x {work.accelerators}" for work in users[purpose, accelerator])
        problems.add(
            f"{NAMESPACE}:teams[{index}].{quota.name}",
            f"{quota.hard[key]}, but the workloads {VERB.get(purpose, 'run')} on {asked} at most ({parts}); raise it to {asked} or lower them",
        )


def _hard(team: TeamSpec) -> dict[str, int]:
    """Make what all pods of a team may request, of what can be read."""
    found: dict[str, int] = {}
    for key in ("cpu", "memory"):
        with suppress(QuantityError):
            found[key] = amount(key, getattr(team, key))
    return found


def _class_quota(team: TeamSpec, purpose: str, key: str) -> Quota:
    """Make the quota of a team on an accelerator for a purpose, or on what a pool shares."""
    grants = {"servingGpus": team.serving_gpus, SHARES: team.gpu_shares}
    granted = grants.get(purpose, team.training_gpus)
    scope = {"scopeName": "PriorityClass", "operator": "In", "values": [f"{purpose}.{key}"]}
    hard = {f"requests.{DEVICES}": granted.get(key, 0)}
    return Quota(team.name, f"{purpose}.{key}", hard, scoped=True, scopes=(scope,))


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
