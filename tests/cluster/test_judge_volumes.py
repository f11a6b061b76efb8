"""The real scheduler judges what volumes do to pods: the same node, or the same words, from the same state of claims and volumes."""

from copy import deepcopy
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


def claim(name: str, kind: str = "", mode: str = "ReadWriteOnce") -> drawn.Manifest:
    """A claim, of the volume of its name where it has no class."""
    asked: drawn.Manifest = {"accessModes": [mode], "resources": {"requests": {"storage": "1Gi"}}}
    asked |= {"storageClassName": kind} if kind else {"storageClassName": "judge-fixed", "volumeName": name}
    return {"metadata": {"name": name, "namespace": "judge-a"}, "spec": asked}


def volume(name: str, *terms: drawn.Manifest, mode: str = "ReadWriteOnce", **metadata: Any) -> drawn.Manifest:
    spec: drawn.Manifest = {
        "accessModes": [mode],
        "capacity": {"storage": "1Gi"},
        "storageClassName": "judge-fixed",
        "hostPath": {"path": "/nowhere"},
    }
    if terms:
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": list(terms)}}
    return {"metadata": {"name": name, **metadata}, "spec": spec}


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
    assert tally.decisions / 8 < tally.pending < tally.decisions * 7 / 8, "both answers are drawn"


C = {"matchExpressions": [{"key": drawn.ZONE, "operator": "In", "values": ["c"]}]}
CASES_BY_REASON = {
    ELSEWHERE: ([volume("v", C)], [claim("v")], ["v"]),
    NONE_TO_BIND: ([volume("free", C)], [claim("free", "judge-fixed")], ["free"]),
    NO_ZONE: ([volume("v", labels={drawn.ZONE: "c__d"})], [claim("v")], ["v"]),
    IN_USE: ([volume("v", mode="ReadWriteOncePod")], [claim("v", mode="ReadWriteOncePod")], ["v", "v"]),
    UNBOUND: ([], [claim("now", "judge-at-once")], ["now"]),
    'persistentvolumeclaim "c-none" not found': ([], [], ["none"]),
}


@pytest.mark.parametrize("reason", CASES_BY_REASON)
def test_every_reason_about_volumes_is_the_schedulers_own(judge: Judge, reason: str) -> None:
    volumes, claims, names = CASES_BY_REASON[reason]
    room = {"cpu": "4", "memory": "4Gi", "pods": "9"}
    nodes = [
        {
            "metadata": {"name": f"n{number}", "labels": {drawn.HOST: f"n{number}", drawn.ZONE: zone}},
            "spec": {"taints": []},
            "status": {"capacity": room, "allocatable": room},
        }
        for number, zone in enumerate("ab")
    ]
    tally = Tally()
    with judge.nodes(nodes) as case, stored(case, drawn_volumes.Storage(deepcopy(volumes), deepcopy(claims))) as shelf:
        for number, name in enumerate(names):
            mounted = [{"name": "data", "persistentVolumeClaim": {"claimName": name}}]
            metadata = {"name": f"p{number}", "namespace": "judge-a"}
            containers = [{"name": "main", "image": "registry.example.com/none"}]
            spec = {"containers": containers, "volumes": mounted, "terminationGracePeriodSeconds": 0}
            placed = compare(case, {"metadata": metadata, "spec": spec}, tally, shelf.claims())
    assert not placed
    assert reason.replace("c-none", f"{case.prefix}none") in tally.reasons
