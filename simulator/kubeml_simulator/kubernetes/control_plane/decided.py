"""What became of pods: the node that the scheduler gave each, or its words why there is none; and when all of that is decided."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kubeml_simulator.kubernetes.control_plane.client import Client
from kubeml_simulator.kubernetes.control_plane.nodes import POOL
from kubeml_simulator.kubernetes.rules.walk import at

TURN = "kubeml.io/turn"
"""The annotation of a pod that was made after the decision about the one before: its number, from 1."""

_UNDECIDED = {"Unschedulable", "SchedulingGated"}  # reasons by which the scheduler says that it has looked at a pod
_REPLICATED = (("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("apps/v1", "ReplicaSet"))
Object = Mapping[str, Any]


@dataclass(frozen=True)
class Decision:
    """A pod and what became of it: a node and its pool, or a reason; `refused` when the API server did not even make it.

    `owner` is what made it, as `Deployment/ml-model`; `devices` are what it asks for of accelerators.
    """

    namespace: str
    name: str
    owner: str
    node: str = ""
    pool: str = ""
    phase: str = "Pending"
    devices: Mapping[str, int] = field(default_factory=dict[str, int])
    reason: str = ""
    refused: bool = False

    @property
    def daemon(self) -> bool:
        """Whether it is one of a set that runs on every node."""
        return self.owner.startswith("DaemonSet/")


def words(pod: Object) -> str:
    """Why a pod has no node, in the scheduler's words; empty while it has not looked, or has found one."""
    for each in at(pod, "status", "conditions") or ():
        if each["type"] == "PodScheduled" and each["status"] == "False" and each.get("reason") in _UNDECIDED:
            return each.get("message") or each["reason"]
    return ""


def is_decided(pod: Object) -> bool:
    """Whether the scheduler has decided about a pod: a node, or that there is none now."""
    return bool(at(pod, "spec", "nodeName") or words(pod))


def is_settled(pod: Object) -> bool:
    """Whether nothing more is about to happen with a pod: it runs or has run, or has no place."""
    return at(pod, "status", "phase") in {"Running", "Succeeded", "Failed"} or bool(words(pod))


def settled(client: Client) -> bool:
    """Whether every controller has made its pods and every pod has run or has no place."""
    return all(_complete(each) for each in _workloads(client)) and all(map(is_settled, client.list("v1", "Pod")))


def decisions(client: Client) -> list[Decision]:
    """Makes a row for every pod, and for every one that a controller could not make."""
    pools = {
        each["metadata"]["name"]: (each["metadata"].get("labels") or {}).get(POOL, "")
        for each in client.list("v1", "Node")
    }
    sets = {each["metadata"]["uid"]: _owner(each) for each in client.list("apps/v1", "ReplicaSet")}
    pods = sorted(client.list("v1", "Pod"), key=_turn)
    return [*(_decision(each, pools, sets) for each in pods), *_unmade(client, sets)]


def _turn(pod: Object) -> tuple[int, str]:
    """Orders pods that were made one after the other by their turn, others by name."""
    return int((pod["metadata"].get("annotations") or {}).get(TURN, 0)), pod["metadata"]["name"]


def _decision(pod: Object, pools: Mapping[str, str], sets: Mapping[str, str]) -> Decision:
    node = at(pod, "spec", "nodeName") or ""
    return Decision(
        namespace=pod["metadata"]["namespace"],
        name=pod["metadata"]["name"],
        owner=_owner(pod, sets),
        node=node,
        pool=pools.get(node, ""),
        phase=at(pod, "status", "phase") or "",
        devices=_devices(pod),
        reason=words(pod),
    )


def _devices(pod: Object) -> dict[str, int]:
    from pulumi_kubeml.capacity.accelerators import devices
    from pulumi_kubeml.capacity.quantity import amounts

    total: dict[str, int] = {}
    for container in at(pod, "spec", "containers") or ():
        asked = amounts(at(container, "resources", "requests") or {})
        for key, count in devices(asked).items():
            total[key] = total.get(key, 0) + count
    return total


def _owner(item: Object, sets: Mapping[str, str] | None = None) -> str:
    """Makes KIND/NAME of the controller; that of a Deployment's ReplicaSet is the Deployment."""
    for each in item["metadata"].get("ownerReferences") or ():
        if each.get("controller"):
            return (sets or {}).get(each["uid"]) or f"{each['kind']}/{each['name']}"
    return f"{item.get('kind') or 'Pod'}/{item['metadata']['name']}"


def _workloads(client: Client) -> Iterator[tuple[str, Object]]:
    for api_version, kind in (*_REPLICATED, ("apps/v1", "DaemonSet"), ("batch/v1", "Job")):
        for each in client.list(api_version, kind):
            yield kind, each


def _complete(workload: tuple[str, Object]) -> bool:
    """Whether a controller has made the pods that it can make."""
    kind, item = workload
    status = item.get("status") or {}
    if kind == "Job":
        return bool(status.get("conditions")) or status.get("active", 0) > 0
    if status.get("observedGeneration", 0) < item["metadata"]["generation"]:
        return False
    if kind == "DaemonSet":
        return status["currentNumberScheduled"] >= status["desiredNumberScheduled"]
    return status.get("replicas", 0) == at(item, "spec", "replicas") or _fails(item)


def _fails(item: Object) -> bool:
    return any(
        each["type"] == "ReplicaFailure" and each["status"] == "True" for each in at(item, "status", "conditions") or ()
    )


def _unmade(client: Client, sets: Mapping[str, str]) -> Iterator[Decision]:
    """Yields a row for each pod that a ReplicaSet should have and the API server refuses."""
    for each in client.list("apps/v1", "ReplicaSet"):
        missing = at(each, "spec", "replicas") - (at(each, "status", "replicas") or 0)
        told = next((c for c in at(each, "status", "conditions") or () if c["type"] == "ReplicaFailure"), None)
        for number in range(missing if told else 0):
            yield Decision(
                each["metadata"]["namespace"],
                f"{each['metadata']['name']}-(not made {number + 1})",
                sets.get(each["metadata"]["uid"], ""),
                reason=told["message"] if told else "",
                refused=True,
            )
