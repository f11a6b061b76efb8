"""How the running program comes to its configuration."""

import json

import pulumi
import pytest

from pulumi_kubeml.stack import source


@pytest.fixture
def configured(monkeypatch, config, tmp_path):
    """Sets the configuration as an engine hands it over: every structure as text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pulumi, "get_stack", lambda: "dev-eks")
    (tmp_path / "Pulumi.yaml").write_text("name: kubeml\nruntime: python\nstackConfigDir: stacks\n", encoding="utf-8")

    def give(secrets=(), **changes):
        texts = {
            f"kubeml:{key}": value if isinstance(value, str) else json.dumps(value)
            for key, value in (config | changes).items()
        }
        monkeypatch.setenv("PULUMI_CONFIG", json.dumps({**texts, "aws:region": "us-east-1"}))
        monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", json.dumps(list(secrets)))

    return give


def test_the_stack_is_read_from_what_the_engine_hands_over(configured):
    configured()
    spec = source.load()
    assert [team.name for team in spec.teams] == ["research"]


def test_errors_stand_under_the_name_of_the_stack_file(configured):
    configured(pols=[])
    with pytest.raises(pulumi.RunError) as caught:
        source.load()
    assert str(caught.value) == "stacks/Pulumi.dev-eks.yaml\n  kubeml:pols  unknown key; did you mean pools?"


def test_a_secret_is_refused_without_its_value(configured):
    configured(secrets=["kubeml:teams"], teams="hunter2")
    with pytest.raises(source.InvalidStack) as caught:
        source.load()
    assert "kubeml:teams" in str(caught.value)
    assert "is secret, but what a stack is made of cannot be" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_text_where_a_structure_is_needed_is_shown_as_text(configured):
    configured(pools="many")
    with pytest.raises(source.InvalidStack, match=r'kubeml:pools +"many", but a list is needed'):
        source.load()
