"""Label selectors, node selector terms and tolerations, evaluated the way Kubernetes does.

>>> selects({"matchLabels": {"app": "ml-model"}}, {"app": "ml-model", "tier": "serve"})
True
"""

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


def requirement(term: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether one `matchExpressions` entry holds; one that Kubernetes would refuse never does."""
    term = _map(term)
    key, operator, values = term.get("key"), term.get("operator"), _list(term.get("values"))
    if not isinstance(key, str) or not isinstance(operator, str) or operator not in _OPERATORS:
        return False
    return _OPERATORS[operator](labels.get(key), values)


def node_term(term: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a node selector term takes a node; one without expressions takes none, one on a node's own labels may.

    >>> node_term({"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["a"]}]}, {})
    True
    """
    expressions = _list(term.get("matchExpressions"))
    if not expressions and not term.get("matchFields"):
        return False
    return all(_map(entry).get("key") in NODE_OWN or requirement(entry, labels) for entry in expressions)


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
    return exists or (toleration.get("value") or "") == (taint.value or "")


def _compare(value: str | None, bound: Sequence[str]) -> int:
    """Make the sign of value minus bound, 0 when one of them is no number: neither Gt nor Lt then holds."""
    try:
        return (int(value or "") > int(bound[0])) - (int(value or "") < int(bound[0]))
    except (ValueError, TypeError, IndexError):
        return 0


def _map(value: Any) -> Mapping[str, Any]:
    """Make a mapping: the value itself, so that an unknown one may say so, but nothing of another type."""
    return {} if value is None or isinstance(value, str | int | float | list) else value


def _list(value: Any) -> Sequence[Any]:
    return () if value is None or isinstance(value, str | int | float | dict) else value
