"""One control plane for all tests of a process, built first where that is possible, and a namespace of its own for each test."""

import itertools

import pytest

from kubeml_simulator.kubernetes.control_plane import ControlPlane, UnavailableError, binaries
from kubeml_simulator.kubernetes.control_plane.cluster import LocalCluster
from kubeml_simulator.kubernetes.control_plane.waiting import until

CONTROLLERS = [("apps/v1", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")] + [
    ("batch/v1", "Job")
]
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items):
    """All tests here share one control plane: one worker runs them where tests are distributed by group."""
    for item in items:
        if item.path.is_relative_to(__file__.rpartition("/")[0]):
            item.add_marker(pytest.mark.xdist_group("control-plane"))


@pytest.fixture(scope="session")
def programs():
    """The folder of the programs."""
    try:
        return binaries.build()
    except UnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def plane(programs):
    """A running control plane."""
    with ControlPlane(folder=programs) as running:
        yield running


@pytest.fixture
def client(plane):
    """Its client; what a test has made is gone when the next one begins, pods before the nodes that they are on."""
    yield plane.client
    for namespace in [each["metadata"]["name"] for each in plane.client.list("v1", "Namespace")]:
        for version, kind in CONTROLLERS:
            clear(plane.client, version, kind, namespace)

    def empty():
        for namespace in {each["metadata"]["namespace"] for each in plane.client.list("v1", "Pod")}:
            clear(plane.client, "v1", "Pod", namespace)
        return not plane.client.list("v1", "Pod")

    wait(empty, "pods are left")
    for claim in plane.client.list("v1", "PersistentVolumeClaim"):
        plane.client.delete("v1", "PersistentVolumeClaim", claim["metadata"]["name"], claim["metadata"]["namespace"])
    for version, kind in (("v1", "Node"), ("storage.k8s.io/v1", "StorageClass")):
        for each in plane.client.list(version, kind):
            plane.client.delete(version, kind, each["metadata"]["name"])


def clear(client, version, kind, namespace):
    """Deletes all objects of a kind in a namespace at once."""
    client.request("DELETE", f"{client.kind(version, kind).path(namespace)}?gracePeriodSeconds=0")


def wait(ask, otherwise):
    """Asks until it is so."""
    until(ask, seconds=60, otherwise=lambda: AssertionError(otherwise))


@pytest.fixture
def namespace(client):
    """A new namespace in which pods can be made."""
    name = f"team-{next(_numbers)}"
    client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    wait(lambda: client.get("v1", "ServiceAccount", "default", name), "the namespace got no service account")
    return name


@pytest.fixture
def cluster(plane, client):
    """A cluster without nodes, to which a provider applies."""
    local = LocalCluster(plane)
    yield local
    local.close()
