"""Where the pods of a control plane are, in every rendering of a run."""

import re

import pytest

from kubeml_simulator.cli.errors import Refusal
from kubeml_simulator.cli.local import sizes
from kubeml_simulator.cli.summary import write
from kubeml_simulator.preview.build import build
from kubeml_simulator.preview.document import PlacedPod, as_json
from kubeml_simulator.preview.markdown import render as markdown
from kubeml_simulator.preview.report import render

GPU = "nvidia.com/gpu"
WORDS = "0/4 nodes are available: 4 Insufficient nvidia.com/gpu."
PODS = (
    PlacedPod(namespace="research", name="fit-worker-0", owner="TFJob/fit", phase="Running", node="train-1", pool="train",
              devices={GPU: 2}),
    PlacedPod(namespace="research", name="fit-worker-1", owner="TFJob/fit", phase="Pending", devices={GPU: 2}, reason=WORDS),
    PlacedPod(namespace="research", name="web-1", owner="Deployment/web", phase="Pending", refused=True, reason="exceeded quota"),
    *(PlacedPod(namespace="kube-system", name=f"agent-{n}", owner="DaemonSet/agent", phase="Running", node=f"train-{n}", pool="train",
                daemon=True) for n in range(3)),
)  # fmt: skip


@pytest.fixture
def report(run):
    return build(
        run.result(), operation="up", project="shop", stack="dev", profile="dev", as_of="2026-11-25", pods=PODS
    )


def test_the_summary_has_a_line_for_each_pod_and_one_for_all_of_a_daemon_set(report, paper):
    console = paper()
    write(report, console)
    lines = [re.split(r" {2,}", line.strip()) for line in console.file.getvalue().splitlines()]
    start = next(index for index, line in enumerate(lines) if line[0] == "Where every pod is")
    assert lines[start][1] == "as the scheduler has decided: 4 of 6 have a node"
    assert lines[start + 1 : start + 8] == [
        ["pod", "namespace", "devices", "pool", "node", "phase"],
        ["fit-worker-0", "research", "2 nvidia.com/gpu", "train", "train-1", "Running"],
        ["fit-worker-1", "research", "2 nvidia.com/gpu", "-", "-", "Pending"],
        ["web-1", "research", "-", "-", "-", "not made"],
        [f"research/fit-worker-1: {WORDS}"],
        ["research/web-1: exceeded quota"],
        ["kube-system/agent: one on each of 3 nodes"],
    ]


def test_the_document_has_all_of_them_and_leaves_out_what_is_not_known(report):
    pods = as_json(report)["pods"]
    assert len(pods) == len(PODS)
    assert pods[1] == {
        "namespace": "research", "name": "fit-worker-1", "owner": "TFJob/fit", "phase": "Pending", "devices": {GPU: 2},
        "daemon": False, "refused": False, "reason": WORDS,
    }  # fmt: skip


def test_the_page_and_the_comment_say_why_a_pod_waits(report):
    assert WORDS in render(report)
    assert "agent: one on each of 3 nodes" in render(report)
    assert "4 Insufficient nvidia.com/gpu" in markdown(report)
    assert "agent-0" not in markdown(report)


def test_all_wrong_numbers_of_nodes_are_told_at_once():
    with pytest.raises(Refusal) as refused:
        sizes(["train=3", "serve", "=2", "general=-1", "x=²", "train=3"])
    assert [message.partition(" ")[0] for _, message in refused.value.problems] == ['"serve"', '"=2"', '"general=-1"', '"x=²"', '"train=3"']  # fmt: skip


def test_a_pool_that_is_named_twice_is_refused_instead_of_the_last_being_taken():
    with pytest.raises(Refusal) as refused:
        sizes(["train=2", "serve=1", "train=3"])
    assert refused.value.exit_code == 2
    assert refused.value.problems == [("--nodes", '"train=3" comes after "train=2"; a pool has one number of nodes')]
