"""Property values as a provider meets them: plain Python data with Pulumi's two markers in it.

An unknown is the string `UNKNOWN`; a secret is a dictionary with the signature `SIGNATURE: SECRET` around its value. Both may stand at
any depth. The names are those of Pulumi's deployment format, so that the same functions read requests, graphs and states.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from google.protobuf import struct_pb2

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (the marker of a secret, none itself)
STEP = re.compile(r'\[(\d+)\]|\["([^"]*)"\]|\.?([^.\[\]"]+)')


def plain(value: struct_pb2.Struct | struct_pb2.Value) -> Any:
    """The Python value of a protobuf value; whole numbers become `int`, a secret keeps its wrapper.

    >>> plain(struct({"size": 3.0, "tags": {"a": "b"}, "none": None})) == {"size": 3, "tags": {"a": "b"}, "none": None}
    True
    """
    if isinstance(value, struct_pb2.Struct):
        return {key: plain(item) for key, item in value.fields.items()}
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "struct_value":
            return {key: plain(item) for key, item in value.struct_value.fields.items()}
        case "list_value":
            return [plain(item) for item in value.list_value.values]
        case _:
            return None


def struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """The protobuf message of a dictionary; the inverse of `plain`."""
    message = struct_pb2.Struct()
    for key, item in values.items():
        _fill(message.fields[key], item)
    return message


def _fill(message: struct_pb2.Value, value: Any) -> None:
    if value is None:
        message.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        message.bool_value = value
    elif isinstance(value, int | float):
        message.number_value = value
    elif isinstance(value, str):
        message.string_value = value
    elif isinstance(value, Mapping):
        message.struct_value.SetInParent()
        for key, item in value.items():
            _fill(message.struct_value.fields[key], item)
    elif isinstance(value, Sequence):
        message.list_value.SetInParent()
        for item in value:
            _fill(message.list_value.values.add(), item)
    else:
        raise TypeError(f"{type(value).__name__} has no place in a property")


def is_secret(value: Any) -> bool:
    """Whether this very value is wrapped as a secret."""
    return isinstance(value, Mapping) and value.get(SIGNATURE) == SECRET


def secret(value: Any) -> Any:
    """The value wrapped as a secret; one that is wrapped already stays as it is."""
    return value if is_secret(value) else {SIGNATURE: SECRET, "value": value}


def reveal(value: Any) -> Any:
    """A copy without secret wrappers at any depth; a withheld secret (one without a value) becomes unknown.

    >>> reveal({"password": secret("x"), "list": [secret({"a": 1})]})
    {'password': 'x', 'list': [{'a': 1}]}
    """
    if is_secret(value):
        return reveal(value["value"]) if "value" in value else UNKNOWN
    if isinstance(value, Mapping):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


def has_unknown(value: Any) -> bool:
    """Whether an unknown stands anywhere in the value."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value == UNKNOWN


def steps(path: str) -> list[str | int]:
    """A property path taken apart; the inverse of `join`.

    >>> steps('labels["kubeml.io/pool"][0].name')
    ['labels', 'kubeml.io/pool', 0, 'name']
    """
    return [int(index) if index else quoted or name for index, quoted, name in STEP.findall(path)]


def put(value: Any, path: str, new: Any) -> Any:
    """A copy of the value with something else at a path; what lies on the way and is missing is left missing.

    >>> put({"a": [{"b": 1}, 2]}, "a[0].b", 5)
    {'a': [{'b': 5}, 2]}
    """
    return _put(value, steps(path), new)


def _put(value: Any, way: list[str | int], new: Any) -> Any:
    if not way:
        return new
    step, rest = way[0], way[1:]
    if isinstance(value, Mapping) and isinstance(step, str) and (step in value or not rest):
        return {**value, step: _put(value.get(step), rest, new)}
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return [*value[:step], _put(value[step], rest, new), *value[step + 1 :]]
    return value


def secret_paths(value: Any, path: str = "") -> Iterator[str]:
    """The paths at which a secret stands, outermost first.

    >>> list(secret_paths({"a": {"b": secret(1)}, "c": [secret(2)]}))
    ['a.b', 'c[0]']
    """
    if is_secret(value):
        yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from secret_paths(item, join(path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from secret_paths(item, join(path, index))


def secret_words(value: Any) -> Iterator[str]:
    """The texts and figures inside secrets, as they would stand in a message."""
    if is_secret(value):
        yield from _words(value.get("value"))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from secret_words(item)
    elif isinstance(value, list):
        for item in value:
            yield from secret_words(item)


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _words(item)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif value is not None and not isinstance(value, bool) and value not in {UNKNOWN, SIGNATURE, SECRET, ""}:
        yield str(value)


def mask(message: str, words: Iterable[str]) -> str:
    """The message with every secret word hidden where it stands by itself; a long one, eight characters or more, wherever it stands.

    >>> mask("role hunter2 is taken", ["hunter2"])
    'role [secret] is taken'
    >>> mask("1 of 10 nodes", ["1"])
    '[secret] of 10 nodes'
    """
    for word in words:
        plain_word = re.escape(word)
        message = re.sub(plain_word if len(word) >= 8 else rf"(?<!\w){plain_word}(?!\w)", "[secret]", message)
    return message


def overlap(path: str, other: str) -> bool:
    """Whether one property path is the other or lies inside it.

    >>> overlap("a.b", "a"), overlap("a", "a[0]"), overlap("a", "ab")
    (True, True, False)
    """
    short, long = sorted((path, other), key=len)
    return long.startswith(short) and (len(long) == len(short) or not short or long[len(short)] in ".[")


def join(path: str, key: str | int) -> str:
    """A property path one step deeper, quoted where the key is not a plain name.

    >>> join(join("labels", "kubeml.io/pool"), 0)
    'labels["kubeml.io/pool"][0]'
    """
    if isinstance(key, int):
        return f"{path}[{key}]"
    if not key or any(c in key for c in '."[]'):
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key


def keep_secrets(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs, secret wherever the input of the same name holds a secret.

    >>> keep_secrets({"a": "x", "b": 1}, {"a": secret("x")})["a"] == secret("x")
    True
    """
    kept: dict[str, Any] = {}
    for key, value in outputs.items():
        given = inputs.get(key)
        if key not in inputs or next(secret_paths(given), None) is None:
            kept[key] = value
        elif reveal(given) == value:
            kept[key] = given
        else:
            kept[key] = secret(value)
    return kept
