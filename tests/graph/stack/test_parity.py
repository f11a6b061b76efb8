"""The same workloads and teams on three clouds: one stack text, of which only the cluster and the provider's own keys are another."""

import json
import re
import shutil
from typing import Any

import pytest
import yaml

from kubeml_policies import Pack
from kubeml_simulator.clouds.aws import AwsProvider
from kubeml_simulator.clouds.azure import AzureProvider
from kubeml_simulator.clouds.gcp import GcpProvider
from kubeml_simulator.engine import Providers, load_project, run
from kubeml_simulator.kubernetes import KubernetesProvider
from pulumi_kubeml.capacity import graph as read

CLUSTERS = {
    "eks": {"aws:region": "us-east-1", "kubeml:cluster": {"kind": "eks"}},
    "gke": {"gcp:project": "ml-dev", "gcp:region": "us-central1", "kubeml:cluster": {"kind": "gke"}},
    "aks": {
        "azure-native:location": "eastus",
        "kubeml:cluster": {"kind": "aks", "adminGroups": ["0a1b2c3d-0000-4000-8000-000000000001"]},
    },
}
"""Everything that tells one cloud from another."""
COMMON = {"kubernetesVersion": "1.35", "endpointAccess": ["203.0.113.0/24"]}
TEXT = """
kubeml:environment: dev
kubeml:pools:
  - {name: serve, accelerator: t4, purpose: serving, min: 1, max: 8}
  - {name: train, accelerator: h100, acceleratorsPerNode: 8, purpose: training, max: 3}
kubeml:teams:
  - name: research
    members: [0a1b2c3d-0000-4000-8000-000000000002]
    servingGpus: {t4: 8}
    trainingGpus: {h100: 24}
    cpu: 64
    memory: 256Gi
    storage: 4Ti
kubeml:serving:
  - name: model
    team: research
    pool: serve
    image: your-registry/model:v1.0.0
    port: 5000
    exposure: internal
    replicas: 3
    accelerators: 1
    requests: {cpu: 250m, memory: 512Mi}
    limits: {cpu: 500m, memory: 1Gi}
    claims: [{name: models, path: /models, size: 100Gi, purpose: shared, readOnly: true}]
    autoscaling: {min: 2, max: 6, cpu: 70, metrics: [{name: requests_per_second, average: 1000}]}
kubeml:training:
  - name: finetune
    team: research
    image: your-registry/finetune:v1.0.0
    command: [python, train.py]
    claims: [{name: corpus, path: /data, size: 100Gi, purpose: block}]
    chief: {pool: train, accelerators: 8, limits: {cpu: 4, memory: 8Gi}}
    worker: {pool: train, replicas: 2, accelerators: 8, limits: {cpu: 4, memory: 8Gi}}
"""
OURS = {"kubeml:index:Team", "kubeml:index:ModelServer", "kubeml:index:TFJob"}
DIFFERENCES = {
    "Service model-service metadata.annotations": "each cloud has its own word for a balancer inside the network",
    "Service model-service spec.loadBalancerClass": "EKS: the controller that is meant is named, or none takes it",
    "Service model-service spec.externalTrafficPolicy": "AKS: without ports of nodes health is asked for only with this policy",
}
"""What differs in the objects of teams and workloads, and why (serving/data/internal_load_balancers.json)."""


@pytest.fixture(scope="module")
def graphs(root, tmp_path_factory):
    """The resources and outputs of the stack on each cloud."""
    found: dict[str, Any] = {}
    for kind, own in CLUSTERS.items():
        directory = tmp_path_factory.mktemp(kind)
        for file in ("Pulumi.yaml", "__main__.py"):
            shutil.copy(root / file, directory / file)
        (directory / "stacks").mkdir()
        config = {**own, **yaml.safe_load(TEXT)}
        config["kubeml:cluster"] = {**own["kubeml:cluster"], **COMMON}
        text = yaml.safe_dump({"config": config})
        (directory / "stacks" / "Pulumi.same.yaml").write_text(text, encoding="utf-8")
        project = load_project(directory)
        providers = {
            "aws": AwsProvider,
            "gcp": GcpProvider,
            "azure-native": AzureProvider,
            "kubernetes": KubernetesProvider,
        }
        result = run("up", project, project.stack("same"), providers=Providers(in_process=providers), touch_state=False)
        assert result.ok, (kind, [each.message for each in result.diagnostics if each.severity == "error"])
        found[kind] = result
    return found


