"""What the provider fills in at check time: a name where the program gives none, the namespace, and the mark of a secret."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from kubeml_simulator.kubernetes.kinds import Kind
from kubeml_simulator.provider.values import has_unknown, is_secret, reveal, secret

AUTONAMED = "pulumi.com/autonamed"
Taken = Callable[[str, str], bool]


def identity(namespace: str, name: str) -> str:
    """The id of an object: `namespace/name`, or the name alone outside of namespaces."""
    return f"{namespace}/{name}" if namespace else name


def automatic(urn: str, taken: Callable[[str], bool]) -> str:
    """A name that differs from every taken one, and is the same for the same URN each time; its end looks random, as the real one does.

    >>> automatic("urn:pulumi:dev::p::kubernetes:core/v1:ConfigMap::settings", lambda name: False)
    'settings-ae456b1c'
    """
    stem = urn.rsplit("::", 1)[-1]
    for attempt in range(1000):
        name = f"{stem}-{hashlib.sha256(f'{urn}#{attempt}'.encode()).hexdigest()[:8]}"
        if not taken(name):
            return name
    raise ValueError(f"1000 automatic names of {stem} are taken")


def complete(
    kind: Kind, urn: str, inputs: dict[str, Any], old: Mapping[str, Any], *, default_namespace: str, taken: Taken
) -> dict[str, Any]:
    """The inputs of an object with name and namespace; `inputs` may hold secrets, `old` are the last inputs without."""
    given: Any = inputs.get("metadata")
    wrapped = is_secret(given)
    written: Any = (given["value"] if wrapped else given) or {}
    if not isinstance(written, Mapping):  # unknown, or wrong, which the check says
        return _guard(kind, inputs)
    metadata = {**written}
    if kind.namespaced and not metadata.get("namespace"):
        metadata["namespace"] = default_namespace
    if kind.form == "object" and not metadata.get("name") and not metadata.get("generateName"):
        before = old.get("metadata") or {}
        namespace = reveal(metadata.get("namespace")) or ""
        same = _autonamed(before) and (before.get("namespace") or "") == namespace
        metadata["name"] = (before.get("name") if same else None) or automatic(urn, lambda name: taken(namespace, name))
        annotations = metadata.get("annotations") or {}
        if isinstance(reveal(annotations), Mapping):
            metadata["annotations"] = _marked(annotations)
    return _guard(kind, {**inputs, "metadata": secret(metadata) if wrapped else metadata})


def _marked(annotations: Any) -> Any:
    if is_secret(annotations):
        return secret({**annotations["value"], AUTONAMED: "true"})
    return {**annotations, AUTONAMED: "true"}


def _guard(kind: Kind, inputs: dict[str, Any]) -> dict[str, Any]:
    """The data of a Secret is secret, whether the program said so or not."""
    if (kind.group, kind.name) != ("", "Secret"):
        return inputs
    return {
        key: secret(value) if key in {"data", "stringData"} and value is not None else value
        for key, value in inputs.items()
    }


def _autonamed(metadata: Any) -> bool:
    return isinstance(metadata, Mapping) and (metadata.get("annotations") or {}).get(AUTONAMED) == "true"


def fixed_name(inputs: Mapping[str, Any]) -> str | None:
    """`namespace/name` of an object that the program named itself, None for an automatic or unknown name."""
    metadata = inputs.get("metadata")
    if (
        not isinstance(metadata, Mapping)
        or _autonamed(metadata)
        or has_unknown([metadata.get("name"), metadata.get("namespace")])
    ):
        return None
    return identity(metadata.get("namespace") or "", metadata["name"]) if metadata.get("name") else None
