"""The nodes of simulated pools: registered as kubelets would, kept Ready by kwok."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kubeml_simulator.kubernetes.control_plane.client import Client
from kubeml_simulator.kubernetes.control_plane.errors import ControlPlaneError
from kubeml_simulator.kubernetes.control_plane.waiting import until
from pulumi_kubeml.capacity.model import Pool
from pulumi_kubeml.capacity.node import zone_labels

POOL = "kubeml.io/pool"
OS, HOST = "kubernetes.io/os", "kubernetes.io/hostname"
_READY_SECONDS = 60.0
_CONDITIONS = "node.kubernetes.io/"  # taints of nodes that are not ready yet begin with it
Manifest = dict[str, Any]


def manifests(pool: Pool, count: int) -> Iterator[Manifest]:
    """Makes `count` nodes of a pool, spread over its zones, with all that decides what may run on them.

    >>> room = {"cpu": 3920, "memory": 2**34, "pods": 58, "nvidia.com/gpu": 1}
    >>> pool = Pool("serve", 2, {"kubeml.io/pool": "serve"}, (), room, zones=("us-east-1a", "us-east-1b"))
    >>> first, second = manifests(pool, 2)
    >>> first["metadata"]["name"], second["metadata"]["labels"]["topology.kubernetes.io/zone"]
    ('serve-0', 'us-east-1b')
    >>> first["status"]["allocatable"]
    {'cpu': '3920m', 'memory': '17179869184', 'pods': '58', 'nvidia.com/gpu': '1'}
    """
    amounts = {key: quantity(key, amount) for key, amount in pool.allocatable.items()}
    taints = [{"key": each.key, "value": each.value, "effect": each.effect} for each in pool.taints]
    for number in range(count):
        name = f"{pool.name}-{number}"
        place = zone_labels(pool.zones, number)
        yield {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": {OS: "linux", **pool.labels, POOL: pool.name, HOST: name, **place}},
            "spec": {"taints": taints},
            "status": {"capacity": amounts, "allocatable": amounts},
        }


def quantity(key: str, amount: int) -> str:
    """Writes an amount as Kubernetes does: cpu in thousandths, all else in its unit.

    >>> quantity("cpu", 250), quantity("memory", 1024)
    ('250m', '1024')
    """
    return f"{amount}m" if key == "cpu" else str(amount)


def register(client: Client, wanted: Sequence[Manifest]) -> None:
    """Makes the nodes that are not there yet, and waits until all of them take pods."""
    known = {each["metadata"]["name"] for each in client.list("v1", "Node")}
    names = {each["metadata"]["name"] for each in wanted}
    for manifest in wanted:
        if manifest["metadata"]["name"] not in known:
            client.create(manifest)

    def missing() -> list[str]:
        return sorted(names - {each["metadata"]["name"] for each in client.list("v1", "Node") if takes_pods(each)})

    until(
        lambda: not missing(),
        seconds=_READY_SECONDS,
        otherwise=lambda: ControlPlaneError(f"these nodes did not become ready: {', '.join(missing())}"),
    )


def takes_pods(node: Mapping[str, Any]) -> bool:
    """Whether a node is Ready and no taint of its condition is left."""
    conditions = node["status"].get("conditions") or ()
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return ready and not any(each["key"].startswith(_CONDITIONS) for each in node["spec"].get("taints") or ())
