"""What holds for any stack: unknowns never break a check nor make it lie, and findings follow what they are about."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.policy.kinds import GOOD, ROWS, carrying
from tests.policy.stacks import deny, dns, gpu_quota, namespace, node_group, policy, quota, workload

from kubeml_policies import Finding, Pack
from pulumi_kubeml.capacity.graph import UNKNOWN, Graph, landing

PACK = Pack("prod")
NAMES = st.sampled_from(["research", "vision", "kube-system"])
COUNTS = st.integers(1, 9)
LIMITS = st.one_of(
    COUNTS.map(lambda count: {"requests.nvidia.com/gpu": count}),
    st.just({"cpu": "8"}),
    st.just({"nvidia.com/gpu": 1}),
    st.just({}),
)
WAYS = st.lists(st.sampled_from(["Ingress", "Egress"]), min_size=1, unique=True)


@st.composite
def stacks(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Namespaces with quotas, network policies and workloads, and the pools below them; names may collide, URNs do not."""
    made = [namespace(name) for name in draw(st.lists(NAMES, unique=True))]
    for index in range(draw(st.integers(0, 4))):
        made.append(
            quota(draw(LIMITS), draw(NAMES), f"q{index}", **draw(st.sampled_from([{}, {"scopes": ["Terminating"]}])))
        )
    for index in range(draw(st.integers(0, 3))):
        made.append(
            draw(
                st.one_of(
                    st.builds(lambda ways, name: deny(*ways, namespace=name), WAYS, NAMES),
                    st.builds(lambda name: dns(namespace=name), NAMES),
                    st.builds(lambda name: policy("open", name, policyTypes=["Egress"], egress=[{}]), NAMES),
                )
            )
        )
        made[-1]["urn"] += str(index)
    for index in range(draw(st.integers(0, 3))):
        made.append(workload(f"w{index}", draw(st.sampled_from([None, 1, 2])), draw(COUNTS), draw(NAMES)))
    for index in range(draw(st.integers(0, 2))):
        made.append(
            node_group(f"p{index}", draw(st.sampled_from(["g6.xlarge", "g6.12xlarge", "m7i.large"])), draw(COUNTS))
        )
    return made


@st.composite
def pods(draw: st.DrawFn) -> dict[str, Any]:
    """A resource of any kind with pods, good or bad."""
    bad = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "securityContext": st.just({"privileged": True}),
                "image": st.sampled_from(["app", "app:v1"]),
                "resources": st.sampled_from(
                    [{}, {"limits": {"nvidia.com/gpu": 1}}, {"requests": {"nvidia.com/gpu": "0.5", "cpu": 1}}]
                ),
            },
        )
    )
    extra = draw(
        st.sampled_from([{}, {"tolerations": [{"operator": "Exists"}]}, {"nodeSelector": {"kubeml.io/pool": "x"}}])
    )
    return carrying(draw(st.sampled_from(ROWS)), {**GOOD, **bad}, extra)[0]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in some properties that could be unknown."""
    pairs = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for key, item in pairs:
        yield value, key
        yield from places(item)


def with_unknowns(draw: st.DrawFn | Any, resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same resources with some values not known yet."""
    hidden = copy.deepcopy(resources)
    everywhere = [place for resource in hidden for place in places(resource["inputs"])]
    for container, key in draw(st.lists(st.sampled_from(everywhere), max_size=4)) if everywhere else ():
        container[key] = UNKNOWN
    return hidden


def with_junk(draw: Any, resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same resources with some values of another type or form."""
    junk = st.sampled_from([None, "", "x", "1GB", -1, 0.5, True, [], {}, [[]], [None], {"x": "y"}, [{"key": 3}]])
    broken = copy.deepcopy(resources)
    everywhere = [place for resource in broken for place in places(resource["inputs"])]
    for container, key in draw(st.lists(st.sampled_from(everywhere), max_size=4)) if everywhere else ():
        container[key] = draw(junk)
    return broken


def violations(findings: list[Finding]) -> set[tuple[str, str, str]]:
    """What findings are about."""
    return {(each.check, each.urn, each.path) for each in findings if each.result == "violation"}


@given(pods(), st.data())
def test_unknowns_in_a_pod_never_break_a_check_nor_invent_a_violation(
    made: dict[str, Any], data: st.DataObject
) -> None:
    (hidden,) = with_unknowns(data.draw, [made])
    found = PACK.analyze(hidden)
    assert not [each.message for each in found if each.internal]
    assert violations(found) <= violations(PACK.analyze(made)), (
        "what is reported despite unknowns holds whatever they turn out to be"
    )


@given(stacks(), st.data())
def test_unknowns_in_a_stack_never_break_a_check_nor_invent_a_violation(
    made: list[dict[str, Any]], data: st.DataObject
) -> None:
    hidden = with_unknowns(data.draw, made)
    found = PACK.analyze_stack(hidden)
    assert not [each.message for each in found if each.internal]
    assert violations(found) <= violations(PACK.analyze_stack(made))


@given(stacks(), st.data())
def test_what_passes_despite_unknowns_passes(made: list[dict[str, Any]], data: st.DataObject) -> None:
    hidden = PACK.analyze_stack(with_unknowns(data.draw, made))
    doubtful = {each.check for each in hidden if each.result == "undetermined"}
    sure = {each for each in violations(PACK.analyze_stack(made)) if each[0] not in doubtful}
    assert sure <= violations(hidden), "a violation is never lost without saying that something is undetermined"


@given(stacks(), st.randoms(use_true_random=False))
def test_the_order_of_resources_does_not_matter(made: list[dict[str, Any]], random: Any) -> None:
    shuffled = list(made)
    random.shuffle(shuffled)
    assert PACK.analyze_stack(shuffled) == PACK.analyze_stack(made)


@given(stacks(), NAMES)
def test_adding_a_quota_never_adds_a_namespace_without_one(made: list[dict[str, Any]], name: str) -> None:
    def without(stack: list[dict[str, Any]]) -> set[str]:
        return {urn for check, urn, _ in violations(PACK.analyze_stack(stack)) if check == "QTA-01"}

    assert without([*made, gpu_quota(1, name, name="added")]) <= without(made)


@given(stacks(), COUNTS)
def test_more_nodes_never_make_quotas_exceed_them(made: list[dict[str, Any]], more: int) -> None:
    def exceeded(stack: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
        return {each for each in violations(PACK.analyze_stack(stack)) if each[0] == "QTA-04"}

    larger = copy.deepcopy(made)
    for each in larger:
        if "scalingConfig" in each["inputs"]:
            each["inputs"]["scalingConfig"]["maxSize"] += more
    assert exceeded(larger) <= exceeded(made)


@given(stacks())
def test_disabled_checks_find_nothing(made: list[dict[str, Any]]) -> None:
    assert Pack("prod", {"all": "disabled"}).analyze_stack(made) == []


@given(pods(), st.data())
def test_malformed_pods_never_break_a_check(made: dict[str, Any], data: st.DataObject) -> None:
    (broken,) = with_junk(data.draw, [made])
    assert not [each.message for each in PACK.analyze(broken) if each.internal]
    landing(Graph([broken]))


@given(stacks(), st.data())
def test_malformed_stacks_never_break_a_check_nor_a_reader(made: list[dict[str, Any]], data: st.DataObject) -> None:
    broken = with_junk(data.draw, made)
    assert not [each.message for each in PACK.analyze_stack(broken) if each.internal]
    landing(Graph(broken))
