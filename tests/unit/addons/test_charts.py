"""The chart table against what the charts themselves hold."""

import json

import pytest

from pulumi_kubeml.addons import STANDARD
from pulumi_kubeml.catalog.charts import chart, charts, defining, released


def test_the_table_has_every_add_on_of_the_platform():
    for addon in STANDARD:
        assert addon.row.version, f"{addon.name} has no pinned version"
        assert addon.row.source
        assert addon.row.date


@pytest.mark.parametrize("key", sorted(charts()))
def test_a_release_is_found_by_what_it_names(key):
    row = chart(key)
    if row.chart:
        assert released(*row.reference) is row


def test_versions_definitions_and_footprints_are_those_of_the_charts(shared):
    footprints = json.loads((shared / "charts" / "footprints.json").read_text(encoding="utf-8"))
    index = json.loads((shared / "charts" / "index.json").read_text(encoding="utf-8"))["charts"]
    assert {each["key"] for each in index} == {key for key, row in charts().items() if row.chart}
    for each in index:
        row = chart(each["key"])
        assert (row.chart, row.version, row.repository) == (each["chart"], each["version"], each["repository"])
        facts = json.loads((shared / "charts" / each["file"]).read_text(encoding="utf-8"))
        kinds = {(crd["group"], crd["kind"]) for crd in facts["crds"] if crd["served"]}
        assert row.kinds == kinds, f"{row.key} defines other kinds"
        rendered = {each["name"]: each for each in footprints[row.key]["workloads"] if not each.get("hook")}
        for workload in row.footprint:
            known = rendered[workload.name]
            asked = (known["requests"]["cpu_millicores"], known["requests"]["memory_bytes"])
            assert (workload.cpu, workload.memory, workload.replicas) == (*asked, known["replicas"])
        if row.values != "platform":
            assert len(row.footprint) == len(rendered), f"{row.key} leaves out a workload"


def test_the_kinds_of_the_training_operator_are_those_of_its_release(shared):
    rows = [line.split("\t") for line in (shared / "crds" / "manifest.tsv").read_text(encoding="utf-8").splitlines()]
    kinds = {(row[0], row[1]) for row in rows if row[4:6] == ["kubeflow/trainer", "v1.9.4"]}
    assert kinds == chart("training-operator").kinds


def test_whatever_runs_on_each_node_makes_its_namespace_privileged():
    for row in charts().values():
        if any(workload.kind == "DaemonSet" for workload in row.footprint):
            assert row.pod_security == "privileged", f"{row.key} has an agent on each node"


def test_a_kind_leads_to_every_chart_that_defines_it():
    assert defining("monitoring.coreos.com", "PodMonitor") == {"kube-prometheus-stack", "prometheus-operator-crds"}
