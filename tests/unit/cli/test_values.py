"""Secrets in values and in free text."""

from hypothesis import given
from hypothesis import strategies as st

from kubeml_simulator.preview.values import SECRET, SIGNATURE, Redactor, shown

SECRETS = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=3).filter(
    lambda text: text.strip() == text and text.lower() not in {"true", "false", "null", "none"}
)
PLACES = st.lists(st.sampled_from(["list", "dict"]), max_size=5)


def placed(secret, path):
    value = {SIGNATURE: SECRET, "value": {"deep": [secret]}}
    for place in path:
        value = [value] if place == "list" else {"key": value}
    return value


@given(SECRETS, PLACES)
def test_a_secret_is_withheld_wherever_it_stands(secret, path):
    value = placed(secret, path)
    assert "[secret]" in str(shown(value))
    assert "deep" not in str(shown(value)), "nothing of the inside of a secret is shown, not even its shape"


@given(SECRETS, PLACES, st.text(max_size=5))
def test_a_secret_that_was_seen_in_a_graph_is_withheld_in_any_text(secret, path, around):
    redact = Redactor()
    redact.learn(placed(secret, path))
    text = redact(f"{around} refused {secret}: {around}")
    assert secret not in text.replace("[secret]", "")


def test_a_secret_inside_another_is_withheld_too():
    redact = Redactor()
    for secret in ("abc", "abcdef"):
        redact.learn({SIGNATURE: SECRET, "value": secret})
    assert redact("abcdef") == "[secret]", "the longer first: else def would be left to see"


def test_an_unknown_is_told_as_such():
    assert shown(["04da6b54-80e4-46f7-96ec-b56ff0331ba9"]) == ["[known after up]"]


def test_labels_that_a_provider_repeats_as_secret_do_not_hide_their_words_everywhere():
    redact = Redactor()
    hidden = {SIGNATURE: SECRET, "value": {"environment": "dev", "owner": "ml-platform"}}
    redact.learn({"labels": {"environment": "dev"}, "effectiveLabels": hidden, "pulumiLabels": hidden})
    assert redact("a device of ml-platform") == "a device of ml-platform"
    redact.learn({"labels": {"owner": {SIGNATURE: SECRET, "value": "ml-platform"}}, "effectiveLabels": hidden})
    assert redact("a device of ml-platform") == "a device of [secret]", "one that the program hides stays hidden"
