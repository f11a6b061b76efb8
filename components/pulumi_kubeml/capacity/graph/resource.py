"""One resource of a graph, ready to read: its properties viewed once, its Kubernetes kind told from its type token."""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from pulumi_kubeml.capacity.graph.values import Unknown, dig, is_unknown, view


class Kind(NamedTuple):
    """A Kubernetes kind; `patch` when the resource sets only some fields of an object that others own."""

    group: str
    kind: str
    patch: bool = False


@lru_cache(maxsize=4096)
def kind_of(token: str) -> Kind | None:
    """Make the Kubernetes kind of a type token, None for any other; a custom resource's token has the same form.

    >>> kind_of("kubernetes:apps/v1:Deployment"), kind_of("kubernetes:core/v1:NamespacePatch")
    (Kind(group='apps', kind='Deployment', patch=False), Kind(group='', kind='Namespace', patch=True))
    >>> kind_of("aws:eks/cluster:Cluster") is None
    True
    """
    package, _, rest = token.partition(":")
    version, _, kind = rest.rpartition(":")
    if package != "kubernetes" or not version:
        return None
    group = version.rpartition("/")[0]
    bare = kind.removesuffix("Patch")
    return Kind("" if group == "core" else group, bare, patch=bare != kind)


class Resource:
    """A resource in the exchange format, with what readers ask of it.

    `properties` are the inputs, completed by outputs where an input is absent or not known; secrets are opened in
    memory, unknowns are `Unknown` values.
    """

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self.urn: str = raw.get("urn") or ""
        self.type: str = raw.get("type") or ""
        self.kind = kind_of(self.type)

    def __repr__(self) -> str:
        return f"Resource({self.urn!r})"

    @property
    def name(self) -> str:
        """The name the program gave it: the last part of its URN."""
        return self.urn.rpartition("::")[2]

    @property
    def position(self) -> str:
        """Where the program made it, as Pulumi writes it; empty when that is not recorded."""
        return self.raw.get("sourcePosition") or ""

    @cached_property
    def properties(self) -> dict[str, Any]:
        """Inputs over outputs, viewed."""
        inputs = view(self.raw.get("inputs"))
        outputs = self.raw.get("outputs")
        if is_unknown(inputs) or not isinstance(inputs, dict):
            inputs = {}
        if not outputs:
            return inputs
        outputs = view(outputs)
        if is_unknown(outputs) or not isinstance(outputs, dict):
            return inputs
        return {
            **outputs,
            **{key: value for key, value in inputs.items() if key not in outputs or not is_unknown(value)},
        }

    @property
    def object_name(self) -> str | Unknown:
        """`metadata.name` of a Kubernetes object, else the resource's name; it may be unknown."""
        named = dig(self.properties, "metadata", "name")
        return self.name if named is None else named

    @property
    def parent(self) -> str:
        """The URN of the component it belongs to, empty at the root."""
        return self.raw.get("parent") or ""

    @property
    def provider(self) -> str:
        """The URN of its provider, empty for a component."""
        return (self.raw.get("provider") or "").rpartition("::")[0]

    def dependencies(self, name: str) -> tuple[str, ...]:
        """Make the URNs that one property depends on."""
        return tuple(sorted((self.raw.get("propertyDependencies") or {}).get(name) or ()))
