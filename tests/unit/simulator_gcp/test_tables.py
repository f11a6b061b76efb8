"""The tables say only what is so: about properties that exist, as the recorded facts and the published documents have it."""

import csv
import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest
from pulumi import _types

from kubeml_simulator.clouds.common.rules import CHOICES
from kubeml_simulator.clouds.gcp import generate, models
from kubeml_simulator.clouds.gcp.case import Case
from kubeml_simulator.clouds.gcp.locations import regions
from kubeml_simulator.clouds.gcp.pool_rules import terms
from kubeml_simulator.clouds.gcp.replacement import REPLACEMENT
from kubeml_simulator.clouds.gcp.rules import RULES
from kubeml_simulator.clouds.gcp.tables import by_token, rows
from kubeml_simulator.provider.latency import durations
from kubeml_simulator.provider.sdk import Schema

GCP = Schema.for_package("pulumi_gcp")
POOL, CLUSTER = "gcp:container/nodePool:NodePool", "gcp:container/cluster:Cluster"
ACCOUNT = "gcp:serviceaccount/account:Account"


def has_property(token, path):
    properties = GCP.resource(token).inputs
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


@pytest.mark.parametrize("table", ["rules.tsv", "models.tsv", "replace.tsv", "agents.tsv"])
def test_every_property_of_a_table_exists_in_the_sdk(table):
    paths = [(row["token"], path) for row in rows(table) for path in row["property"].split("|")]
    assert len(paths) > 5
    assert [pair for pair in paths if not has_property(*pair)] == []


def test_every_user_that_blocks_a_deletion_names_it_by_a_property_that_exists():
    assert [row for row in rows("blocks.tsv") if not has_property(row["user"], row["property"])] == []
    assert {row["token"] for row in rows("blocks.tsv")} <= set(by_token("types.tsv"))


def test_every_rule_of_pools_asks_for_properties_that_exist():
    asked = [term for row in rows("pools.tsv") for name in ("when", "must") for term in terms(row[name])]
    assert len(asked) > 30
    for term in asked:
        token = CLUSTER if term.of_cluster else POOL
        assert term.path == "zones" or has_property(token, term.path), term


def test_every_computed_property_and_type_exists_in_the_sdk():
    assert [row for row in rows("outputs.tsv") if row["property"] not in GCP.resource(row["token"]).outputs] == []
    for row in rows("types.tsv"):
        resource = GCP.resource(row["token"])
        assert not row["autoname"] or row["autoname"] in resource.inputs, row["token"]
        assert {key for key in row["unique"].split(",") if key} <= set(resource.inputs), row["token"]


def test_every_rule_is_one_that_exists_and_every_reference_leads_to_a_type():
    assert {row["rule"] for row in rows("rules.tsv")} <= set(RULES) | CHOICES
    for row in rows("rules.tsv"):
        for wanted in row["argument"].split("|") if row["rule"] == "exists" else ():
            if wanted.startswith("="):
                continue
            token, key = wanted.split("#")
            assert key in GCP.resource(token).outputs | {"id"}, wanted


def test_no_rule_repeats_what_the_published_documents_say():
    published = {(row["token"], row["property"]) for row in rows("models.tsv")}
    again = [row for row in rows("rules.tsv") if row["rule"] == "values"]
    assert [row for row in again if (row["token"], row["property"]) in published] == []


def test_every_type_with_an_address_in_compute_has_its_name_checked():
    named = {row["token"] for row in rows("models.tsv") if row["property"] == "name"}
    checked = named | {row["token"] for row in rows("rules.tsv") if row["property"] == "name"}
    compute = {row["token"] for row in rows("types.tsv") if row["token"].startswith("gcp:compute/")}
    assert compute - checked == {"gcp:compute/networkPeering:NetworkPeering"}, "its name is one of the peering only"


def test_every_condition_of_the_replace_table_is_implemented():
    conditional = [row for row in rows("replace.tsv") if row["forces"] == "conditional"]
    assert {row["condition"].split()[0] for row in conditional} <= set(REPLACEMENT.conditions)
    assert len(conditional) >= 8


