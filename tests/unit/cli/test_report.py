"""The document of a run and its renderings: the same facts, and never a secret."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from kubeml_simulator.cli.summary import write
from kubeml_simulator.preview.build import build
from kubeml_simulator.preview.document import Landing, PodGroup, PoolUse, as_json
from kubeml_simulator.preview.markdown import render as markdown
from kubeml_simulator.preview.placement import Capacity
from kubeml_simulator.preview.report import branches, render
from kubeml_simulator.preview.sarif import sarif

GPU = "nvidia.com/gpu"
CAPACITY = Capacity(
    groups=(
        PodGroup(owner="u", name="chat", namespace="research", replicas=20, devices={GPU: 1},
                 landings=(Landing(pool="serve", pods=20, nodes=20),), waiting=19),
        PodGroup(owner="u", name="huge", namespace="research", replicas=2, devices={GPU: 16}, missing=2,
                 reason="0 of 1 pools: serve: needs 16 nvidia.com/gpu, a node has 1"),
        PodGroup(owner="u", name="web", namespace="default", replicas=2, devices={}, landings=(Landing(pool="general", pods=2, nodes=1),)),
    ),
    pools=(PoolUse(name="serve", machine="g6.xlarge", min=1, needed=20, max=24, devices={GPU: 24}, taken={GPU: 20}),),
)  # fmt: skip


@pytest.fixture
def report(run):
    return build(run.result(), operation="up", project="shop", stack="dev", profile="dev", as_of="2026-11-25",
                 packs=["kubeml 0.1.0"], capacity=CAPACITY, next_commands=["kubeml up -s dev"])  # fmt: skip


@pytest.fixture
def whole(report):
    """A run that did not break off."""
    return replace(report, ok=False, exit_code=1)


def text(report, paper, **size):
    console = paper(**size)
    write(report, console)
    return console.file.getvalue()


RENDERINGS = {
    "json": lambda report, _: json.dumps(as_json(report)),
    "html": lambda report, _: render(report),
    "markdown": lambda report, _: markdown(report),
    "text": text,
    "terminal": lambda report, paper: text(report, paper, terminal=True),
    "sarif": lambda report, _: json.dumps(sarif(report.policy, [], "0.1.0")),
}


@pytest.mark.parametrize("form", RENDERINGS)
def test_no_rendering_shows_a_secret(form, report, run, paper):
    shown = RENDERINGS[form](report, paper)
    assert run.hush not in shown
    assert "the image has no digest" in re.sub(r"\\", "", shown), "nothing hides a secret that shows nothing at all"


def test_the_json_document_says_what_was_done_with_every_resource(report, run):
    document = as_json(report)
    assert document["schemaVersion"] == 1
    assert (document["ok"], document["exitCode"]) == (False, 3)
    assert document["changes"] == {"create": 2, "update": 1, "same": 4}
    assert [each["name"] for each in document["resources"]] == ["logs", "web", "net", "db"], (
        "by virtual time, parents first"
    )
    assert [each["op"] for each in document["resources"]] == ["update", "create", "create", "create"]
    assert document["resources"][2] == {
        "urn": run.vpc, "type": "aws:ec2/vpc:Vpc", "name": "net", "op": "create", "parent": run.web, "changed": [], "replacing": [],
        "start": 0.0, "end": 2.5, "measured": True, "failed": False,
    }  # fmt: skip
    assert [each["urn"] for each in document["resources"] if each["failed"]] == [run.database]
    assert document["outputs"] == {"password": "[secret]", "zone": "a"}


def test_the_summary_tells_where_every_gpu_pod_lands_or_why_it_lands_nowhere(whole, paper):
    lines = [line.rstrip() for line in text(whole, paper).splitlines()]
    start = next(index for index, line in enumerate(lines) if line.startswith("Where every GPU pod lands"))
    assert [re.split(r" {2,}", line.strip()) for line in lines[start + 1 : start + 8]] == [
        ["pods", "namespace", "replicas", "devices a pod", "pool", "nodes"],
        ["chat", "research", "20", "1 nvidia.com/gpu", "serve", "20"],
        ["huge", "research", "2", "16 nvidia.com/gpu",
         "2 of 2 find no node: 0 of 1 pools: serve: needs 16 nvidia.com/gpu, a node has 1", "-"],
        ["pool", "machine", "fewest nodes", "needed", "most", "devices taken at most"],
        ["serve", "g6.xlarge", "1", "20", "24", "20 of 24 nvidia.com/gpu"],
        ["19 pods start when nodes have been added to the fewest: 19 of chat"],
        ["and 1 group of pods without a device, 1 with a place"],
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_every_report_tells_the_nodes_that_a_pool_has_at_least_needs_and_has_at_most(form, whole, paper):
    row = re.sub(
        r"<[^>]*>|\|", " ", next(line for line in RENDERINGS[form](whole, paper).splitlines() if "g6.xlarge" in line)
    )
    assert row.split() == ["serve", "g6.xlarge", "1", "20", "24", "20", "of", "24", GPU]
    assert "19 pods start when nodes have been added to the fewest: 19 of chat" in RENDERINGS[form](whole, paper)


def test_a_run_that_broke_off_tells_no_outputs_and_no_places(report, paper):
    shown = text(report, paper)
    assert "failed (exit 3)" in shown
    assert "Where every GPU pod lands" not in shown
    assert "Outputs" not in shown


def test_what_a_check_could_not_decide_is_one_line_a_check(report, paper):
    lines = [line for line in text(report, paper).splitlines() if "NET-01" in line]
    assert lines == ["  NET-01 undetermined for aws:s3/bucket:Bucket logs and 1 more: the namespace is not known yet"]


def test_a_violation_comes_with_what_was_expected_and_how_to_mend_it(whole, paper):
    shown = text(whole, paper)
    assert "Policy  kubeml 0.1.0: 1 violation, 1 mandatory" in shown
    assert "expected a digest, found [secret]" in shown
    assert "fix: pin it" in shown


def test_the_critical_path_has_seconds_and_marks_what_nobody_measured(run, paper):
    from kubeml_simulator.engine.events import Span

    path = [Span(run.vpc, "create", 0, 2.5, measured=True), Span(run.database, "create", 2.5, 3.5, measured=False)]
    report = build(
        run.result(critical_path=path, exit_code=1), operation="up", project="s", stack="d", profile="dev", as_of="x"
    )
    shown = text(report, paper)
    assert re.search(r"2\.5 s +2\.5 s +create +aws:ec2/vpc:Vpc net", shown)
    assert re.search(r"3\.5 s +~1 s +create +aws:rds/instance:Instance db", shown)


class Page(HTMLParser):
    """Reads a page: every element must be closed in its turn; remembers what it would load."""

    VOID = frozenset({"meta", "br", "link", "img", "input", "hr"})

    def __init__(self, text):
        super().__init__()
        self.open, self.loads, self.tags, self.words = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.loads += [value for key, value in attrs if key in {"src", "href", "action", "data", "srcset"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes something else at line {self.getpos()[0]}"

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_is_well_formed_and_loads_nothing(report):
    page = Page(render(report))
    assert page.open == []
    assert page.loads == []
    assert "script" not in page.tags
    assert "url(" not in "".join(page.words), "a style sheet loads as well"
    assert "section" in page.tags


def test_text_of_a_stack_cannot_become_markup(run):
    evil = "<img src=x onerror=alert(1)>"
    report = build(run.result(outputs={evil: evil}), operation="up", project=evil, stack=evil, profile="dev", as_of="x")
    page = Page(render(report))
    assert "img" not in page.tags
    assert evil in "".join(page.words)
    assert "<img" not in markdown(report).replace("\\<", "")


def test_the_page_has_each_resource_under_its_component(report, run):
    bucket, web = branches(report.resources)
    assert [child.change.urn for child in web.children] == [run.vpc, run.database]
    assert web.summary == "2 create"
    assert bucket.children == []


def test_a_finding_points_at_its_line_in_sarif(run):
    finding = replace(run.result().findings[0], position="__main__.py:12")
    report = build(run.result(findings=[finding]), operation="up", project="s", stack="d", profile="dev", as_of="x")
    log = sarif(report.policy, [], "0.1.0")
    [found] = log["runs"][0]["results"]
    assert (found["ruleId"], found["level"]) == ("POD-01", "error")
    assert found["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "__main__.py"},
        "region": {"startLine": 12},
    }
