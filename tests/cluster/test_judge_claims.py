"""The real scheduler judges what the arithmetic says of claims: pod by pod, from the same state, both must give the same answer."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, currently_in_test_context, given, note, settings
from tests.cluster import drawn, drawn_claims
from tests.cluster.judge_claims import ClaimCase, ClaimJudge
from tests.cluster.test_judge import NAMESPACES

from pulumi_kubeml.capacity.claims import ELSEWHERE, UNAVAILABLE
from pulumi_kubeml.capacity.decide import decide, holders
from pulumi_kubeml.capacity.packing import stranded

CASES = 80


@dataclass
class Tally:
    """What was judged."""

    cases: int = 0
    decisions: int = 0
    pending: int = 0
    words: dict[str, int] = field(default_factory=lambda: dict.fromkeys((UNAVAILABLE, ELSEWHERE, "does not exist"), 0))

    def __str__(self) -> str:
        said = ", ".join(f'{count} with "{words}"' for words, count in self.words.items())
        return f"{self.cases} cases with claims of devices, {self.decisions} decisions, {self.pending} of them Pending ({said})"


@pytest.fixture
def judge(client: Any) -> Iterator[ClaimJudge]:
    found = ClaimJudge(client)
    yield found
    found.close()


def test_the_scheduler_meets_claims_as_the_arithmetic_does(judge: ClaimJudge, record_property: Any) -> None:
    tally = Tally()

    @settings(max_examples=CASES, phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck))
    @given(drawn_claims.nodes_with_devices(), drawn_claims.pods_with_claims())
    def judged(
        nodes: tuple[list[drawn.Manifest], list[list[drawn.Manifest]]],
        pods: tuple[list[drawn.Manifest], list[drawn.Manifest]],
    ) -> None:
        with judge.devices(*nodes, pods[1]) as case:
            empty = deepcopy(case.nodes)
            left = [manifest for manifest in pods[0] if not compare(case, manifest, tally)]
        assert stranded([case.pod(each) for each in pods[0]], empty) <= len(left), "what is proven must stay Pending"
        tally.cases += 1

    judged()
    record_property("told", f"claims against the scheduler: {tally}")
    assert tally.cases >= CASES
    assert tally.decisions / 8 < tally.pending < tally.decisions * 7 / 8, "both answers are drawn"


ONE, MANY, STRANGE = (
    {"devices": {"requests": [{"name": "q0", "exactly": {"deviceClassName": name, "count": count}}]}}
    for name, count in (("gpu", 1), ("gpu", 3), ("absent", 1))
)
PODS_BY_REASON = {UNAVAILABLE: [(MANY, "")], ELSEWHERE: [(ONE, "a"), (ONE, "b")], "does not exist": [(STRANGE, "")]}
"""Pods that name one claim, one after the other, and the disk that a node of theirs must have; the last finds none."""


@pytest.mark.parametrize("reason", PODS_BY_REASON)
def test_every_reason_about_claims_is_the_schedulers_own(judge: ClaimJudge, reason: str) -> None:
    room = {"cpu": "4", "memory": "4Gi", "pods": "9"}
    nodes = [
        {
            "metadata": {"name": f"n{number}", "labels": {drawn.HOST: f"n{number}", drawn.DISK: disk}},
            "spec": {"taints": []},
            "status": {"capacity": dict(room), "allocatable": dict(room)},
        }
        for number, disk in enumerate("ab")
    ]
    gpu = {"driver": drawn_claims.GPU_DRIVER, "device": {"name": "dev-0", "attributes": {}}}
    spec = PODS_BY_REASON[reason][0][0]
    shared = {"kind": "ResourceClaim", "metadata": {"name": "s0", "namespace": "judge-a"}, "spec": spec}
    tally = Tally()
    with judge.devices(nodes, [[gpu], []], [shared]) as case:
        placed = [
            compare(case, _claiming(number, disk), tally) for number, (_, disk) in enumerate(PODS_BY_REASON[reason])
        ]
    assert placed == [True] * (len(placed) - 1) + [False]
    assert tally.words[reason] == 1


def _claiming(number: int, disk: str) -> drawn.Manifest:
    spec: drawn.Manifest = {
        "containers": [{"name": "main", "image": "registry.example.com/none"}],
        "resourceClaims": [{"name": "r0", "resourceClaimName": "s0"}],
        "nodeSelector": {drawn.DISK: disk} if disk else {},
        "terminationGracePeriodSeconds": 0,
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p{number}", "namespace": "judge-a"}, "spec": spec}


def compare(case: ClaimCase, manifest: drawn.Manifest, tally: Tally) -> bool:
    """Lets both decide about one pod, and puts it, and the devices it got, where the scheduler did; whether it found a node."""
    pod, held = case.pod(manifest), holders(case.nodes)
    predicted = decide(pod, case.nodes, NAMESPACES)
    chosen, said = case.ask(manifest)
    if currently_in_test_context():
        note(f"{pod.name}: the arithmetic says {predicted}; the scheduler {chosen or said}")
    if predicted.nodes:
        assert chosen in predicted.nodes
        next(node for node in case.nodes if node.name == chosen).take(pod, grant=case.grant(manifest, pod, held))
    else:
        assert not chosen
        assert f"{said} ".startswith(f"{predicted} "), "what follows is about preemption"
    tally.decisions += 1
    tally.pending += not chosen
    for words in tally.words:
        tally.words[words] += words in said
    return bool(chosen)