@pytest.mark.parametrize(
    "table",
    [
        "types.tsv",
        "outputs.tsv",
        "rules.tsv",
        "replace.tsv",
        "durations.tsv",
        "locations.tsv",
        "agents.tsv",
        "pools.tsv",
        "blocks.tsv",
        "tiers.tsv",
    ],
)
def test_every_row_has_a_source(table):
    assert rows(table)
    assert [row for row in rows(table) if not row["source"]] == []


def recorded(shared, name):
    text = (shared / "catalog" / "changes" / name).read_text(encoding="utf-8")
    found = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [row for row in found if row["token"].startswith("gcp:")]


def test_the_replace_table_has_the_recorded_rows_and_further_types_of_the_same_source(shared):
    columns = ("token", "property", "forces", "required", "computed", "note", "source")
    theirs = [
        tuple(row[c] for c in columns) for row in recorded(shared, "replace.tsv") if row["property"] != "(resource)"
    ]
    ours = [tuple(row[c] for c in columns) for row in rows("replace.tsv")]
    assert ours[: len(theirs)] == theirs
    further = {row[0] for row in ours[len(theirs) :]}
    assert further.isdisjoint({row[0] for row in theirs})
    assert all("@ 93c65b2" in row[-1] for row in ours)


def test_durations_are_the_recorded_ones_and_never_a_timeout(shared):
    theirs = {
        (row["token"], operation): float(row[column])
        for row in recorded(shared, "durations.tsv")
        for operation, column in (("create", "typical_create_s"), ("delete", "typical_delete_s"))
        if row[column] != "-"
    }
    waits = {(ACCOUNT, "create"): 10, (ACCOUNT, "update"): 5}  # what the provider itself sleeps
    assert durations("kubeml_simulator.clouds.gcp") == theirs | waits


def test_published_values_are_those_of_the_installed_discovery_documents():
    pytest.importorskip("googleapiclient", reason="google-api-python-client is not installed")
    committed = json.loads(json.dumps(models.published()))
    assert generate.generate() == committed, "run python -m kubeml_simulator.clouds.gcp.generate"


def test_regions_are_those_in_which_compute_engine_has_endpoints():
    documents = pytest.importorskip("googleapiclient", reason="google-api-python-client is not installed")
    folder = Path(documents.__file__).parent / "discovery_cache" / "documents"
    endpoints = json.loads((folder / "compute.v1.json").read_text(encoding="utf-8"))["endpoints"]
    assert set(regions()) == {endpoint["location"] for endpoint in endpoints}


@pytest.mark.parametrize("service", ["kms", "serviceaccount", "filestore"])
def test_what_is_read_from_the_sdks_source_is_what_pulumi_finds_in_the_imported_classes(service):
    module = importlib.import_module(f"pulumi_gcp.{service}")
    tokens = [token for token in GCP.tokens if token.startswith(f"gcp:{service}/")]
    assert len(tokens) >= 3
    for token in tokens:
        name = token.rsplit(":", 1)[-1]
        read = GCP.resource(token)
        cls = getattr(module, f"{name}Args")
        names = _types.input_type_py_to_pulumi_names(cls)
        required = {
            names[argument.name]
            for argument in inspect.signature(cls.__init__).parameters.values()
            if argument.default is argument.empty and argument.name in names
        }
        assert set(read.inputs) == set(_types.input_type_types(cls)), token
        assert {key for key, rule in read.inputs.items() if rule.required} == required, token
        assert read.outputs == set(_types.resource_types(getattr(module, name))), token


def test_the_sdk_is_read_without_being_imported_and_only_where_it_is_used():
    program = (
        "import sys; from kubeml_simulator.clouds.gcp import GcpProvider; a = GcpProvider();"
        "list(a.check('gcp:container/nodePool:NodePool', 'urn:pulumi:s::p::gcp:container/nodePool:NodePool::n', {}));"
        "from kubeml_simulator.provider.sdk_source import source;"
        "print([m for m in sys.modules if m.startswith('pulumi_gcp') or m.startswith('googleapiclient')]);"
        "print(source.cache_info().currsize)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    imported, read = answer.splitlines()
    assert imported == "[]"
    assert int(read) < 8, "the resource's module and what it refers to, of some fifteen hundred"


def test_the_words_of_templates_are_properties_of_a_case():
    assert all(hasattr(Case, word) for word in Case.WORDS)
