"""Reads the generated source of an installed Pulumi SDK, without importing it.

Importing `pulumi_aws.ec2` alone costs more than a second; its source has one regular form, of which only the classes in use are cut
out. A test compares what is read here with what Pulumi's own introspection says of the imported classes.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

CLASS = re.compile(r"^class (\w+)[(:]", re.MULTILINE)
INIT = re.compile(r"def __init__\(__self__, \*,\n(.*?)\):\n", re.DOTALL)
ARGUMENT = re.compile(r"^\s*(\w+): (.*?)( = None)?,?$")
GETTER = re.compile(
    r'@pulumi\.getter(?:\(name="([^"]+)"\))?\n'
    r'(?:    @_utilities\.deprecated\("""(?s:.*?)"""\)\n)?'
    r"    def (\w+)\(self\) -> (.*):"
)
SIBLING = re.compile(r"^from (\.+) import (\w+) as (\w+)$", re.MULTILINE)
MEMBER = re.compile(r'^    \w+ = "(.*)"$', re.MULTILINE)
SCALARS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}


@dataclass(frozen=True)
class Type:
    """A property's type: `string`, `integer`, `number`, `boolean`, `any`, `list` or `map` of an item, `union` of options, `object`.

    A string of an enum class has the class as its source.
    """

    kind: str
    item: "Type | None" = None
    options: tuple["Type", ...] = ()
    source: "Source | None" = None
    name: str = ""

    @property
    def properties(self) -> Mapping[str, "Property"]:
        """The properties of an object type, by wire name; empty for any other."""
        return self.source.inputs(self.name) if self.source and self.kind == "object" else {}

    @property
    def values(self) -> tuple[str, ...]:
        """The values of the enum class that a string is of; empty where there is none."""
        return self.source.members(self.name) if self.source and self.kind == "string" else ()


ANY = Type("any")


@dataclass(frozen=True)
class Property:
    """A property of an input class: its type and whether the class requires it."""

    type: Type
    required: bool = False


class Source:
    """One generated module of an SDK; two are equal when they stand for the same file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def text(self) -> str:
        """The whole module."""
        return self.path.read_text(encoding="utf-8") if self.path.is_file() else ""

    @cached_property
    def _spans(self) -> dict[str, tuple[int, int]]:
        found = list(CLASS.finditer(self.text))
        ends = [match.start() for match in found[1:]] + [len(self.text)]
        return {match[1]: (match.start(), end) for match, end in zip(found, ends, strict=False)}

    def has(self, name: str) -> bool:
        """Whether the module defines the class."""
        return name in self._spans

    def body(self, name: str) -> str:
        """The source of one class."""
        start, end = self._spans[name]
        return self.text[start:end]

    @cache  # noqa: B019 (sources live as long as the process)
    def inputs(self, name: str) -> Mapping[str, Property]:
        """The properties of an input class by their wire names."""
        body = self.body(name)
        wire = {python: given or python for given, python, _ in GETTER.findall(body)}
        signature = INIT.search(body)
        lines = signature[1].splitlines() if signature else []
        arguments = [match.groups() for line in lines if (match := ARGUMENT.match(line))]
        return {
            wire[python]: Property(self.type(annotation), required=not default)
            for python, annotation, default in arguments
            if python in wire
        }

    @cache  # noqa: B019
    def members(self, name: str) -> tuple[str, ...]:
        """The values of an enum class, in its order."""
        return tuple(MEMBER.findall(self.body(name)))

    @cache  # noqa: B019
    def outputs(self, name: str) -> frozenset[str]:
        """The wire names of everything a resource class gives back."""
        return frozenset(given or python for given, python, _ in GETTER.findall(self.body(name)))

    @cache  # noqa: B019
    def type(self, annotation: str) -> Type:
        """The type that an annotation stands for."""
        return self._type(ast.parse(annotation, mode="eval").body)

    def _type(self, node: ast.expr) -> Type:
        match node:
            case ast.Subscript(value=head, slice=inner):
                return self._generic(ast.unparse(head).rsplit(".", 1)[-1], inner)
            case ast.Constant(value=str(name)):
                return self._named(name)
            case _:
                return Type(SCALARS.get(ast.unparse(node).rsplit(".", 1)[-1], "any"))

    def _generic(self, head: str, inner: ast.expr) -> Type:
        arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        match head:
            case "Input" | "Optional" | "Output":
                return self._type(arguments[0])
            case "Sequence" | "List":
                return Type("list", self._type(arguments[0]))
            case "Mapping" | "Dict":
                return Type("map", self._type(arguments[1]))
            case "Union":
                options = tuple(dict.fromkeys(self._type(argument) for argument in arguments))
                named = [option for option in options if option.values]
                if named and {option.kind for option in options} == {"string"}:
                    return named[0]
                return options[0] if len(options) == 1 else Type("union", options=options)
            case "Literal":
                return Type("string")
            case _:
                return ANY

    def _named(self, name: str) -> Type:
        *package, simple = name.split(".")
        folder = self.path.parent
        if package:
            dots = {alias: (len(level), module) for level, module, alias in SIBLING.findall(self.text)}
            if package[0] in dots:
                level, module = dots[package[0]]
                package[0] = module
                for _ in range(level - 1):
                    folder = folder.parent
            folder = folder.joinpath(*package)
        inputs = source(folder / "_inputs.py")
        if inputs.has(simple):
            return Type("object", source=inputs, name=simple)
        enums = source(folder / "_enums.py")
        return Type("string", source=enums, name=simple) if enums.has(simple) else ANY


@cache
def source(path: Path) -> Source:
    """The one reader of a file."""
    return Source(path)
