"""Every check of pods, in every kind that carries them."""

from dataclasses import replace

import pytest
from tests.policy.kinds import GOOD, ROWS, WHOLE, WHOLE_IDS, carrying, resource
from tests.policy.pod_cases import CASES, LABELS, Case

from kubeml_policies import CHECKS, Pack
from pulumi_kubeml.capacity.graph import UNKNOWN
from pulumi_kubeml.capacity.graph.templates import Row

ALL = [(check, result, case) for check, results in CASES.items() for result, cases in results.items() for case in cases]
PLACES = [
    (check, result, case, row)
    for check, result, case in ALL
    for row in ROWS
    # A TrainJob's pods are placed by its runtime; what is absent from a partial template is given by something else.
    if not (row.holds == "container" and check == "GPU-02") and not (case.whole_only and row.partial)
]
NAMES = [f"{check}: {row.kind} {row.path}: a container that {case.what}" for check, _, case, row in PLACES]
UNKNOWN_PLACES = [
    (check, row) for check in sorted(CASES) for row in ROWS if row.holds != "container" or check != "GPU-02"
]


def findings(check: str, case: Case, row: Row) -> tuple[list[tuple[str, str, str, str]], tuple[str, str, str, str]]:
    """What one check finds, and what the case says that it must."""
    made, pod, container = carrying(row, {**GOOD, **case.container}, case.spec)
    resources = "resourcesPerNode" if row.holds == "container" else "resources"
    words = {"{c}": container, "{p}": pod, "{resources}": resources}
    path, message = case.path, case.message
    for word, text in words.items():
        path, message = path.replace(word, text), message.replace(word, text)
    found = [each for each in Pack(case.profile).analyze(made) if each.check == check]
    return [(each.result, each.urn, each.path, each.message) for each in found], ("", made["urn"], path, message)


@pytest.mark.parametrize(("check", "result", "case", "row"), PLACES, ids=NAMES)
def test_a_check_finds_exactly_this_in_every_kind(check: str, result: str, case: Case, row: Row) -> None:
    found, (_, urn, path, message) = findings(check, case, row)
    assert found == ([] if result == "pass" else [(result, urn, path, message)])


@pytest.mark.parametrize("row", WHOLE, ids=WHOLE_IDS)
def test_a_good_pod_has_no_finding_at_all(row: Row) -> None:
    made, _, _ = carrying(row, GOOD)
    assert Pack("prod").analyze(made) == []


@pytest.mark.parametrize(("check", "row"), UNKNOWN_PLACES)
def test_an_unknown_container_is_one_undetermined_finding(check: str, row: Row) -> None:
    made, _, container = carrying(row, UNKNOWN)
    found = [each for each in Pack("prod").analyze(made) if each.check == check]
    assert [(each.result, each.level, each.message) for each in found] == [
        ("undetermined", "advisory", f"cannot be checked yet: {container} is not known yet")
    ]


def test_init_and_ephemeral_containers_are_looked_at_too() -> None:
    privileged = {**GOOD, "securityContext": {"privileged": True}}
    spec = {"containers": [GOOD], "initContainers": [GOOD, privileged], "ephemeralContainers": [privileged]}
    found = Pack("prod").analyze(resource("kubernetes:core/v1:Pod", "p", {"spec": spec}))
    assert [each.path for each in found] == [
        "spec.initContainers[1].securityContext.privileged",
        "spec.ephemeralContainers[0].securityContext.privileged",
    ]


def test_an_unknown_neighbour_does_not_hide_a_violation() -> None:
    privileged = {**GOOD, "securityContext": {"privileged": True}}
    found = Pack("prod").analyze(
        resource("kubernetes:core/v1:Pod", "p", {"spec": {"containers": [UNKNOWN, privileged]}})
    )
    assert [(each.result, each.path) for each in found if each.check == "POD-01"] == [
        ("violation", "spec.containers[1].securityContext.privileged"),
        ("undetermined", "spec.containers[0]"),
    ]


def test_a_secret_value_is_judged_and_a_withheld_one_is_undetermined() -> None:
    signature = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    for image, result in (
        ({**signature, "value": "app:latest"}, "violation"),
        ({**signature, "ciphertext": "v1:x"}, "undetermined"),
    ):
        found = Pack("dev").analyze(
            resource("kubernetes:core/v1:Pod", "p", {"spec": {"containers": [{**GOOD, "image": image}]}})
        )
        assert [each.result for each in found] == [result]


def test_a_patch_is_only_judged_by_what_it_sets() -> None:
    made = resource(
        "kubernetes:apps/v1:DeploymentPatch", "p", {"spec": {"template": {"spec": {"containers": [{"name": "main"}]}}}}
    )
    assert Pack("prod").analyze(made) == []
    container = made["inputs"]["spec"]["template"]["spec"]["containers"][0]
    container.update(securityContext={"privileged": True}, image="app", resources={"requests": {"cpu": 1}})
    assert sorted(each.check for each in Pack("prod").analyze(made)) == ["POD-01", "POD-09", "RES-01"]


def test_a_model_without_image_and_requests_takes_its_runtimes() -> None:
    kind = "kubernetes:serving.kserve.io/v1beta1:InferenceService"
    model = {"modelFormat": {"name": "pytorch"}, "resources": {"limits": {"nvidia.com/gpu": 1}}}
    found = Pack("prod").analyze(resource(kind, "m", {"spec": {"predictor": {"model": model}}}))
    assert [(each.check, each.path) for each in found] == [("RES-01", "spec.predictor.model.resources.requests")]


def test_placement_says_which_labels_tell_accelerators_apart() -> None:
    case = next(case for case in CASES["GPU-02"]["violation"] if case.path == "{p}.nodeSelector" and case.whole_only)
    made, _, _ = carrying(ROWS[0], {**GOOD, **case.container}, case.spec)
    found = [each for each in Pack("prod").analyze(made) if each.check == "GPU-02"]
    assert [each.expected for each in found] == [f"a node selector or required node affinity on one of {LABELS}"]


def test_every_check_of_pods_has_all_three_cases() -> None:
    of_pods = {check.id for check in CHECKS.values() if check.scope == "resource"}
    assert {check: set(results) for check, results in CASES.items()} == {
        check: {"pass", "violation", "undetermined"} for check in of_pods
    }
    assert all(cases for results in CASES.values() for cases in results.values())


def test_an_image_may_be_left_alone() -> None:
    made, _, _ = carrying(ROWS[0], {**GOOD, "image": "registry.example.com/base/app:latest"})
    config = {"pod-image-pinned": {"exempt": ["registry.example.com/base/*"]}}
    assert [each.check for each in Pack("prod").analyze(made)] == ["POD-09"]
    assert Pack("prod", config).analyze(made) == []


def test_findings_carry_level_severity_fix_and_source_position() -> None:
    made, _, _ = carrying(ROWS[0], {**GOOD, **replace(CASES["POD-01"]["violation"][0]).container})
    (found,) = Pack("dev").analyze({**made, "sourcePosition": "project:///__main__.py#3,1"})
    check = CHECKS["POD-01"]
    assert (found.level, found.severity, found.fix, found.name) == (
        "mandatory",
        "critical",
        check.fix,
        "pod-not-privileged",
    )
    assert (found.position, found.expected, found.actual) == ("project:///__main__.py#3,1", False, True)
