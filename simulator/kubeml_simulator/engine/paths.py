"""Reads property paths (`a.b[0]["c.d"]`, `*` for any) and applies them to property maps."""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from kubeml_simulator.engine import wire

Path: TypeAlias = tuple[str | int, ...]

_PART = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.\[]+)')


def parse(text: str) -> Path:
    """Reads a property path.

    >>> parse('spec.ports[0]["a.b"]')
    ('spec', 'ports', 0, 'a.b')
    """
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            raise ValueError(f'"{text}" is not a property path: unexpected "{text[at:]}" at {at}')
        quoted, index, name = match.groups()
        parts.append(int(index) if index and index.isdigit() else index or name or quoted.replace('\\"', '"'))
        at = match.end()
    return tuple(parts)


def contains(outer: Path, inner: Path) -> bool:
    """Whether the inner path is the outer one or lies below it.

    >>> contains(("tags",), ("tags", "k")), contains(("tags", "k"), ("tags",))
    (True, False)
    """
    return len(outer) <= len(inner) and all(a in ("*", b) for a, b in zip(outer, inner, strict=False))


def keep(old: Any, new: Any, path: Path) -> Any:
    """Makes the new value with what lies at the path as it is in the old one; absent there means absent.

    >>> keep({"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}, ("a", "b"))
    {'a': {'b': 1, 'c': 3}}
    """
    if wire.is_secret(new):
        return wire.secret(keep(old, new["value"], path))
    if wire.is_secret(old):
        old = old["value"]
    head, rest = path[0], path[1:]
    if isinstance(new, dict):
        olds: dict[str, Any] = old if isinstance(old, dict) else {}
        made: dict[str, Any] = dict(new)
        for key in sorted(new.keys() | olds.keys()) if head == "*" else [str(head)]:
            if rest and key in made:
                made[key] = keep(olds.get(key), made[key], rest)
            elif not rest and key in olds:
                made[key] = olds[key]
            elif not rest:
                made.pop(key, None)
        return made
    if isinstance(new, list):
        before: list[Any] = old if isinstance(old, list) else []
        return [_item(before, i, item, head, rest) for i, item in enumerate(new)]
    return new


def _item(before: Sequence[Any], i: int, item: Any, head: str | int, rest: Path) -> Any:
    if head not in ("*", i) or i >= len(before):
        return item
    return keep(before[i], item, rest) if rest else before[i]
