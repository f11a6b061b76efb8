"""From plain values to specs: keys, types and choices, every error with its path, in words that say what is allowed.

A value that is wrong is put aside and the rest is read again, so that one error does not hide another: `read` gives the spec
as far as it could be read, and notes what could not.
"""

import copy
import dataclasses
import json
from collections.abc import Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from pulumi_kubeml.names import camel
from pulumi_kubeml.nodes import sharing
from pulumi_kubeml.nodes.capacity import KINDS, read_capacity
from pulumi_kubeml.problems import Problems, join, listed, suggestion

T = TypeVar("T")
Path = tuple[str | int, ...]

MISSING = "missing, but needed"

_NEEDED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "bool_type": "true or false",
    "dict_type": "a map",
    "mapping_type": "a map",
    "list_type": "a list",
    "tuple_type": "a list",
    "dataclass_type": "a map",
    "dataclass_exact_type": "a map",
}


def read(kind: type[T], value: object, problems: Problems) -> T | None:
    """Make a spec of a value; None when what it needs most is missing. What is wrong is noted.

    >>> from pulumi_kubeml.tenancy import TeamSpec
    >>> problems = Problems("teams[0]")
    >>> read(TeamSpec, {"name": "vision", "servingGpus": {"l4": "2"}, "menbers": ["ml"]}, problems).name
    'vision'
    >>> for problem in sorted(problems, key=str):
    ...     print(problem)
    teams[0].menbers  unknown key; did you mean members?
    teams[0].servingGpus.l4  "2", but a whole number is needed
    """
    left = copy.deepcopy(value)
    _ladder(left, problems)
    _sharing(left, problems)
    first = True
    while True:
        try:
            return _adapter(kind).validate_json(json.dumps(left), strict=True)
        except ValidationError as error:
            wrong = _collect(kind, left, error.errors(include_url=False))
        if first:  # what is wrong afterwards follows from what was put aside
            for path, message in wrong.items():
                problems.add(_text(path), message)
        first = False
        before = copy.deepcopy(left)
        missing = {path for path, message in wrong.items() if message == MISSING}
        filled = {path for path in missing if _fill(left, path, _plain(_type_at(kind, path)))}
        aside = {*(wrong.keys() - missing), *(path[:-1] for path in missing - filled)}
        left = _without(left, aside)
        if () in aside or left == before:
            return None


@cache
def _adapter(kind: type[T]) -> TypeAdapter[T]:
    return TypeAdapter(kind)


def _ladder(value: object, problems: Problems) -> None:
    """Bring the rungs of a node pool into their long form ("spot" becomes {kind: spot}), and put aside those that are none."""
    if not isinstance(value, dict) or not isinstance(value.get("capacity"), list):
        return
    rungs: list[object] = []
    for index, rung in enumerate(value["capacity"]):
        at = problems.under(f"capacity[{index}]")
        if isinstance(rung, str):
            try:
                made = read_capacity(rung)
            except ValueError as error:
                at.add("", str(error))
            else:
                rungs.append({key: each for key, each in dataclasses.asdict(made).items() if each is not None})
        elif not isinstance(rung, dict) or rung.get("kind") not in list(KINDS):
            short = listed(f"{kind}:ID" if named else kind for kind, named in rungs_named().items())
            at.add("", f"{show(rung)} is not a way to buy nodes; allowed: {short}, or a map with a kind of these")
        else:
            known = [each.name for each in dataclasses.fields(KINDS[rung["kind"]])]
            for key in [key for key in rung if key not in known]:
                at.add(key, "unknown key" + (suggestion(key, known) or f"; allowed: {listed(known)}"))
            if "id" in known and not isinstance(rung.get("id"), str):
                at.add(
                    "id",
                    "missing: the reservation's id"
                    if "id" not in rung
                    else f"{show(rung['id'])}, but a text is needed",
                )
            else:
                rungs.append({key: each for key, each in rung.items() if key in known})
    value["capacity"] = rungs
    if not rungs:
        del value["capacity"]


def _sharing(value: object, problems: Problems) -> None:
    """Bring the sharing of a node pool into its long form, and put it aside where it is none."""
    if not isinstance(value, dict) or value.get("sharing") is None:
        return
    given, at = value.pop("sharing"), problems.under("sharing")
    if isinstance(given, str):
        try:
            value["sharing"] = dataclasses.asdict(sharing.read_sharing(given))
        except ValueError as error:
            at.add("", str(error))
        return
    kind = given.get("kind") if isinstance(given, dict) else None
    if not isinstance(kind, str) or kind not in sharing.KINDS:
        kinds = listed(sharing.KINDS)
        at.add(
            "",
            f"{show(given)} is not a way to share devices; allowed: {sharing.SHORT}, or a map with a kind of {kinds}",
        )
        return
    before = len(at)
    made = read(sharing.KINDS[kind], given, at)
    if made is not None and len(at) == before:
        value["sharing"] = dataclasses.asdict(made)


