"""The real scheduler judges what volumes do to pods: the same node, or the same words, from the same state of claims and volumes."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.cluster import drawn, drawn_volumes
from tests.cluster.judge import Judge
from tests.cluster.shelf import stored
from tests.cluster.test_judge import Tally, compare

from kubeml_simulator.kubernetes.control_plane.volumes import Provisioner
from pulumi_kubeml.capacity.volumes import ELSEWHERE, IN_USE, NO_ZONE, NONE_TO_BIND, UNBOUND

CASES = 100


@pytest.fixture
def judge(client: Any) -> Any:
    provisioner = Provisioner(client)
    provisioner.start()
    yield Judge(client)
    provisioner.stop()
    for volume in client.list("v1", "PersistentVolume"):
        client.delete("v1", "PersistentVolume", volume["metadata"]["name"])


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[drawn.Manifest], drawn_volumes.Storage, list[drawn.Manifest]]:
    storage = draw(drawn_volumes.storage())
    return draw(drawn.nodes()), storage, draw(drawn_volumes.pods(storage.claims))


def test_the_scheduler_minds_volumes_as_the_arithmetic_does(judge: Judge, record_property: Any) -> None:
    tally = Tally()

    @settings(max_examples=CASES, phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck))
    @given(cases())
    def judged(case: Any) -> None:
        nodes, storage, pods = case
        with judge.nodes(nodes) as made, stored(made, storage) as shelf:
            for pod in pods:
                compare(made, pod, tally, shelf.claims())
        tally.cases += 1

    judged()
    record_property(
        "told",
        f"volumes against the scheduler: {tally.cases} cases, {tally.decisions} decisions, {tally.pending} of them Pending",
    )
    assert tally.cases >= CASES
    for reason in (ELSEWHERE, NONE_TO_BIND, NO_ZONE, IN_USE, UNBOUND, "not found"):
        assert any(reason in each for each in tally.reasons), f"no drawn case has the reason: {reason}"
