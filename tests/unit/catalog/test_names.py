"""A name that is cut stays different from every other, and never breaks its limit."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from pulumi_kubeml.names import camel, fit, is_label, limit

KINDS = ("eks-cluster", "iam-role", "namespace", "label-value")
part = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,80}[a-z0-9])?", fullmatch=True)


@given(st.sampled_from(KINDS), st.lists(part, min_size=1, max_size=4))
def test_a_name_is_never_longer_than_its_kind_allows(kind, parts):
    name = fit(kind, *parts)
    assert len(name) <= limit(kind)
    assert not name.endswith("-")


@given(st.sampled_from(KINDS), part, part)
def test_two_names_are_never_made_equal(kind, one, other):
    long = "x" * limit(kind)
    if one != other:
        assert fit(kind, long, one) != fit(kind, long, other)


def test_a_name_that_fits_is_left_alone():
    assert fit("iam-role", "ml", "", "nodes") == "ml-nodes"


def test_a_kind_without_a_limit_is_not_guessed():
    with pytest.raises(KeyError, match="bucket"):
        limit("bucket")


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a_b", "a.b", "é", "a" * 64, "a\n"])
def test_what_is_no_label_is_not_taken_for_one(name):
    assert not is_label(name)


@given(st.from_regex(r"[a-z]+(_[a-z]+){0,3}", fullmatch=True))
def test_stack_files_have_one_word_for_each_field(field):
    assert "_" not in camel(field)
    assert camel(field).lower() == field.replace("_", "")
