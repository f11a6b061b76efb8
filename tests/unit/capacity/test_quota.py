"""Quotas against pools, workloads against quotas."""

from hypothesis import given
from hypothesis import strategies as st

from pulumi_kubeml.capacity.model import Pod, Pool, Quota
from pulumi_kubeml.capacity.quota import grants, namespaces_of, over_capacity, over_quota, supply, usage

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


def test_an_overcommit_is_exact() -> None:
    assert over_capacity([granted("a", 36)], [SERVE], overcommit=3) == []
    (excess,) = over_capacity([granted("a", 14)], [SERVE], overcommit=1.1)
    assert str(excess).endswith("; an overcommit of 1.1 allows 13")


def test_the_least_quota_of_a_namespace_counts_and_scoped_ones_only_without_it() -> None:
    both = [granted("a", 8), granted("a", 4, name="less"), granted("a", 1, scoped=True)]
    assert grants(both) == {GPU: {"a": 4}}
    assert grants([granted("a", 3, scoped=True), granted("a", 2, name="r", scoped=True)]) == {GPU: {"a": 5}}


def test_keys_that_the_api_server_refuses_grant_nothing() -> None:
    assert grants([Quota("a", "q", {GPU: 4, f"limits.{GPU}": 4, "requests.cpu": 1})]) == {}


def test_a_namespace_uses_what_its_pods_ask_for_at_their_most() -> None:
    pods = [Pod("m", "a", 20, {"cpu": 1000, GPU: 1}), Pod("n", "a", 2, {"cpu": 500}), Pod("o", "b")]
    assert usage(pods) == {"a": {"cpu": 21000, GPU: 20, "pods": 22}, "b": {"pods": 1}}


def test_what_is_over_a_quota_is_told_with_both_figures() -> None:
    quota = Quota(
        "a", "compute", {"requests.cpu": 8000, "memory": 2**30, f"requests.{GPU}": 20, "pods": 21, "limits.cpu": 1}
    )
    used = {"cpu": 21000, "memory": 2**31, GPU: 20, "pods": 22}
    assert over_quota(used, quota) == (
        "memory: the workloads ask for 2Gi, the quota compute has 1Gi",
        "pods: the workloads ask for 22, the quota compute has 21",
        "requests.cpu: the workloads ask for 21, the quota compute has 8",
    )


def test_namespaces_are_named_once() -> None:
    assert namespaces_of([granted("b", 1), granted("a", 1), granted("b", 2)]) == ("a", "b")


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
