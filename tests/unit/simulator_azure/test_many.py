"""What holds for any pool and any id, tried with many."""

import string

import hypothesis.strategies as st
from hypothesis import given

from kubeml_simulator.clouds.azure import arm
from kubeml_simulator.clouds.azure.refusals import refusals
from kubeml_simulator.clouds.azure.tables import by_token
from kubeml_simulator.provider import UNKNOWN

POOL = "azure-native:containerservice:AgentPool"
FACTS = {"id": "/x", "name": "x", "group": "rg"}
CONSTANT = [
    row["property"] for row in by_token("refused.tsv")[POOL] if row["when"] == "changed" and "." not in row["property"]
]
VALUES = st.one_of(
    st.booleans(), st.integers(1, 9), st.sampled_from(["a", "b"]), st.lists(st.sampled_from("123"), max_size=3)
)
POOLS = st.dictionaries(st.sampled_from([*CONSTANT, "maxCount", "nodeLabels", "tags"]), VALUES)
NAMES = st.text(string.ascii_letters + string.digits + "-_.", min_size=1, max_size=12)


@given(POOLS, POOLS)
def test_an_update_without_a_change_is_never_refused_whatever_the_service_added(given_before, added):
    assert list(refusals(POOL, given_before, added | given_before, given_before, FACTS)) == []


@given(POOLS)
def test_an_update_that_is_not_known_yet_is_never_refused(before):
    assert list(refusals(POOL, before, before, dict.fromkeys(before, UNKNOWN), FACTS)) == []


@given(POOLS, POOLS)
def test_an_update_is_refused_for_exactly_the_constant_properties_that_differ(before, after):
    said = " ".join(refusals(POOL, before, before, after, FACTS))
    for path in CONSTANT:
        old, new = before.get(path), after.get(path)
        differs = (
            sorted(map(str, old)) != sorted(map(str, new))
            if isinstance(old, list) and isinstance(new, list)
            else old != new
        )
        assert (f"'properties.{path}'" in said) is differs, path


@given(st.uuids(), NAMES, st.lists(NAMES, min_size=1, max_size=3))
def test_an_id_taken_apart_has_what_it_was_made_of(subscription, group, names):
    kinds = [f"kind{index}" for index in range(len(names))]
    tail = "/".join(f"{kind}/{name}" for kind, name in zip(kinds, names, strict=True))
    parsed = arm.parse(f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Test/{tail}")
    assert parsed == arm.Parsed(str(subscription), group, "/".join(["Microsoft.Test", *kinds]), tuple(names))


@given(st.uuids(), NAMES)
def test_an_id_is_the_same_in_other_letters(subscription, group):
    usual = f"/subscriptions/{subscription}/resourceGroups/{group}"
    other = f"subscriptions/{subscription}/resourcegroups/{group}/".upper()
    assert arm.same(usual, f"/{other}")
    assert arm.canonical(usual) == usual
    assert arm.canonical(arm.canonical(other)) == arm.canonical(other)
