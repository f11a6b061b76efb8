"""Brings one drawn case before the real scheduler: makes its nodes, asks about one pod after another, and cleans up."""

import copy
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import urlencode

from tests.cluster.drawn import HOST, NAMESPACES, OVERHEAD, RUNTIME, Manifest

from pulumi_kubeml.capacity.graph import known_pod
from pulumi_kubeml.capacity.model import Taint
from pulumi_kubeml.capacity.node import Node
from pulumi_kubeml.capacity.quantity import amounts

SECONDS = 20.0
PROBE = "judge-probe"
_READY = "judge.kubeml.io/ready"
_case = itertools.count(1)


class Client(Protocol):
    """What the judge needs of an API client: one request, its document, an exception with a `code` where it is refused."""

    def request(self, method: str, path: str, body: Any = None, media: str = ...) -> dict[str, Any]: ...


class Judge:
    """The real scheduler behind an API server."""

    def __init__(self, client: Client) -> None:
        self.client = client
        for name, labels in ({**NAMESPACES, PROBE: {}}).items():
            self.made("/api/v1/namespaces", {"metadata": {"name": name, "labels": labels}})
            self.made(f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})
        runtime = {"metadata": {"name": RUNTIME}, "handler": RUNTIME, "overhead": {"podFixed": OVERHEAD}}
        self.made("/apis/node.k8s.io/v1/runtimeclasses", runtime)

    def made(self, path: str, manifest: Manifest) -> None:
        """Makes an object, or leaves the one that is there."""
        try:
            self.client.request("POST", path, manifest)
        except Exception as error:
            if getattr(error, "code", 0) != 409:
                raise

    @contextmanager
    def nodes(self, drawn: Sequence[Manifest]) -> Iterator["Case"]:
        """Gives the case with these nodes, which the scheduler knows when the block begins and which are gone after it."""
        prefix = f"c{next(_case)}-"
        manifests = [named(manifest, prefix) for manifest in drawn]
        try:
            for manifest in manifests:
                self.client.request("POST", "/api/v1/nodes", manifest)
            for manifest in manifests:  # the API server taints every new node as not ready
                ready = {"metadata": {"labels": {_READY: "yes"}}, "spec": {"taints": manifest["spec"]["taints"]}}
                path = f"/api/v1/nodes/{manifest['metadata']['name']}"
                self.client.request("PATCH", path, ready, "application/merge-patch+json")
                manifest["metadata"]["labels"][_READY] = "yes"
            case = Case(self, prefix, [node_of(manifest) for manifest in manifests])
            case.probe()
            yield case
        finally:
            for namespace in (*NAMESPACES, PROBE):
                self.client.request("DELETE", f"/api/v1/namespaces/{namespace}/pods?gracePeriodSeconds=0")
            for manifest in manifests:
                self.delete(f"/api/v1/nodes/{manifest['metadata']['name']}")

    def delete(self, path: str) -> None:
        """Deletes an object that may be gone already."""
        try:
            self.client.request("DELETE", f"{path}?gracePeriodSeconds=0")
        except Exception as error:
            if getattr(error, "code", 0) != 404:
                raise


class Case:
    """Nodes that the scheduler knows, and the arithmetic's copy of them with the pods that it put there."""

    def __init__(self, judge: Judge, prefix: str, nodes: list[Node]) -> None:
        self.judge = judge
        self.prefix = prefix
        self.nodes = nodes

    def probe(self) -> None:
        """Waits until the scheduler has seen the last change of the last node, by a pod that only that one takes."""
        last = self.nodes[-1]
        spec: Manifest = {
            "nodeSelector": {HOST: last.labels[HOST], _READY: "yes"},
            "tolerations": [{"operator": "Exists"}],
            "containers": [{"name": "probe", "image": "registry.example.com/none"}],
            "terminationGracePeriodSeconds": 0,
        }
        manifest = {"metadata": {"name": f"{self.prefix}probe", "namespace": PROBE}, "spec": spec}
        self.judge.client.request("POST", f"/api/v1/namespaces/{PROBE}/pods", manifest)
        self.await_pod(manifest["metadata"], lambda pod: bool(pod["spec"].get("nodeName")))
        last.take(known_pod(manifest))

    def ask(self, drawn: Manifest) -> tuple[str, str]:
        """Gives the node that the scheduler chose for a pod, or its words; a pod that it left Pending is deleted."""
        manifest = self.own(drawn)
        self.judge.client.request("POST", f"/api/v1/namespaces/{manifest['metadata']['namespace']}/pods", manifest)
        pod = self.await_pod(manifest["metadata"], lambda pod: bool(pod["spec"].get("nodeName") or words(pod)))
        chosen = pod["spec"].get("nodeName") or ""
        if not chosen:
            self.judge.delete(_path(manifest["metadata"]))
        return chosen, words(pod)

    def event(self, drawn: Manifest) -> str:
        """Waits for the scheduler's event about a pod and gives its message."""
        name, namespace = self.prefix + drawn["metadata"]["name"], drawn["metadata"]["namespace"]
        query = urlencode({"fieldSelector": f"reason=FailedScheduling,involvedObject.name={name}"})
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            events = self.judge.client.request("GET", f"/api/v1/namespaces/{namespace}/events?{query}")["items"]
            if events:
                return events[0]["message"]
        raise TimeoutError(f"there is no event about {name} after {SECONDS:g} s")

    def own(self, drawn: Manifest) -> Manifest:
        """Makes the drawn pod one of this case: its name, those of its claims, and of nodes that it asks for."""
        manifest = named(drawn, self.prefix)
        for volume in manifest["spec"].get("volumes", ()):
            volume["persistentVolumeClaim"]["claimName"] = self.prefix + volume["persistentVolumeClaim"]["claimName"]
        affinity = manifest["spec"].get("affinity", {}).get("nodeAffinity", {})
        required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution", {})
        for term in required.get("nodeSelectorTerms", ()):
            for field in term.get("matchFields", ()):
                field["values"] = [self.prefix + name for name in field["values"]]
        return manifest

    def await_pod(self, metadata: Mapping[str, Any], decided: Callable[[Manifest], bool]) -> Manifest:
        """Asks for a pod until something holds of it."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            pod = self.judge.client.request("GET", _path(metadata))
            if decided(pod):
                return pod
        raise TimeoutError(f"the scheduler has not decided about {metadata['name']} in {SECONDS:g} s")


def words(pod: Manifest) -> str:
    """The scheduler's words of a pod that it found no node for."""
    for condition in pod.get("status", {}).get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return condition.get("message") or ""
    return ""


def named(drawn: Manifest, prefix: str) -> Manifest:
    """Makes a copy with the prefix before its name."""
    manifest = copy.deepcopy(drawn)
    manifest["metadata"]["name"] = prefix + manifest["metadata"]["name"]
    return manifest


def node_of(manifest: Manifest) -> Node:
    """Makes the arithmetic's node of a manifest."""
    taints = manifest["spec"].get("taints") or ()
    return Node(
        name=manifest["metadata"]["name"],
        labels=manifest["metadata"]["labels"],
        taints=tuple(Taint(each["key"], each.get("value", ""), each["effect"]) for each in taints),
        allocatable=amounts(manifest["status"]["allocatable"]),
        unschedulable=bool(manifest["spec"].get("unschedulable")),
    )


def _path(metadata: Mapping[str, Any]) -> str:
    return f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
