"""The state of an object as the cluster gives it back: identity, defaults, and the status that its controllers would reach.

Everything computed is a function of the URN and the inputs, so that two runs agree. In a preview what only the cluster can decide is
unknown.
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kubeml_simulator.kubernetes.cluster import ClusterFacts
from kubeml_simulator.kubernetes.kinds import Kind
from kubeml_simulator.kubernetes.rules.walk import at, number
from kubeml_simulator.kubernetes.status import HAS_STATUS, status
from kubeml_simulator.provider.values import UNKNOWN, has_unknown

CREATED = "2026-01-01T00:00:00Z"  # no clock runs in a simulation: every object has the same time
_UIDS = uuid.UUID("5f1c7a52-3f0e-4b57-9a52-c0b1a9d4c3e1")


@dataclass(frozen=True)
class Moment:
    """When a state is computed: for which URN, in a preview or not, and what the state was before (empty for a new object)."""

    urn: str
    preview: bool
    old: Mapping[str, Any]

    @property
    def new(self) -> bool:
        """Whether the object is being made."""
        return not self.old

    def digest(self, purpose: str) -> str:
        """Hexadecimal digits that only the URN and the purpose decide."""
        return hashlib.sha256(f"{self.urn}#{purpose}".encode()).hexdigest()

    def decided(self, value: Any) -> Any:
        """A value that only the cluster decides: unknown in the preview of a creation."""
        return UNKNOWN if self.preview and self.new else value


def state(kind: Kind, inputs: Mapping[str, Any], moment: Moment, facts: ClusterFacts) -> dict[str, Any]:
    """The whole state of an object after a creation or an update."""
    result = {**inputs, "metadata": _metadata(kind, inputs, moment)}
    if (kind.group, kind.name) == ("", "Service") and isinstance(inputs.get("spec"), Mapping):
        result["spec"] = _service(inputs["spec"], moment)
    if (kind.group, kind.name) in HAS_STATUS:
        result["status"] = (
            UNKNOWN if moment.preview and moment.new else status(kind, result, moment.digest("address"), facts)
        )
    result["__fieldManager"] = moment.old.get("__fieldManager") or f"pulumi-kubernetes-{moment.digest('manager')[:8]}"
    result["__initialApiVersion"] = moment.old.get("__initialApiVersion") or kind.api_version
    return result


def uid(moment: Moment, name: Any) -> str:
    """The identity of an object; another name is another object."""
    return str(uuid.uuid5(_UIDS, f"{moment.urn}#{name}"))


def _metadata(kind: Kind, inputs: Mapping[str, Any], moment: Moment) -> Any:
    given = inputs.get("metadata")
    if given == UNKNOWN:
        return UNKNOWN
    metadata = dict(given or {})
    if kind.form != "object":
        return metadata
    before = at(moment.old, "metadata")
    if metadata.get("generateName") and not metadata.get("name"):
        generated = f"{metadata['generateName']}{moment.digest('generated')[:5]}"
        metadata["name"] = at(before, "name") or moment.decided(generated)
    generation = number(at(before, "generation")) or 1
    changed = not moment.new and any(moment.old.get(key) != value for key, value in inputs.items() if key == "spec")
    return {
        **metadata,
        "uid": at(before, "uid") or moment.decided(uid(moment, metadata.get("name"))),
        "creationTimestamp": at(before, "creationTimestamp") or moment.decided(CREATED),
        "generation": generation + changed,
        "resourceVersion": _version(at(before, "resourceVersion"), moment),
    }


def _version(before: Any, moment: Moment) -> Any:
    if moment.preview:
        return UNKNOWN
    return (
        str(int(before) + 1)
        if isinstance(before, str) and before.isdigit()
        else str(1000 + int(moment.digest("version")[:6], 16) % 90000)
    )


def _service(spec: Mapping[str, Any], moment: Moment) -> dict[str, Any]:
    """A service with its address in the cluster, from the network that EKS uses for services outside of 10.0.0.0/8."""
    before = moment.old.get("spec")
    filled = {"type": "ClusterIP", "sessionAffinity": "None", **spec}
    if filled["type"] == "ExternalName" or has_unknown(filled["type"]):
        return filled
    digits = moment.digest("service")
    address = f"172.20.{int(digits[:2], 16)}.{int(digits[2:4], 16) % 254 + 1}"
    filled["clusterIP"] = spec.get("clusterIP") or at(before, "clusterIP") or moment.decided(address)
    filled["clusterIPs"] = spec.get("clusterIPs") or at(before, "clusterIPs") or moment.decided([filled["clusterIP"]])
    return filled
