"""Pools between minimum and maximum: what runs at once, how many nodes are needed, and what holds whatever the pods and pools."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pulumi_kubeml.capacity.model import Pod, Pool, Taint
from pulumi_kubeml.capacity.placement import Placed, predict
from pulumi_kubeml.capacity.scaling import scale

GPU, HOST, ZONE = "nvidia.com/gpu", "kubernetes.io/hostname", "topology.kubernetes.io/zone"
ROOM = {"cpu": 4000, "pods": 10}
GENERAL = Pool("general", 6, {"kubeml.io/pool": "general"}, (), ROOM, min=2)
SERVE = Pool("serve", 4, {"kubeml.io/pool": "serve"}, (Taint(GPU, "present", "NoSchedule"),), {**ROOM, GPU: 1}, min=1)
TOLERANT = ({"key": GPU, "operator": "Exists"},)


def web(replicas: int, **more: object) -> Pod:
    return Pod("web", replicas=replicas, requests={"cpu": 2000}, labels={"app": "web"}, **more)


def chat(replicas: int) -> Pod:
    return Pod("chat", replicas=replicas, requests={"cpu": 1000, GPU: 1}, tolerations=TOLERANT)


def left(placed: tuple[Placed, ...] | list[Placed]) -> int:
    return sum(each.missing for each in placed if not each.pod.daemon)


def test_a_pool_grows_only_for_pods_that_find_no_room() -> None:
    plan = scale([GENERAL, SERVE], [web(4), chat(3)])
    assert plan.needed == (2, 3)
    assert {str(each.pod): each.missing for each in plan.at_once} == {"chat": 2, "web": 0}, "two wait for a machine"
    assert left(plan.placed) == 0


def test_a_pool_without_work_keeps_its_minimum() -> None:
    assert scale([GENERAL, SERVE], []).needed == (2, 1)


def test_what_fits_nowhere_at_the_maximum_has_the_schedulers_reason_for_each_pool() -> None:
    (placed,) = scale([GENERAL, SERVE], [chat(6)]).placed
    assert (placed.missing, dict(placed.words)) == (
        2,
        {"general": f"Insufficient {GPU}", "serve": f"Insufficient {GPU}"},
    )
    assert "serve: full with 4 nodes of 1 nvidia.com/gpu" in placed.reason


def test_pods_that_stay_apart_get_a_node_each() -> None:
    alone = {"topologyKey": HOST, "labelSelector": {"matchLabels": {"app": "web"}}}
    plan = scale([GENERAL], [web(5, apart=(alone,), alone=True)])
    assert plan.needed == (5,)
    assert scale([GENERAL], [web(5, ports=(), alone=True)]).needed == (5,)


def test_pods_that_are_spread_over_nodes_make_no_node() -> None:
    spread = {"topologyKey": HOST, "maxSkew": 1, "labelSelector": {"matchLabels": {"app": "web"}}}
    assert scale([GENERAL], [web(4, spread=(spread,))]).needed == (2,), "two on each: no autoscaler adds a third"
    assert scale([GENERAL], [web(6, spread=(spread,))]).needed == (3,)


def test_a_pool_grows_until_it_has_a_node_in_the_zone_that_is_asked_for() -> None:
    pool = Pool("a", 9, {}, (), ROOM, min=1, zones=("r-a", "r-b", "r-c"))
    assert scale([pool], [web(2, node_selector={ZONE: "r-c"})]).needed == (3,)
    assert scale([pool], [web(3, node_selector={ZONE: "r-c"})]).needed == (6,)
    (lost,) = scale([replace(pool, max=2)], [web(1, node_selector={ZONE: "r-c"})]).placed
    assert lost.missing == 1


def test_daemons_take_their_part_of_every_node_that_is_added() -> None:
    agent = Pod("agent", requests={"cpu": 2500}, daemon=True)
    plan = scale([GENERAL], [agent, Pod("web", replicas=4, requests={"cpu": 1500})])
    assert plan.needed == (4,)
    assert dict(plan.placed[0].pools) == {"general": 4}


MINE = {"matchLabels": {"app": "mine"}}


@st.composite
def pools(draw: st.DrawFn) -> list[Pool]:
    made: list[Pool] = []
    for number in range(draw(st.integers(1, 3))):
        most = draw(st.integers(0, 5))
        room = {"cpu": draw(st.sampled_from([2000, 4000])), "pods": draw(st.sampled_from([2, 9]))}
        room |= {GPU: draw(st.sampled_from([1, 4]))} if draw(st.booleans()) else {}
        zones = draw(st.sampled_from([(), ("r-a",), ("r-a", "r-b")]))
        least = draw(st.integers(0, most))
        made.append(Pool(f"p{number}", most, {"pool": f"p{number}"}, (), room, min=least, zones=zones))
    return made


@st.composite
def groups(draw: st.DrawFn, *, beside: bool = True) -> list[Pod]:
    """Draws groups of pods that each select a pool; `beside`: some of them mind other pods or zones."""
    made: list[Pod] = []
    for number in range(draw(st.integers(1, 5))):
        requests = {"cpu": draw(st.sampled_from([500, 1500])), GPU: draw(st.sampled_from([0, 0, 1, 2]))}
        more: dict[str, object] = {}
        if beside:
            kind = draw(st.sampled_from(["", "apart", "spread", "zone"]))
            term = {"topologyKey": draw(st.sampled_from([HOST, ZONE])), "labelSelector": MINE}
            more = {"apart": (term,)} if kind == "apart" else {}
            more |= {"spread": ({**term, "maxSkew": 1},)} if kind == "spread" else {}
            more |= {"node_selector": {ZONE: "r-b"}} if kind == "zone" else {}
        else:
            more = {"node_selector": {"pool": f"p{draw(st.integers(0, 2))}"}}
        requests = {key: value for key, value in requests.items() if value}
        replicas = draw(st.integers(0, 6))
        made.append(Pod(f"g{number}", replicas=replicas, requests=requests, labels={"app": "mine"}, **more))
    if draw(st.booleans()):
        made.append(Pod("agent", requests={"cpu": 300}, daemon=True))
    return made


@given(pools(), groups())
def test_the_nodes_needed_are_within_the_bounds_and_all_that_fits_the_maximum_fits_them(
    made: list[Pool], pods: list[Pod]
) -> None:
    plan = scale(made, pods)
    assert all(pool.min <= needed <= pool.max for pool, needed in zip(made, plan.needed, strict=True))
    again = predict(made, pods, sizes=plan.needed)
    assert [dict(each.pools) for each in again] == [dict(each.pools) for each in plan.placed]
    assert left(again) <= left(predict(made, pods))
    assert left(plan.at_once) >= left(plan.placed), "what runs at once is no more than what runs in the end"


@given(pools(), groups())
def test_no_pod_is_lost_or_made(made: list[Pool], pods: list[Pod]) -> None:
    plan = scale(made, pods)
    for placed in (*plan.placed, *plan.at_once):
        if not placed.pod.daemon:
            assert sum(placed.pools.values()) + placed.missing == placed.pod.replicas


@given(pools(), groups(beside=False), st.integers(0, 2))
def test_more_nodes_never_strand_more_pods_where_only_resources_decide(
    made: list[Pool], pods: list[Pod], which: int
) -> None:
    larger = [replace(pool, max=pool.max + (index == which)) for index, pool in enumerate(made)]
    before, after = scale(made, pods), scale(larger, pods)
    assert left(after.placed) <= left(before.placed)
    assert left(after.at_once) <= left(before.at_once)


@given(pools(), groups(beside=False))
def test_without_a_missing_pod_every_node_beyond_the_minimum_is_used(made: list[Pool], pods: list[Pod]) -> None:
    plan = scale(made, pods)
    for pool, needed in zip(made, plan.needed, strict=True):
        on = sum(each.pools.get(pool.name, 0) for each in plan.placed if not each.pod.daemon)
        assert needed == pool.min or on >= needed - pool.min, pool.name
