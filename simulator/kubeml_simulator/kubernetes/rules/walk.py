"""How rules read an object: by path, without ever judging an unknown or a value of the wrong type (the schema speaks about types)."""

from collections.abc import Iterator, Mapping
from typing import Any

from kubeml_simulator.provider.values import UNKNOWN, join

Manifest = Mapping[str, Any]


def at(value: Any, *keys: str) -> Any:
    """The value under the keys: None where there is none, `UNKNOWN` where an unknown stands on the way.

    >>> at({"spec": {"replicas": 2}}, "spec", "replicas"), at({"spec": UNKNOWN}, "spec", "replicas") == UNKNOWN
    (2, True)
    """
    for key in keys:
        if value == UNKNOWN:
            return UNKNOWN
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def entries(value: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The known mappings of a list, each with its path."""
    for index, entry in enumerate(value if isinstance(value, list) else []):
        if isinstance(entry, Mapping):
            yield join(path, index), entry


def pairs(value: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    """Path, key and value of a mapping's known values."""
    for key, item in value.items() if isinstance(value, Mapping) else ():
        if item is not None and item != UNKNOWN:
            yield join(path, key), key, item


def text(value: Any) -> str | None:
    """The value if it is a known string."""
    return value if isinstance(value, str) and value != UNKNOWN else None


def number(value: Any) -> int | None:
    """The value if it is a known whole number."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


# Where each kind keeps its pod template's specification.
_POD_SPECS: Mapping[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "PodTemplate": ("template", "spec"),
    "Deployment": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "ReplicationController": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}


def pod_spec(kind: str, manifest: Manifest) -> tuple[str, Mapping[str, Any]] | None:
    """Path and content of the pod specification in an object of a built-in kind, or None.

    >>> pod_spec("Job", {"spec": {"template": {"spec": {"restartPolicy": "Never"}}}})
    ('spec.template.spec', {'restartPolicy': 'Never'})
    """
    keys = _POD_SPECS.get(kind)
    found = at(manifest, *keys) if keys else None
    return (".".join(keys or ()), found) if isinstance(found, Mapping) else None
