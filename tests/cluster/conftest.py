"""One control plane for all tests of a process, built first where that is possible, and a namespace of its own for each test."""

import itertools

import pytest

from kubeml_simulator.kubernetes.control_plane import ControlPlane, UnavailableError, binaries
from kubeml_simulator.kubernetes.control_plane.cluster import LocalCluster
from kubeml_simulator.kubernetes.control_plane.waiting import until

SYSTEM = {"default", "kube-system", "kube-public", "kube-node-lease"}
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
    """Its client; all that a test has made is gone when the next one begins, pods before the nodes that they are on."""
    yield plane.client
    made = [each["metadata"]["name"] for each in plane.client.list("v1", "Namespace")]
    for name in made:
        if name not in SYSTEM:
            plane.client.delete("v1", "Namespace", name)
    until(
        lambda: {each["metadata"]["name"] for each in plane.client.list("v1", "Namespace")} <= SYSTEM,
        seconds=60,
        otherwise=lambda: AssertionError(f"of {made} some are left"),
    )
    for version, kind in (("v1", "Node"), ("storage.k8s.io/v1", "StorageClass"), ("v1", "PersistentVolume")):
        for each in plane.client.list(version, kind):
            plane.client.delete(version, kind, each["metadata"]["name"])
    until(
        lambda: not plane.client.list("v1", "PersistentVolume"),
        seconds=60,
        otherwise=lambda: AssertionError("volumes are left"),
    )


@pytest.fixture
def namespace(client):
    """A new namespace in which pods can be made."""
    name = f"team-{next(_numbers)}"
    client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    until(
        lambda: client.get("v1", "ServiceAccount", "default", name),
        seconds=30,
        otherwise=lambda: AssertionError("the namespace got no service account"),
    )
    return name


@pytest.fixture
def cluster(plane, client):
    """A cluster without nodes, to which a provider applies."""
    local = LocalCluster(plane)
    yield local
    local.close()
