"""Kueue's objects read out of a graph."""

from typing import Any

import pytest

from pulumi_kubeml.capacity.graph import UNKNOWN, Graph
from pulumi_kubeml.capacity.kueue import Cohort, Flavor, LocalQueue, ResourceGroup, Share, judge
from pulumi_kubeml.capacity.model import Pool, Taint
from pulumi_kubeml.capacity.quantity import MAX

GPU = "nvidia.com/gpu"


def made(kind: str, spec: Any, name: Any = "it", version: str = "v1beta2", **more: Any) -> dict[str, Any]:
    token = f"kubernetes:kueue.x-k8s.io/{version}:{kind}"
    inputs = {"metadata": {"name": name, **more.pop("metadata", {})}, "spec": spec}
    return {"urn": f"urn:pulumi:dev::test::{token}::{name}", "type": token, "inputs": inputs, **more}


def groups(**amounts: Any) -> dict[str, Any]:
    """Spec of one group with one flavor and one resource."""
    quota = {"name": "cpu", "nominalQuota": "9", **amounts}
    return {"resourceGroups": [{"coveredResources": ["cpu"], "flavors": [{"name": "red", "resources": [quota]}]}]}


@pytest.mark.parametrize(
    ("version", "field", "cohort"),
    [
        ("v1beta1", "cohort", "ml"),
        ("v1beta2", "cohortName", "ml"),
        ("v1beta1", "cohortName", ""),
        ("v1beta2", "cohort", ""),
    ],
)
def test_each_version_has_its_own_name_for_the_cohort_of_a_queue(version: str, field: str, cohort: str) -> None:
    (queue,) = Graph([made("ClusterQueue", {field: "ml", **groups()}, version=version)]).cluster_queues
    assert (queue.cohort, queue.groups) == (cohort, (ResourceGroup(("cpu",), {"red": {"cpu": Share(9000)}}),))


def test_everything_that_decides_about_a_queue_is_read() -> None:
    spec = {
        "cohortName": "ml",
        "namespaceSelector": {"matchLabels": {"kind": "ml"}},
        "preemption": {
            "reclaimWithinCohort": "Any",
            "withinClusterQueue": "LowerPriority",
            "borrowWithinCohort": {"policy": "LowerPriority"},
        },
        "flavorFungibility": {"whenCanBorrow": "TryNextFlavor", "whenCanPreempt": "MayStopSearch"},
        "stopPolicy": "Hold",
        **groups(borrowingLimit="500m", lendingLimit=2),
    }
    (queue,) = Graph([made("ClusterQueue", spec)]).cluster_queues
    assert queue.groups[0].flavors == {"red": {"cpu": Share(9000, 500, 2000)}}
    assert (queue.reclaim, queue.within, queue.borrow_within) == ("Any", "LowerPriority", "LowerPriority")
    assert (queue.next_borrow, queue.next_preempt, queue.stopped, queue.spaces) == (
        True,
        False,
        True,
        {"matchLabels": {"kind": "ml"}},
    )


def test_a_queue_that_says_little_has_the_defaults_of_the_api() -> None:
    (queue,) = Graph([made("ClusterQueue", groups())]).cluster_queues
    assert (queue.reclaim, queue.within, queue.borrow_within) == ("Never", "Never", "Never")
    assert (queue.next_borrow, queue.next_preempt, queue.stopped, queue.spaces) == (False, True, False, None)


