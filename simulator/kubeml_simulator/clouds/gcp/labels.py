"""Labels, the same for every type that has them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Failure, join

from .case import Case

# https://cloud.google.com/resource-manager/docs/labels-overview (requirements for labels; 2026-09)
MOST = 64
KEY = re.compile(r"[^\W\dA-Z_][\w-]{0,62}")
VALUE = re.compile(r"[\w-]{0,63}")
PROPERTIES = ("labels", "resourceLabels", "nodeConfig.resourceLabels")
ADDED = "goog-pulumi-provisioned"


def judge(case: Case) -> Iterator[Failure]:
    """At most 64 labels, in lower case, digits, hyphens and underscores; a key begins with a letter."""
    for path in PROPERTIES:
        labels = case.inputs
        for step in path.split("."):
            labels = labels.get(step) if isinstance(labels, Mapping) else None
        if not isinstance(labels, Mapping):
            continue
        if len(labels) > MOST:
            yield Failure(path, len(labels), f"at most {MOST} labels", "Invalid value for field 'labels'")
        for key, value in labels.items():
            yield from _one(join(path, key), key, value)


def _one(path: str, key: str, value: Any) -> Iterator[Failure]:
    form = "1 to 63 lower-case letters, digits, - and _, beginning with a letter"
    if not KEY.fullmatch(key) or key != key.lower():
        yield Failure(path, why="Invalid value for field 'labels': the key has another form", allowed=form)
    if isinstance(value, str) and value != UNKNOWN and (not VALUE.fullmatch(value) or value != value.lower()):
        allowed = "at most 63 lower-case letters, digits, - and _"
        yield Failure(path, value, allowed, "Invalid value for field 'labels': the value has another form")


def effective(case: Case, given: Any) -> Any:
    """All labels of a resource: those of the program, of the provider, and the mark that Pulumi leaves."""
    if given == UNKNOWN:
        return UNKNOWN
    own = given if isinstance(given, Mapping) else {}
    return {**({ADDED: "true"} if case.attributed else {}), **case.default_labels, **own}
