"""Quotas against pools, workloads against quotas."""

from hypothesis import given
from hypothesis import strategies as st

from pulumi_kubeml.capacity.model import Pod, Pool, Quota
from pulumi_kubeml.capacity.quota import grants, over_capacity, supply

GPU = "nvidia.com/gpu"
SERVE = Pool("serve", 12, {}, (), {GPU: 1})
TRAIN = Pool("train", 2, {}, (), {GPU: 8})
GENERAL = Pool("general", 9, {}, (), {"cpu": 8000})


def granted(namespace: str, count: int, *, name: str = "q", scoped: bool = False) -> Quota:
    return Quota(namespace, name, {f"requests.{GPU}": count}, scoped)


def test_the_supply_is_every_pool_that_has_some() -> None:
    assert supply([SERVE, GENERAL, TRAIN], GPU) == {"serve": (12, 1), "train": (2, 8)}


def test_as_much_as_there_is_is_not_too_much() -> None:
    assert over_capacity([granted("a", 20), granted("b", 8)], [SERVE, TRAIN]) == []


def test_one_more_is_too_much_and_told_by_namespace_and_pool() -> None:
    (excess,) = over_capacity([granted("b", 9), granted("a", 20)], [TRAIN, SERVE])
    assert (excess.resource, excess.total, excess.ceiling, excess.allowed) == (GPU, 29, 28, 28)
    assert (
        str(excess)
        == "the quotas grant 29 nvidia.com/gpu (a 20, b 9), the pools have 28 at most (serve 12 x 1, train 2 x 8)"
    )


def test_the_rungs_of_one_pool_count_together() -> None:
    spot, demand = Pool("serve", 5, {"rung": "spot"}, (), {GPU: 1}), Pool("serve", 7, {"rung": "demand"}, (), {GPU: 1})
    assert over_capacity([granted("a", 12)], [spot, demand]) == []
    (excess,) = over_capacity([granted("a", 13)], [spot, demand])
    assert str(excess).endswith("the pools have 12 at most (serve (1) 5 x 1, serve (2) 7 x 1)")


def test_an_overcommit_is_exact() -> None:
    assert over_capacity([granted("a", 36)], [SERVE], overcommit=3) == []
    (excess,) = over_capacity([granted("a", 14)], [SERVE], overcommit=1.1)
    assert str(excess).endswith("; an overcommit of 1.1 allows 13")


def of_class(namespace: str, count: int, *classes: str) -> Quota:
    scope = {"scopeName": "PriorityClass", "operator": "In", "values": list(classes)}
    return Quota(namespace, "-".join(classes), {f"requests.{GPU}": count}, scoped=True, scopes=(scope,))


def told(quotas: list[Quota]) -> dict[str, int]:
    return {str(grant): grant.amount for grant in grants(quotas).get(GPU, ())}


def test_the_least_quota_of_a_namespace_counts_and_scoped_ones_only_without_it() -> None:
    assert told([granted("a", 8), granted("a", 4, name="less"), of_class("a", 1, "l4")]) == {"a": 4}
    assert told([of_class("a", 3, "l4"), of_class("a", 2, "h100"), of_class("b", 1, "l4")]) == {
        "a l4": 3,
        "a h100": 2,
        "b l4": 1,
    }


def test_of_two_quotas_on_one_class_the_least_counts() -> None:
    assert told([of_class("a", 3, "l4"), of_class("a", 2, "l4")]) == {"a l4": 2}


def test_keys_that_the_api_server_refuses_grant_nothing() -> None:
    assert grants([Quota("a", "q", {GPU: 4, f"limits.{GPU}": 4, "requests.cpu": 1})]) == {}


L4, H100 = Pool("serve", 12, {"gpu": "l4"}, (), {GPU: 1}), Pool("train", 2, {"gpu": "h100"}, (), {GPU: 8})
PODS = [
    Pod("chat", "a", 2, {GPU: 1}, {"gpu": "l4"}, priority_class="l4"),
    Pod("big", "a", 2, {GPU: 8}, {"gpu": "h100"}, priority_class="h100"),
    Pod("web", "a", 2, {"cpu": 1}),
]


def test_each_class_is_held_to_the_pools_that_its_pods_may_run_on() -> None:
    fair = [of_class("a", 12, "l4"), of_class("a", 16, "h100")]
    assert over_capacity(fair, [L4, H100], PODS) == []
    (excess,) = over_capacity([of_class("a", 13, "l4"), of_class("a", 15, "h100")], [L4, H100], PODS)
    assert str(excess) == (
        "the quotas grant 13 nvidia.com/gpu (a l4 13), the pools that their pods may use have 12 at most (serve 12 x 1)"
    ), "although the sum is what there is"
    assert (excess.allowed, excess.largest.name) == (12, "l4")
    assert over_capacity([of_class("a", 13, "l4"), of_class("a", 15, "h100")], [L4, H100]) == [], (
        "nothing tells them apart"
    )


def test_both_classes_may_be_too_much_and_are_told_apart() -> None:
    both = over_capacity([of_class("a", 13, "l4"), of_class("a", 17, "h100")], [L4, H100], PODS)
    assert [dict(each.granted) for each in both] == [{"a l4": 13}, {"a h100": 17}]


def test_a_namespace_without_classes_is_judged_on_the_sum_beside_one_with_classes() -> None:
    quotas = [of_class("a", 12, "l4"), granted("b", 17)]
    (excess,) = over_capacity(quotas, [L4, H100], PODS)
    assert str(excess) == (
        "the quotas grant 29 nvidia.com/gpu (a l4 12, b 17), the pools have 28 at most (serve 12 x 1, train 2 x 8)"
    )
    assert over_capacity([of_class("a", 12, "l4"), granted("b", 16)], [L4, H100], PODS) == []


def test_a_class_whose_pods_run_nowhere_or_are_elsewhere_is_held_to_all_pools() -> None:
    lost = [
        Pod("lost", "a", 1, {GPU: 1}, {"gpu": "t4"}, priority_class="l4"),
        Pod("other", "b", 1, {GPU: 1}, {"gpu": "l4"}, priority_class="l4"),
    ]
    assert over_capacity([of_class("a", 28, "l4")], [L4, H100], lost) == []


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40), st.booleans()), max_size=6),
    st.integers(0, 40),
    st.integers(0, 5),
)
def test_more_nodes_never_make_an_excess(quotas: list[tuple[str, int, bool]], most: int, more: int) -> None:
    made = [
        granted(namespace, count, name=str(index), scoped=scoped)
        for index, (namespace, count, scoped) in enumerate(quotas)
    ]
    before, after = (over_capacity(made, [Pool("p", size, {}, (), {GPU: 1})]) for size in (most, most + more))
    assert len(after) <= len(before)
