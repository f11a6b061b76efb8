"""The pods inside a custom resource, which its operator would make: made here from the templates, one after the other.

The order is: coordinators (Chief, Master, Launcher, head, leader), then workers, then parameter servers, then evaluators, and what else
there is as it stands in the resource; within one role by number. Each is made when the scheduler has decided about the one before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kubeml_simulator.kubernetes.control_plane.client import ApiError, Client
from kubeml_simulator.kubernetes.control_plane.decided import TURN, Decision, is_decided
from kubeml_simulator.kubernetes.control_plane.errors import ControlPlaneError
from kubeml_simulator.kubernetes.control_plane.waiting import until
from pulumi_kubeml.capacity.graph import Graph, Template

_ORDER = ("chief", "master", "launcher", "head", "leader", "worker", "ps", "evaluator")
_BUILT_IN = {"", "apps", "batch"}  # the real controllers make pods for these groups
# What the API server says for a moment only: until the quota is counted, or the service account is made.
_FOR_NOW = ("status unknown for quota", "error looking up service account")
_SECONDS = 30.0
Manifest = dict[str, Any]


@dataclass(frozen=True)
class Member:
    """A pod to be made for a custom resource; `doubt` says why it cannot be."""

    role: str
    manifest: Manifest
    doubt: str = ""


def members(owner: Mapping[str, Any]) -> list[Member]:
    """Makes the pods of a custom resource as the API server gave it back, in their order; none for a kind without any.

    >>> spec = {"containers": [{"name": "tensorflow", "image": "train:1"}]}
    >>> roles = {role: {"replicas": 2, "template": {"spec": spec}} for role in ("PS", "Worker")}
    >>> job = {"apiVersion": "kubeflow.org/v1", "kind": "TFJob", "spec": {"tfReplicaSpecs": roles},
    ...        "metadata": {"name": "fit", "namespace": "research", "uid": "1"}}
    >>> [each.manifest["metadata"]["name"] for each in members(job)]
    ['fit-worker-0', 'fit-worker-1', 'fit-ps-0', 'fit-ps-1']
    """
    group = str(owner["apiVersion"]).rpartition("/")[0]
    if group in _BUILT_IN:
        return []
    urn = f"urn:pulumi:s::p::kubernetes:{owner['apiVersion']}:{owner['kind']}::{owner['metadata']['name']}"
    raw = {"urn": urn, "type": f"kubernetes:{owner['apiVersion']}:{owner['kind']}", "inputs": dict(owner)}
    graph = Graph([raw])
    templates = {each.path: each for each in graph.templates}
    pods = sorted(graph.pods, key=lambda pod: _place(pod.role))
    return [member for pod in pods for member in _of_role(owner, templates[pod.path], pod.role, pod.replicas)]


def make(client: Client, owner: Mapping[str, Any]) -> Iterator[Decision]:
    """Makes the pods of a custom resource, and yields those that could not be made; ends when the last one is decided."""
    named = f"{owner['kind']}/{owner['metadata']['name']}"
    for turn, member in enumerate(members(owner), 1):
        metadata = member.manifest["metadata"]
        metadata["annotations"][TURN] = str(turn)
        doubt = member.doubt
        if not doubt:
            try:
                _decide(client, member.manifest)
            except ApiError as error:
                doubt = str(error)
        if doubt:
            yield Decision(metadata["namespace"], metadata["name"], named, reason=doubt, refused=True)


def disband(client: Client, owner: Mapping[str, Any]) -> None:
    """Deletes the pods of a custom resource that is gone: the collector of the control plane learns of new kinds only now and then."""
    metadata = owner["metadata"]
    for pod in client.list("v1", "Pod", metadata.get("namespace") or ""):
        if any(each["uid"] == metadata["uid"] for each in pod["metadata"].get("ownerReferences") or ()):
            client.delete("v1", "Pod", pod["metadata"]["name"], pod["metadata"]["namespace"])


def _place(role: str) -> int:
    lowered = role.lower()
    return _ORDER.index(lowered) if lowered in _ORDER else len(_ORDER)


def _of_role(owner: Mapping[str, Any], template: Template, role: str, replicas: int) -> Iterator[Member]:
    metadata: Mapping[str, Any] = owner["metadata"]
    given: Mapping[str, Any] = template.metadata or {}
    spec: dict[str, Any] = dict(template.spec or {})
    lacking = template.row.holds == "container" or template.partial or not spec.get("containers")
    doubt = f"{template.path} is completed by its operator, which does not run here" if lacking else ""
    reference = {
        **{key: owner[key] for key in ("apiVersion", "kind")},
        **{key: metadata.get(key) for key in ("name", "uid")},
        "controller": True,
        "blockOwnerDeletion": True,
    }
    for number in range(replicas):
        parts = (metadata["name"], role.lower().replace(" ", "-"), str(number))
        yield Member(
            role,
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": "-".join(part for part in parts if part),
                    "namespace": metadata["namespace"],
                    "labels": dict(given.get("labels") or {}),
                    "annotations": dict(given.get("annotations") or {}),
                    "ownerReferences": [reference],
                },
                "spec": spec,
            },
            doubt,
        )


def _decide(client: Client, manifest: Manifest) -> None:
    """Makes a pod and waits until the scheduler has decided about it."""
    metadata = manifest["metadata"]
    named = f"{metadata['namespace']}/{metadata['name']}"
    refusals: list[ApiError] = []

    def made() -> bool:
        try:
            client.create(manifest)
        except ApiError as error:
            if not any(each in str(error) for each in _FOR_NOW):
                raise
            refusals.append(error)
            return False
        return True

    def decided() -> bool:
        pod = client.get("v1", "Pod", metadata["name"], metadata["namespace"])
        return pod is None or is_decided(pod)

    until(made, seconds=_SECONDS, otherwise=lambda: refusals[-1])
    until(decided, seconds=_SECONDS, otherwise=lambda: ControlPlaneError(f"the scheduler did not look at {named}"))
