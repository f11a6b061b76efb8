"""One resource under examination: its inputs read in a way that never judges what is unknown, and the account around it."""

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from kubeml_simulator.provider import UNKNOWN, Existing, World, has_unknown, join


@dataclass(frozen=True)
class Case:
    """The inputs of one resource (secrets revealed), its URN, where it is, and everything that exists.

    `place` is a region or location, `account` the account, project or subscription. A cloud's own case gives them the cloud's words.

    >>> case = Case("t", "urn:pulumi:s::p::t::n", {"a": {"b": [1, UNKNOWN]}, "c": UNKNOWN}, "here", World())
    >>> list(case.each("a.b[*]")), case.known("a.b"), case.known("c"), case.given("c")
    ([('a.b[0]', 1)], None, None, True)
    """

    WORDS: ClassVar[frozenset[str]] = frozenset()  # attributes that templates may use
    token: str
    urn: str
    inputs: Mapping[str, Any]
    place: str
    world: World
    old: Mapping[str, Any] = field(default_factory=dict)
    identity: str = ""
    account: str = ""
    creating: bool = False

    @property
    def name(self) -> str:
        """The logical name, the last part of the URN."""
        return self.urn.rsplit("::", 1)[-1]

    def spellings(self, value: Any) -> tuple[Any, ...]:
        """The values that mean the same resource as this one does: a reference is found by any of them."""
        return (value,)

    def foreign(self, value: Any) -> bool:  # noqa: ARG002 (what a cloud overrides)
        """Whether a reference leads out of the account, so that nothing can be known of it here."""
        return False

    def rivals(self, resource: Existing) -> bool:
        """Whether another resource may stand in this one's way: one of another URN, or, while this one is made, its older self.

        A check sees no rival in the older self: it may be about to be updated, or to go first.
        """
        return resource.urn != self.urn or (self.creating and resource.id != UNKNOWN)

    def each(self, pattern: str) -> Iterator[tuple[str, Any]]:
        """Every known value at a property pattern (`taints[*].effect`), with its exact path; nulls and unknowns are left out."""
        for path, value in _walk(self.inputs, steps(pattern), ""):
            if value is not None and not has_unknown(value):
                yield path, value

    def known(self, path: str) -> Any:
        """The value at a path, if it is given and nothing in it is unknown; else None."""
        return next((value for _, value in self.each(path)), None)

    def given(self, path: str) -> bool:
        """Whether something, known or not, is given at a path."""
        return any(value is not None for _, value in _walk(self.inputs, steps(path), ""))

    def unknown(self, path: str) -> bool:
        """Whether a value is given at a path of which something is unknown."""
        return any(has_unknown(value) for _, value in _walk(self.inputs, steps(path), ""))

    def digest(self, salt: str = "", length: int = 17) -> str:
        """Hexadecimal digits that depend on the URN, on the id and on a salt, and on nothing else."""
        return digest(f"{self.urn}|{self.identity}|{salt}", length)

    def uuid(self, salt: str = "") -> str:
        """A UUID made the same way."""
        return str(uuid.UUID(self.digest(salt, 32), version=4))


def digest(text: str, length: int) -> str:
    """The first hexadecimal digits of a text's hash.

    >>> digest("a", 7)
    'ca97811'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def steps(pattern: str) -> tuple[str, ...]:
    """A property pattern in steps.

    >>> steps("rules[*].transitions[*].storageClass")
    ('rules', '*', 'transitions', '*', 'storageClass')
    """
    return tuple(pattern.replace("[*]", ".*").split("."))


def _walk(value: Any, path_steps: tuple[str, ...], path: str) -> Iterator[tuple[str, Any]]:
    if not path_steps:
        yield path, value
        return
    step, rest = path_steps[0], path_steps[1:]
    if value == UNKNOWN:
        yield path, value
    elif step == "*" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, rest, join(path, index))
    elif step == "*" and isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(item, rest, join(path, key))
    elif isinstance(value, Mapping) and step in value:
        yield from _walk(value[step], rest, join(path, step))
