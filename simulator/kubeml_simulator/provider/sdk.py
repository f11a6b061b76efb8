"""Names and types of every resource of an installed Pulumi SDK, and the check of inputs against them."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .failures import Failure
from .sdk_source import Property, Source, Type, source
from .values import SIGNATURE, UNKNOWN, join

REGISTRY = re.compile(r'resource_modules="""\s*(\[.*?\n\])\s*"""', re.DOTALL)
NOUN = {
    "string": "a string", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "list": "a list", "map": "a map", "object": "an object",
}  # fmt: skip


@dataclass(frozen=True)
class ResourceType:
    """One resource of the SDK: its input properties by wire name, and the names of all it gives back."""

    token: str
    inputs: Mapping[str, Property]
    outputs: frozenset[str]
    module: Source | None = None

    @property
    def text(self) -> str:
        """The source of the class, with what it documents."""
        return self.module.body(self.token.rsplit(":", 1)[-1]) if self.module else ""


class Schema:
    """The SDK of one package; only the modules of the types asked for are read.

    >>> aws = Schema.for_package("pulumi_aws")
    >>> aws.resource("aws:eks/nodeGroup:NodeGroup").inputs["clusterName"].required
    True
    >>> [failure.reason() for failure in aws.failures("aws:ec2/vpc:Vpc", {"cidrBlok": "10.0.0.0/16"})]
    ['unknown property; did you mean cidrBlock?']
    """

    def __init__(self, package: str) -> None:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"{package} is not installed: its resources cannot be checked")
        self.package = package
        self.folder = Path(spec.origin).parent

    @staticmethod
    @cache
    def for_package(package: str) -> "Schema":
        """The one schema of an installed package, for example `pulumi_aws`."""
        return Schema(package)

    @property
    def version(self) -> str:
        """The version of the installed SDK."""
        return version(self.package.replace("_", "-"))

    @cached_property
    def _classes(self) -> dict[str, tuple[str, str]]:
        registered = REGISTRY.search((self.folder / "__init__.py").read_text(encoding="utf-8"))
        modules = json.loads(registered[1]) if registered else []
        return {token: (module["fqn"], name) for module in modules for token, name in module["classes"].items()}

    @property
    def tokens(self) -> frozenset[str]:
        """Every resource type of the SDK."""
        return frozenset(self._classes)

    def resource(self, token: str) -> ResourceType | None:
        """The resource type of a token, or None when the SDK has none."""
        return self._resource(token)

    @cache  # noqa: B019 (one schema a package, as long as the process)
    def _resource(self, token: str) -> ResourceType | None:
        if token.startswith("pulumi:providers:"):
            return self._read(token, source(self.folder / "provider.py"), "Provider")
        if token not in self._classes:
            return None
        package, name = self._classes[token]
        folder = self.folder.joinpath(*package.split(".")[1:])
        module = next(
            (path for path in folder.glob("*.py") if path.stem.replace("_", "").lower() == name.lower()), None
        )
        return self._read(token, source(module), name) if module else None

    @staticmethod
    def _read(token: str, module: Source, name: str) -> ResourceType:
        arguments = f"{name}InitArgs" if module.has(f"{name}InitArgs") else f"{name}Args"
        inputs = module.inputs(arguments) if module.has(arguments) else {}
        return ResourceType(token, inputs, module.outputs(name), module)

    def failures(self, token: str, inputs: Mapping[str, Any]) -> list[Failure]:
        """Everything in the inputs that the SDK would not take: unknown names, wrong types, missing properties, at every depth."""
        resource = self.resource(token)
        if resource is None:
            near = difflib.get_close_matches(token, self.tokens, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            return [Failure("", why=f"{token} is no resource type of {self.package} {self.version}{hint}")]
        return list(object_failures(resource.inputs, inputs, ""))


def object_failures(properties: Mapping[str, Property], given: Mapping[str, Any], path: str) -> Iterator[Failure]:
    """What is wrong with the properties of one object; names that start with two underscores belong to Pulumi."""
    for name, value in given.items():
        if name.startswith("__"):
            continue
        if name in properties:
            yield from value_failures(properties[name].type, value, join(path, name))
        else:
            near = difflib.get_close_matches(name, properties, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(properties)) or 'none'}"
            yield Failure(join(path, name), why=f"unknown property; {hint}")
    for name, rule in properties.items():
        if rule.required and given.get(name) is None:
            yield Failure(join(path, name), why="missing required property", allowed=describe(rule.type))


def value_failures(kind: Type, value: Any, path: str) -> Iterator[Failure]:
    """What is wrong with one value; null, unknown values and assets fit any type."""
    if value is None or value == UNKNOWN or kind.kind == "any" or (isinstance(value, Mapping) and SIGNATURE in value):
        return
    if kind.kind == "union":
        found = [list(value_failures(option, value, path)) for option in kind.options]
        of_its_kind = [failures for failures in found if all(failure.path != path for failure in failures)]
        yield from min(of_its_kind, key=len, default=[_wrong_type(kind, value, path)])
    elif kind.kind == "list" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from value_failures(kind.item or Type("any"), item, join(path, index))
    elif kind.kind == "map" and isinstance(value, Mapping):
        for key, item in value.items():
            yield from value_failures(kind.item or Type("any"), item, join(path, key))
    elif kind.kind == "object" and isinstance(value, Mapping):
        yield from object_failures(kind.properties, value, path)
    elif not fits(kind.kind, value):
        yield _wrong_type(kind, value, path)


def enum_failures(properties: Mapping[str, Property], given: Mapping[str, Any], path: str = "") -> Iterator[Failure]:
    """Values that the enum classes of the SDK do not have, at every depth; unknown names and wrong types are said elsewhere."""
    for name, value in given.items():
        if name in properties:
            yield from _enum_failures(properties[name].type, value, join(path, name))


def _enum_failures(kind: Type, value: Any, path: str) -> Iterator[Failure]:
    if kind.kind == "list" and kind.item and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _enum_failures(kind.item, item, join(path, index))
    elif kind.kind == "map" and kind.item and isinstance(value, Mapping):
        for key, item in value.items():
            yield from _enum_failures(kind.item, item, join(path, key))
    elif kind.kind == "object" and isinstance(value, Mapping):
        yield from enum_failures(kind.properties, value, path)
    elif isinstance(value, str) and value != UNKNOWN and kind.values and value not in kind.values:
        yield Failure(path, value, allowed=", ".join(kind.values), why=f"no value of {kind.name}")


def fits(kind: str, value: Any) -> bool:
    """Whether a scalar fits a scalar type.

    Bridged providers turn booleans and whole numbers into strings without loss, so a string property takes them; a fraction is refused,
    since 1.30 would arrive as "1.3".

    >>> fits("string", 3), fits("string", 1.3), fits("integer", "3"), fits("integer", True)
    (True, False, False, False)
    """
    match kind:
        case "string":
            return isinstance(value, str | bool | int)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case _:
            return False


def _wrong_type(kind: Type, value: Any, path: str) -> Failure:
    return Failure(path, value, allowed=describe(kind), why="wrong type")


def describe(kind: Type) -> str:
    """A type in words.

    >>> describe(Type("list", Type("string")))
    'a list (each a string)'
    """
    if kind.kind == "union":
        return " or ".join(dict.fromkeys(describe(option) for option in kind.options))
    if kind.kind in {"list", "map"} and kind.item and kind.item.kind != "any":
        return f"{NOUN[kind.kind]} (each {describe(kind.item)})"
    if kind.kind == "object":
        return f"an object with {', '.join(kind.properties)}"
    return NOUN.get(kind.kind, "any value")
