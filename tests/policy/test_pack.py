"""Profiles, levels and configuration of the pack, and what happens when a check itself is broken."""

import tomllib
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.policy.kinds import GOOD, ROWS, carrying
from tests.policy.stacks import namespace

import kubeml_policies.pack
from kubeml_policies import CHECKS, Pack

BAD, _, _ = carrying(ROWS[0], {**GOOD, "image": "app", "securityContext": {"privileged": True}})


def levels(pack: Pack) -> dict[str, str]:
    return {each.check: each.level for each in pack.analyze(BAD)}


def test_a_profile_decides_levels() -> None:
    assert levels(Pack("dev")) == {"POD-01": "mandatory", "POD-09": "advisory"}
    assert levels(Pack("staging")) == levels(Pack("prod")) == {"POD-01": "mandatory", "POD-09": "mandatory"}


def test_a_level_for_all_gives_way_to_a_checks_own() -> None:
    assert levels(Pack("prod", {"all": "advisory"})) == {"POD-01": "advisory", "POD-09": "advisory"}
    assert levels(Pack("prod", {"all": "disabled", "pod-not-privileged": "mandatory"})) == {"POD-01": "mandatory"}
    assert levels(Pack("prod", {"POD-09": {"enforcementLevel": "advisory"}})) == {
        "POD-01": "mandatory",
        "POD-09": "advisory",
    }


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"pod-image-pined": "disabled"}, "pod-image-pined is no check; did you mean pod-image-pinned?"),
        ({"all": "strict"}, 'all "strict" is no level; allowed: advisory, mandatory, remediate, disabled'),
        (
            {"pod-image-pinned": "off"},
            'pod-image-pinned "off" is no level; allowed: advisory, mandatory, remediate, disabled',
        ),
        ({"pod-image-pinned": {"require": "name"}}, "pod-image-pinned.require is 'name'; allowed: tag, digest"),
        ({"pod-image-pinned": {"exempt": "x"}}, "pod-image-pinned.exempt is 'x'; allowed: a value of type array"),
        ({"pod-image-pinned": {"exempt": [1]}}, "pod-image-pinned.exempt is [1]; allowed: a list of texts"),
        (
            {"gpu-quota-within-capacity": {"overcommit": 0.5}},
            "gpu-quota-within-capacity.overcommit is 0.5; allowed: 1 or more",
        ),
        ({"pod-not-privileged": {"x": 1}}, "pod-not-privileged.x is no option; pod-not-privileged has waivers"),
    ],
)
def test_a_wrong_configuration_is_refused_with_what_is_allowed(config: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  the whole message is compared
        Pack("prod", config)
    assert str(refused.value) == problem


def test_everything_wrong_with_a_configuration_is_said_at_once() -> None:
    with pytest.raises(ValueError, match=r"(?s)^a is no check.*\nb is no check.*\nall .* is no level"):
        Pack("prod", {"a": "x", "b": "x", "all": "y"})


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ValueError, match=r'^profile "test" is not known; allowed: dev, staging, prod$'):
        Pack("test")


def test_a_check_that_breaks_becomes_an_advisory_without_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("s3cret")

    for check in ("POD-01", "QTA-01"):
        broken = {**CHECKS, check: replace(CHECKS[check], evaluate=breaks)}
        monkeypatch.setattr(kubeml_policies.pack, "CHECKS", MappingProxyType(broken))
        pack = Pack("dev")
        found = [each for each in (*pack.analyze(BAD), *pack.analyze_stack([namespace()])) if each.internal]
        assert [(each.check, each.level, each.result) for each in found] == [(check, "advisory", "undetermined")]
        assert found[0].message.startswith(f"{check} itself failed (KeyError at test_pack.py:")
        assert "s3cret" not in found[0].message


def test_resources_of_other_packages_are_passed_over() -> None:
    assert (
        Pack("prod").analyze(
            {"urn": "urn:pulumi:dev::p::aws:s3/bucket:Bucket::b", "type": "aws:s3/bucket:Bucket", "inputs": {}}
        )
        == []
    )


def test_a_malformed_resource_is_no_crash() -> None:
    for inputs in (None, [], {"spec": []}, {"spec": {"containers": {}}}, {"spec": {"containers": [None, 3, "x"]}}):
        found = Pack("prod").analyze({"urn": "u", "type": "kubernetes:core/v1:Pod", "inputs": inputs})
        assert not [each for each in found if each.internal]


def test_the_pack_has_one_version(root: Path) -> None:
    project = tomllib.loads((root / "policies" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    manifest = (root / "policies" / "PulumiPolicy.yaml").read_text(encoding="utf-8")
    assert (Pack.version, f"version: {Pack.version}" in manifest.splitlines()) == (project["version"], True)


def test_ids_and_names_are_unique_and_speak_of_their_family() -> None:
    assert len({check.name for check in CHECKS.values()}) == len(CHECKS) == 10
    assert [check for check in CHECKS if CHECKS[check].id != check] == []
