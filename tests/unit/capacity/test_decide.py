"""The scheduler's decision in its own words: each thing that a node can fail, the order in which they are asked, the counts."""

from typing import Any

import pytest

from pulumi_kubeml.capacity.decide import decide
from pulumi_kubeml.capacity.graph import known_pod
from pulumi_kubeml.capacity.model import Pod, Taint
from pulumi_kubeml.capacity.node import HOSTNAME, Node

GPU = "nvidia.com/gpu"
ROOM = {"cpu": 4000, "memory": 2**33, "pods": 10, GPU: 2}
X = {"matchLabels": {"app": "x"}}


def node(name: str, *pods: Pod, taints: tuple[Taint, ...] = (), **labels: str) -> Node:
    return Node(name, {HOSTNAME: name, **labels}, taints, ROOM, pods=list(pods))


def said(pod: Pod, *nodes: Node) -> str:
    return str(decide(pod, nodes, {"team": {"kind": "research"}, "default": {}}))


def term(key: str, selector: dict[str, Any] | None = X, **more: object) -> tuple[dict[str, Any]]:
    return ({"topologyKey": key, **({} if selector is None else {"labelSelector": selector}), **more},)


@pytest.mark.parametrize(
    ("what", "pod", "reason"),
    [
        ("a cordon before all else", Pod("a", node_selector={"no": "where"}), "1 node(s) were unschedulable"),
        ("a taint before the selector", Pod("a", node_selector={"no": "where"}), "1 node(s) had untolerated taint(s)"),
        (
            "the selector before resources",
            Pod("a", node_selector={"no": "where"}, requests={"cpu": 9000}),
            "1 node(s) didn't match Pod's node affinity/selector",
        ),
        (
            "all that is short at once",
            Pod("a", requests={"cpu": 9000, GPU: 3}),
            "1 Insufficient cpu, 1 Insufficient nvidia.com/gpu",
        ),
        ("a resource that no node has", Pod("a", requests={"amd.com/gpu": 1}), "1 Insufficient amd.com/gpu"),
    ],
)
def test_a_node_gives_the_reasons_of_the_first_thing_that_it_fails(what: str, pod: Pod, reason: str) -> None:
    place = node("n", taints=(Taint(GPU, "present", "NoSchedule"),) if "taint" in what else ())
    place.unschedulable = "cordon" in what
    assert said(pod, place) == f"0/1 nodes are available: {reason}."


def test_reasons_are_counted_over_the_nodes_and_sorted_as_texts() -> None:
    nodes = [node(f"n{number}", taints=(Taint("t", "", "NoExecute"),) if number else ()) for number in range(12)]
    assert said(Pod("a", requests={"cpu": 9000}), *nodes) == (
        "0/12 nodes are available: 1 Insufficient cpu, 11 node(s) had untolerated taint(s)."
    )


def test_one_node_that_takes_the_pod_is_enough() -> None:
    assert decide(
        Pod("a", requests={"cpu": 4000}), [node("full", Pod("b", requests={"cpu": 1})), node("free")]
    ).nodes == ("free",)


def test_too_many_pods_are_told_beside_what_else_is_short() -> None:
    full = node("n", *(Pod("b", requests={"cpu": 400}) for _ in range(10)))
    assert said(Pod("a", requests={"cpu": 1}), full) == "0/1 nodes are available: 1 Insufficient cpu, 1 Too many pods."


def test_nothing_asked_fits_a_node_that_is_overfull() -> None:
    assert decide(Pod("a"), [node("n", Pod("b", requests={"cpu": 9000}))]).nodes == ("n",)


def test_without_nodes_there_is_nothing_to_count() -> None:
    assert said(Pod("a")) == "no nodes available to schedule pods"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (["n0"], "1 Insufficient cpu, 1 node(s) didn't satisfy plugin(s) [NodeAffinity]"),
        (["n0", "n1"], "pod affinity terms conflict"),
        (["n9"], "2 node(s) didn't satisfy plugin(s) [NodeAffinity]"),
    ],
)
def test_a_pod_that_names_nodes_is_not_asked_about_others(fields: list[str], text: str) -> None:
    entries = [{"key": "metadata.name", "operator": "In", "values": [name]} for name in fields]
    pod = Pod("a", requests={"cpu": 9000}, affinity=({"matchFields": entries},))
    assert said(pod, node("n0"), node("n1")) == f"0/2 nodes are available: {text}."


@pytest.mark.parametrize(
    ("mine", "theirs", "clash"),
    [
        ({}, {}, True),
        ({"protocol": "UDP"}, {}, False),
        ({"hostIP": "10.0.0.1"}, {"hostIP": "10.0.0.2"}, False),
        ({"hostIP": "10.0.0.1"}, {"hostIP": "0.0.0.0"}, True),  # noqa: S104  an address in a manifest
        ({"hostIP": "10.0.0.1"}, {}, True),
        ({"hostPort": 81, "containerPort": 81}, {}, False),
    ],
)
def test_host_ports_clash_by_port_protocol_and_address(
    mine: dict[str, Any], theirs: dict[str, Any], clash: bool
) -> None:
    def pod(port: dict[str, Any]) -> Pod:
        return known_pod({"spec": {"containers": [{"ports": [{"containerPort": 80, "hostPort": 80, **port}]}]}})

    assert said(pod(mine), node("n", pod(theirs))).startswith("0/1") == clash


def test_on_the_network_of_the_host_every_port_is_the_hosts() -> None:
    containers = [{"ports": [{"containerPort": 9100}]}]
    exporter = known_pod({"spec": {"hostNetwork": True, "containers": containers}})
    assert said(exporter, node("n", exporter)) == (
        "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
    )


