"""The schema of stack files: fresh, and of one mind with the program about what is right."""

import json

import jsonschema
import pytest
import yaml

from pulumi_kubeml.stack import schema


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft202012Validator(schema.schema())


@pytest.fixture
def stack(root):
    return yaml.safe_load((root / "stacks" / "Pulumi.dev-eks.yaml").read_text(encoding="utf-8"))


def test_the_file_is_what_the_specs_say(root):
    fresh = (root / schema.FILE).read_text(encoding="utf-8")
    assert fresh == schema.text(), "stale: run python -m pulumi_kubeml.stack.schema"


def test_every_stack_of_the_project_is_right(root, validator):
    files = sorted((root / "stacks").glob("Pulumi.*.yaml"))
    assert files
    for file in files:
        assert [
            error.message for error in validator.iter_errors(yaml.safe_load(file.read_text(encoding="utf-8")))
        ] == []


@pytest.mark.parametrize(
    "change",
    [
        lambda config: config.update({"kubeml:pols": []}),
        lambda config: config["kubeml:pools"][0].update(maxx=3),
        lambda config: config["kubeml:pools"][0].update(max="3"),
        lambda config: config["kubeml:cluster"].update(nodePools=[]),
        lambda config: config["kubeml:cluster"].pop("kind"),
        lambda config: config["kubeml:serving"][0].update(exposure="public"),
        lambda config: config["kubeml:pools"][1].update(capacity=["cheap"]),
    ],
)
def test_what_the_program_refuses_an_editor_marks(stack, validator, change):
    assert validator.is_valid(stack)
    change(stack["config"])
    assert not validator.is_valid(stack)


def test_keys_of_providers_are_their_own(stack, validator):
    stack["config"]["aws:profile"] = "research"
    assert validator.is_valid(stack)


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(json.loads(schema.text()))
