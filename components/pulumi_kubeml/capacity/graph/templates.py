"""Every pod template of a graph, whatever kind carries it: the rows of `data/pod_kinds.csv`.

A row says where a kind keeps a template (`path`; `*` stands for each key or index, `a|b` for the first that is there),
what stands there (`holds`: a pod template, a pod spec, or a lone container; `partial` when something else completes it), how
many pods it makes (`replicas`: paths multiplied, `-1` less one; `node`: one a node; `none`: it runs nothing by itself), and the most
an autoscaler of its own may make (`most`, when `when` is true).
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.values import dig, entries, is_unknown, join

TRAINER_RESOURCES = "resourcesPerNode"
"""What a TrainJob calls the resources of its trainer."""

_LISTS = (("containers", False), ("initContainers", True), ("ephemeralContainers", False))


class Row(NamedTuple):
    """One place where a kind keeps pods."""

    group: str
    kind: str
    role: str
    path: str
    holds: str
    partial: str
    replicas: str
    most: str
    when: str
    source: str
    date: str


class _Place(NamedTuple):
    """Where a path led: what stands there, the keys that the stars stood for, and the name of the last of them."""

    path: str
    value: Any
    stars: tuple[str | int, ...]
    role: str


@dataclass(frozen=True)
class Container:
    """A container with the path of its place; `partial` when what it does not say comes from elsewhere."""

    path: str
    values: Any
    init: bool = False
    partial: bool = False
    resources: str = "resources"
    """What its kind calls the resources of a container."""

    @property
    def name(self) -> str:
        """Its name as it can be shown, the last part of its path when it has none or an unknown one."""
        named = dig(self.values, "name")
        return named if isinstance(named, str) else self.path.rpartition(".")[2]


@dataclass(frozen=True)
class Template:
    """A pod template in its place: the pod spec's `path`, the viewed `spec` and `metadata`, and the row it was found by."""

    resource: Resource
    row: Row
    path: str
    spec: Any
    metadata: Any
    role: str
    stars: tuple[str | int, ...]
    again: bool = False
    """The same place serves another role too, and was yielded for that one already."""

    @property
    def partial(self) -> bool:
        """Whether others complete it, so that what is absent here may be given there."""
        return bool(self.row.partial) or bool(self.resource.kind and self.resource.kind.patch)

    @property
    def containers(self) -> Iterator[Container]:
        """Every container, init and ephemeral ones included; an unknown list is one unknown container."""
        if self.row.holds == "container":
            yield Container(self.path, _trainer(self.spec), partial=True, resources=TRAINER_RESOURCES)
            return
        if is_unknown(self.spec):
            yield Container(self.path, self.spec, partial=self.partial)
            return
        for key, init in _LISTS:
            for _, path, values in entries(dig(self.spec, key), join(self.path, key)):
                yield Container(path, values, init, self.partial)
        model = dig(self.spec, "model")
        if self.row.holds == "spec" and model is not None:
            yield Container(join(self.path, "model"), model, partial=True)


def templates(resource: Resource) -> Iterator[Template]:
    """Yield every pod template of one resource, none for a kind that has none."""
    kind = resource.kind
    if kind is None:
        return
    seen: set[str] = set()
    for row in table().get((kind.group, kind.kind), ()):
        for alternative in row.path.split("|"):
            found = _walk(resource.properties, alternative)
            for place in found:
                yield from _template(resource, row, place, seen)
            if found:
                break


def all_templates(resources: Iterable[Resource]) -> Iterator[Template]:
    """Yield every pod template of some resources."""
    for resource in resources:
        yield from templates(resource)


@cache
def table() -> dict[tuple[str, str], tuple[Row, ...]]:
    """Make the rows by group and kind."""
    text = (files("pulumi_kubeml.capacity") / "data" / "pod_kinds.csv").read_text(encoding="utf-8")
    found: dict[tuple[str, str], tuple[Row, ...]] = {}
    for line in list(csv.reader(text.splitlines()))[1:]:
        row = Row(*line)
        found[row.group, row.kind] = (*found.get((row.group, row.kind), ()), row)
    return found


def _template(resource: Resource, row: Row, place: _Place, seen: set[str]) -> Iterator[Template]:
    if row.holds == "template":
        path, spec, metadata = join(place.path, "spec"), dig(place.value, "spec"), dig(place.value, "metadata")
    else:
        path, spec, metadata = place.path, place.value, None
    if spec is None:
        return
    role = place.role if row.role == "*" else row.role
    yield Template(resource, row, path, spec, metadata, role, place.stars, path in seen)
    seen.add(path)


def _walk(value: Any, path: str) -> list[_Place]:
    """Make every place that a path of a row leads to."""
    found = [_Place("", value, (), "")]
    for step in path.split(".") if path else ():
        below: list[_Place] = []
        for at in found:
            if step == "*":
                below += [
                    _Place(inner, item, (*at.stars, key), _called(key, item))
                    for key, inner, item in entries(at.value, at.path)
                ]
            elif (item := dig(at.value, step)) is not None:
                below.append(at._replace(path=at.path if is_unknown(at.value) else join(at.path, step), value=item))
        found = below
    return found


def _called(key: str | int, item: Any) -> str:
    """Make the name of an entry: its key in a map; in a list its own name, else its index."""
    if isinstance(key, str):
        return key
    named = None if is_unknown(item) else (dig(item, "name") or dig(item, "groupName"))
    return named if isinstance(named, str) else str(key)


def _trainer(values: Any) -> Any:
    """Make a container of a TrainJob's trainer."""
    if not isinstance(values, dict) or TRAINER_RESOURCES not in values:
        return values
    return {**values, "resources": values[TRAINER_RESOURCES]}
