"""Waivers: in force, expired, too long, malformed."""

import datetime as dt

import pytest
from tests.policy.kinds import GOOD, ROWS, carrying

from kubeml_policies import Finding, Pack

TODAY = dt.date(2026, 11, 25)
BAD, _, _ = carrying(ROWS[0], {**GOOD, "securityContext": {"privileged": True}})
MESSAGE = 'container "main" is privileged: it has every right and every device of its node'


def waiver(**changes: object) -> dict[str, object]:
    return {"urn": "*::it", "owner": "ml-research", "reason": "moves to Kueue", "expires": "2026-12-01", **changes}


def found(*waivers: object, day: dt.date = TODAY) -> Finding:
    (finding,) = Pack("prod", {"pod-not-privileged": {"waivers": list(waivers)}}, as_of=day).analyze(BAD)
    return finding


def test_a_waiver_in_force_makes_a_violation_advisory_and_is_named() -> None:
    finding = found(waiver())
    assert (finding.result, finding.level) == ("violation", "advisory")
    assert finding.message == f"{MESSAGE} (waived until 2026-12-01 by ml-research: moves to Kueue)"


def test_a_day_may_be_one_that_yaml_has_read() -> None:
    assert found(waiver(expires=dt.date(2026, 12, 1))) == found(waiver())


def test_a_waiver_holds_on_its_last_day_and_excuses_nothing_after_it() -> None:
    assert found(waiver(), day=dt.date(2026, 12, 1)).level == "advisory"
    finding = found(waiver(), day=dt.date(2026, 12, 2))
    assert (finding.level, finding.message) == (
        "mandatory",
        f"{MESSAGE} (the waiver of ml-research expired on 2026-12-01)",
    )


def test_a_waiver_is_for_the_resources_it_names() -> None:
    finding = found(waiver(urn="*::other"))
    assert (finding.level, finding.message) == ("mandatory", MESSAGE)


def test_a_newer_waiver_replaces_an_expired_one() -> None:
    assert found(waiver(expires="2026-01-01"), waiver(owner="platform")).message.endswith(
        "by platform: moves to Kueue)"
    )


@pytest.mark.parametrize(
    ("waivers", "problem"),
    [
        ([waiver(expires="2027-02-24")], "[0].expires is 2027-02-24; allowed: at most 90 days from 2026-11-25"),
        ([waiver(), waiver(expires="soon")], "[1].expires is 'soon'; allowed: a day as YYYY-MM-DD"),
        ([waiver(owner="")], "[0].owner is missing"),
        ([{**waiver(), "ticket": "1"}], "[0].ticket is no field; allowed: urn, owner, reason, expires"),
        (["POD-01"], "[0] is 'POD-01'; allowed: urn, owner, reason, expires"),
        ({"urn": "*"}, " is {'urn': '*'}; allowed: a list of waivers"),
    ],
)
def test_a_wrong_waiver_is_refused_with_its_place(waivers: object, problem: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  the whole message is compared
        Pack("prod", {"pod-not-privileged": {"waivers": waivers}}, as_of=TODAY)
    assert str(refused.value) == f"pod-not-privileged.waivers{problem}"


def test_a_waiver_does_not_hide_what_cannot_be_told() -> None:
    config = {"ns-has-resource-quota": {"waivers": [waiver(urn="*")]}}
    unknown = {
        **BAD,
        "type": "kubernetes:core/v1:Namespace",
        "inputs": {"metadata": {"name": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}},
    }
    results = {each.check: each.message for each in Pack("prod", config, as_of=TODAY).analyze_stack([unknown])}
    assert results["QTA-01"] == "cannot be checked yet: metadata.name is not known yet"