def name(urn):
    return urn.rpartition("::")[2]


def objects(result):
    """The objects of teams and workloads: inputs by kind and name."""
    types = {each["urn"]: each["type"] for each in result.resources}
    return {
        f"{each['type'].rpartition(':')[2]} {name(each['urn'])}": each["inputs"]
        for each in result.resources
        if types.get(each.get("parent")) in OURS and each["type"].startswith("kubernetes:")
    }


def leaves(value, path):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}{' ' if ' ' not in path or path.count(' ') < 2 else '.'}{key}")
    else:
        yield path, json.dumps(value, sort_keys=True)


def differing(one, other):
    """The paths at which the objects of two clouds differ; annotations are one."""
    here, there = ({leaf for which, inputs in each.items() for leaf in leaves(inputs, which)} for each in (one, other))
    return {re.sub(r"(metadata\.annotations)\..*", r"\1", path) for path, _ in here ^ there}


@pytest.mark.parametrize("kind", CLUSTERS)
def test_no_check_finds_anything(graphs, kind):
    pack = Pack("dev")
    resources = graphs[kind].resources
    found = [finding for each in resources for finding in pack.analyze(each)] + list(pack.analyze_stack(resources))
    assert [(each.check, each.urn, each.message) for each in found] == []


@pytest.mark.parametrize("kind", ["gke", "aks"])
def test_teams_and_workloads_get_the_same_objects(graphs, kind):
    """The same kinds of the same names, and every value the same but for those that are listed."""
    one, other = objects(graphs["eks"]), objects(graphs[kind])
    assert set(one) == set(other)
    assert len(one) >= 20
    assert differing(one, other) <= set(DIFFERENCES)


def test_every_difference_that_is_listed_is_there(graphs):
    one, *others = (objects(result) for result in graphs.values())
    assert set().union(*(differing(one, other) for other in others)) == set(DIFFERENCES)


@pytest.mark.parametrize("kind", ["gke", "aks"])
def test_the_stack_gives_the_same(graphs, kind):
    """Namespaces, addresses, jobs and pools by name and bounds: everything but what is the cluster's own, and its machines."""
    one, other = graphs["eks"].outputs, graphs[kind].outputs
    assert set(one) == set(other)
    for key in ("namespaces", "models", "jobs"):
        assert one[key] == other[key]
    bounds = [{pool: text.partition(" x ")[0] for pool, text in each["pools"].items()} for each in (one, other)]
    assert bounds[0] == bounds[1]


def test_storage_has_the_same_purposes(graphs):
    found = {
        kind: {
            (each["inputs"]["metadata"]["name"], "true" in json.dumps(each["inputs"]["metadata"].get("annotations")))
            for each in result.resources
            if each["type"] == "kubernetes:storage.k8s.io/v1:StorageClass"
        }
        for kind, result in graphs.items()
    }
    assert found["eks"] == found["gke"] == found["aks"] == {("block", True), ("shared", False)}


def test_every_pod_of_a_team_is_on_the_pool_of_the_same_name(graphs):
    found = {}
    for kind, result in graphs.items():
        pools = {pool.name: pool for pool in read.pools(result.resources)}
        mine = [pod for pod in read.pods(result.resources) if pod.namespace == "research"]
        assert {"serve", "train"} <= pools.keys()
        found[kind] = sorted(
            (str(pod), pod.node_selector["kubeml.io/pool"], dict(pod.requests)["nvidia.com/gpu"]) for pod in mine
        )
        assert {pool for _, pool, _ in found[kind]} == {"serve", "train"}
    assert found["eks"] == found["gke"] == found["aks"]
