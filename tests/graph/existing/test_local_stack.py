"""The stack `local`: a cluster of kind on one's own machine, with a team and a small model, and no cloud."""

import shutil

import pytest
import yaml

from kubeml_policies import Pack
from kubeml_simulator.engine import Providers, load_project, run
from kubeml_simulator.kubernetes import KubernetesProvider
from pulumi_kubeml.capacity import graph as read
from pulumi_kubeml.stack.read import read as read_stack


@pytest.fixture
def local(root, tmp_path):
    """Runs the stack in a folder of its own, where nothing but Kubernetes is simulated."""
    for file in ("Pulumi.yaml", "__main__.py", "stacks/Pulumi.local.yaml"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(root / file, tmp_path / file)

    def go(operation):
        project = load_project(tmp_path)
        return run(
            operation,
            project,
            project.stack("local"),
            providers=Providers(in_process={"kubernetes": KubernetesProvider}),
        )

    return go


def test_the_life_of_the_stack(local):
    planned = local("preview")
    made = local("up")
    assert made.ok, [each.message for each in made.diagnostics]
    assert made.changes == planned.changes
    pack = Pack("dev")
    found = [finding for each in made.resources for finding in pack.analyze(each)]
    found += pack.analyze_stack(made.resources)
    assert [(each.check, each.message) for each in found] == []
    placed = read.landing(read.Graph(made.resources))
    assert {str(each.pod): each.reason for each in placed if each.missing or each.pod.undetermined} == {}
    assert {each["type"].partition(":")[0] for each in made.resources} == {"pulumi", "kubernetes", "kubeml"}
    assert local("up").changes == {"same": made.changes["create"]}, "a second up must change nothing"
    gone = local("destroy")
    assert (gone.changes, gone.resources) == ({"delete": made.changes["create"]}, [])


def test_what_is_wrong_with_it_is_said_in_the_words_of_its_file(root):
    config = yaml.safe_load((root / "stacks" / "Pulumi.local.yaml").read_text(encoding="utf-8"))["config"]
    given = {key.removeprefix("kubeml:"): value for key, value in config.items()}
    given["cluster"] |= {"endpointAccess": []}
    given["pools"][0] |= {"cpus": "many", "machine": "m7i.large"}
    given["serving"][0] |= {"exposure": "internal"}
    given["serving"][0]["claims"][0] |= {"purpose": "shared"}
    _, problems = read_stack(given)
    assert [problem.path for problem in problems] == [
        "kubeml:cluster.endpointAccess",
        "kubeml:pools[0].machine",
        "kubeml:pools[0].cpus",
        "kubeml:serving[0].exposure",
        "kubeml:serving[0].claims[0].purpose",
    ]
