"""The tables say only what is so: about properties that exist, as the recorded facts have it, each row with its source."""

import csv
import re

import pytest

from kubeml_simulator.clouds.azure.behaviours import BEHAVIOURS
from kubeml_simulator.clouds.azure.identity import Identity
from kubeml_simulator.clouds.azure.provider import AzureProvider
from kubeml_simulator.clouds.azure.refusals import WHEN
from kubeml_simulator.clouds.azure.rules import RULES
from kubeml_simulator.clouds.azure.tables import TABLES, by_token, rows
from kubeml_simulator.clouds.common.rules import CHOICES
from kubeml_simulator.provider.latency import durations
from kubeml_simulator.provider.sdk import Schema

AZURE = Schema.for_package("pulumi_azure_native")
EVERY = [
    "types.tsv",
    "outputs.tsv",
    "rules.tsv",
    "replace.tsv",
    "refused.tsv",
    "holds.tsv",
    "durations.tsv",
    "locations.tsv",
    "lustre.tsv",
    "permissions.tsv",
]


def has_property(token, path):
    kind, properties = None, AZURE.resource(token).inputs
    for step in path.replace("[*]", ".*").split("."):
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


@pytest.mark.parametrize("table", ["rules.tsv", "replace.tsv", "refused.tsv", "permissions.tsv"])
def test_every_property_of_a_table_exists_in_the_sdk(table):
    paths = [(row["token"], path) for row in rows(table) for path in row["property"].split("|")]
    assert len(paths) > 4
    assert [pair for pair in paths if not has_property(*pair)] == []


def test_every_computed_property_exists_in_the_sdk():
    assert [row for row in rows("outputs.tsv") if row["property"] not in AZURE.resource(row["token"]).outputs] == []


def test_every_type_is_named_by_a_property_that_its_path_holds():
    for row in rows("types.tsv"):
        resource = AZURE.resource(row["token"])
        assert resource is not None, row["token"]
        words = set(re.findall(r"\$\{(\w+)\}", row["id"])) - {"subscription"}
        assert words <= resource.inputs.keys(), row["token"]
        assert set(row["unique"].split(",")) <= resource.inputs.keys(), row["token"]
        if row["autoname"]:
            assert f"${{{row['autoname']}}}" in row["id"], row["token"]
            assert not resource.inputs[row["autoname"]].required, f"{row['token']}: the program may leave the name out"


def test_automatic_names_follow_the_rule_of_azure_native():
    """At random where the path holds one name behind its namespace, a GUID for roles, a copy of the logical name for what lives inside."""
    for row in rows("types.tsv"):
        tail = re.split(r"microsoft\.", row["id"], flags=re.IGNORECASE)[-1]
        usual = "random" if tail.count("${") == 1 or "Microsoft." not in row["id"] else "copy"
        expected = "uuid" if row["autoname"] in {"roleAssignmentName", "roleDefinitionId"} else usual
        if row["autoname"]:
            assert row["naming"] == expected, row["token"]


def test_the_kind_of_a_type_is_what_its_ids_say():
    for row in rows("types.tsv"):
        steps = row["id"].rpartition("/providers/")[2].split("/")
        if row["kind"].endswith("/resourceGroups"):
            continue
        assert row["kind"] == "/".join([steps[0], *steps[1::2]]), row["token"]


def test_every_parent_is_found_by_its_path():
    parents = Identity(TABLES).parents()
    assert parents["azure-native:network:Subnet"] == "azure-native:network:VirtualNetwork"
    assert parents["azure-native:storage:BlobContainer"] == "azure-native:storage:StorageAccount"
    assert parents["azure-native:keyvault:Vault"] == "azure-native:resources:ResourceGroup"
    assert "azure-native:authorization:RoleAssignment" not in parents, "its scope is any id"


def test_every_rule_exists_and_every_reference_leads_to_a_kind():
    assert {row["rule"] for row in rows("rules.tsv")} <= set(RULES) | CHOICES
    kinds = {row["kind"] for row in rows("types.tsv")}
    wanted = {
        option
        for row in rows("rules.tsv")
        for option in (row["argument"].split("|") if row["rule"] == "arm" else ())
        if not option.startswith("=")
    }
    assert wanted <= kinds


def test_every_pattern_of_a_name_takes_the_automatic_name_of_a_usual_resource():
    """A program that leaves a name out and calls its resource by a plain word must not be refused for it."""
    tried = 0
    for row in rows("types.tsv"):
        patterns = [
            r["argument"]
            for r in by_token("rules.tsv").get(row["token"], ())
            if r["property"] == row["autoname"] and r["rule"] == "pattern"
        ]
        if patterns and row["naming"] != "uuid" and "Zone" not in row["token"]:
            tried += 1
            name = "train" if row["naming"] == "copy" else "train0a1b2c3d"
            assert re.fullmatch(patterns[0], name), row["token"]
    assert tried > 25


@pytest.mark.parametrize("table", EVERY)
def test_every_row_has_a_source(table):
    assert rows(table)
    assert [row for row in rows(table) if not row["source"]] == []


def test_every_conditional_row_says_when_the_service_refuses_the_update():
    conditional = {(r["token"], r["property"]) for r in rows("replace.tsv") if r["forces"] == "conditional"}
    refused = [(r["token"], r["property"]) for r in rows("refused.tsv")]
    assert len(refused) == len(set(refused))
    assert conditional <= set(refused)
    assert {row["when"].split()[0] for row in rows("refused.tsv")} <= set(WHEN)
    assert [row for row in rows("refused.tsv") if (row["when"] == "never") != (not row["words"])] == []


def test_azure_native_never_replaces_for_a_conditional_row():
    assert {row["condition"] for row in rows("replace.tsv") if row["forces"] == "conditional"} == {"never"}


def recorded(shared, name):
    text = (shared / "catalog" / "changes" / name).read_text(encoding="utf-8")
    found = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [row for row in found if row["token"].startswith("azure-native:")]


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
    assert durations("kubeml_simulator.clouds.azure") == theirs


def test_every_behaviour_is_about_a_type_of_the_sdk():
    registered = {*BEHAVIOURS.of_checks, *BEHAVIOURS.of_computes, *BEHAVIOURS.of_removals}
    assert registered
    assert registered <= AZURE.tokens


def test_what_is_held_and_who_holds_it_exist():
    for row in rows("holds.tsv"):
        for token, pattern in (user.split("#") for user in row["users"].split("|")):
            assert token in AZURE.tokens
            assert pattern == "inside" or has_property(token, pattern), (token, pattern)


def test_the_sdk_is_read_without_being_imported():
    import subprocess
    import sys

    program = (
        "import sys; from kubeml_simulator.clouds.azure import AzureProvider; a = AzureProvider();"
        "list(a.check('azure-native:containerservice:AgentPool',"
        " 'urn:pulumi:s::p::azure-native:containerservice:AgentPool::n', {}));"
        "print([m for m in sys.modules if m.startswith('pulumi_azure')])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_check_reads_only_the_modules_of_its_type():
    from kubeml_simulator.provider import sdk_source

    sdk_source.source.cache_clear()
    list(AzureProvider().check("azure-native:managedidentity:UserAssignedIdentity", "urn:pulumi:s::p::t::n", {}))
    assert sdk_source.source.cache_info().currsize < 60