def test_cohorts_flavors_and_doors_are_read() -> None:
    taint = {"key": "spot", "value": "true", "effect": "NoSchedule"}
    graph = Graph(
        [
            made("Cohort", {"parentName": "root", **groups(nominalQuota="1E")}, "left"),
            made(
                "ResourceFlavor",
                {"nodeLabels": {"gpu": "h100"}, "nodeTaints": [taint], "tolerations": [{"operator": "Exists"}]},
                "h100",
            ),
            made("LocalQueue", {"clusterQueue": "a"}, "door", metadata={"namespace": "research"}),
            made("ClusterQueuePatch", groups(), "somebody-elses"),
        ]
    )
    assert [(each.name, each.cohort, each.groups[0].flavors["red"]["cpu"].nominal) for each in graph.cohorts] == [
        ("left", "root", MAX)
    ], "more than can be counted is without limit"
    (flavor,) = graph.flavors
    assert flavor == Flavor(
        "h100", {"gpu": "h100"}, (Taint("spot", "true", "NoSchedule"),), ({"operator": "Exists"},), flavor.urn
    )
    (door,) = graph.local_queues
    assert door == LocalQueue("door", "research", "a", door.urn)
    assert graph.cluster_queues == []
    assert isinstance(graph.kueue("").cohorts[0], Cohort)
    assert graph.kueue("elsewhere").cohorts == ()


@pytest.mark.parametrize(
    ("kind", "spec", "missing"),
    [
        ("ClusterQueue", UNKNOWN, "it: spec is not known yet"),
        ("ClusterQueue", {"cohortName": UNKNOWN, **groups()}, "it: spec.cohortName is not known yet"),
        ("ClusterQueue", groups(nominalQuota=UNKNOWN), "it: spec.resourceGroups[0].flavors[0].resources[0].nominalQuota is not known yet"),
        ("ClusterQueue", groups(lendingLimit=UNKNOWN), "it: spec.resourceGroups[0].flavors[0].resources[0].lendingLimit is not known yet"),
        ("ClusterQueue", {"namespaceSelector": {"matchLabels": {"a": UNKNOWN}}}, "it: spec.namespaceSelector.matchLabels.a is not known yet"),
        ("ClusterQueue", groups(nominalQuota=None), "it: spec.resourceGroups[0].flavors[0].resources[0].nominalQuota is not given"),
        ("ClusterQueue", groups(nominalQuota="many"), 'it: spec.resourceGroups[0].flavors[0].resources[0].nominalQuota "many" is not a quantity: '),
        ("Cohort", {"parentName": UNKNOWN}, "it: spec.parentName is not known yet"),
        ("ResourceFlavor", {"nodeLabels": {"gpu": UNKNOWN}}, "it: spec.nodeLabels.gpu is not known yet"),
        ("ResourceFlavor", {"tolerations": [{"key": UNKNOWN}]}, "it: spec.tolerations[0].key is not known yet"),
        ("LocalQueue", {"clusterQueue": UNKNOWN}, "it: spec.clusterQueue is not known yet"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_told_with_its_path(kind: str, spec: Any, missing: str) -> None:
    graph = Graph([made(kind, spec), made(kind, {"clusterQueue": "a", **groups()}, "known")])
    (reason,) = graph.unread_queues.values()
    assert reason.startswith(missing)
    assert len([*graph.cluster_queues, *graph.cohorts, *graph.flavors, *graph.local_queues]) == 1, "the other is read"


def test_a_name_and_a_namespace_that_are_not_known_are_told_too() -> None:
    graph = Graph(
        [
            made("ClusterQueue", groups(), UNKNOWN),
            made("LocalQueue", {"clusterQueue": "a"}, "door", metadata={"namespace": UNKNOWN}),
        ]
    )
    assert sorted(graph.unread_queues.values()) == [
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9: metadata.name is not known yet",
        "door: metadata.namespace is not known yet",
    ]


def test_what_is_read_is_judged_by_the_pools() -> None:
    spec = {
        "resourceGroups": [
            {"coveredResources": [GPU], "flavors": [{"name": "h100", "resources": [{"name": GPU, "nominalQuota": 40}]}]}
        ]
    }
    graph = Graph(
        [
            made("ClusterQueue", spec, "research"),
            made("ResourceFlavor", {"nodeLabels": {"kubeml.io/pool": "train"}}, "h100"),
        ]
    )
    pools = [Pool("train", 4, {"kubeml.io/pool": "train"}, (), {GPU: 8})]
    assert [str(each) for each in judge(graph.kueue(""), pools)] == [
        "40 nvidia.com/gpu of h100 are promised (research 40), its pools have 32 at most (train 4 x 8)"
    ]
