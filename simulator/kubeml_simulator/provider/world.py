"""What exists: the resources that a simulated provider has created, read, or been told about.

Nothing is kept in a file. A `Diff` carries the old state and the id of a resource, so an unchanged stack teaches a fresh provider its
world again, in the order of the program, before anything refers to it.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .values import UNKNOWN


@dataclass(frozen=True)
class Existing:
    """One resource that exists: who made it, its type, its id and its state (inputs and outputs in one, secrets revealed)."""

    urn: str
    token: str
    id: str
    state: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        """A property by its name or dotted path; None where there is none."""
        if key == "id":
            return self.id
        value: Any = self.state
        for step in key.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        return value


class World:
    """The resources that exist, by type and id; safe to use from several threads.

    >>> world = World()
    >>> world.learn(Existing("urn:pulumi:dev::p::aws:ec2/vpc:Vpc::main", "aws:ec2/vpc:Vpc", "vpc-1", {"cidrBlock": "10.0.0.0/16"}))
    >>> world.find("aws:ec2/vpc:Vpc", id="vpc-1")["cidrBlock"]
    '10.0.0.0/16'
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_token: dict[str, dict[str, Existing]] = {}
        self._by_urn: dict[str, dict[tuple[str, str], Existing]] = {}
        self._planned: dict[str, dict[str, Existing]] = {}

    def learn(self, resource: Existing) -> None:
        """Records that a resource exists, or its newest state."""
        with self._lock:
            self._planned.get(resource.token, {}).pop(resource.urn, None)
            self._by_token.setdefault(resource.token, {})[resource.id] = resource
            self._by_urn.setdefault(resource.urn, {})[resource.token, resource.id] = resource

    def plan(self, resource: Existing) -> None:
        """Records what a preview would create: it has no id, but its known names may be referred to."""
        with self._lock:
            self._planned.setdefault(resource.token, {})[resource.urn] = resource

    def forget(self, token: str, identity: str) -> None:
        """Records that a resource is gone; forgetting twice is no error."""
        with self._lock:
            gone = self._by_token.get(token, {}).pop(identity, None)
            if gone is not None:
                self._by_urn[gone.urn].pop((token, identity), None)

    def all(self, token: str) -> list[Existing]:
        """Everything of one type that exists or is planned, in the order it was learned."""
        with self._lock:
            return [*self._by_token.get(token, {}).values(), *self._planned.get(token, {}).values()]

    def find(self, token: str, **wanted: Any) -> Existing | None:
        """The first resource of the type whose state (or `id`) equals every wanted value, or None."""
        if set(wanted) == {"id"}:
            with self._lock:
                return self._by_token.get(token, {}).get(wanted["id"])
        return next((r for r in self.all(token) if all(r[key] == value for key, value in wanted.items())), None)

    def may_have(self, token: str, key: str, value: Any) -> bool:
        """Whether a resource of the type has that property, or a planned one may turn out to have it; an id is never foreseen."""
        if key == "id":
            return self.find(token, id=value) is not None
        return any(known[key] in (value, UNKNOWN) for known in self.all(token))

    def of_urn(self, urn: str) -> list[Existing]:
        """The living resources of a URN (planned ones are not): none, one, or two while a replacement is under way; the youngest last."""
        with self._lock:
            return list(self._by_urn.get(urn, {}).values())
