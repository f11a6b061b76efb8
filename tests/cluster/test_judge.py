"""The real scheduler judges the arithmetic: pod by pod, from the same state, both must give the same answer."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, currently_in_test_context, given, note, settings
from tests.cluster import drawn
from tests.cluster.judge import PROBE, Case, Judge

from pulumi_kubeml.capacity.decide import decide
from pulumi_kubeml.capacity.graph import Claims, known_pod
from pulumi_kubeml.capacity.packing import pack, stranded

CASES = 300
NAMESPACES = {
    name: {**labels, "kubernetes.io/metadata.name": name} for name, labels in ({**drawn.NAMESPACES, PROBE: {}}).items()
}


@dataclass
class Tally:
    """What was judged."""

    cases: int = 0
    decisions: int = 0
    pending: int = 0
    packings: int = 0
    missed: int = 0
    reasons: set[str] = field(default_factory=set[str])

    def __str__(self) -> str:
        share = self.missed / self.packings if self.packings else 0
        return (
            f"{self.cases} cases, {self.decisions} decisions, {self.pending} of them Pending; the arithmetic packs "
            f"{self.packings} sets whole, of which the scheduler leaves pods Pending in {self.missed} ({share:.1%})"
        )


@pytest.fixture
def judge(client: Any) -> Judge:
    return Judge(client)


def test_the_scheduler_decides_as_the_arithmetic_does(judge: Judge, record_property: Any) -> None:
    tally = Tally()

    @settings(
        max_examples=CASES,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn.nodes(), drawn.pods())
    def judged(nodes: list[drawn.Manifest], pods: list[drawn.Manifest]) -> None:
        with judge.nodes(nodes) as case:
            empty = deepcopy(case.nodes)
            left = [
                pod
                for manifest in pods
                if not compare(case, manifest, tally)
                for pod in [known_pod(case.own(manifest))]
            ]
        whole = [known_pod(case.own(manifest)) for manifest in pods]
        assert stranded(whole, empty) <= len(left), "what is proven to find no node must stay Pending"
        if not pack(whole, empty, NAMESPACES):
            tally.packings += 1
            tally.missed += bool(left)
        tally.cases += 1

    judged()
    record_property("told", f"capacity against the scheduler: {tally}")
    assert tally.cases >= CASES
    assert tally.decisions / 4 < tally.pending < tally.decisions * 3 / 4, "both answers are drawn"


def test_the_event_of_a_pending_pod_has_the_words_that_are_judged(judge: Judge) -> None:
    room = {"cpu": "1", "memory": "1Gi", "pods": "9"}
    node = {
        "metadata": {"name": "n0", "labels": {drawn.HOST: "n0"}},
        "spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]},
        "status": {"capacity": room, "allocatable": room},
    }
    container = {"name": "main", "image": "registry.example.com/none"}
    pod = {"metadata": {"name": "p0", "namespace": "judge-a"}, "spec": {"containers": [container]}}
    with judge.nodes([node]) as case:
        chosen, said = case.ask(pod)
        assert not chosen
        assert case.event(pod) == said
        assert said.startswith("0/1 nodes are available: 1 node(s) had untolerated taint(s).")


def compare(case: Case, manifest: drawn.Manifest, tally: Tally, claims: Claims | None = None) -> bool:
    """Lets both decide about one pod, and puts it where the scheduler did; whether it found a node."""
    pod = known_pod(case.own(manifest), claims=claims)
    predicted = decide(pod, case.nodes, NAMESPACES)
    chosen, said = case.ask(manifest)
    if currently_in_test_context():
        note(f"{pod.name}: the arithmetic says {predicted}; the scheduler {chosen or said}")
    if predicted.nodes:
        assert chosen in predicted.nodes
        next(node for node in case.nodes if node.name == chosen).take(pod)
    else:
        assert not chosen
        assert f"{said} ".startswith(f"{predicted} "), "what follows is about preemption"
    tally.decisions += 1
    tally.reasons |= {predicted.conflict, *predicted.reasons}
    tally.pending += not chosen
    return bool(chosen)
