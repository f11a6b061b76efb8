"""The tables say only what is so: about properties that exist, as the recorded facts and the published models have it."""

import csv
import importlib
import inspect
import json
import re

import pytest
from pulumi import _types

from kubeml_simulator.clouds.aws import generate, models, replacement
from kubeml_simulator.clouds.aws.rules import RULES
from kubeml_simulator.clouds.aws.tables import rows
from kubeml_simulator.provider.latency import durations
from kubeml_simulator.provider.sdk import Schema

AWS = Schema.for_package("pulumi_aws")
CHOICES = {"exactly-one", "at-most-one", "at-least-one"}


def has_property(token, path):
    properties = AWS.resource(token).inputs
    steps = path.replace("[*]", ".*").split(".")
    kind = None
    for step in steps:
        if step == "*":
            kind = kind.item
            continue
        while kind is not None and kind.kind in {"list", "map"}:
            kind = kind.item
        properties = properties if kind is None else kind.properties
        if step not in properties:
            return False
        kind = properties[step].type
    return kind is not None


@pytest.mark.parametrize("table", ["rules.tsv", "models.tsv", "replace.tsv", "trusts.tsv"])
def test_every_property_of_a_table_exists_in_the_sdk(table):
    paths = [(row["token"], path) for row in rows(table) for path in row["property"].split("|")]
    assert len(paths) > 5
    assert [pair for pair in paths if not has_property(*pair)] == []


def test_every_computed_property_and_type_exists_in_the_sdk():
    assert [row for row in rows("outputs.tsv") if row["property"] not in AWS.resource(row["token"]).outputs] == []
    for row in rows("types.tsv"):
        resource = AWS.resource(row["token"])
        assert not row["autoname"] or row["autoname"] in resource.inputs, row["token"]
        assert not row["arn"] or "arn" in resource.outputs, row["token"]
        assert {key for key in row["unique"].split(",") if key} <= set(resource.inputs), row["token"]


def test_every_rule_is_one_that_exists_and_every_reference_leads_to_a_type():
    assert {row["rule"] for row in rows("rules.tsv")} <= set(RULES) | CHOICES
    for row in rows("rules.tsv"):
        for wanted in row["argument"].split("|") if row["rule"] == "exists" else ():
            if wanted.startswith("="):
                continue
            token, key = wanted.split("#")
            known = AWS.resource(token).outputs | {"id"}
            assert key.split(".")[0] in known, wanted


def test_every_condition_of_the_replace_table_is_implemented():
    conditional = [row for row in rows("replace.tsv") if row["forces"] == "conditional"]
    assert len(conditional) > 50
    assert {row["condition"].split()[0] for row in conditional} <= set(replacement.CONDITIONS)


@pytest.mark.parametrize(
    "table",
    [
        "types.tsv",
        "outputs.tsv",
        "rules.tsv",
        "replace.tsv",
        "durations.tsv",
        "images.tsv",
        "regions.tsv",
        "trusts.tsv",
    ],
)
def test_every_row_has_a_source(table):
    assert rows(table)
    assert [row for row in rows(table) if not row["source"]] == []


def recorded(shared, name):
    text = (shared / "catalog" / "changes" / name).read_text(encoding="utf-8")
    found = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [row for row in found if row["token"].startswith("aws:")]


def test_the_replace_table_is_the_recorded_one(shared):
    columns = ("token", "property", "forces", "required", "computed", "note", "source")
    theirs = [
        tuple(row[c] for c in columns) for row in recorded(shared, "replace.tsv") if row["property"] != "(resource)"
    ]
    assert [tuple(row[c] for c in columns) for row in rows("replace.tsv")] == theirs


def test_durations_are_the_recorded_ones_and_never_a_timeout(shared):
    theirs = {
        (row["token"], operation): float(row[column])
        for row in recorded(shared, "durations.tsv")
        for operation, column in (("create", "typical_create_s"), ("delete", "typical_delete_s"))
        if row[column] != "-"
    }
    assert durations("kubeml_simulator.clouds.aws") == theirs


def test_published_models_are_those_of_the_installed_botocore():
    pytest.importorskip("botocore", reason="botocore is not installed, the published models cannot be compared")
    committed = json.loads(json.dumps(models.published()))
    assert generate.generate() == committed, "run python -m kubeml_simulator.clouds.aws.generate"


@pytest.mark.parametrize("service", ["eks", "efs", "kms"])
def test_what_is_read_from_the_sdks_source_is_what_pulumi_finds_in_the_imported_classes(service):
    module = importlib.import_module(f"pulumi_aws.{service}")
    tokens = [token for token in AWS.tokens if re.match(rf"aws:{service}/", token)]
    assert len(tokens) > 3
    for token in tokens:
        name = token.rsplit(":", 1)[-1]
        read = AWS.resource(token)
        assert_same(read.inputs, getattr(module, f"{name}Args"))
        assert read.outputs == set(_types.resource_types(getattr(module, name))), token


def assert_same(properties, cls, depth=0):
    """Names, required ones, and the classes inside."""
    names = _types.input_type_py_to_pulumi_names(cls)
    types = _types.input_type_types(cls)
    required = {
        names[argument.name]
        for argument in inspect.signature(cls.__init__).parameters.values()
        if argument.default is argument.empty and argument.name in names
    }
    assert set(properties) == set(types), cls
    assert {name for name, rule in properties.items() if rule.required} == required, cls
    scalars = {str: "string", int: "integer", bool: "boolean", float: "number"}
    for name, rule in properties.items():
        if types[name] in scalars:
            assert rule.type.kind == scalars[types[name]], f"{cls} {name}"
        elif rule.type.kind == "object":
            assert types[name].__name__ == rule.type.name
            assert depth < 6
            assert_same(rule.type.properties, types[name], depth + 1)
        else:
            assert rule.type.kind in {"list", "map", "union", "any"}, f"{cls} {name}"


def test_the_sdk_is_read_without_being_imported():
    import subprocess
    import sys

    program = (
        "import sys; from kubeml_simulator.clouds.aws import AwsProvider; a = AwsProvider();"
        "list(a.check('aws:eks/nodeGroup:NodeGroup', 'urn:pulumi:s::p::aws:eks/nodeGroup:NodeGroup::n', {}));"
        "print([m for m in sys.modules if m.startswith('pulumi_aws') or m.startswith('botocore')])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"
