"""The reference stack on a control plane: where the real scheduler puts its pods, and that it is what was predicted."""

import json

import pytest

from kubeml_simulator.cli import main

TRAINING = [f"distributed-training-{name}" for name in ("chief-0", "worker-0", "worker-1", "worker-2", "worker-3", "ps-0", "ps-1")]  # fmt: skip


def up(capsys, root, *more):
    code = main(["up", "-s", "dev-eks", "-C", str(root), "--kubernetes", "control-plane", "--output", "json", *more])
    captured = capsys.readouterr()
    document = json.loads(captured.out)
    assert code == 0, (captured.err, document.get("diagnostics"))
    return document


def of(document, owner):
    return [each for each in document["pods"] if each["owner"] == owner]


@pytest.fixture
def state(root):
    """The recorded state of the stack, which a run on a control plane leaves alone."""
    path = root / ".kubeml" / "dev-eks" / "state.json"
    return lambda: path.read_bytes() if path.exists() else None


def test_every_pod_of_the_stack_gets_the_node_that_it_asks_for(programs, capsys, root, shared, state):
    before = state()
    document = up(capsys, root, "--crds", str(shared / "crds"))
    serving = of(document, "Deployment/ml-model")
    assert [(each["phase"], each["pool"]) for each in serving] == [("Running", "serve")] * 3
    training = of(document, "TFJob/distributed-training")
    assert [each["name"] for each in training] == TRAINING
    assert [each["pool"] for each in training] == ["train"] * 5 + ["general"] * 2
    assert {each["phase"] for each in document["pods"]} == {"Running"}
    assert state() == before


def test_with_fewer_training_nodes_exactly_the_predicted_pods_wait(programs, capsys, root):
    document = up(capsys, root, "--nodes", "train=2")
    waiting = [each["name"] for each in document["pods"] if "node" not in each]
    predicted = sum(each["missing"] for each in document["placement"])
    assert waiting == ["distributed-training-worker-3"]
    assert len(waiting) == predicted
    (pod,) = (each for each in document["pods"] if each["name"] == waiting[0])
    assert "2 Insufficient nvidia.com/gpu" in pod["reason"]


def test_without_go_it_ends_with_code_3_and_says_what_is_needed(monkeypatch, tmp_path, capsys, root):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("KUBEML_CACHE", str(tmp_path))
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    assert main(["up", "-s", "dev-eks", "-C", str(root), "--kubernetes", "control-plane"]) == 3
    assert "building a control plane needs Go 1.26 or later" in capsys.readouterr().err


def test_a_folder_of_definitions_that_is_none_is_refused(tmp_path, capsys, root):
    more = ["--kubernetes", "control-plane", "--crds", str(tmp_path / "none")]
    assert main(["up", "-s", "dev-eks", "-C", str(root), *more]) == 2
    assert "none is no folder" in capsys.readouterr().err


def test_a_number_of_nodes_that_is_none_or_counts_nowhere_is_refused(capsys, root):
    assert main(["up", "-s", "dev-eks", "-C", str(root), "--nodes", "train=2", "--nodes", "serve"]) == 2
    assert '--nodes: "serve" is not POOL=N' in capsys.readouterr().err
    assert main(["up", "-s", "dev-eks", "-C", str(root), "--nodes", "train=2"]) == 2
    assert "--nodes: counts only with --kubernetes control-plane" in capsys.readouterr().err
