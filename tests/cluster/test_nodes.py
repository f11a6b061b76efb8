"""Simulated pools: their nodes are registered with all that decides, and stay Ready."""

import pytest

from kubeml_simulator.kubernetes.control_plane import nodes
from kubeml_simulator.kubernetes.control_plane.decided import is_decided, words
from kubeml_simulator.kubernetes.control_plane.waiting import until
from pulumi_kubeml.capacity.model import Pool, Taint

GPU = "nvidia.com/gpu"
POOL = Pool(
    name="serve",
    max=2,
    labels={"kubeml.io/pool": "serve", "nvidia.com/gpu.present": "true"},
    taints=(Taint(GPU, "present", "NoSchedule"),),
    allocatable={"cpu": 7910, "memory": 30 * 2**30, "pods": 58, GPU: 8},
    zones=("us-east-1a", "us-east-1b"),
)


def pod(name, namespace, devices, **spec):
    resources = {"requests": {"cpu": "1"}, "limits": {GPU: str(devices)}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"containers": [{"name": "main", "image": "none", "resources": resources}], **spec},
    }


def decided(client, name, namespace):
    def look():
        found = client.get("v1", "Pod", name, namespace)
        return found if is_decided(found) else None

    return until(look, seconds=30, otherwise=lambda: AssertionError(f"{name} was not decided"))


def test_a_pool_registers_its_nodes_with_labels_taints_zones_and_devices(client):
    nodes.register(client, list(nodes.manifests(POOL, 2)))
    first, second = client.list("v1", "Node")
    assert [each["metadata"]["name"] for each in (first, second)] == ["serve-0", "serve-1"]
    assert POOL.labels.items() <= first["metadata"]["labels"].items()
    assert second["metadata"]["labels"]["topology.kubernetes.io/zone"] == "us-east-1b"
    assert second["metadata"]["labels"]["topology.kubernetes.io/region"] == "us-east-1"
    assert first["spec"]["taints"] == [{"key": GPU, "value": "present", "effect": "NoSchedule"}]
    assert first["status"]["allocatable"] == {"cpu": "7910m", "memory": str(30 * 2**30), "pods": "58", GPU: "8"}
    assert nodes.takes_pods(first)


def test_of_three_pods_with_four_devices_two_run_on_a_node_with_eight(client, namespace):
    nodes.register(client, list(nodes.manifests(POOL, 1)))
    tolerations = [{"key": GPU, "operator": "Exists"}]
    for name in ("a", "b", "c"):
        client.create(pod(name, namespace, 4, tolerations=tolerations))
        decided(client, name, namespace)
    placed = {each["metadata"]["name"]: each["spec"].get("nodeName") for each in client.list("v1", "Pod", namespace)}
    assert placed == {"a": "serve-0", "b": "serve-0", "c": None}
    assert words(decided(client, "c", namespace)).startswith(f"0/1 nodes are available: 1 Insufficient {GPU}.")


def test_a_pod_that_does_not_tolerate_the_devices_taint_stays_away(client, namespace):
    nodes.register(client, list(nodes.manifests(POOL, 1)))
    client.create(pod("plain", namespace, 0))
    assert "untolerated taint" in words(decided(client, "plain", namespace))


@pytest.mark.parametrize("count", [0, 3])
def test_another_number_of_nodes_may_be_asked_for(client, count):
    nodes.register(client, list(nodes.manifests(POOL, count)))
    assert len(client.list("v1", "Node")) == count
