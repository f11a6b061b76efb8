"""Kueue's quota arithmetic: worked examples with their sources (read 2026-11), and what holds for any tree."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pulumi_kubeml.capacity.kueue import (
    ClusterQueue,
    Cohort,
    FlavorResource,
    Queues,
    ResourceGroup,
    Share,
    admit,
    verdict,
)
from pulumi_kubeml.capacity.quantity import MAX

CPU = FlavorResource("red", "cpu")
DOCS = "https://kueue.sigs.k8s.io/docs/concepts"
TEST = "kubernetes-sigs/kueue@v0.19.2 pkg/cache/scheduler/resource_test.go"
LENDING = "kubernetes-sigs/kueue@v0.19.2 keps/1224-lending-limit/README.md"


def group(share: Share) -> tuple[ResourceGroup, ...]:
    return (ResourceGroup(("cpu",), {"red": {"cpu": share}}),)


def queue(name: str, cohort: str, nominal: int, borrowing: int | None = None, lending: int | None = None, **more: Any):
    return ClusterQueue(name, cohort, group(Share(nominal, borrowing, lending)), **more)


def cohort(
    name: str, parent: str = "", nominal: int | None = None, borrowing: int | None = None, lending: int | None = None
):
    return Cohort(name, parent, () if nominal is None else group(Share(nominal, borrowing, lending)))


ROOT = cohort("root")
EXAMPLES: dict[str, tuple[str, list[ClusterQueue], list[Cohort], dict[str, int], dict[str, int], dict[str, int]]] = {
    "a queue alone has its own": (TEST, [queue("a", "", 0), queue("b", "", 5)], [], {"a": 0, "b": 5}, {"a": 1, "b": 2}, {"a": 0, "b": 3}),
    "two teams borrow from each other": (
        f"{DOCS}/cluster_queue/#borrowing-example", [queue("a", "ab", 9), queue("b", "ab", 12)], [], {"a": 21, "b": 21}, {"b": 12}, {"a": 9, "b": 9},
    ),
    "a borrowing limit": (
        f"{DOCS}/cluster_queue/#borrowinglimit", [queue("a", "ab", 9, 1), queue("b", "ab", 12)], [], {"a": 10, "b": 21}, {}, {"a": 10, "b": 21},
    ),
    "a lending limit": (
        f"{DOCS}/cluster_queue/#lendinglimit", [queue("a", "ab", 9), queue("b", "ab", 12, None, 1)], [], {"a": 10, "b": 21}, {"b": 11}, {"a": 10, "b": 10},
    ),
    "a cohort's quota is shared by queues without any": (
        f"{DOCS}/cohort/#configuring-quotas", [queue("a", "hello", 0)], [cohort("hello", "", 12)], {"a": 12}, {}, {"a": 12},
    ),
    "two lenders with limits": (
        LENDING, [queue("a", "c", 0), queue("b", "c", 10, None, 4), queue("d", "c", 10, None, 3)], [], {"a": 7, "b": 13, "d": 14}, {}, {"a": 7, "b": 13, "d": 14},
    ),
    "two lenders and a borrowing limit": (
        LENDING, [queue("a", "c", 0, 5), queue("b", "c", 10, None, 4), queue("d", "c", 10, None, 3)], [], {"a": 5, "b": 13, "d": 14}, {}, {"a": 5, "b": 13, "d": 14},
    ),
    "a cohort's quota on top": (
        TEST, [queue("a", "c", 10_000), queue("b", "c", 10_000, None, 9_000)], [cohort("c", "", 10_000)],
        {"a": 29_000, "b": 30_000}, {"a": 1_000, "b": 500}, {"a": 28_000, "b": 28_500},
    ),
    "more used than there is spills over": (
        TEST, [queue("a", "c", 10_000), queue("b", "c", 10_000, 0, 0)], [cohort("c", "", 10_000)],
        {"a": 20_000, "b": 10_000}, {"a": 31_000}, {"a": 0, "b": 0},
    ),
    "both limits": (
        TEST, [queue("a", "c", 10_000), queue("b", "c", 10_000, 2_000), queue("d", "c", 10_000, None, 5_000)], [cohort("c", "", 10_000)],
        {"a": 35_000, "b": 12_000, "d": 40_000}, {"a": 20_000, "b": 10_000, "d": 6_000}, {"a": 4_000, "b": 2_000, "d": 4_000},
    ),
    "a tree": (
        TEST, [queue("a", "left", 10_000), queue("b", "right", 10_000, None, 0)],
        [ROOT, cohort("left", "root", 10_000), cohort("right", "root", 10_000)],
        {"a": 30_000, "b": 40_000}, {"a": 10_000, "b": 5_000}, {"a": 20_000, "b": 25_000},
    ),
    "a borrowing limit of a cohort": (
        TEST, [queue("a", "left", 10), queue("b", "left", 10, 5), queue("c", "right", 10)],
        [ROOT, cohort("left", "root", 10, 5), cohort("right", "root", 10)],
        {"a": 35, "b": 15, "c": 50}, {}, {"a": 35, "b": 15, "c": 50},
    ),
    "a lending limit of a cohort": (
        TEST, [queue("a", "left", 10, None, 5), queue("b", "left", 10), queue("c", "right", 0), queue("d", "root", 0)],
        [ROOT, cohort("left", "root", 0, None, 5), cohort("right", "root", 0)],
        {"a": 20, "b": 15, "c": 5, "d": 5}, {}, {"a": 20, "b": 15, "c": 5, "d": 5},
    ),
    "an organisation that lends and does not borrow": (
        "kubernetes-sigs/kueue@v0.19.2 keps/79-hierarchical-cohorts/README.md (story 1)",
        [queue("research", "r", 8), queue("production", "p", 4)], [cohort("r", "root", 0, 0), cohort("p", "root", 0, None, None)],
        {"research": 8, "production": 12}, {"production": 6}, {"research": 6, "production": 6},
    ),
}  # fmt: skip


def used(amounts: dict[str, int]) -> dict[str, dict[FlavorResource, int]]:
    return {name: {CPU: amount} for name, amount in amounts.items()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_worked_examples_of_kueue_come_out(name: str) -> None:
    source, queues, cohorts, most, usage, left = EXAMPLES[name]
    free, busy = Queues(queues, cohorts), Queues(queues, cohorts, used(usage))
    assert {each.queue: each.left for each in free.lines()} == most, source
    assert {each.queue: each.most for each in busy.lines()} == most, f"use does not change the most: {source}"
    assert {each.queue: each.left for each in busy.lines()} == left, source


def test_a_line_says_what_is_kept_borrowed_and_borrowable() -> None:
    queues = Queues([queue("a", "ab", 9), queue("b", "ab", 12, None, 1)], usage=used({"a": 10, "b": 3}))
    a, b = queues.lines()
    assert (a.kept, a.borrowable, a.borrowed, a.left) == (0, 1, 1, 0)
    assert (b.kept, b.borrowable, b.borrowed, b.left) == (11, 9, 0, 8), (
        "what it keeps is its own while it does not use it"
    )
    assert str(b) == "b: 12m cpu of red, may borrow 9m; used 3m, 8m left"


def test_a_cohort_has_its_own_and_what_those_below_lend() -> None:
    _, queues, cohorts, *_ = EXAMPLES["a lending limit of a cohort"]
    totals = {
        each.cohort: (each.parent, each.nominal, each.total, each.used)
        for each in Queues(queues, cohorts, used({"b": 16})).totals()
    }
    assert totals == {"left": ("root", 0, 15, 16), "right": ("root", 0, 0, 0), "root": ("", 0, 5, 6)}


def test_a_cohort_and_a_parent_that_are_only_named_have_no_quotas_and_no_limits() -> None:
    queues = Queues([queue("a", "left", 4), queue("b", "top", 6)], [cohort("left", "top")])
    assert [each.left for each in queues.lines()] == [10, 10]
    assert {each.queue: queues.root_of(each.queue) for each in queues.lines()} == {"a": "top", "b": "top"}


def test_nothing_is_admitted_in_a_tree_with_a_cycle_and_everything_beside_it() -> None:
    cohorts = [cohort("a", "b", 5), cohort("b", "a"), cohort("c", "b")]
    queues = Queues([queue("in", "c", 5), queue("out", "d", 5)], cohorts)
    assert queues.cyclic == ("a", "b", "c")
    assert [(each.queue, each.most, each.left) for each in queues.lines()] == [("in", 0, 0), ("out", 5, 5)]
    assert (
        str(verdict(queues, "in", "red", "cpu", 1))
        == "in admits no 1m cpu of red: cohort c is its own ancestor, or below one that is"
    )


def test_a_stopped_queue_admits_nothing_and_still_lends() -> None:
    queues = Queues([queue("a", "ab", 9, stopped=True), queue("b", "ab", 12)])
    assert (verdict(queues, "a", "red", "cpu", 1).mode, verdict(queues, "a", "red", "cpu", 1).reason) == (
        "never",
        "it is stopped",
    )
    assert verdict(queues, "b", "red", "cpu", 21).mode == "fit"


def test_an_amount_that_is_too_large_to_count_is_without_limit() -> None:
    queues = Queues([queue("a", "ab", MAX), queue("b", "ab", 1)], usage=used({"a": 10**9}))
    assert [(each.most, each.left) for each in queues.lines()] == [(MAX, MAX), (MAX, MAX)]
    assert str(queues.lines()[1]) == "b: 1m cpu of red, may borrow any amount; used 0, any amount left"


ANY = {"reclaim": "Any"}
TEAMS = [queue("a", "ab", 9), queue("b", "ab", 12)]


@pytest.mark.parametrize(
    ("queues", "usage", "asked", "mode", "said"),
    [
        (TEAMS, {}, 9, "fit", "a takes 9m cpu of red: 21m left"),
        (TEAMS, {"b": 9}, 12, "fit", "a takes 12m cpu of red: 12m left, 3m of it borrowed"),
        (TEAMS, {}, 22, "never", "a can never use 22m cpu of red: 9m of its own and 12m borrowed are 21m at most"),
        ([queue("a", "", 9)], {}, 10, "never", "a can never use 10m cpu of red: 9m of its own is all it may use"),
        (TEAMS, {"b": 20}, 4, "wait", "a takes 4m cpu of red when others end: 1m left, 3m more needed"),
        ([queue("a", "ab", 9, **ANY), TEAMS[1]], {"b": 20}, 9, "reclaim", "a takes 9m cpu of red when others give back what they borrowed: 1m left, 8m more needed"),
        ([queue("a", "ab", 9, **ANY), TEAMS[1]], {"b": 20}, 10, "wait", "a takes 10m cpu of red when others end: 1m left, 9m more needed"),
        ([queue("a", "ab", 9, borrow_within="LowerPriority", **ANY), TEAMS[1]], {"b": 20}, 10, "wait", "a takes 10m cpu of red when others end: 1m left, 9m more needed"),
        ([queue("a", "abc", 9, borrow_within="LowerPriority", **ANY), queue("b", "abc", 6), queue("c", "abc", 6)], {"b": 15}, 15, "reclaim", "a takes 15m cpu of red when others give back what they borrowed: 6m left, 9m more needed"),
        ([queue("a", "abc", 9, **ANY), queue("b", "abc", 6), queue("c", "abc", 6)], {"b": 15}, 15, "wait", "a takes 15m cpu of red when others end: 6m left, 9m more needed"),
        ([queue("a", "ab", 9, within="LowerPriority"), TEAMS[1]], {"a": 9, "b": 12}, 5, "preempt", "a takes 5m cpu of red when others give back what they borrowed and work of its own gives way: 0 left, 5m more needed"),
        ([queue("a", "ab", 9, within="LowerPriority"), TEAMS[1]], {"a": 1, "b": 20}, 5, "wait", "a takes 5m cpu of red when others end: 0 left, 5m more needed"),
        ([queue("a", "ab", 9, within="LowerPriority", **ANY), TEAMS[1]], {"a": 5, "b": 16}, 8, "preempt", "a takes 8m cpu of red when others give back what they borrowed and work of its own gives way: 0 left, 8m more needed"),
    ],
)  # fmt: skip
def test_more_work_fits_is_made_room_for_waits_or_never_fits(
    queues: list[ClusterQueue], usage: dict[str, int], asked: int, mode: str, said: str
) -> None:
    found = verdict(Queues(queues, usage=used(usage)), "a", "red", "cpu", asked)
    assert (found.mode, str(found)) == (mode, said)


def test_a_part_of_a_tree_takes_back_what_others_borrowed_of_its_cohort_but_not_of_the_root() -> None:
    """As preemption in Kueue has it: over those outside a part whose quota the work is within (hierarchical_preemption.go)."""
    cohorts = [cohort("root", "", 10), cohort("left", "root", 10), cohort("right", "root")]
    queues = [queue("a", "left", 0, **ANY), queue("b", "right", 0)]
    busy = Queues(queues, cohorts, used({"b": 20}))
    assert verdict(busy, "a", "red", "cpu", 10).mode == "reclaim"
    assert verdict(busy, "a", "red", "cpu", 11).mode == "wait"


def test_all_resources_of_a_group_come_from_the_first_flavor_that_has_them() -> None:
    both = {"spot": {"cpu": Share(4), "gpu": Share(1)}, "demand": {"cpu": Share(8), "gpu": Share(8)}}
    found = ClusterQueue(
        "a", "", (ResourceGroup(("cpu", "gpu"), both), ResourceGroup(("license",), {"l": {"license": Share(2)}}))
    )
    queues = Queues([found])
    taken = admit(queues, "a", {"cpu": 4, "gpu": 2, "license": 1})
    assert (taken.mode, taken.flavors) == ("fit", {"cpu": "demand", "gpu": "demand", "license": "l"})
    assert admit(queues, "a", {"cpu": 4, "gpu": 1}).flavors == {"cpu": "spot", "gpu": "spot"}
    assert admit(queues, "a", {"cpu": 4, "gpu": 2}, flavors=["spot"]).mode == "never"
    missing = admit(queues, "a", {"cpu": 1, "tpu": 1})
    assert (missing.mode, [str(each) for each in missing.verdicts][1]) == (
        "never",
        "a admits no 1 tpu: the queue names no tpu",
    )


@pytest.mark.parametrize(("next_borrow", "flavor"), [(False, "spot"), (True, "demand")])
def test_a_flavor_that_must_be_borrowed_is_taken_unless_the_queue_tries_the_next(
    next_borrow: bool, flavor: str
) -> None:
    flavors = {"spot": {"cpu": Share(1)}, "demand": {"cpu": Share(5)}}
    lender = ClusterQueue("b", "ab", (ResourceGroup(("cpu",), {"spot": {"cpu": Share(9)}}),))
    found = ClusterQueue("a", "ab", (ResourceGroup(("cpu",), flavors),), next_borrow=next_borrow)
    assert admit(Queues([found, lender]), "a", {"cpu": 5}).flavors == {"cpu": flavor}


LIMITS = st.none() | st.integers(0, 12)
COHORTS = ("", "left", "right", "root")


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[ClusterQueue], list[Cohort]]:
    """Queues in and beside a tree of three cohorts; limits only where there is a parent, as the API server has it."""
    cohorts = [
        Cohort("root", "", group(Share(draw(st.integers(0, 12))))),
        *(
            Cohort(name, "root", group(Share(draw(st.integers(0, 12)), draw(LIMITS), draw(LIMITS))))
            for name in ("left", "right")
        ),
    ]
    queues: list[ClusterQueue] = []
    for index in range(draw(st.integers(1, 6))):
        home, nominal = draw(st.sampled_from(COHORTS)), draw(st.integers(0, 12))
        lending = draw(st.none() | st.integers(0, nominal)) if home else None
        policy = draw(st.sampled_from(("Never", "Any")))
        queues.append(
            queue(
                f"q{index}",
                home,
                nominal,
                draw(LIMITS) if home else None,
                lending,
                reclaim=policy,
                within=draw(st.sampled_from(("Never", "LowerPriority"))),
            )
        )
    return queues, cohorts


WORK = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)), max_size=12)


def filled(queues: list[ClusterQueue], cohorts: list[Cohort], work: list[tuple[int, int]]) -> Queues:
    """Admit work as long as it fits, one after the other."""
    usage: dict[str, int] = {}
    for index, asked in work:
        name = queues[index % len(queues)].name
        if verdict(Queues(queues, cohorts, used(usage)), name, "red", "cpu", asked).mode == "fit":
            usage[name] = usage.get(name, 0) + asked
    return Queues(queues, cohorts, used(usage))


def nominal(holder: ClusterQueue | Cohort) -> int:
    return holder.shares()[CPU].nominal


@given(trees(), WORK)
def test_what_is_admitted_is_never_more_than_the_tree_has(
    tree: tuple[list[ClusterQueue], list[Cohort]], work: list[tuple[int, int]]
) -> None:
    queues, cohorts = tree
    full = filled(queues, cohorts, work)
    inside = [each for each in full.lines() if each.cohort]
    assert sum(each.used for each in inside) <= sum(map(nominal, cohorts)) + sum(each.nominal for each in inside)
    for total in full.totals():
        assert total.used <= total.total or total.parent, "the root has nobody to borrow from"
    for each in full.lines():
        assert each.used <= each.most
        assert each.used + each.left <= each.most
        limit = full.queues[each.queue].shares()[CPU].borrowing
        assert limit is None or each.borrowed <= limit
        assert each.cohort or each.borrowed == 0


@given(trees(), WORK, st.randoms(use_true_random=False))
def test_the_order_of_queues_and_cohorts_never_matters(
    tree: tuple[list[ClusterQueue], list[Cohort]], work: list[tuple[int, int]], random: Any
) -> None:
    queues, cohorts = tree
    usage = filled(queues, cohorts, work).usage
    mixed = Queues(random.sample(queues, len(queues)), random.sample(cohorts, len(cohorts)), usage)
    plain = Queues(queues, cohorts, usage)
    assert (mixed.lines(), mixed.totals()) == (plain.lines(), plain.totals())
    for each in queues:
        assert verdict(mixed, each.name, "red", "cpu", 5) == verdict(plain, each.name, "red", "cpu", 5)


@given(trees(), st.integers(0, 5), st.integers(0, 12))
def test_a_lower_lending_limit_never_lets_others_use_more(
    tree: tuple[list[ClusterQueue], list[Cohort]], which: int, limit: int
) -> None:
    queues, cohorts = tree
    lender = queues[which % len(queues)]
    share = lender.shares()[CPU]
    assume(lender.cohort and (share.lending is None or limit <= share.lending))
    less = [replace(each, groups=group(share._replace(lending=limit))) if each is lender else each for each in queues]
    before, after = Queues(queues, cohorts), Queues(less, cohorts)
    for old, new in zip(before.lines(), after.lines(), strict=True):
        assert new.most <= old.most or new.queue == lender.name
        if new.queue == lender.name:
            assert new.most == old.most, "what a queue keeps is there for itself"
            assert new.kept >= old.kept


@given(trees(), st.integers(0, 5), st.integers(0, 12))
def test_a_lower_borrowing_limit_never_lets_a_queue_use_more_nor_others_less(
    tree: tuple[list[ClusterQueue], list[Cohort]], which: int, limit: int
) -> None:
    queues, cohorts = tree
    borrower = queues[which % len(queues)]
    share = borrower.shares()[CPU]
    assume(borrower.cohort and (share.borrowing is None or limit <= share.borrowing))
    less = [
        replace(each, groups=group(share._replace(borrowing=limit))) if each is borrower else each for each in queues
    ]
    for old, new in zip(Queues(queues, cohorts).lines(), Queues(less, cohorts).lines(), strict=True):
        assert new.most <= old.most if new.queue == borrower.name else new.most == old.most


@given(trees(), WORK, st.integers(0, 5), st.integers(1, 40))
def test_more_is_never_easier_and_each_verdict_is_what_the_figures_say(
    tree: tuple[list[ClusterQueue], list[Cohort]], work: list[tuple[int, int]], which: int, asked: int
) -> None:
    queues, cohorts = tree
    full = filled(queues, cohorts, work)
    name = queues[which % len(queues)].name
    found, more = (verdict(full, name, "red", "cpu", amount) for amount in (asked, asked + 1))
    order = ("fit", "reclaim", "preempt", "wait", "never")
    assert order.index(found.mode) <= order.index(more.mode)
    assert (found.mode == "never") == (asked > found.most)
    assert (found.mode == "fit") == (asked <= found.left)
    if full.queues[name].reclaim == full.queues[name].within == "Never":
        assert found.mode in {"fit", "wait", "never"}, "who may not preempt waits"


@given(trees(), st.integers(0, 5))
def test_a_queue_that_may_reclaim_always_gets_its_own_back(
    tree: tuple[list[ClusterQueue], list[Cohort]], which: int
) -> None:
    """What makes a nominal quota a promise: while no one uses more than the tree has, others give back what they borrowed."""
    queues, cohorts = tree
    mine = replace(queues[which % len(queues)], reclaim="Any")
    queues = [mine if each.name == mine.name else each for each in queues]
    others = [(index, 1) for index, each in enumerate(queues) if each is not mine for _ in range(60)]
    full = filled(queues, cohorts, others)
    own = nominal(mine)
    assume(own)
    assert verdict(full, mine.name, "red", "cpu", own).mode in {"fit", "reclaim"}