# Pods beside pods.

MATCHING = Pod("x", labels={"app": "x"})


def test_a_pod_comes_near_to_one_that_matches_all_its_terms() -> None:
    near = Pod("a", near=(*term("zone"), *term("rack")))
    nodes = [node("n0", MATCHING, zone="a", rack="1"), node("n1", zone="a", rack="1"), node("n2", zone="a", rack="2")]
    assert decide(near, nodes).nodes == ("n0", "n1")
    assert said(near, nodes[2]) == "0/1 nodes are available: 1 node(s) didn't match pod affinity rules."


def test_the_first_of_a_series_may_come_anywhere_that_has_the_label() -> None:
    first = Pod("a", labels={"app": "x"}, near=term("zone"))
    assert decide(first, [node("n0", zone="a"), node("n1")]).nodes == ("n0",)
    assert decide(first, [node("n0", zone="a"), node("n1", MATCHING, zone="b")]).nodes == ("n1",)


def test_a_pod_stays_apart_and_is_kept_apart() -> None:
    guard = Pod("guard", labels={"app": "y"}, apart=term("zone"))
    nodes = [node("n0", guard, zone="a"), node("n1", zone="a"), node("n2", zone="b")]
    assert decide(MATCHING, nodes).nodes == ("n2",)
    assert (
        said(MATCHING, *nodes[:2])
        == "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules."
    )
    assert (
        said(guard, node("n0", MATCHING, zone="a"))
        == "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules."
    )


@pytest.mark.parametrize(
    ("more", "apart"),
    [
        ({}, False),
        ({"namespaces": ["team"]}, True),
        ({"namespaceSelector": {}}, True),
        ({"namespaceSelector": {"matchLabels": {"kind": "research"}}}, True),
        ({"namespaceSelector": {"matchLabels": {"kind": "other"}}}, False),
        ({"namespaces": ["default"], "namespaceSelector": {"matchLabels": {"kind": "other"}}}, False),
    ],
)
def test_a_term_is_about_the_namespaces_that_it_names_or_selects_else_its_own(
    more: dict[str, Any], apart: bool
) -> None:
    other = Pod("x", "team", labels={"app": "x"})
    assert said(Pod("a", apart=term(HOSTNAME, **more)), node("n", other)).startswith("0/1") == apart


@pytest.mark.parametrize(
    ("keys", "apart"),
    [({"matchLabelKeys": ["rev"]}, False), ({"mismatchLabelKeys": ["rev"]}, True), ({"matchLabelKeys": ["no"]}, True)],
)
def test_label_keys_narrow_a_term_to_the_pods_own_values(keys: dict[str, Any], apart: bool) -> None:
    other = Pod("x", labels={"app": "x", "rev": "1"})
    pod = Pod("a", labels={"rev": "2"}, apart=term(HOSTNAME, **keys))
    assert said(pod, node("n", other)).startswith("0/1") == apart


def test_a_term_without_a_selector_is_about_no_pod() -> None:
    assert decide(Pod("a", apart=term(HOSTNAME, None)), [node("n", MATCHING)]).nodes == ("n",)


def spread(**more: object) -> tuple[dict[str, Any]]:
    return ({"topologyKey": "zone", "maxSkew": 1, "labelSelector": X, **more},)


ZONES = [
    node("n0", MATCHING, zone="a"),
    node("n1", zone="b"),
    node("n2", taints=(Taint("t", "", "NoSchedule"),), zone="c"),
    node("n3"),
]
SKEWED = "node(s) didn't match pod topology spread constraints"


@pytest.mark.parametrize(
    ("more", "takers"),
    [
        ({}, ("n1",)),
        ({"maxSkew": 2}, ("n0", "n1")),
        ({"nodeTaintsPolicy": "Honor"}, ("n1",)),
        ({"minDomains": 4, "maxSkew": 2}, ("n0", "n1")),
        ({"minDomains": 4}, ("n1",)),
        ({"labelSelector": {"matchLabels": {"app": "y"}}}, ("n0", "n1")),
        ({"labelSelector": {}}, ("n0", "n1")),
        ({"labelSelector": {}, "matchLabelKeys": ["app"]}, ("n1",)),
    ],
)
def test_pods_are_spread_over_the_domains_that_count(more: dict[str, Any], takers: tuple[str, ...]) -> None:
    assert decide(Pod("a", labels={"app": "x"}, spread=spread(**more)), ZONES).nodes == takers


def test_a_domain_whose_nodes_the_pod_may_not_use_counts_only_when_affinity_is_ignored() -> None:
    nodes = [node("n0", MATCHING, zone="a", disk="ssd"), node("n1", zone="b")]
    mine = {"labels": {"app": "x"}, "node_selector": {"disk": "ssd"}}
    assert decide(Pod("a", spread=spread(), **mine), nodes).nodes == ("n0",)
    assert said(Pod("a", spread=spread(nodeAffinityPolicy="Ignore"), **mine), *nodes) == (
        f"0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 {SKEWED}."
    )


def test_a_node_without_the_label_is_told_apart() -> None:
    assert said(Pod("a", labels={"app": "x"}, spread=spread()), *ZONES[:1], ZONES[3]) == "1/2 nodes are available: n0."
    assert said(Pod("a", labels={"app": "x"}, spread=spread()), ZONES[3]) == (
        f"0/1 nodes are available: 1 {SKEWED} (missing required label)."
    )
