"""The drivers of storage: makes the volume that a claim waits for, in the zone of the node that the scheduler chose for it.

It does what a CSI driver's provisioner does. Claims of a class that waits for its first consumer get their volume when the scheduler
has chosen a node, others at once; the real controllers bind the two.
"""

import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from kubeml_simulator.kubernetes.control_plane.client import ApiError, Client
from kubeml_simulator.kubernetes.rules.walk import at
from pulumi_kubeml.capacity.drivers import driver
from pulumi_kubeml.capacity.node import ZONE

_SELECTED = "volume.kubernetes.io/selected-node"
_BY = "pv.kubernetes.io/provisioned-by"
_CLAIM, _VOLUME, _CLASS = "PersistentVolumeClaim", "PersistentVolume", "StorageClass"
_PAUSE = 0.1
Object = Mapping[str, Any]


class Provisioner:
    """Makes and deletes volumes until it is stopped."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="provisioner", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends, and waits for the end."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._over.wait(_PAUSE):
            with suppress(ApiError):  # what could not be done is asked for again
                self.look()

    def look(self) -> None:
        """Serves every claim that waits, and deletes the volumes that nobody claims any more."""
        waiting = [each for each in self._client.list("v1", _CLAIM) if _waits(each)]
        if waiting:
            classes = {each["metadata"]["name"]: each for each in self._client.list("storage.k8s.io/v1", _CLASS)}
            for claim in waiting:
                self._serve(claim, classes.get(at(claim, "spec", "storageClassName")) or {})
        for volume in self._client.list("v1", _VOLUME):
            gone = at(volume, "status", "phase") == "Released" and "deletionTimestamp" not in volume["metadata"]
            if gone and at(volume, "spec", "persistentVolumeReclaimPolicy") == "Delete":
                self._client.delete("v1", _VOLUME, volume["metadata"]["name"])

    def _serve(self, claim: Object, storage_class: Object) -> None:
        row = driver(storage_class.get("provisioner"))
        modes = at(claim, "spec", "accessModes") or []
        chosen = (claim["metadata"].get("annotations") or {}).get(_SELECTED)
        if not row or any(mode not in row["access_modes"].split() for mode in modes):
            return
        if storage_class.get("volumeBindingMode") == "WaitForFirstConsumer" and not chosen:
            return
        zone = self._zone(chosen) if row["zone_key"] else ""
        with suppress(ApiError):  # made already, and not bound yet
            self._client.create(persistent_volume(claim, storage_class, zone))

    def _zone(self, node: str | None) -> str:
        """Finds the zone of the chosen node, or of any where none was chosen."""
        nodes = [self._client.get("v1", "Node", node)] if node else self._client.list("v1", "Node")
        return next((zone for each in nodes if (zone := at(each, "metadata", "labels", ZONE))), "")


def persistent_volume(claim: Object, storage_class: Object, zone: str = "") -> dict[str, Any]:
    """Makes the volume of a claim; one in a zone can be used there only.

    >>> claim = {"metadata": {"name": "c", "namespace": "n", "uid": "1"},
    ...          "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
    >>> made = persistent_volume(claim, {"metadata": {"name": "block"}, "provisioner": "ebs.csi.aws.com"}, "us-east-1a")
    >>> made["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"][0]["matchExpressions"][0]["values"]
    ['us-east-1a']
    """
    metadata, provisioner = claim["metadata"], storage_class["provisioner"]
    name = f"pvc-{metadata['uid']}"
    spec: dict[str, Any] = {
        "accessModes": at(claim, "spec", "accessModes"),
        "capacity": {"storage": at(claim, "spec", "resources", "requests", "storage")},
        "volumeMode": at(claim, "spec", "volumeMode") or "Filesystem",
        "claimRef": {
            "apiVersion": "v1",
            "kind": _CLAIM,
            **{key: metadata[key] for key in ("name", "namespace", "uid")},
        },
        "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy") or "Delete",
        "storageClassName": storage_class["metadata"]["name"],
        **_source(provisioner, name),
    }
    if zone:
        term = {"matchExpressions": [{"key": ZONE, "operator": "In", "values": [zone]}]}
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [term]}}
    annotations = {_BY: provisioner}
    return {
        "apiVersion": "v1",
        "kind": _VOLUME,
        "metadata": {"name": name, "annotations": annotations},
        "spec": spec,
    }


def _source(provisioner: str, name: str) -> dict[str, Any]:
    """Makes what a volume is: one of a CSI driver, whose name has no slash, or a folder of a node."""
    if "/" in provisioner:
        return {"hostPath": {"path": f"/var/{provisioner.partition('/')[2]}/{name}"}}
    return {"csi": {"driver": provisioner, "volumeHandle": name}}


def _waits(claim: Object) -> bool:
    return at(claim, "status", "phase") == "Pending" and not at(claim, "spec", "volumeName")
