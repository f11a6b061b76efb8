"""Everyday changes: the plan on each cloud is what the page says, no cluster is replaced, and no pool goes before its successor."""

from dataclasses import dataclass
from typing import Any

import pytest

from kubeml_simulator.clouds.aws import AwsProvider
from kubeml_simulator.clouds.azure import AzureProvider
from kubeml_simulator.clouds.gcp import GcpProvider
from kubeml_simulator.kubernetes import KubernetesProvider

OPEN, WIDER = ["203.0.113.0/24"], ["203.0.113.0/24", "198.51.100.0/24"]
POOLS = {"NodeGroup", "NodePool", "AgentPool"}
COMPONENTS = "kubeml:"
MANY = 8
"""From so many kinds on they are "everything with tags"."""


@dataclass(frozen=True)
class Cloud:
    """A cloud with what the changes need to know of it."""

    component: str
    config: dict[str, str]
    providers: dict[str, Any]
    zones: list[str]
    """Three of them; the CPU pool begins in two."""
    cpu: str
    gpu: str
    larger: str
    """Another machine with the same accelerator."""
    more: str = ""
    """What the cluster must be told beside."""

    def program(self, *, tags=None, version="1.34", access=OPEN, zones=2, most=4, gpu=None, batch=False):
        pools = [
            f'NodePoolSpec("general", machine="{self.cpu}", min=1, max={most}, zones={self.zones[:zones]})',
            f'NodePoolSpec("train", machine="{gpu or self.gpu}", max=2, zones={self.zones[:1]})',
            *([f'NodePoolSpec("batch", machine="{self.cpu}", max=2)'] if batch else []),
        ]
        said = f'kubernetes_version="{version}", endpoint_access={access}, tags={tags or {}}, {self.more}'
        return f"{self.component}('ml', {self.component}Args({said}node_pools=[{', '.join(pools)}]))\n"


CLOUDS = {
    "EKS": Cloud(
        "EksCluster",
        {"aws:region": "us-east-1"},
        {"aws": AwsProvider},
        ["us-east-1a", "us-east-1b", "us-east-1d"],
        "m7i.2xlarge",
        "g6.8xlarge",
        "g6.16xlarge",
    ),
    "GKE": Cloud(
        "GkeCluster",
        {"gcp:project": "ml-dev", "gcp:region": "us-central1"},
        {"gcp": GcpProvider},
        ["us-central1-a", "us-central1-b", "us-central1-c"],
        "n2-standard-8",
        "g2-standard-8",
        "g2-standard-16",
    ),
    "AKS": Cloud(
        "AksCluster",
        {"azure-native:location": "eastus"},
        {"azure-native": AzureProvider},
        ["1", "2", "3"],
        "Standard_D8ds_v5",
        "Standard_NC4as_T4_v3",
        "Standard_NC8as_T4_v3",
        more='admin_groups=["0a1b2c3d-0000-4000-8000-000000000001"], ',
    ),
}
CHANGES = {
    "add a pool": {"batch": True},
    "change the bounds of a pool": {"most": 9},
    "raise the Kubernetes version by one": {"version": "1.35"},
    "change tags": {"tags": {"project": "chat"}},
    "widen the blocks that reach the API": {"access": WIDER},
    "add a zone to a CPU pool": {"zones": 3},
    "change the machine type of a GPU pool": {"gpu": "larger"},
}
WORDS = {"create": "makes", "update": "changes", "replace": "replaces", "delete": "removes"}


@pytest.fixture(scope="module")
def plans(make_laboratory):
    """What each change would do to a cluster that is up, by cloud and change: operations, types and names in their order."""
    found = {}
    for name, cloud in CLOUDS.items():
        imports = f"from pulumi_kubeml import {cloud.component}, {cloud.component}Args, NodePoolSpec\n"
        providers = {**cloud.providers, "kubernetes": KubernetesProvider}
        project = make_laboratory(name, imports=imports, config=cloud.config, providers=providers).project()
        assert project.run("up", cloud.program()).ok
        for change, more in CHANGES.items():
            said = {key: cloud.larger if value == "larger" else value for key, value in more.items()}
            result = project.run("preview", cloud.program(**said))
            assert result.ok, (name, change, [each.message for each in result.diagnostics])
            found[name, change] = [
                (step.op, step.urn.split("::")[2].rpartition("$")[2], step.urn.rpartition("::")[2])
                for step in result.steps
                if step.op != "same" and COMPONENTS not in step.urn.split("::")[2].rpartition("$")[2]
            ]
    return found


def told(plan):
    """A plan in the words of the page: what is done to which kinds."""
    parts = []
    for op, word in WORDS.items():
        kinds = sorted({token.rpartition(":")[2] for each, token, _ in plan if each == op} - {"kubernetes"})
        if kinds:
            parts.append(f"{word} {'everything with tags' if len(kinds) > MANY else ', '.join(kinds)}")
    return "; ".join(parts)


@pytest.fixture(scope="module")
def page(root):
    """What the page says, by cloud and change."""
    text = (root / "docs" / "explanation" / "changes.md").read_text(encoding="utf-8")
    lines = [line.strip()[1:-1].split("|") for line in text.splitlines() if line.startswith("|")]
    head, _, *rest = [[cell.strip() for cell in line] for line in lines]
    return {(cloud, row[0]): cell for row in rest for cloud, cell in zip(head[1:], row[1:], strict=True)}


def test_the_page_tells_of_these_changes_on_these_clouds_and_of_no_other(page):
    assert list(page) == [(cloud, change) for change in CHANGES for cloud in CLOUDS]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_plan_is_what_the_page_says(plans, page, cloud, change):
    assert told(plans[cloud, change]) == page[cloud, change]


def test_no_change_replaces_or_removes_a_cluster_or_what_it_stands_in(plans):
    """Beside pools only what is told to drivers of volumes: a class, which Kubernetes cannot change and nothing runs on."""
    for which, plan in plans.items():
        kinds = {token.rpartition(":")[2] for op, token, _ in plan if op not in {"create", "update"}}
        assert kinds <= {*POOLS, "Tag", "StorageClass"}, which


def test_what_replaces_a_pool_makes_the_new_one_before_the_old_one_goes(plans):
    replaced = {
        which for which, plan in plans.items() for op, token, _ in plan if op == "replace" and kind(token) in POOLS
    }
    assert {change for _, change in replaced} >= {"change the machine type of a GPU pool"}
    for which in replaced:
        for name in {name for op, token, name in plans[which] if op == "replace" and kind(token) in POOLS}:
            order = [op for op, token, each in plans[which] if each == name and kind(token) in POOLS]
            assert order.index("create-replacement") < order.index("delete-replaced"), (which, name)


def kind(token):
    return token.rpartition(":")[2]
