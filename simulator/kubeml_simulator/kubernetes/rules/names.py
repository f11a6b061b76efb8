"""Names, labels and annotations, as the API server allows them (RFC 1123 and RFC 1035 names, qualified keys)."""

import re
from collections.abc import Iterator

from kubeml_simulator.kubernetes.kinds import Kind
from kubeml_simulator.kubernetes.rules.walk import Manifest, at, pairs, text
from kubeml_simulator.provider.failures import Failure
from kubeml_simulator.provider.values import join

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_LABEL_KINDS = {"Namespace"}
_GROUPS_WITH_FREE_NAMES = {"rbac.authorization.k8s.io"}
_ANNOTATIONS_LIMIT = 256 * 1024


def label(name: str) -> str:
    """What keeps a text from being an RFC 1123 label, empty if nothing does."""
    fits = _LABEL.fullmatch(name) and len(name) <= 63
    return (
        ""
        if fits
        else "lower case letters, digits and '-', a letter or digit at both ends, at most 63 characters (RFC 1123 label)"
    )


def subdomain(name: str) -> str:
    """What keeps a text from being an RFC 1123 subdomain, empty if nothing does.

    >>> subdomain("ml-model.v1"), subdomain("ML_Model")[:40]
    ('', "lower case letters, digits, '-' and '.',")
    """
    fits = _SUBDOMAIN.fullmatch(name) and len(name) <= 253
    return (
        ""
        if fits
        else "lower case letters, digits, '-' and '.', a letter or digit at both ends, at most 253 characters (RFC 1123 subdomain)"
    )


def qualified(key: str) -> str:
    """What keeps a text from being a key of labels, annotations or resources, empty if nothing does.

    >>> qualified("nvidia.com/gpu"), qualified("app"), bool(qualified("a b"))
    ('', '', True)
    """
    prefix, slash, name = key.rpartition("/")
    good = _NAME.fullmatch(name) and len(name) <= 63 and (not slash or not subdomain(prefix))
    return "" if good else "a name of at most 63 letters, digits, '-', '_', '.', after an optional DNS prefix and '/'"


def name_rule(kind: Kind, name: str) -> str:
    """What keeps a name from naming an object of the kind, empty if nothing does."""
    if kind.group in _GROUPS_WITH_FREE_NAMES:
        return (
            ""
            if name not in {".", ".."} and not re.search(r"[/%]", name)
            else "anything but '.', '..' and names with '/' or '%'"
        )
    if kind.name == "Service" and not kind.group:
        good = _LABEL_1035.fullmatch(name) and len(name) <= 63
        return (
            "" if good else "lower case letters, digits and '-', a letter first, at most 63 characters (RFC 1035 label)"
        )
    return label(name) if kind.name in _LABEL_KINDS and not kind.group else subdomain(name)


def metadata(kind: Kind, manifest: Manifest) -> Iterator[Failure]:
    """The rules for metadata: name, namespace, labels, annotations."""
    content = at(manifest, "metadata")
    name, namespace = text(at(content, "name")), text(at(content, "namespace"))
    if name is not None and (rule := name_rule(kind, name)):
        yield Failure("metadata.name", name, rule, "not a valid name")
    if namespace:
        if not kind.namespaced:
            yield Failure("metadata.namespace", namespace, "no namespace", f"{kind.name} is not namespaced")
        elif rule := label(namespace):
            yield Failure("metadata.namespace", namespace, rule, "not a valid name")
    yield from labels(at(content, "labels"), "metadata.labels")
    size = 0
    for path, key, value in pairs(at(content, "annotations"), "metadata.annotations"):
        size += len(key) + len(str(value))
        if rule := qualified(key.lower()):
            yield Failure(path, key, rule, "not a valid key")
    if size > _ANNOTATIONS_LIMIT:
        yield Failure("metadata.annotations", size, "at most 262144 bytes together", "too long")


def labels(content: object, path: str) -> Iterator[Failure]:
    """The rules for a set of labels, wherever it stands."""
    for where, key, value in pairs(content, path):
        if rule := qualified(key):
            yield Failure(where, key, rule, "not a valid key")
        if isinstance(value, str) and (not _VALUE.fullmatch(value) or len(value) > 63):
            allowed = "at most 63 letters, digits, '-', '_', '.', a letter or digit at both ends"
            yield Failure(where, value, allowed, "not a valid label value")


def selector(content: object, path: str) -> Iterator[Failure]:
    """The rules for a label selector: its labels, and values where the operator wants them."""
    yield from labels(at(content, "matchLabels"), join(path, "matchLabels"))
