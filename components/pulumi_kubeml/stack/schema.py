"""The JSON schema of stack files, made from the specs: `python -m pulumi_kubeml.stack.schema` writes `stacks/schema.json`.

An editor that reads it completes keys and marks mistakes; the first line of a stack file names it
(`# yaml-language-server: $schema=schema.json`).
"""

import ast
import dataclasses
import inspect
import itertools
import json
import sys
from pathlib import Path
from typing import Any, get_args

from pydantic import TypeAdapter

from pulumi_kubeml.addons import PlatformSpec
from pulumi_kubeml.clusters.args import Environment
from pulumi_kubeml.names import camel
from pulumi_kubeml.nodes.sharing import PATTERN
from pulumi_kubeml.stack.kinds import KINDS, Kind
from pulumi_kubeml.stack.model import ELSEWHERE, KEYS, LISTS, NAMESPACE, REQUIRED
from pulumi_kubeml.stack.shapes import rungs_named

FILE = Path("stacks") / "schema.json"


def schema() -> dict[str, Any]:
    """Make the schema of a stack file.

    >>> sorted(schema()["properties"]["config"]["required"])
    ['kubeml:cluster', 'kubeml:pools']
    """
    definitions: dict[str, Any] = {}
    parts: dict[str, Any] = {
        "environment": {"enum": list(get_args(Environment)), "default": "dev"},
        "cluster": {"oneOf": [_cluster(kind, definitions) for kind in KINDS.values()]},
        "platform": _part(PlatformSpec, definitions),
        **{key: {"type": "array", "items": _items(key, kind, definitions)} for key, kind in LISTS.items()},
    }
    properties = {f"{NAMESPACE}:{key}": parts[key] for key in KEYS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack of KubeML",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": properties,
                "required": [f"{NAMESPACE}:{key}" for key in REQUIRED],
                # Keys of providers (aws:region) are theirs; an unknown key of ours is a mistake.
                "patternProperties": {f"^(?!{NAMESPACE}:)": {}},
                "additionalProperties": False,
            }
        },
        "$defs": dict(sorted(definitions.items())),
    }


def text() -> str:
    """Make the file's content."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _part(kind: type[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    made = TypeAdapter(kind).json_schema(ref_template="#/$defs/{model}", mode="validation")
    definitions.update(made.pop("$defs", {}))
    capacity = made.get("properties", {}).get("capacity")
    if capacity:
        short = "|".join(f"{rung}:.+" if named else rung for rung, named in rungs_named().items())
        text = {"type": "string", "pattern": f"^({short})$"}
        capacity["items"] = {"anyOf": [text, *capacity["items"]["anyOf"]]}
        capacity.pop("default", None)
    shared = made.get("properties", {}).get("sharing")
    if shared:
        shared["anyOf"] = [{"type": "string", "pattern": PATTERN}, *shared["anyOf"]]
    return _documented(kind, made)


def _items(key: str, kind: type[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """What one item of a list is; a pool is what its kind of cluster says."""
    kinds = dict.fromkeys(each.pool for each in KINDS.values()) if key == "pools" else [kind]
    parts = [_part(each, definitions) for each in kinds]
    return parts[0] if len(parts) == 1 else {"anyOf": parts}


def _cluster(kind: Kind, definitions: dict[str, Any]) -> dict[str, Any]:
    made = _part(kind.args, definitions)
    elsewhere = [camel(key) for key in ELSEWHERE]
    own = {key: value for key, value in made["properties"].items() if key not in elsewhere}
    own.get("systemPool", {}).pop("default", None)
    required = [key for key in made["required"] if key not in elsewhere]
    return {**made, "properties": {"kind": {"const": kind.name}, **own}, "required": ["kind", *required]}


def _documented(kind: type[Any], made: dict[str, Any]) -> dict[str, Any]:
    """The schema of a spec with what its source says of it and of each of its fields."""
    made["description"] = (kind.__doc__ or "").partition("\n")[0]
    said = _sentences(kind)
    for each in dataclasses.fields(kind):
        field = made["properties"].get(camel(each.name), {})
        field.pop("title", None)
        if each.name in said:
            field["description"] = said[each.name]
    return made


def _sentences(kind: type[Any]) -> dict[str, str]:
    """The text below each field of a dataclass, and of those that it inherits from."""
    found: dict[str, str] = {}
    for each in (base for base in reversed(kind.__mro__) if dataclasses.is_dataclass(base)):
        (body,) = ast.parse(inspect.getsource(each)).body
        assert isinstance(body, ast.ClassDef)
        for field, text in itertools.pairwise(body.body):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                    found[name] = " ".join(said.split())
                case _:
                    continue
    return found


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FILE
    target.write_text(text(), encoding="utf-8")
    print(f"{target} written")
