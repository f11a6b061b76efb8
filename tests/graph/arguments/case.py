"""One argument said otherwise: what was said before, what after, and what is to come of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints


@dataclass(frozen=True)
class Case:
    """Two clusters, or two pools of one cluster, that differ in one argument."""

    level: Literal["cluster", "pool"]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    refused: str = ""
    """The end of the path that a refusal names; without it the inputs of a resource must differ."""


def cluster(before: Mapping[str, Any], after: Mapping[str, Any]) -> Case:
    """Make a case of arguments of the cluster."""
    return Case("cluster", before, after)


def pool(before: Mapping[str, Any], after: Mapping[str, Any]) -> Case:
    """Make a case of arguments of a pool."""
    return Case("pool", before, after)


def refused(path: str, **after: Any) -> Case:
    """Make a case that is refused, in a pool, with a problem at this path of it."""
    return Case("pool", {}, after, path)


def refused_cluster(path: str, **after: Any) -> Case:
    """Make a case that is refused, in the arguments of the cluster, with a problem at this path."""
    return Case("cluster", {}, after, path)


def of(owner: str, make: Any, beside: Mapping[str, Any], /, **values: Any) -> dict[str, Case]:
    """Make the cases of arguments that matter beside the same others, by class and name."""
    return {f"{owner}.{name}": make(beside, {**beside, name: value}) for name, value in values.items()}


def arguments(kind: type[Any]) -> set[str]:
    """Make the arguments of a class and of every class that can stand in one of them, as "Class.argument".

    What names the class itself in a stack file (`kind`) is no argument: it has one value.
    """
    found: set[str] = set()
    left, seen = [kind], {kind}
    while left:
        each = left.pop()
        hints = get_type_hints(each)
        for field in fields(each):
            hint = hints[field.name]
            if get_origin(hint) is Literal and len(get_args(hint)) == 1:
                continue
            found.add(f"{each.__name__}.{field.name}")
            for inner in _inside(hint):
                if inner not in seen:
                    seen.add(inner)
                    left.append(inner)
    return found


def _inside(hint: Any) -> Iterator[type[Any]]:
    if is_dataclass(hint) and isinstance(hint, type):
        yield hint
    for inner in get_args(hint):
        yield from _inside(inner)
