"""Brings drawn storage before the real scheduler: makes volumes and claims, and reads back what became of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.cluster.drawn import HOST, NAMESPACES, Manifest
from tests.cluster.drawn_volumes import CLASSES, Storage
from tests.cluster.judge import PROBE, Case, Judge, named

from kubeml_simulator.kubernetes.control_plane.waiting import until
from pulumi_kubeml.capacity.graph import Claims, known_pod

VOLUMES, CLASS_PATH = "/api/v1/persistentvolumes", "/apis/storage.k8s.io/v1/storageclasses"


class Shelf:
    """The storage of one case."""

    def __init__(self, judge: Judge, prefix: str) -> None:
        self._judge = judge
        self._prefix = prefix

    def claims(self) -> Claims:
        """Reads the claims as they are now, with the volumes and classes of the cluster."""
        get = self._judge.client.request
        claims = [
            (namespace, each)
            for namespace in (*NAMESPACES, PROBE)
            for each in get("GET", _claims(namespace))["items"]
            if each["metadata"]["name"].startswith(self._prefix)
        ]
        volumes = [each for each in get("GET", VOLUMES)["items"] if "deletionTimestamp" not in each["metadata"]]
        return Claims(claims, get("GET", CLASS_PATH)["items"], volumes, live=True)


@contextmanager
def stored(case: Case, storage: Storage) -> Iterator[Shelf]:
    """Gives the shelf of a case, whose volumes and claims the scheduler knows when the block begins and which are gone after it."""
    judge, prefix = case.judge, case.prefix
    volumes = [named(each, prefix) for each in storage.volumes]
    claims = [named(each, prefix) for each in storage.claims]
    for each in CLASSES:
        judge.made(CLASS_PATH, {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", **each})
    for claim in claims:
        if "volumeName" in claim["spec"]:
            claim["spec"]["volumeName"] = prefix + claim["spec"]["volumeName"]
    try:
        _make(judge, volumes, claims)
        _probe(case, volumes, claims)
        yield Shelf(judge, prefix)
    finally:
        for namespace in (*NAMESPACES, PROBE):
            judge.client.request("DELETE", f"/api/v1/namespaces/{namespace}/pods?gracePeriodSeconds=0")
        for claim in claims:
            judge.delete(f"{_claims(claim['metadata']['namespace'])}/{claim['metadata']['name']}")
        for volume in volumes:
            judge.delete(f"{VOLUMES}/{volume['metadata']['name']}")


def _make(judge: Judge, volumes: list[Manifest], claims: list[Manifest]) -> None:
    """Makes volumes, then claims, and waits for what the controllers make of each: one that is late comes to its turn much later."""
    owners = {each["spec"]["volumeName"]: each["metadata"] for each in claims if "volumeName" in each["spec"]}
    for volume in volumes:
        owner = owners.get(volume["metadata"]["name"])
        if owner:
            volume["spec"]["claimRef"] = {key: owner[key] for key in ("name", "namespace")}
        judge.client.request("POST", VOLUMES, volume)
    _await(judge, [f"{VOLUMES}/{each['metadata']['name']}" for each in volumes], "Available")
    for claim in claims:
        judge.client.request("POST", _claims(claim["metadata"]["namespace"]), claim)
    bound = [each["metadata"] for each in claims if "volumeName" in each["spec"]]
    _await(judge, [f"{_claims(each['namespace'])}/{each['name']}" for each in bound], "Bound")
    _await(judge, [f"{VOLUMES}/{name}" for name in owners], "Bound")


def _await(judge: Judge, paths: list[str], phase: str) -> None:
    def told() -> bool:
        return all(judge.client.request("GET", path).get("status", {}).get("phase") == phase for path in paths)

    until(told, seconds=30, otherwise=lambda: AssertionError(f"not all of {', '.join(paths)} are {phase}"))


def _probe(case: Case, volumes: list[Manifest], claims: list[Manifest]) -> None:
    """Waits until the scheduler has seen all storage, by a pod that mounts a claim which was bound after all others."""
    name = {"name": f"{case.prefix}last"}
    metadata = {**name, "namespace": PROBE}
    size, modes = {"storage": "1Gi"}, ["ReadWriteMany"]
    asked: Manifest = {
        "accessModes": modes,
        "resources": {"requests": size},
        "storageClassName": "",
        "volumeName": name["name"],
    }
    claim: Manifest = {"metadata": metadata, "spec": asked}
    volume: Manifest = {
        "metadata": name,
        "spec": {"accessModes": modes, "capacity": size, "hostPath": {"path": "/nowhere"}},
    }
    claims.append(claim)
    volumes.append(volume)
    _make(case.judge, [volume], [claim])
    last = case.nodes[-1]
    spec: Manifest = {
        "tolerations": [{"operator": "Exists"}],
        "containers": [{"name": "probe", "image": "registry.example.com/none"}],
        "terminationGracePeriodSeconds": 0,
        "volumes": [{"name": "last", "persistentVolumeClaim": {"claimName": metadata["name"]}}],
        "nodeSelector": {HOST: last.labels[HOST]},
    }
    pod: Manifest = {"metadata": {"name": f"{case.prefix}storage", "namespace": PROBE}, "spec": spec}
    case.judge.client.request("POST", f"/api/v1/namespaces/{PROBE}/pods", pod)
    case.await_pod(pod["metadata"], lambda found: bool(found["spec"].get("nodeName")))
    last.take(known_pod(pod))


def _claims(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/persistentvolumeclaims"
