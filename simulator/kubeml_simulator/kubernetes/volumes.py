"""How a claim gets its volume: access modes, zone and time of binding come from the storage class and its driver."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kubeml_simulator.kubernetes.rules.walk import at
from pulumi_kubeml.capacity.drivers import driver

CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
VOLUME = "kubernetes:core/v1:PersistentVolume"
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


class UnbindableError(Exception):
    """Raised for a claim that no volume can ever satisfy; the message says why."""


@dataclass(frozen=True)
class Binding:
    """What becomes of a claim: bound now, or pending until the first pod uses it."""

    claim: Mapping[str, Any]
    storage_class: Mapping[str, Any] | None
    volume: str
    zone: str

    @property
    def waits(self) -> bool:
        """Whether the volume is made only when a pod needs it, in that pod's zone."""
        return bool(self.storage_class) and self.storage_class.get("volumeBindingMode") == "WaitForFirstConsumer"

    @property
    def status(self) -> dict[str, Any]:
        """The claim's status."""
        return {"phase": "Pending"} if self.waits else self.reached

    @property
    def reached(self) -> dict[str, Any]:
        """The status that the claim has once it is bound."""
        return {"phase": "Bound", **self._given}

    @property
    def filled(self) -> dict[str, Any]:
        """The specification that the claim has once it is bound."""
        return {**self.spec, "volumeName": self.spec.get("volumeName") or self.volume}

    @property
    def _given(self) -> dict[str, Any]:
        requested = at(self.claim, "spec", "resources", "requests", "storage")
        return {"accessModes": list(at(self.claim, "spec", "accessModes") or []), "capacity": {"storage": requested}}

    @property
    def spec(self) -> dict[str, Any]:
        """The claim's specification as the cluster completes it."""
        spec = dict(at(self.claim, "spec") or {})
        if self.storage_class is not None:
            spec["storageClassName"] = at(self.storage_class, "metadata", "name")
        spec.setdefault("volumeMode", "Filesystem")
        return spec if self.waits else {**spec, "volumeName": spec.get("volumeName") or self.volume}

    @property
    def persistent_volume(self) -> dict[str, Any]:
        """The volume that the driver makes for the claim."""
        key = driver(at(self.storage_class, "provisioner")).get("zone_key")
        affinity = {
            "required": {
                "nodeSelectorTerms": [{"matchExpressions": [{"key": key, "operator": "In", "values": [self.zone]}]}]
            }
        }
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": self.volume},
            "spec": {
                **self._given,
                "claimRef": {name: at(self.claim, "metadata", name) for name in ("name", "namespace")},
                "persistentVolumeReclaimPolicy": at(self.storage_class, "reclaimPolicy") or "Delete",
                "storageClassName": at(self.storage_class, "metadata", "name") or "",
                **({"nodeAffinity": affinity} if key and self.zone else {}),
            },
            "status": {"phase": "Bound"},
        }


def bind(claim: Mapping[str, Any], classes: Mapping[str, Mapping[str, Any]], *, volume: str, region: str) -> Binding:
    """The binding of a new claim to a volume of its class.

    Args:
        claim: the claim's manifest.
        classes: the storage classes of the cluster by name.
        volume: the name that a new volume gets.
        region: where the cluster stands, for the zone of a volume whose class names none; may be empty.

    Raises:
        UnbindableError: if the class does not exist, or its driver cannot give the access modes.

    >>> zonal = {"metadata": {"name": "block"}, "provisioner": "ebs.csi.aws.com"}
    >>> spec = {"storageClassName": "block", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    >>> bind({"metadata": {"name": "c"}, "spec": spec}, {"block": zonal}, volume="pvc-1", region="us-east-1").status["phase"]
    'Bound'
    """
    wanted, modes = at(claim, "spec", "storageClassName"), at(claim, "spec", "accessModes") or []
    if wanted == "" or at(claim, "spec", "volumeName"):
        return Binding(claim, None, volume, "")
    chosen = classes.get(wanted) if wanted else next((c for c in classes.values() if _default(c)), None)
    if chosen is None:
        have = ", ".join(sorted(classes)) or "none"
        why = (
            f'storageclass.storage.k8s.io "{wanted}" not found'
            if wanted
            else "the cluster has no default storage class"
        )
        raise UnbindableError(f"{why}; the cluster has: {have}")
    row = driver(chosen.get("provisioner"))
    impossible = [mode for mode in modes if row and mode not in row["access_modes"].split()]
    if impossible:
        allowed = ", ".join(row["access_modes"].split())
        raise UnbindableError(
            f"{', '.join(impossible)} is not possible on {row['provisioner']} (class {at(chosen, 'metadata', 'name')}); possible: {allowed}"
        )
    return Binding(claim, chosen, volume, _zone(chosen, region) if row.get("zone_key") else "")


def _default(storage_class: Mapping[str, Any]) -> bool:
    return str((at(storage_class, "metadata", "annotations") or {}).get(DEFAULT_CLASS)).lower() == "true"


def _zone(storage_class: Mapping[str, Any], region: str) -> str:
    """The first zone that the class allows, else the first of the region."""
    for topology in storage_class.get("allowedTopologies") or []:
        for expression in topology.get("matchLabelExpressions") or []:
            if "zone" in expression.get("key", "") and expression.get("values"):
                return expression["values"][0]
    return f"{region}a" if region else ""
