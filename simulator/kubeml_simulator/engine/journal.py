"""Keeps what exists during a run: the old resources not yet dealt with, and the new ones in the order they were made."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kubeml_simulator.engine.events import Resource
from kubeml_simulator.engine.urns import split_reference


@dataclass(slots=True)
class Journal:
    """The state while it changes; `resources()` is readable at every moment.

    `olds` come from the last state, in its order. A new resource takes the place of its old one; a replaced one stays as an
    old one with `delete` until it is deleted.
    """

    olds: list[Resource] = field(default_factory=list[Resource])
    news: dict[str, Resource] = field(default_factory=dict[str, Resource])
    pending: dict[str, Resource] = field(default_factory=dict[str, Resource])
    renamed: dict[str, str] = field(default_factory=dict[str, str])
    _by_urn: dict[str, Resource] = field(default_factory=dict[str, Resource], init=False)
    _gone: set[int] = field(default_factory=set[int], init=False)

    def __post_init__(self) -> None:
        self._by_urn = {old["urn"]: old for old in self.olds if not old.get("delete")}

    def old(self, urn: str) -> Resource | None:
        """The resource as the last state had it, unless it was already on its way out."""
        return self._by_urn.get(urn)

    def remaining(self) -> Iterator[Resource]:
        """The old resources that nothing took the place of, last first."""
        return (old for old in reversed(self.olds) if id(old) not in self._gone)

    def record(self, new: Resource, old: Resource | None = None) -> None:
        """A new resource exists; it takes the place of the old one, if there is one."""
        self.news[new["urn"]] = new
        if old is not None:
            self._gone.add(id(old))

    def retire(self, old: Resource) -> None:
        """An old resource is gone."""
        self._gone.add(id(old))

    def resources(self) -> list[Resource]:
        """What exists now: the new ones, then the old ones that are left, every reference by its present name."""
        left = [old for old in self.olds if id(old) not in self._gone]
        found = [*self.news.values(), *left]
        return [self._present(item) for item in found] if self.renamed else found

    def _present(self, resource: Resource) -> Resource:
        def name(urn: str) -> str:
            return self.renamed.get(urn, urn)

        made: Resource = dict(resource)
        for key in ("parent", "deletedWith"):
            if key in made:
                made[key] = name(made[key])
        for key in ("dependencies", "replaceWith"):
            if key in made:
                made[key] = [name(urn) for urn in made[key]]
        if "propertyDependencies" in made:
            by_property: dict[str, list[str]] = made["propertyDependencies"]
            made["propertyDependencies"] = {key: [name(urn) for urn in urns] for key, urns in by_property.items()}
        if made.get("provider"):
            urn, id_ = split_reference(made["provider"])
            made["provider"] = f"{name(urn)}::{id_}"
        return made


def needs(resource: Resource) -> set[str]:
    """The URNs that a resource needs: parent, dependencies, provider, and what it is deleted with.

    >>> sorted(needs({"parent": "p", "dependencies": ["a"], "propertyDependencies": {"x": ["b"]}}))
    ['a', 'b', 'p']
    """
    found: set[str] = set(resource.get("dependencies", ()))
    by_property: dict[str, list[str]] = resource.get("propertyDependencies") or {}
    for urns in by_property.values():
        found.update(urns)
    found |= {resource[key] for key in ("parent", "deletedWith") if resource.get(key)}
    found.update(resource.get("replaceWith", ()))
    if resource.get("provider"):
        found.add(split_reference(resource["provider"])[0])
    return found


def dependents(resources: Iterable[Resource], root: str) -> list[Resource]:
    """Makes the list of resources that need the root, directly or not, in the order given (a state's own order)."""
    reached, found = {root}, list[Any]()
    for resource in resources:
        if resource["urn"] not in reached and needs(resource) & reached:
            reached.add(resource["urn"])
            found.append(resource)
    return found
