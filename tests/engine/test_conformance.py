"""The evaluator does with every recorded program what the real engine did."""

import copy
import json
from pathlib import Path

import pytest

CASES = sorted(path.parent.name for path in (Path(__file__).parent / "cases").glob("*/recorded.json"))
REQUIRED = [
    "01",
    "02",
    "03",
    "07",
    "08",
    "10",
    "13",
    "15",
    "16",
    "17",
    "18",
    "20",
    "21",
    "22",
    "23",
    "29",
    "30",
    "31",
    "32",
    "33",
    "35",
    "40",
    "41",
    "42",
    "43",
]


@pytest.mark.parametrize("case", CASES)
def test_a_case_goes_as_recorded(case, conformance, tmp_path):
    outcomes = conformance.run_case(case, tmp_path)
    assert outcomes
    assert [outcome.differences for outcome in outcomes] == [[]] * len(outcomes)
    assert [outcome.refusal for outcome in outcomes] == [""] * len(outcomes)


def test_every_case_that_must_pass_is_there():
    assert {case[:2] for case in CASES} >= set(REQUIRED)
    assert len(CASES) == 41


def test_a_case_goes_as_recorded_with_its_provider_as_a_plugin(conformance, tmp_path):
    outcomes = conformance.run_case("03-replace", tmp_path, plugin=True)
    assert [outcome.differences for outcome in outcomes] == [[], [], []]


@pytest.mark.parametrize(
    "change",
    [
        lambda step: step["steps"].pop(),
        lambda step: step["steps"][-1].update(op="update"),
        lambda step: step["steps"][-1]["inputs"].update(value="other"),
        lambda step: step["changes"].update(create=9),
        lambda step: step.update(ok=False),
        lambda step: step["outputs"].update(y="other"),
        lambda step: step["state"]["resources"][-1].update(id="other"),
        lambda step: step["state"]["resources"].pop(),
        lambda step: step["diagnostics"].append({"severity": "error", "urn": "", "message": "no"}),
        lambda step: step.update(policies=[{"policyName": "p"}]),
    ],
)
def test_the_comparison_sees_what_differs(change, conformance, desk):
    desk.write('x = Thing("x", value="one")\ny = Thing("y", value=x.stamp)\npulumi.export("y", y.stamp)\n')
    result = desk.run("up")
    state = result.resources
    recorded = json.loads((conformance.CASES / "01-create" / "recorded.json").read_text())[1]
    assert conformance.differences("01", recorded, result, state) == []
    changed = copy.deepcopy(recorded)
    change(changed)
    assert conformance.differences("01", changed, result, state) != []


def test_both_ways_of_running_a_program_give_the_same(desk):
    desk.write(
        'x = Thing("x", value="one")\nfor i in range(5): Thing(f"t{i}", value=x.stamp)\npulumi.export("y", x.stamp)\n'
    )
    fast, sdk = (desk.run("up", touch_state=False, runner=way) for way in ("fast", "sdk"))
    key = lambda resource: resource["urn"]  # noqa: E731
    assert sorted(fast.resources, key=key) == sorted(sdk.resources, key=key)
    assert fast.outputs == sdk.outputs == {"y": "x:one"}
