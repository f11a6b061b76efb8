"""Reads YAML the way Pulumi does: `yes` and dates are text, a key given twice is an error, and errors have a line."""

import re
from pathlib import Path
from typing import Any

import yaml

from kubeml_simulator.engine.events import Problem, ProjectError


class _Loader(yaml.SafeLoader):
    """YAML 1.2's idea of what is a boolean and a number."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("int", r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), [*_first, *([""] if _tag == "null" else [])]
    )
_Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile("^(?:<<)$"), ["<"])


def _int(_loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = node.value
    return int(text, 0) if text[:2] in ("0x", "0o") else int(text)


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[str, int] = {}
    for key, _ in node.value:
        name = str(key.value)
        if name in seen and name != "<<":
            raise yaml.MarkedYAMLError(
                problem=f'"{name}" is given twice, first in line {seen[name]}', problem_mark=key.start_mark
            )
        seen[name] = key.start_mark.line + 1
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:int", _int)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read(path: Path, shown: str) -> dict[str, Any]:
    """Reads a mapping of a file; an empty file is an empty one. `shown` names the file in errors.

    Raises ProjectError.
    """
    try:
        found = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader's descendant
    except yaml.MarkedYAMLError as error:
        line = f" line {error.problem_mark.line + 1}:" if error.problem_mark else ""
        raise ProjectError([Problem(shown, f"{line} {error.problem}".strip())]) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ProjectError([Problem(shown, f"cannot be read: {error}")]) from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ProjectError([Problem(shown, f"is {_kind(found)}, it must be a mapping")])
    return found


def _kind(value: Any) -> str:
    return {list: "a list", str: "text", bool: "a boolean", int: "a number", float: "a number"}.get(
        type(value), "no mapping"
    )


def kind(value: Any) -> str:
    """The kind of a YAML value, in words.

    >>> kind([1])
    'a list'
    """
    return "a mapping" if isinstance(value, dict) else "nothing" if value is None else _kind(value)
