"""The real scheduler judges what the arithmetic says of claims: pod by pod, from the same state, both must give the same answer."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
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
    assert tally.decisions / 4 < tally.pending < tally.decisions * 3 / 4, "both answers are drawn"
    assert all(tally.words.values()), "each reason is drawn"


def compare(case: ClaimCase, manifest: drawn.Manifest, tally: Tally) -> bool:
    """Lets both decide about one pod, and puts it, and the devices it got, where the scheduler did; whether it found a node."""
    pod, held = case.pod(manifest), holders(case.nodes)
    predicted = decide(pod, case.nodes, NAMESPACES)
    chosen, said = case.ask(manifest)
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
