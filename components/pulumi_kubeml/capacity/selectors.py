"""Label selectors, node selector terms and tolerations, evaluated the way Kubernetes does.

>>> selects({"matchLabels": {"app": "ml-model"}}, {"app": "ml-model", "tier": "serve"})
True
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulumi_kubeml.capacity.model import TaintLike

NODE_OWN = frozenset(
    {
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
        "topology.kubernetes.io/region",
        "topology.k8s.aws/zone-id",
    }
)
"""Labels that every node has, with a value of its own: a requirement on one of them can be met by some node."""

_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)

_OPERATORS: Mapping[str, Callable[[str | None, Sequence[str]], bool]] = {
    "In": lambda value, allowed: value is not None and value in allowed,
    "NotIn": lambda value, allowed: value is None or value not in allowed,
    "Exists": lambda value, _: value is not None,
    "DoesNotExist": lambda value, _: value is None,
    "Gt": lambda value, bound: _compare(value, bound) > 0,
    "Lt": lambda value, bound: _compare(value, bound) < 0,
}


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector takes these labels; an empty one takes all.

    >>> selects({}, {"app": "x"}), selects({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, {"app": "x"})
    (True, False)
    """
    wanted = _map(selector.get("matchLabels"))
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(requirement(term, labels) for term in _list(selector.get("matchExpressions")))


def requirement(term: Mapping[str, Any], labels: Mapping[str, str], *, key: str | None = None) -> bool:
    """Whether one `matchExpressions` entry, with its own key or a given one, holds; one that Kubernetes would refuse never does."""
    term = _map(term)
    operator, values = term.get("operator"), _list(term.get("values"))
    key = key or term.get("key")
    if not isinstance(key, str) or not isinstance(operator, str) or operator not in _OPERATORS:
        return False
    return _OPERATORS[operator](labels.get(key), values)


def node_term(term: Mapping[str, Any], labels: Mapping[str, str], *, name: str | None = None) -> bool:
    """Whether a node selector term takes a node; one without expressions takes none.

    Without a name it is any node of a pool: a requirement on a label of a node's own that the pool does not tell, or on
    its name, may then be met.

    >>> zone = {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["a"]}]}
    >>> node_term(zone, {}), node_term(zone, {}, name="n1")
    (True, False)
    """
    expressions, fields = _list(term.get("matchExpressions")), _list(term.get("matchFields"))
    if not expressions and not fields:
        return False
    if name is None:
        return all(_own(_map(entry).get("key"), labels) or requirement(entry, labels) for entry in expressions)
    return all(requirement(entry, labels) for entry in expressions) and all(
        requirement(entry, {"metadata.name": name}) for entry in fields
    )


def _own(key: Any, labels: Mapping[str, str]) -> bool:
    """Whether nodes have a label of which the pool does not tell the value."""
    return key in NODE_OWN and key not in labels


def node_names(terms: Sequence[Mapping[str, Any]]) -> frozenset[str] | None:
    """Make the names of the only nodes that some node selector terms can take, None while one of them names no node.

    >>> sorted(node_names([{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}]))
    ['n1']
    """
    found: set[str] = set()
    for term in terms:
        named = [
            set(_list(entry.get("values")))
            for entry in map(_map, _list(term.get("matchFields")))
            if entry.get("key") == "metadata.name" and entry.get("operator") == "In"
        ]
        if not named:
            return None
        found |= set.intersection(*named)
    return frozenset(found) if terms else None


def tolerates(tolerations: Sequence[Mapping[str, Any]], taint: TaintLike) -> bool:
    """Whether some toleration covers a taint.

    >>> from pulumi_kubeml.capacity.model import Taint
    >>> tolerates([{"operator": "Exists"}], Taint("nvidia.com/gpu", "present", "NoSchedule"))
    True
    """
    return any(_covers(toleration, taint) for toleration in tolerations)


def _covers(toleration: Mapping[str, Any], taint: TaintLike) -> bool:
    exists = toleration.get("operator") == "Exists"
    key = toleration.get("key") or ""
    if (toleration.get("effect") or taint.effect) != taint.effect:
        return False
    if key != taint.key:
        return exists and not key
    equal = toleration.get("operator") in {None, "", "Equal"}
    return exists or (equal and (toleration.get("value") or "") == (taint.value or ""))


def _compare(value: str | None, bound: Sequence[str]) -> int:
    """Make the sign of value minus bound, 0 when one of them is no 64-bit integer: neither Gt nor Lt then holds."""
    mine, least = _integer(value), _integer(bound[0] if len(bound) == 1 else None)
    return 0 if mine is None or least is None else (mine > least) - (mine < least)


def _integer(text: Any) -> int | None:
    if not isinstance(text, str) or not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None


def _map(value: Any) -> Mapping[str, Any]:
    """Make a mapping: the value itself, so that an unknown one may say so, but nothing of another type."""
    return {} if value is None or isinstance(value, str | int | float | list) else value


def _list(value: Any) -> Sequence[Any]:
    return () if value is None or isinstance(value, str | int | float | dict) else value
