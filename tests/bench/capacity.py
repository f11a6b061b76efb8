"""What the capacity arithmetic costs: pods on pools, quotas of teams, queues in cohorts, and the growth of each.

In seconds of the processor, the least of several rounds, so that what else the machine does matters little; the garbage
collector is off meanwhile, for what it takes depends on all else that is loaded.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from time import process_time
from typing import Any

from tests.bench.measure import Row, compared

GPU, HOST = "nvidia.com/gpu", "kubernetes.io/hostname"
PODS, POOLS, NODES, REPLICAS = 5_000, 50, 20, 5
TEAMS = QUEUES = 1_000
CLASSES = ("serving-l4", "serving-h100")


def rows() -> Iterator[Row]:
    """The figures of pods on pools and of teams' quotas, and of ten alike against a single one of ten times the size."""
    from pulumi_kubeml.capacity.charges import overdrawn
    from pulumi_kubeml.capacity.placement import predict
    from pulumi_kubeml.capacity.scaling import scale

    few, many = [cluster(PODS // 10, POOLS // 10) for _ in range(10)], cluster(PODS, POOLS)
    assert not any(each.missing for each in predict(*many)), "all of them fit"
    small, large = _least(predict, few), _least(predict, [many])
    yield Row(what=f"{PODS:,} pods on {POOLS} pools", figure=large, budget=2, unit="s", gates=False)
    yield _growth("10 times the pods and pools / one time", small / 10, large)
    small, large = _least(scale, few, 9), _least(scale, [many], 9)
    yield Row(what="the same on pools that scale", figure=large, budget=2, unit="s", gates=False)
    yield _growth("10 times the pods and pools that scale / one time", small / 10, large)

    few, many = [teams(TEAMS) for _ in range(10)], teams(TEAMS * 10)
    assert len(overdrawn(*many)) == TEAMS, "each tenth team asks for one device too many"
    small, large = _least(overdrawn, few, 9), _least(overdrawn, [many], 9)
    yield Row(what=f"quotas of {TEAMS:,} teams", figure=small / 10, budget=0.5, unit="s", gates=False)
    yield _growth("10 times the teams' quotas / one time", small / 10, large)

    few, many = [queues(QUEUES) for _ in range(10)], queues(QUEUES * 10)
    assert queued(*many) == (QUEUES * 9, 0), (
        "each tenth queue asks for more than it can ever have, and the pools have enough"
    )
    small, large = _least(queued, few, 3), _least(queued, [many], 3)
    yield Row(what=f"{QUEUES:,} Kueue queues in cohorts", figure=small / 10, budget=0.5, unit="s", gates=False)
    yield _growth("10 times the queues / one time", small / 10, large)


def _growth(what: str, small: float, large: float) -> Row:
    return Row(what=what, figure=large / small, budget=11, detail=compared(large, small))


def _least(action: Callable[..., object], cases: Sequence[tuple[Any, ...]], rounds: int = 5) -> float:
    """Makes the least seconds of processor time that going through all cases took."""
    taken: list[float] = []
    for _ in range(rounds):
        gc.collect()
        gc.disable()
        start = process_time()
        for case in cases:
            action(*case)
        taken.append(process_time() - start)
        gc.enable()
    return min(taken)


def cluster(pods: int, pools: int) -> tuple[list[Any], list[Any]]:
    """Makes pools, half of them with GPUs, and groups of equal pods for each; two in five stay apart or spread over nodes.

    >>> pools, groups = cluster(50, 2)
    >>> len(pools), sum(group.replicas for group in groups)
    (2, 50)
    """
    from pulumi_kubeml.capacity.model import Pod, Pool, Taint

    taint, room = Taint(GPU, "present", "NoSchedule"), {"cpu": 32_000, "memory": 2**37, "pods": 110}
    made = [
        Pool(
            f"pool-{number}",
            NODES,
            {"kubeml.io/pool": f"pool-{number}"},
            (taint,) if number % 2 else (),
            {**room, GPU: 8} if number % 2 else room,
        )
        for number in range(pools)
    ]
    groups: list[Pod] = []
    for number in range(pods // REPLICAS):
        pool, mine = number % pools, {"matchLabels": {"app": f"app-{number}"}}
        groups.append(
            Pod(
                f"app-{number}",
                f"team-{number % (pools * 2)}",
                REPLICAS,
                {"cpu": 500 + 10 * (number % 7), "memory": 2**30, **({GPU: 1} if pool % 2 else {})},
                {"kubeml.io/pool": f"pool-{pool}"},
                tolerations=({"key": GPU, "operator": "Exists"},),
                labels=mine["matchLabels"],
                apart=({"topologyKey": HOST, "labelSelector": mine},) if number % 5 == 0 else (),
                spread=({"topologyKey": HOST, "maxSkew": 1, "labelSelector": mine},) if number % 5 == 1 else (),
            )
        )
    return made, groups


def teams(count: int) -> tuple[list[Any], list[Any]]:
    """Makes the quotas of teams, one whole and one for each class of serving pods, and their pods.

    >>> quotas, pods = teams(2)
    >>> len(quotas), len(pods)
    (6, 8)
    """
    from pulumi_kubeml.capacity.model import Pod, Quota

    key = f"requests.{GPU}"
    quotas: list[Quota] = []
    pods: list[Pod] = []
    for number in range(count):
        team = f"team-{number}"
        quotas.append(Quota(team, "compute", {"requests.cpu": 100_000, "requests.memory": 2**40, "pods": 100}))
        for name in CLASSES:
            scope = {"scopeName": "PriorityClass", "operator": "In", "values": [name]}
            quotas.append(Quota(team, name, {key: 8}, scoped=True, scopes=(scope,)))
            replicas = 9 if number % 10 == 0 and name == CLASSES[0] else 8
            pods.append(Pod(name, team, replicas, {"cpu": 1000, GPU: 1}, priority_class=name))
        pods += [Pod(f"web-{each}", team, 3, {"cpu": 250, "memory": 2**28}) for each in range(2)]
    return quotas, pods


def queues(count: int) -> tuple[Any, list[Any], dict[str, Any]]:
    """Makes queues in cohorts of ten below one root for each hundred, the pools that they are promised, and what is used.

    >>> kueue, pools, usage = queues(100)
    >>> len(kueue.queues), len(kueue.cohorts), pools[0].max
    (100, 11, 100)
    """
    from pulumi_kubeml.capacity.kueue import ClusterQueue, Cohort, Flavor, Kueue, ResourceGroup, Share
    from pulumi_kubeml.capacity.model import Pool

    flavors = [Flavor(name, {"kubeml.io/pool": name}) for name in CLASSES]
    pools = [Pool(each.name, count, each.labels, (), {"cpu": 8000, "memory": 2**36, GPU: 8}) for each in flavors]
    mine = {"cpu": Share(8000), "memory": Share(2**36, 2**36), GPU: Share(8, 8)}
    group = ResourceGroup(tuple(mine), {each.name: mine for each in flavors})
    made = [
        ClusterQueue(f"team-{number}", f"org-{number // 10}", (group,), reclaim="Any", within="LowerPriority")
        for number in range(count)
    ]
    cohorts = [Cohort(f"org-{number}", f"root-{number // 10}") for number in range(-(-count // 10))]
    cohorts += [Cohort(f"root-{number}") for number in range(-(-count // 100))]
    usage = {
        each.name: {key: share.nominal * (0, 2, 1, 1)[number % 4] for key, share in group.shares()}
        for number, each in enumerate(made)
    }
    return Kueue(tuple(made), tuple(cohorts), tuple(flavors)), pools, usage


def queued(kueue: Any, pools: list[Any], usage: dict[str, Any]) -> tuple[int, int]:
    """Asks what every queue has, whether it takes its own again, and what the pools say; each tenth asks for too much.

    >>> queued(*queues(100))
    (90, 0)
    """
    from pulumi_kubeml.capacity.kueue import Queues, admit, judge

    tree = Queues(kueue.queues, kueue.cohorts, usage)
    assert all(each.used + each.left <= each.most for each in tree.lines()), "what is left is within what there is"
    asked = ({"cpu": 4000, "memory": 2**35, GPU: 17 if number % 10 == 0 else 8} for number in range(len(kueue.queues)))
    modes = [admit(tree, each.name, work).mode for each, work in zip(kueue.queues, asked, strict=True)]
    return sum(mode != "never" for mode in modes), len(judge(kueue, pools))