def rungs_named() -> dict[str, bool]:
    """Make the kinds of rungs of a capacity ladder, and whether each needs the id of what was reserved.

    >>> rungs_named()["spot"], rungs_named()["reservation"]
    (False, True)
    """
    return {kind: any(each.name == "id" for each in dataclasses.fields(rung)) for kind, rung in KINDS.items()}


def _collect(kind: type[Any], value: object, errors: Sequence[ErrorDetails]) -> dict[Path, str]:
    wanted: dict[Path, list[str]] = {}
    found: dict[Path, str] = {}
    for error in errors:
        path = _real(value, error["loc"])
        if error["type"] == "missing":
            found[path] = MISSING
        elif error["type"] == "unexpected_keyword_argument":
            known = keys_at(kind, path[:-1])
            found[path] = "unknown key" + (suggestion(path[-1], known) or f"; allowed: {listed(known)}")
        elif error["type"] == "literal_error":
            choices = [str(choice) for choice in get_args(_type_at(kind, path))]
            found[path] = f"{show(error['input'])} is not allowed; allowed: {listed(choices)}" + suggestion(
                error["input"], choices
            )
        else:
            wanted.setdefault(path, []).append(_NEEDED.get(error["type"], error["msg"]))
            needed = " or ".join(dict.fromkeys(wanted[path]))
            found[path] = f"{show(error['input'])}, but {needed} is needed" + _quote(error["input"], needed)
    return found


def _quote(value: object, needed: str) -> str:
    return "; put it in quotes" if needed == "a text" and isinstance(value, int | float) else ""


def _real(value: object, location: Sequence[str | int]) -> Path:
    """The part of a location that is in the value: the rest names the choices of a union. A missing or unknown key may end it."""
    path: list[str | int] = []
    for step in location:
        if isinstance(value, dict) and isinstance(step, str):
            path.append(step)
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            path.append(step)
            value = value[step]
    return tuple(path)


def _without(value: Any, aside: set[Path], at: Path = ()) -> Any:
    """A value without what these paths lead to."""
    if isinstance(value, dict):
        return {key: _without(each, aside, (*at, key)) for key, each in value.items() if (*at, key) not in aside}
    if isinstance(value, list):
        steps = enumerate(value)
        return [_without(each, aside, (*at, index)) for index, each in steps if (*at, index) not in aside]
    return value


def _fill(value: Any, path: Path, kind: Any) -> bool:
    """Put the emptiest value of a type where one is missing, so that the rest can be read; whether there is such a value."""
    origin = get_origin(kind) or kind
    empty: dict[Any, object] = {str: "", int: 0, bool: False, Sequence: [], Mapping: {}}
    if origin not in empty:
        return False
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = empty[origin]
    return True


def keys_at(kind: Any, path: Path) -> list[str]:
    """Make the keys that a map at a path may have, as they are written in a stack file.

    >>> from pulumi_kubeml.serving import ModelServerSpec
    >>> keys_at(ModelServerSpec, ("claims", 0))
    ['name', 'path', 'size', 'purpose', 'readOnly']
    """
    at = _type_at(kind, path)
    return [camel(each.name) for each in dataclasses.fields(at) if each.init] if dataclasses.is_dataclass(at) else []


def _type_at(kind: Any, path: Path) -> Any:
    for step in path:
        kind = _step(kind, step)
    return _plain(kind)


def _step(kind: Any, step: str | int) -> Any:
    kind = _plain(kind)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return next((hints[each.name] for each in dataclasses.fields(kind) if camel(each.name) == step), None)
    arguments = get_args(kind)
    return arguments[-1] if arguments and get_origin(kind) is not Literal else None


def _plain(kind: Any) -> Any:
    """A type without its None."""
    if get_origin(kind) in {Union, UnionType}:
        others = [each for each in get_args(kind) if each is not type(None)]
        return others[0] if len(others) == 1 else kind
    return kind


def _text(path: Path) -> str:
    text = ""
    for step in path:
        text = join(text, step)
    return text


def show(value: object) -> str:
    """Make a value as a message shows it, short.

    >>> show("l5"), show(3), show([1, 2]), show(None)
    ('"l5"', '3', 'a list', 'nothing')
    """
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 60 else f'"{value[:57]}..."'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a map"
    if isinstance(value, Sequence):
        return "a list"
    return "nothing" if value is None else str(value)
