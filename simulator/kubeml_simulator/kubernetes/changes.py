"""What a change of an object does: in place, a replacement, or refused by the API server; the rows are `data/changes.csv`."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from kubeml_simulator.kubernetes.kinds import RELEASE, kind_of
from kubeml_simulator.kubernetes.naming import fixed_name
from kubeml_simulator.kubernetes.rules.walk import at
from kubeml_simulator.kubernetes.tables import Row, rows
from kubeml_simulator.provider.difference import Change, Difference, compare, leaves
from kubeml_simulator.provider.failures import Failure
from kubeml_simulator.provider.values import has_unknown
from pulumi_kubeml.capacity.quantity import QuantityError, parse

_MUTABLE_OPTION = {
    "kubernetes:core/v1:ConfigMap": "enableConfigMapMutable",
    "kubernetes:core/v1:Secret": "enableSecretMutable",
}
_IDENTITY = ("metadata.name", "metadata.namespace")


@cache
def _rows(token: str) -> tuple[Row, ...]:
    return tuple(row for row in rows("changes") if row["token"] == token)


def forces(token: str, change: Change, new: Mapping[str, Any], config: Mapping[str, Any]) -> bool:
    """Whether a change replaces the object: its identity always does, the rest as the table says.

    >>> forces("kubernetes:apps/v1:Deployment", Change("spec.selector.matchLabels.app", "a", "b"), {}, {})
    True
    >>> forces("kubernetes:apps/v1:Deployment", Change("spec.replicas", 1, 2), {}, {})
    False
    """
    paths = [re.sub(r"\[\d+\]", "[*]", path) for path in leaves(change)]
    if token != RELEASE and any(_within(path, place) for path in paths for place in _IDENTITY):
        return True
    if kind_of(token).form == "patch":
        return False
    for row in _rows(token):
        if not any(_within(path, row["property"]) for path in paths):
            continue
        if row["effect"] == "replace":
            return True
        if row["effect"] == "replace-unless-mutable":
            return str(config.get(_MUTABLE_OPTION[token])).lower() != "true" or new.get("immutable") is True
    return False


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith((f"{place}.", f"{place}["))


def difference(token: str, old: Mapping[str, Any], new: Mapping[str, Any], config: Mapping[str, Any]) -> Difference:
    """The difference of two sets of inputs; an object that keeps a name which the program fixed goes before its successor comes."""
    found = compare(old, new, lambda change: forces(token, change, new, config))
    name = fixed_name(new)
    return Difference(found.changes, bool(found.replacing) and name is not None and name == fixed_name(old))


def refusals(token: str, state: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Failure]:
    """What the API server refuses to change in place; what is unknown, or no longer given, is left alone.

    >>> [f.path for f in refusals("kubernetes:scheduling.k8s.io/v1:PriorityClass", {"value": 1}, {"value": 2})]
    ['value']
    """
    for row in _rows(token):
        keys = row["property"].split(".")
        before, after = at(state, *keys), at(new, *keys)
        if before is None or after is None or has_unknown([before, after]):
            continue
        if _refused(row["effect"], before, after):
            yield Failure(
                row["property"],
                after,
                f"{before!r} as it is" if not isinstance(before, Mapping | list) else "",
                row["why"],
            )


def _refused(effect: str, before: Any, after: Any) -> bool:
    match effect:
        case "refuse" | "keep-once-set":
            return before != after and not _covers(before, after)
        case "keep-true":
            return before is True and after is not True
        case "keep-first":
            return isinstance(before, list) and isinstance(after, list) and before[:1] != after[:1]
        case "append":
            return isinstance(before, list) and isinstance(after, list) and any(entry not in after for entry in before)
        case "grow":
            return _shrinks(before, after)
        case _:
            return False


def _covers(before: Any, after: Any) -> bool:
    """Whether a block that the API server has completed with its defaults still holds all that is wanted."""
    return (
        isinstance(before, Mapping)
        and isinstance(after, Mapping)
        and all(before.get(key) == value for key, value in after.items())
    )


def _shrinks(before: Any, after: Any) -> bool:
    try:
        return any(parse(after[key]) < parse(value) for key, value in before.items() if key in after)
    except (QuantityError, AttributeError, TypeError):
        return False
