"""Where pods land: exact reasons for those that land nowhere, and what holds for any pods and pools."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_kubeml.capacity.fits import fits
from pulumi_kubeml.capacity.model import HostPort, Pod, Pool, Taint
from pulumi_kubeml.capacity.placement import predict

GPU = "nvidia.com/gpu"
GIB = 2**30
TAINT = Taint(GPU, "present", "NoSchedule")
TOLERANT = ({"key": GPU, "operator": "Exists"},)
GENERAL = Pool("general", 3, {"kubeml.io/pool": "general"}, (), {"cpu": 8000, "memory": 32 * GIB, "pods": 4})
SERVE = Pool("serve", 4, {"kubeml.io/pool": "serve"}, (TAINT,), {"cpu": 4000, "memory": 16 * GIB, "pods": 110, GPU: 1})
TRAIN = Pool(
    "train", 2, {"kubeml.io/pool": "train"}, (TAINT,), {"cpu": 48000, "memory": 180 * GIB, "pods": 250, GPU: 4}
)
POOLS = [GENERAL, SERVE, TRAIN]


def gpu_pod(name: str, gpus: int, replicas: int = 1, **more: object) -> Pod:
    return Pod(name, replicas=replicas, requests={"cpu": 1000, GPU: gpus}, tolerations=TOLERANT, **more)


def landed(*pods: Pod, pools: list[Pool] = POOLS) -> dict[str, dict[str, int]]:
    return {str(placed.pod): dict(placed.pools) for placed in predict(pools, pods)}


def test_a_pod_lands_where_it_wastes_no_device() -> None:
    assert landed(gpu_pod("chat", 1), gpu_pod("train", 2), Pod("web", tolerations=TOLERANT)) == {
        "chat": {"serve": 1},
        "train": {"train": 1},
        "web": {"general": 1},
    }


def test_the_rest_spills_over_to_the_next_pool() -> None:
    assert landed(gpu_pod("chat", 1, 9)) == {"chat": {"serve": 4, "train": 5}}


def test_the_nodes_that_a_group_is_on_are_counted() -> None:
    chief, workers = predict(
        POOLS, [gpu_pod("chief", 3), gpu_pod("worker", 1, 8, node_selector={"kubeml.io/pool": "train"})]
    )
    assert (chief.pools, chief.nodes) == ({"train": 1}, {"train": 1})
    assert (workers.pools, workers.missing, workers.nodes) == ({"train": 5}, 3, {"train": 2}), (
        "one beside the chief, four on the other"
    )


def test_larger_pods_come_first_whatever_the_order() -> None:
    small, large = gpu_pod("small", 1, 6), gpu_pod("large", 4, 2)
    assert landed(small, large) == landed(large, small) == {"small": {"serve": 4}, "large": {"train": 2}}


def test_a_pod_that_no_pool_can_take_is_told_why_by_pool() -> None:
    (placed,) = predict(POOLS, [gpu_pod("huge", 8)])
    assert (placed.pools, placed.missing) == ({}, 1)
    assert placed.reason == (
        "0 of 3 pools: general: needs 8 nvidia.com/gpu, a node has 0; serve: needs 8 nvidia.com/gpu, a node has 1; "
        "train: needs 8 nvidia.com/gpu, a node has 4"
    )


def test_a_pod_that_finds_its_pools_full_is_told_with_what() -> None:
    (placed,) = predict(POOLS, [gpu_pod("chat", 1, 14, node_selector={"kubeml.io/pool": "serve"})])
    assert (placed.pools, placed.missing) == ({"serve": 4}, 10)
    assert placed.reason == (
        "1 of 3 pools: serve: full with 4 nodes of 1 nvidia.com/gpu; "
        "general: selects kubeml.io/pool=serve, a node has general, needs 1 nvidia.com/gpu, a node has 0; "
        "train: selects kubeml.io/pool=serve, a node has train"
    )


def test_daemon_sets_take_their_part_of_every_node_first() -> None:
    exporter = Pod("exporter", requests={"cpu": 500}, tolerations=({"operator": "Exists"},), daemon=True)
    whole = Pod("whole", replicas=3, requests={"cpu": 8000})
    exporters, rest = predict([GENERAL], [whole, exporter])
    assert (exporters.pod.name, exporters.pools) == ("exporter", {"general": 3})
    assert (rest.missing, rest.reason) == (3, "0 of 1 pools: general: needs 8 cpu, a node has 7500m")


def test_a_daemon_set_that_leaves_no_room_for_itself_says_so() -> None:
    (placed,) = predict([GENERAL], [Pod("exporter", requests={"cpu": 9000}, daemon=True)])
    assert (placed.pools, placed.missing, placed.reason) == ({}, 3, "general: needs 9 cpu, a node has 8")


def test_a_node_runs_no_more_pods_than_it_may() -> None:
    (placed,) = predict([GENERAL], [Pod("many", replicas=20)])
    assert (placed.pools, placed.missing) == ({"general": 12}, 8)
    assert placed.reason == "1 of 1 pools: general: full with 3 nodes of 4 pods"


def test_pods_that_must_be_alone_take_a_node_each() -> None:
    assert landed(Pod("db", replicas=5, alone=True)) == {"db": {"general": 3}}


def test_without_pools_nothing_lands() -> None:
    (placed,) = predict([], [Pod("a", replicas=2)])
    assert (placed.missing, placed.reason) == (2, "there is no pool")


PODS = st.builds(
    Pod,
    name=st.sampled_from("abcdef"),
    replicas=st.integers(0, 12),
    requests=st.fixed_dictionaries(
        {"cpu": st.integers(1, 9000), "memory": st.integers(0, 40).map(lambda count: count * GIB)},
        optional={GPU: st.integers(1, 5)},
    ),
    tolerations=st.sampled_from([(), TOLERANT]),
    daemon=st.booleans(),
    alone=st.booleans(),
)


@given(st.lists(PODS, max_size=6))
def test_every_pod_is_placed_or_missed_and_no_pool_gives_more_than_it_has(pods: list[Pod]) -> None:
    placed = predict(POOLS, pods)
    assert len(placed) == len(pods)
    used: dict[str, dict[str, int]] = {pool.name: {} for pool in POOLS}
    for each in placed:
        if not each.pod.daemon:
            assert sum(each.pools.values()) + each.missing == each.pod.replicas
        assert bool(each.reason) == bool(each.missing)
        assert set(each.nodes) == set(each.pools)
        for name, count in each.pools.items():
            pool = next(pool for pool in POOLS if pool.name == name)
            assert each.nodes[name] <= min(pool.max, count)
            for key, amount in {**each.pod.requests, "pods": 1}.items():
                assert amount * count <= pool.allocatable[key] * each.nodes[name], "no node holds more than it has"
                used[name][key] = used[name].get(key, 0) + amount * count
    for pool in POOLS:
        assert all(amount <= pool.allocatable.get(key, 0) * pool.max for key, amount in used[pool.name].items())


@given(st.lists(PODS.filter(lambda pod: not pod.daemon), max_size=6))
def test_a_pod_lands_only_on_pools_that_fit_it_and_nowhere_only_for_a_reason(pods: list[Pod]) -> None:
    for each in predict(POOLS, pods):
        assert all(fits(each.pod, pool) for pool in POOLS if pool.name in each.pools)
        if each.missing and each.reason.startswith("0 of"):
            assert not any(fits(each.pod, pool) for pool in POOLS), (
                "an empty pool takes what fits it, or is said to be full"
            )


@given(st.lists(PODS, max_size=6, unique_by=lambda pod: pod.name), st.randoms(use_true_random=False))
def test_the_order_of_pods_does_not_matter(pods: list[Pod], random: object) -> None:
    shuffled = list(pods)
    random.shuffle(shuffled)
    assert predict(POOLS, shuffled) == predict(POOLS, pods)


# What depends on other pods.

HOST, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
X = {"matchLabels": {"app": "x"}}


def beside(key: str, selector: object = X) -> tuple[dict[str, object]]:
    return ({"topologyKey": key, "labelSelector": selector},)


def test_pods_apart_from_each_other_take_a_node_each_and_the_rest_is_told_why() -> None:
    (placed,) = predict(POOLS, [Pod("db", replicas=5, labels={"app": "x"}, apart=beside(HOST))])
    assert (placed.pools, placed.nodes, placed.missing) == ({"general": 3}, {"general": 3}, 2)
    assert placed.words["general"] == "node(s) didn't match pod anti-affinity rules"
    assert placed.reason.startswith("1 of 3 pools: general: node(s) didn't match pod anti-affinity rules; ")


def test_what_a_placed_pod_keeps_away_goes_elsewhere() -> None:
    guard = Pod("a-guard", labels={"app": "y"}, requests={"cpu": 6000}, apart=beside(HOST))
    away = Pod("b-away", replicas=9, labels={"app": "x"}, requests={"cpu": 100})
    assert landed(guard, away, pools=[GENERAL]) == {"a-guard": {"general": 1}, "b-away": {"general": 8}}
    assert landed(guard, Pod("other", replicas=9, requests={"cpu": 100}), pools=[GENERAL])["other"] == {"general": 9}


def test_a_port_of_the_host_is_taken_once_a_node_by_whomever() -> None:
    ports = {"ports": (HostPort(9100),), "alone": True}
    first, second = predict([GENERAL], [Pod("a", replicas=2, **ports), Pod("b", replicas=2, **ports)])
    assert (first.missing, second.missing) == (0, 1)
    assert second.words == {"general": "node(s) didn't have free ports for the requested pod ports"}


def test_a_daemon_takes_its_port_of_every_node() -> None:
    _, placed = predict(
        [GENERAL], [Pod("exporter", daemon=True, ports=(HostPort(9100),)), Pod("a", ports=(HostPort(9100),))]
    )
    assert placed.missing == 1


def test_pods_are_spread_over_nodes_and_zones() -> None:
    pools = [replace(GENERAL, zones=("a", "b"))]
    by_node = {"spread": ({"topologyKey": HOST, "maxSkew": 1, "labelSelector": X},), "labels": {"app": "x"}}
    (placed,) = predict(pools, [Pod("web", replicas=3, **by_node)])
    assert placed.nodes == {"general": 3}, "one on each, although one node would take all"
    by_zone = {"spread": ({"topologyKey": ZONE, "maxSkew": 1, "labelSelector": X},), "labels": {"app": "x"}}
    (placed,) = predict(pools, [Pod("web", replicas=12, **by_zone)])
    assert (placed.pools, placed.missing) == ({"general": 9}, 3), (
        "zone b has one node, for four; zone a may have one more"
    )


def test_a_pod_that_must_be_in_a_zone_finds_the_nodes_there() -> None:
    pools = [replace(GENERAL, zones=("a", "b"))]
    assert landed(Pod("here", replicas=9, node_selector={ZONE: "b"}), pools=pools) == {"here": {"general": 4}}


def test_pods_that_need_others_come_last_and_near_them() -> None:
    cache = Pod("a-cache", replicas=2, near=beside(HOST))
    server = Pod("b-server", labels={"app": "x"}, requests={"cpu": 1000})
    assert landed(cache, server, pools=[GENERAL]) == {"a-cache": {"general": 2}, "b-server": {"general": 1}}
    (alone,) = predict([GENERAL], [cache])
    assert alone.words == {"general": "node(s) didn't match pod affinity rules"}


def test_the_scheduler_s_first_reason_of_each_pool_is_given() -> None:
    (huge,) = predict(POOLS, [Pod("huge", requests={"cpu": 10**6}, node_selector={"kubeml.io/pool": "train"})])
    assert huge.words == {
        "general": "node(s) didn't match Pod's node affinity/selector",
        "serve": "node(s) had untolerated taint(s)",
        "train": "node(s) had untolerated taint(s)",
    }
    (wide,) = predict(POOLS, [gpu_pod("wide", 9)])
    assert set(wide.words.values()) == {"Insufficient nvidia.com/gpu"}


@pytest.mark.parametrize(
    "asked",
    [
        {"node_selector": {ZONE: "a"}},
        {"affinity": ({"matchExpressions": [{"key": ZONE, "operator": "In", "values": ["a"]}]},)},
        {"affinity": ({"matchExpressions": [{"key": ZONE, "operator": "NotIn", "values": ["b"]}]},)},
        {"node_selector": {HOST: "general-0"}},
        {"affinity": ({"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["general-0"]}]},)},
    ],
    ids=str,
)
def test_what_a_pool_does_not_tell_of_its_nodes_meets_no_requirement(asked: dict[str, Any]) -> None:
    (placed,) = predict([GENERAL], [Pod("web", **asked)])
    assert (placed.missing, placed.words) == (1, {"general": "node(s) didn't match Pod's node affinity/selector"})


def test_every_node_has_a_zone_and_a_name_even_where_it_is_not_told() -> None:
    exists = ({"matchExpressions": [{"key": key, "operator": "Exists"} for key in (ZONE, HOST)]},)
    assert predict([GENERAL], [Pod("web", affinity=exists)])[0].missing == 0
    elsewhere = ({"matchExpressions": [{"key": HOST, "operator": "NotIn", "values": ["old-node"]}]},)
    assert predict([GENERAL], [Pod("web", affinity=elsewhere)])[0].missing == 0


def test_pods_that_want_other_zones_get_one_node_where_no_zone_is_told() -> None:
    apart = {"apart": ({"topologyKey": ZONE, "labelSelector": X},), "labels": {"app": "x"}}
    (placed,) = predict([GENERAL], [Pod("web", replicas=3, **apart)])
    assert (placed.pools, placed.missing) == ({"general": 1}, 2), "the others may be in the same zone"
    (told,) = predict([replace(GENERAL, zones=("a", "b"))], [Pod("web", replicas=3, **apart)])
    assert (told.pools, told.missing) == ({"general": 2}, 1)


def test_pods_with_a_gate_wait_for_whoever_takes_it_away() -> None:
    (placed,) = predict([GENERAL], [Pod("web", replicas=2, gates=("example.com/data",))])
    blocked = "Scheduling is blocked due to non-empty scheduling gates"
    assert (placed.missing, placed.words) == (2, {"general": blocked})
