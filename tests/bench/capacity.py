"""What the capacity arithmetic costs: placement of many pods on many pools, quotas of many teams, and the growth of both.

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
TEAMS = 1_000
CLASSES = ("serving-l4", "serving-h100")


def rows() -> Iterator[Row]:
    """The figures of pods on pools and of teams' quotas, and of ten alike against a single one of ten times the size."""
    from pulumi_kubeml.capacity.charges import overdrawn
    from pulumi_kubeml.capacity.placement import predict

    few, many = [cluster(PODS // 10, POOLS // 10) for _ in range(10)], cluster(PODS, POOLS)
    assert not any(each.missing for each in predict(*many)), "all of them fit"
    small, large = _least(predict, few), _least(predict, [many])
    yield Row(what=f"{PODS:,} pods on {POOLS} pools", figure=large, budget=2, unit="s", gates=False)
    yield _growth("10 times the pods and pools / one time", small / 10, large)

    few, many = [teams(TEAMS) for _ in range(10)], teams(TEAMS * 10)
    assert len(overdrawn(*many)) == TEAMS, "each tenth team asks for one device too many"
    small, large = _least(overdrawn, few, 9), _least(overdrawn, [many], 9)
    yield Row(what=f"quotas of {TEAMS:,} teams", figure=small / 10, budget=0.5, unit="s", gates=False)
    yield _growth("10 times the teams' quotas / one time", small / 10, large)


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
