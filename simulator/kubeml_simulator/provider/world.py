"""What exists: the resources that a simulated provider has created, read, or been told about.

Nothing is kept in a file. A `Diff` carries the old state and the id of a resource, so an unchanged stack teaches a fresh provider its
world again, in the order of the program, before anything refers to it.
"""

import threading
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .values import UNKNOWN, reveal


@dataclass(frozen=True)
class Existing:
    """One resource that exists: who made it, its type, its id and its state (inputs and outputs in one, secrets revealed).

    What a preview would create has the unknown for an id.
    """

    urn: str
    token: str
    id: str
    state: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        """A property by its name or dotted path; None where there is none, the unknown where what it lies in is not known yet."""
        if key == "id":
            return self.id
        value: Any = self.state
        for step in key.split("."):
            value = value.get(step) if isinstance(value, Mapping) else UNKNOWN if value == UNKNOWN else None
        return value


Slot = tuple[str, str]  # an id and a URN: what is planned differs by its URN only
Found = dict[Slot, Existing]


class World:
    """The resources that exist, by type and id; safe to use from several threads.

    What has been asked for by a property once is kept by that property from then on, so that looking up stays quick in a large world.

    >>> world = World()
    >>> world.learn(Existing("urn:pulumi:dev::p::aws:ec2/vpc:Vpc::main", "aws:ec2/vpc:Vpc", "vpc-1", {"cidrBlock": "10.0.0.0/16"}))
    >>> world.find("aws:ec2/vpc:Vpc", id="vpc-1")["cidrBlock"]
    '10.0.0.0/16'
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._by_token: dict[str, Found] = {}
        self._by_urn: dict[str, Found] = {}
        self._by_value: dict[str, dict[str, dict[Hashable, Found]]] = {}

    def learn(self, resource: Existing) -> None:
        """Records that a resource exists, or its newest state; what was planned under its URN is planned no more."""
        with self._lock:
            self._drop(resource.token, (UNKNOWN, resource.urn))
            self._put(resource)

    def learn_graph(self, resources: Iterable[Mapping[str, Any]]) -> None:
        """Records the custom resources of a graph or a state, in Pulumi's deployment format: what another stack has in the same account."""
        for resource in resources:
            if resource.get("custom") and resource.get("id") not in (None, "", UNKNOWN):
                state = reveal({**resource.get("inputs", {}), **resource.get("outputs", {})})
                self.learn(Existing(resource["urn"], resource["type"], resource["id"], state))

    def plan(self, resource: Existing) -> None:
        """Records what a preview would create: it has no id, but its known names may be referred to."""
        with self._lock:
            self._put(Existing(resource.urn, resource.token, UNKNOWN, resource.state))

    def forget(self, token: str, identity: str) -> None:
        """Records that a resource is gone; forgetting twice is no error."""
        with self._lock:
            for resource in self._having(token, "id", identity):
                self._drop(token, (identity, resource.urn))

    def all(self, token: str) -> list[Existing]:
        """Everything of one type that exists or is planned, in the order it was learned."""
        with self._lock:
            return list(self._by_token.get(token, {}).values())

    def having(self, token: str, key: str, value: Any) -> list[Existing]:
        """Everything of one type with that value of a property (a name, a dotted path, or `id`)."""
        with self._lock:
            return self._having(token, key, value)

    def find(self, token: str, **wanted: Any) -> Existing | None:
        """The first resource of the type whose properties (or `id`) equal every wanted value, or None."""
        (key, value), *more = wanted.items()
        found = self.having(token, key, value)
        return next((resource for resource in found if all(resource[k] == v for k, v in more)), None)

    def may_have(self, token: str, key: str, value: Any) -> bool:
        """Whether a resource of the type has that property, or a planned one may turn out to have it; an id is never foreseen."""
        return bool(self.having(token, key, value) or (key != "id" and self.having(token, key, UNKNOWN)))

    def of_urn(self, urn: str) -> list[Existing]:
        """The living resources of a URN (planned ones are not): none, one, or two while a replacement is under way; the youngest last."""
        with self._lock:
            return [resource for resource in self._by_urn.get(urn, {}).values() if resource.id != UNKNOWN]

    def _having(self, token: str, key: str, value: Any) -> list[Existing]:
        if value is None:
            return []
        kept = self._by_value.setdefault(token, {})
        if key not in kept:
            kept[key] = {}
            for slot, resource in self._by_token.get(token, {}).items():
                kept[key].setdefault(_hashable(resource[key]), {})[slot] = resource
        return list(kept[key].get(_hashable(value), {}).values())

    def _put(self, resource: Existing) -> None:
        slot = (resource.id, resource.urn)
        known = self._by_token.setdefault(resource.token, {})
        before = known.get(slot)
        known[slot] = self._by_urn.setdefault(resource.urn, {})[slot] = resource
        for key, values in self._by_value.get(resource.token, {}).items():
            if before is not None:
                values[_hashable(before[key])].pop(slot, None)
            values.setdefault(_hashable(resource[key]), {})[slot] = resource

    def _drop(self, token: str, slot: Slot) -> None:
        gone = self._by_token.get(token, {}).pop(slot, None)
        if gone is None:
            return
        self._by_urn[gone.urn].pop(slot, None)
        for key, values in self._by_value.get(token, {}).items():
            values[_hashable(gone[key])].pop(slot, None)


def _hashable(value: Any) -> Hashable:
    return value if isinstance(value, Hashable) else repr(value)
