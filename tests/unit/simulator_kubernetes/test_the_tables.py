"""Every row of the tables says where it is from, names what exists, and is used."""

import pytest

from kubeml_simulator.kubernetes import schemas
from kubeml_simulator.kubernetes.checks import sdk
from kubeml_simulator.kubernetes.tables import cluster_scoped, rows

TABLES = (
    "built_in",
    "changes",
    "cloud_definitions",
    "cluster_scoped",
    "definition_switches",
    "enumerations",
)


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_a_source_and_a_date(name):
    assert rows(name)
    for row in rows(name):
        assert row["source"], row
        assert row["date"], row
        assert None not in row.values(), row


@pytest.mark.parametrize("version", schemas.versions()[-4:])
def test_every_enumeration_takes_hold_in_the_schemas(version):
    definitions = schemas._definitions(version).contents["$defs"]
    for row in rows("enumerations"):
        field = definitions[row["definition"]]["properties"][row["property"]]
        assert field.get("items", field)["enum"] == row["values"].split(), row


def test_the_documented_values_of_a_field_are_all_allowed():
    """Where the schema's own prose lists values in quotes, the table has no fewer."""
    definitions = schemas._definitions(schemas.versions()[-1]).contents["$defs"]
    compared = 0
    for row in rows("enumerations"):
        prose = definitions[row["definition"]]["properties"][row["property"]].get("description", "")
        named = [value for value in row["values"].split() if value in prose]
        compared += len(named) == len(row["values"].split())
    assert compared >= 30, "most fields name their values in their own description"


def test_every_change_is_of_a_property_that_the_sdk_has():
    for row in rows("changes"):
        assert row["token"] in sdk().tokens, row
        assert row["property"].split(".")[0].split("[")[0] in sdk().resource(row["token"]).inputs, row


def test_kinds_with_a_namespace_and_kinds_without_are_told_apart_as_the_chart_table_does():
    from pulumi_kubeml.catalog.charts import charts

    wide = {
        (each.group, kind)
        for chart in charts().values()
        for each in chart.definitions
        if each.cluster
        for kind in each.kinds
    }
    narrow = {
        (each.group, kind)
        for chart in charts().values()
        for each in chart.definitions
        if not each.cluster
        for kind in each.kinds
    }
    assert wide
    assert wide <= cluster_scoped(), sorted(wide - cluster_scoped())
    assert not narrow & cluster_scoped(), sorted(narrow & cluster_scoped())
