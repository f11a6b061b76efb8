"""What changed between two sets of inputs, path by path, and which of the changes force a replacement."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .values import is_secret, join

MISSING: Any = object()


@dataclass(frozen=True)
class Change:
    """One changed path, with the value before and after (`MISSING` where there is none) and whether it forces a replacement."""

    path: str
    old: Any
    new: Any
    replaces: bool = False

    @property
    def kind(self) -> str:
        """`add`, `delete` or `update`, with `-replace` where the change forces a replacement."""
        verb = "add" if self.old is MISSING else "delete" if self.new is MISSING else "update"
        return f"{verb}-replace" if self.replaces else verb

    @property
    def top(self) -> str:
        """The top-level property that the path belongs to."""
        return top_level(self.path)


def top_level(path: str) -> str:
    """The first name of a property path.

    >>> top_level("vpcConfig.subnetIds[0]"), top_level('["a.b"].c')
    ('vpcConfig', '["a.b"]')
    """
    if path.startswith("["):
        return path[: path.index("]") + 1]
    return path.split(".", 1)[0].split("[", 1)[0]


def changes(old: Any, new: Any, path: str = "") -> Iterator[Change]:
    """The innermost paths at which two property values differ; a null and an absent property are the same.

    A secret and the same value in clear are the same too.

    >>> [(c.path, c.kind) for c in changes({"a": 1, "b": [1], "c": None}, {"a": 2, "b": [1, 2], "d": True})]
    [('a', 'update'), ('b[1]', 'add'), ('d', 'add')]
    """
    old, new = _bare(old), _bare(new)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            before, after = old.get(key), new.get(key)
            if before is None and after is None:
                continue
            yield from changes(
                MISSING if before is None else before, MISSING if after is None else after, join(path, key)
            )
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else MISSING
            after = new[index] if index < len(new) else MISSING
            yield from changes(before, after, join(path, index))
    elif old is not new and old != new:
        yield Change(path, old, new)


def _bare(value: Any) -> Any:
    return value.get("value") if is_secret(value) else value


def without(inputs: Mapping[str, Any], old: Mapping[str, Any], ignored: list[str]) -> dict[str, Any]:
    """The new inputs with every ignored top-level property as it was before; deeper paths are left to the engine, which resets them.

    >>> without({"a": 2, "b": 2}, {"a": 1}, ["a", "b"])
    {'a': 1}
    """
    kept = {key: value for key, value in inputs.items() if key not in ignored}
    return {**kept, **{key: old[key] for key in ignored if key in old}}


def leaves(change: Change) -> Iterator[str]:
    """The paths inside a change of a whole block: what a table of replacing properties must be asked about.

    >>> list(leaves(Change("launchTemplate", MISSING, {"id": "lt-1", "version": "1"})))
    ['launchTemplate', 'launchTemplate.id', 'launchTemplate.version']
    """
    yield change.path
    for value in (change.old, change.new):
        if isinstance(value, Mapping | list):
            yield from (path for path in _inner(value, change.path) if path != change.path)


def _inner(value: Any, path: str) -> Iterator[str]:
    value = _bare(value)
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _inner(item, join(path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _inner(item, join(path, index))
    else:
        yield path


@dataclass(frozen=True)
class Difference:
    """What a provider answers to Diff: the changes, and whether the old resource must go before the new one comes."""

    changes: tuple[Change, ...] = ()
    delete_before_replace: bool = False

    @property
    def replacing(self) -> list[str]:
        """Top-level properties whose change forces a replacement."""
        return list(dict.fromkeys(change.top for change in self.changes if change.replaces))

    @property
    def changed(self) -> list[str]:
        """Top-level properties that changed."""
        return list(dict.fromkeys(change.top for change in self.changes))


def compare(old: Mapping[str, Any], new: Mapping[str, Any], forces: Callable[[Change], bool]) -> Difference:
    """The difference of two sets of inputs under a rule that says which changes force a replacement."""
    found = (Change(c.path, c.old, c.new, replaces=forces(c)) for c in changes(old, new))
    return Difference(tuple(found))
