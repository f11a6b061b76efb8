"""Kueue's quotas against pools, and against the quotas of namespaces."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pulumi_kubeml.capacity.flow import unmet
from pulumi_kubeml.capacity.kueue import (
    ClusterQueue,
    Cohort,
    Flavor,
    Kueue,
    LocalQueue,
    ResourceGroup,
    Share,
    closed_doors,
    judge,
)
from pulumi_kubeml.capacity.model import Pool, Quota, Taint
from pulumi_kubeml.capacity.quantity import MAX

GPU = "nvidia.com/gpu"
TRAIN = Pool("train", 4, {"kubeml.io/pool": "train", "gpu": "h100"}, (), {"cpu": 190_000, "memory": 2**40, GPU: 8})
SERVE = Pool("serve", 12, {"kubeml.io/pool": "serve", "gpu": "l4"}, (), {"cpu": 8_000, "memory": 2**35, GPU: 1})
H100, L4 = Flavor("h100", {"gpu": "h100"}), Flavor("l4", {"gpu": "l4"})


def group(resource: str = GPU, **nominal: int) -> ResourceGroup:
    return ResourceGroup((resource,), {flavor: {resource: Share(amount)} for flavor, amount in nominal.items()})


def queue(name: str, cohort: str = "", *groups: ResourceGroup, **nominal: int) -> ClusterQueue:
    return ClusterQueue(name, cohort, (*groups, *([group(**nominal)] if nominal else [])), urn=f"urn:{name}")


def said(kueue: Kueue, pools: Any = (TRAIN, SERVE), quotas: Any = ()) -> list[tuple[str, str]]:
    return [(each.kind, str(each)) for each in judge(kueue, pools, quotas)]


def test_as_much_as_the_pools_have_may_be_promised() -> None:
    kueue = Kueue((queue("a", "ml", h100=16, l4=12), queue("b", "ml", h100=16)), flavors=(H100, L4))
    assert said(kueue) == []


def test_all_that_a_tree_and_queues_beside_it_are_promised_of_a_flavor_counts_together() -> None:
    kueue = Kueue(
        (queue("a", "left", h100=16), queue("b", "right", h100=8), queue("c", "", h100=4)),
        (Cohort("left", "ml", (group(h100=8),)), Cohort("right", "ml")),
        (H100,),
    )
    (finding,) = judge(kueue, [TRAIN, SERVE])
    assert (finding.promised, finding.offered, finding.largest.urn) == (36, 32, "urn:a")
    assert [(each.holder, each.tree) for each in finding.promises] == [
        ("a", "ml"),
        ("b", "ml"),
        ("c", ""),
        ("left", "ml"),
    ]
    assert (
        str(finding)
        == "36 nvidia.com/gpu of h100 are promised (a 16, b 8, c 4, cohort left 8), its pools have 32 at most (train 4 x 8)"
    )


def test_what_may_be_borrowed_is_no_promise() -> None:
    both = ResourceGroup((GPU,), {"h100": {GPU: Share(16, borrowing=100)}})
    assert said(Kueue((ClusterQueue("a", "ml", (both,)), ClusterQueue("b", "ml", (both,))), flavors=(H100,))) == []


def test_cpu_and_memory_are_told_as_kubernetes_writes_them() -> None:
    both = ResourceGroup(("cpu", "memory"), {"l4": {"cpu": Share(100_000), "memory": Share(2**39)}})
    assert said(Kueue((queue("a", "", both),), flavors=(L4,))) == [
        ("overpromised", "100 cpu of l4 are promised (a 100), its pools have 96 at most (serve 12 x 8)"),
        ("overpromised", "512Gi memory of l4 are promised (a 512Gi), its pools have 384Gi at most (serve 12 x 32Gi)"),
    ]


def test_no_limit_at_all_is_more_than_any_pool_has() -> None:
    assert said(Kueue((queue("a", "", l4=MAX),), flavors=(L4,))) == [
        (
            "overpromised",
            "unlimited nvidia.com/gpu of l4 are promised (a unlimited), its pools have 12 at most (serve 12 x 1)",
        )
    ]


def test_a_flavor_that_matches_no_pool_is_told_which_labels_there_are() -> None:
    strange = (
        Flavor("h200", {"gpu": "h200"}),
        Flavor("far", {"region": "moon", "gpu": "l4"}),
        Flavor("odd", {"gpu": "l4", "kubeml.io/pool": "train"}),
    )
    kueue = Kueue((queue("a", "", h200=8), queue("b", "", far=1, odd=1)), flavors=strange)
    assert said(kueue) == [
        ("no-pool", "flavor far matches no pool: none has region=moon (no pool has that label); it is promised to b"),
        ("no-pool", "flavor h200 matches no pool: none has gpu=h200 (there is h100, l4); it is promised to a"),
        (
            "no-pool",
            "flavor odd matches no pool: none has gpu=l4 and kubeml.io/pool=train together; it is promised to b",
        ),
    ]
    assert said(Kueue((queue("a", "", h100=1),), flavors=(H100,)), []) == [
        ("no-pool", "flavor h100 matches no pool: there is none; it is promised to a")
    ]


def test_a_flavor_of_a_zone_is_met_by_pools_whose_zones_are_not_told() -> None:
    zone = Flavor("a", {"topology.kubernetes.io/zone": "us-east-1a", "gpu": "l4"})
    assert said(Kueue((queue("q", "", a=12),), flavors=(zone,))) == []


def test_a_flavor_that_does_not_exist_stops_its_queues() -> None:
    assert said(Kueue((queue("a", "", h300=1), queue("b", "", h300=0)), flavors=(H100,))) == [
        ("no-flavor", "flavor h300 does not exist, so nothing is admitted by a, b")
    ]


def test_a_resource_that_no_node_of_a_flavor_has_is_told() -> None:
    odd = group("amd.com/gpu", h100=8)
    assert said(Kueue((queue("a", "", odd),), flavors=(H100,))) == [
        ("no-resource", "8 amd.com/gpu of h100 are promised (a 8), but no node of it has any (train)")
    ]


def test_a_flavor_without_labels_may_count_what_is_on_no_node_but_no_devices() -> None:
    free = Flavor("free")
    assert said(Kueue((queue("a", "", group("example.com/license", free=9)),), flavors=(free,))) == []
    assert [kind for kind, _ in said(Kueue((queue("a", "", group("amd.com/gpu", free=9)),), flavors=(free,)))] == [
        "no-resource"
    ]


def test_flavors_that_share_pools_are_judged_together_too() -> None:
    spot, any_l4 = Flavor("one", {"kubeml.io/pool": "serve"}), Flavor("two", {"gpu": "l4"})
    kueue = Kueue((queue("a", "", one=8), queue("b", "", two=8), queue("c", "", h100=32)), flavors=(spot, any_l4, H100))
    assert said(kueue) == [
        (
            "shared",
            "16 nvidia.com/gpu of one and two are promised (a 8, b 8), the pools that they share have 12 at most (serve 12 x 1)",
        )
    ]
    everywhere = Kueue((queue("a", "", free=12), queue("c", "", h100=32)), flavors=(Flavor("free"), H100))
    assert said(everywhere) == [], "one flavor takes the pool that the other cannot"


def test_the_rungs_of_one_pool_are_two_places_to_flavors() -> None:
    rungs = [Pool("serve", most, {"rung": rung}, (), {GPU: 1}) for rung, most in (("spot", 5), ("demand", 7))]
    flavors = tuple(Flavor(rung, {"rung": rung}) for rung in ("spot", "demand"))
    assert said(Kueue((queue("a", "", spot=5, demand=7),), flavors=flavors), rungs) == []
    assert [kind for kind, _ in said(Kueue((queue("a", "", spot=6, demand=6),), flavors=flavors), rungs)] == [
        "overpromised"
    ]


def test_a_taint_that_a_flavor_neither_tolerates_nor_asks_for_is_told() -> None:
    taints = (
        Taint("spot", "true", "NoSchedule"),
        Taint(GPU, "present", "NoSchedule"),
        Taint("x", "", "PreferNoSchedule"),
    )
    pool = Pool("train", 4, TRAIN.labels, taints, TRAIN.allocatable)

    def found(**more: Any) -> list[tuple[str, str]]:
        return said(Kueue((queue("a", "", h100=32),), flavors=(Flavor("h100", H100.labels, **more),)), [pool])

    assert found() == [
        (
            "tainted",
            "flavor h100 gives and asks for no toleration of nvidia.com/gpu=present:NoSchedule (train), spot=true:NoSchedule (train): pods without their own wait",
        )
    ]
    gives = {"tolerations": ({"key": GPU, "operator": "Exists"},)}
    assert found(**gives) == [
        (
            "tainted",
            "flavor h100 gives and asks for no toleration of spot=true:NoSchedule (train): pods without their own wait",
        )
    ]
    assert found(**gives, taints=(taints[0],)) == []


def quota(namespace: str, count: int, *, scoped: bool = False) -> Quota:
    return Quota(namespace, "team", {f"requests.{GPU}": count}, scoped)


QUEUED = Kueue((queue("a", "", h100=32),), flavors=(H100, L4), doors=(LocalQueue("q", "research", "a"),))


def test_a_device_is_not_promised_to_a_queue_and_to_a_quota() -> None:
    assert said(QUEUED, quotas=[quota("vision", 12)]) == [], "there are 44"
    assert said(QUEUED, quotas=[quota("vision", 13)]) == [
        (
            "twice",
            "45 nvidia.com/gpu are promised to queues and to quotas (a 32, quotas of vision 13), the pools have 44 at most (serve 12 x 1, train 4 x 8)",
        )
    ]


def test_what_a_namespace_queues_is_not_counted_again_by_its_own_quota() -> None:
    assert said(QUEUED, quotas=[quota("research", 40)]) == [], "its quota counts the jobs that it queues"
    assert [kind for kind, _ in said(QUEUED, quotas=[quota("research", 40, scoped=True)])] == ["twice"], (
        "a scoped one counts serving only"
    )
    other = Kueue(QUEUED.queues, (), QUEUED.flavors, (*QUEUED.doors, LocalQueue("q", "vision", "a")))
    assert [kind for kind, _ in said(other, quotas=[quota("research", 40)])] == ["twice"], (
        "another namespace queues there too, and has no quota"
    )


def test_what_is_too_much_by_itself_is_told_once() -> None:
    assert [kind for kind, _ in said(Kueue((queue("a", "", h100=33),), flavors=(H100,)), quotas=[quota("b", 44)])] == [
        "overpromised"
    ]
    assert said(QUEUED, quotas=[quota("b", 45)]) == [], "that is between the quotas and the pools"


def test_a_door_must_lead_to_a_queue_that_takes_work_from_its_namespace() -> None:
    queues = (
        ClusterQueue("all"),
        ClusterQueue("none", spaces=None),
        ClusterQueue("some", spaces={"matchLabels": {"kind": "ml"}}),
    )
    doors = tuple(
        LocalQueue("q", space, name) for name in ("all", "none", "some") for space in ("ml", "web", "elsewhere")
    )
    closed = closed_doors(Kueue(queues, doors=doors), {"ml": {"kind": "ml"}, "web": {}})
    assert [(each.door.queue, each.door.namespace) for each in closed] == [
        ("none", "ml"), ("none", "web"), ("none", "elsewhere"), ("some", "web"),
    ]  # fmt: skip
    (lost,) = closed_doors(Kueue(doors=(LocalQueue("q", "ml", "gone"),)), {})
    assert str(lost) == "door q of namespace ml: there is no queue gone"


PLACES = "abc"


@given(
    st.dictionaries(st.sampled_from("vwxyz"), st.tuples(st.integers(0, 9), st.sets(st.sampled_from(PLACES)))),
    st.fixed_dictionaries({place: st.integers(0, 9) for place in PLACES}),
)
def test_demands_are_met_unless_some_are_more_than_all_their_places_have(
    demands: dict[str, tuple[int, set[str]]], rooms: dict[str, int]
) -> None:
    """Hall's theorem: tried against every set of demands."""

    def excess(names: Any) -> int:
        places = set[str]().union(*(demands[name][1] for name in names))
        return sum(demands[name][0] for name in names) - sum(rooms[place] for place in places)

    names = sorted(demands)
    sets = [[name for bit, name in enumerate(names) if number >> bit & 1] for number in range(2 ** len(names))]
    found = list(unmet(demands, rooms))
    assert bool(found) == any(excess(each) > 0 for each in sets)
    assert all(excess(each) > 0 for each in found)
    assert sum(map(len, found)) == len(frozenset().union(*found)), "no demand is in two"


@given(
    st.lists(st.tuples(st.sampled_from(("h100", "l4")), st.integers(0, 20)), max_size=6),
    st.integers(0, 5),
    st.randoms(use_true_random=False),
)
def test_more_nodes_never_make_a_finding_and_the_order_never_matters(
    given_: list[tuple[str, int]], more: int, random: Any
) -> None:
    queues = tuple(
        queue(f"q{index}", random.choice(("", "ml")), **{flavor: amount})
        for index, (flavor, amount) in enumerate(given_)
    )
    kueue = Kueue(queues, flavors=(H100, L4))
    found = judge(kueue, [TRAIN, SERVE], [quota("n", 6)])
    assert (
        judge(Kueue(tuple(random.sample(queues, len(queues))), flavors=(L4, H100)), [SERVE, TRAIN], [quota("n", 6)])
        == found
    )
    larger = [Pool(each.name, each.max + more, each.labels, (), each.allocatable) for each in (TRAIN, SERVE)]
    kinds = {(each.kind, each.flavors) for each in found}
    for each in judge(kueue, larger, [quota("n", 6)]):
        assert (each.kind, each.flavors) in kinds or each.kind == "twice", (
            "where a flavor alone has enough now, both may still not"
        )
