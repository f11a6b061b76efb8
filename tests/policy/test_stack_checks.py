"""Every check of whole stacks."""

import pytest
from tests.policy.kinds import resource
from tests.policy.stack_cases import CASES, Case
from tests.policy.stacks import GPU, deny, dns, gpu_quota, namespace, node_group, quota, unnamed, workload

from kubeml_policies import CHECKS, Pack
from pulumi_kubeml.capacity.graph import UNKNOWN

ALL = [(check, result, case) for check, results in CASES.items() for result, cases in results.items() for case in cases]
NAMES = [f"{check}: {result}: {case.what}" for check, result, case in ALL]


@pytest.mark.parametrize(("check", "result", "case"), ALL, ids=NAMES)
def test_a_check_finds_exactly_this(check: str, result: str, case: Case) -> None:
    found = [each for each in Pack("prod", case.config).analyze_stack(case.resources) if each.check == check]
    assert [(each.urn.rpartition("::")[2], each.path, each.message) for each in found] == case.found
    assert {each.result for each in found} == ({result} if case.found else set())


def test_every_check_of_stacks_has_all_three_cases() -> None:
    of_stacks = {check.id for check in CHECKS.values() if check.scope == "stack"}
    assert {check: set(results) for check, results in CASES.items()} == {
        check: {"pass", "violation", "undetermined"} for check in of_stacks
    }
    assert all(cases for results in CASES.values() for cases in results.values())


def test_a_namespace_not_known_yet_holds_what_takes_its_name_from_it() -> None:
    research = resource("kubernetes:core/v1:Namespace", "research", {"metadata": {"name": UNKNOWN}})
    mine = unnamed(quota({"cpu": "8"}), research["urn"])
    other = unnamed(quota({"cpu": "8"}), "urn:pulumi:dev::test::kubernetes:core/v1:Namespace::vision")
    pack = Pack("prod", {"all": "disabled", "QTA-01": "mandatory"})
    assert [each.result for each in pack.analyze_stack([research, other])] == ["undetermined"]
    name_is_asked_for_the_exemption = pack.analyze_stack([research, mine])
    assert [each.message for each in name_is_asked_for_the_exemption] == [
        "cannot be checked yet: metadata.name is not known yet"
    ]


def test_namespaces_of_the_same_name_in_two_clusters_are_two() -> None:
    providers = [
        resource("pulumi:providers:kubernetes", name, {"kubeconfig": text})
        for name, text in (("a", "one"), ("b", "two"), ("c", "one"))
    ]
    first, second, same = (f"{provider['urn']}::id" for provider in providers)
    stack = [*providers, {**namespace(), "provider": first}, {**quota({"cpu": "8"}), "provider": second}]
    pack = Pack("prod", {"all": "disabled", "QTA-01": "mandatory"})
    assert [each.result for each in pack.analyze_stack(stack)] == ["violation"], (
        "a quota of another cluster limits nothing here"
    )
    stack[-1]["provider"] = same
    assert pack.analyze_stack(stack) == [], "two providers with one kubeconfig are one cluster"


def test_a_providers_namespace_counts_for_what_names_none() -> None:
    provider = resource("pulumi:providers:kubernetes", "k", {"kubeconfig": "x", "namespace": "research"})
    made = quota({"cpu": "8"})
    del made["inputs"]["metadata"]["namespace"]
    stack = [{**each, "provider": f"{provider['urn']}::id"} for each in (namespace(), made)]
    assert Pack("prod", {"all": "disabled", "QTA-01": "mandatory"}).analyze_stack([provider, *stack]) == []


def test_quotas_of_two_clusters_are_held_against_their_own_pools() -> None:
    clusters = [resource("aws:eks/cluster:Cluster", name, {"name": name}) for name in ("one", "two")]
    stack = list(clusters)
    for cluster, most in zip(clusters, (8, 1), strict=True):
        name = cluster["inputs"]["name"]
        provider = resource("pulumi:providers:kubernetes", name, {"kubeconfig": name}, dependencies=[cluster["urn"]])
        group = node_group(f"serve-{name}", "g6.xlarge", most, name, labels={"kubeml.io/pool": "serve"})
        group["propertyDependencies"] = {"clusterName": [cluster["urn"]]}
        stack += [provider, group, {**gpu_quota(4, f"team-{name}"), "provider": f"{provider['urn']}::id"}]
    found = Pack("prod", {"all": "disabled", "QTA-04": "mandatory"}).analyze_stack(stack)
    assert [each.message for each in found] == [
        f"the quotas grant 4 {GPU} (team-two 4), the pools have 1 at most (serve 1 x 1)"
    ]


def test_a_whole_stack_in_order_has_no_finding() -> None:
    stack = [
        namespace(),
        gpu_quota(4),
        deny(),
        dns(),
        workload("chat", 1, 4),
        node_group("serve", "g6.xlarge", 4),
    ]
    assert Pack("prod").analyze_stack(stack) == []


def test_pods_of_a_pending_deletion_do_not_count() -> None:
    assert Pack("prod").analyze_stack([{**workload("old", 1), "delete": True}]) == []


def test_every_check_says_why_and_how_to_fix_it() -> None:
    for check in CHECKS.values():
        assert check.why.endswith("."), check.id
        assert check.fix.endswith("."), check.id
        assert check.title, check.id
        assert all(option.doc and option.schema["type"] for option in check.options.values()), check.id
