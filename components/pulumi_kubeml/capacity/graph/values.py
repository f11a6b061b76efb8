"""Reading properties of the exchange format: secrets opened, unknowns kept as values that refuse to be used.

A check or a reader is ordinary Python on dictionaries and lists. Where a value is not known yet stands an `Unknown`; asking
it anything (truth, equality, items, text) raises `Undetermined` with the path of the property, so a result is never
derived from what nobody knows, and what does not touch an unknown is not disturbed by it.

>>> inputs = view({"spec": {"image": UNKNOWN, "replicas": 3}})
>>> inputs["spec"]["replicas"]
3
>>> inputs["spec"]["image"] == "x"
Traceback (most recent call last):
pulumi_kubeml.capacity.graph.values.Undetermined: spec.image is not known yet
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn, TypeVar

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWNS = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""What Pulumi writes for a value that is not known: string, boolean, number, list, asset, archive, map."""
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  the marker of a secret in Pulumi's deployment format
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_T = TypeVar("_T")


class Undetermined(Exception):  # noqa: N818  a third result, not an error
    """Something depends on a value that is not known yet; `path` is the property."""

    def __init__(self, path: str, reason: str = "is not known yet") -> None:
        super().__init__(f"{path} {reason}".strip())
        self.path = path


class Unknown:
    """A value that is not known yet: any use of it raises Undetermined."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        object.__setattr__(self, "_path", path)

    def touch(self, *_: object) -> NoReturn:
        """Raise Undetermined with the path of this value."""
        raise Undetermined(object.__getattribute__(self, "_path"))

    __bool__ = __len__ = __iter__ = __str__ = __int__ = __float__ = __index__ = __hash__ = touch  # type: ignore[assignment]
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __getitem__ = touch  # type: ignore[assignment]
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __format__ = touch  # type: ignore[assignment]

    def __getattr__(self, name: str) -> NoReturn:
        self.touch()

    def __repr__(self) -> str:
        return "<unknown>"


def is_unknown(value: object) -> bool:
    """Whether a viewed value is not known yet."""
    return type(value) is Unknown


def view(value: Any, path: str = "") -> Any:
    """Make properties readable: the same object when nothing in it is secret or unknown, else a copy.

    >>> view({SIGNATURE: SECRET, "value": [1]}), is_unknown(view({SIGNATURE: SECRET, "ciphertext": "v1:..."}))
    ([1], True)
    """
    return _open(value, path) if _marked(value) else value


def _marked(value: Any) -> bool:
    kind = type(value)
    if kind is str:
        return value in UNKNOWNS
    if kind is dict:
        return SIGNATURE in value or any(_marked(item) for item in value.values())
    return kind is list and any(_marked(item) for item in value)


def _open(value: Any, path: str) -> Any:
    if isinstance(value, str):
        return Unknown(path) if value in UNKNOWNS else value
    if isinstance(value, list):
        return [_open(item, f"{path}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, dict):
        if value.get(SIGNATURE) in {SECRET, OUTPUT}:
            return _open(value["value"], path) if "value" in value else Unknown(path)
        return {key: _open(item, join(path, key)) for key, item in value.items()}
    return value


def join(path: str, key: str | int) -> str:
    """Make the property path of something inside something.

    >>> join(join("spec", "hard"), "requests.cpu"), join("spec.containers", 0)
    ('spec.hard["requests.cpu"]', 'spec.containers[0]')
    """
    if isinstance(key, int):
        return f"{path}[{key}]"
    if _PLAIN_KEY.fullmatch(key):
        return f"{path}.{key}" if path else key
    return f'{path}["{key}"]'


def mapping(value: Any) -> dict[str, Any]:
    """Make a dictionary of a viewed value: empty when it is absent or of another type; raises Undetermined when unknown."""
    if type(value) is Unknown:
        value.touch()
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """Make a list of a viewed value: empty when it is absent or of another type; raises Undetermined when unknown."""
    if type(value) is Unknown:
        value.touch()
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """Make a text of a viewed value: empty when it is absent or of another type; raises Undetermined when unknown."""
    if type(value) is Unknown:
        value.touch()
    return value if isinstance(value, str) else ""


def settled(value: _T) -> _T:
    """Make a viewed value of which nothing is unknown, for those that read it later; raises Undetermined.

    >>> settled({"a": [1]})
    {'a': [1]}
    """
    if type(value) is Unknown:
        value.touch()
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        settled(item)
    return value


def dig(value: Any, *keys: str) -> Any:
    """Make what lies below some keys, None when a step is absent; an unknown on the way is the answer.

    >>> dig({"a": {"b": 1}}, "a", "b"), dig({"a": None}, "a", "b")
    (1, None)
    """
    for key in keys:
        if type(value) is Unknown:
            return value
        value = value.get(key) if isinstance(value, dict) else None
    return value


def some(items: Iterable[_T], holds: Callable[[_T], bool]) -> bool:
    """Whether it holds for some item: true if for one that is known; undetermined if one is not known and for none other.

    >>> some([Unknown("a"), 2], lambda item: item == 2)
    True
    """
    doubt: Undetermined | None = None
    for item in items:
        try:
            if holds(item):
                return True
        except Undetermined as unknown:
            doubt = doubt or unknown
    if doubt is not None:
        raise doubt
    return False


def entries(value: Any, path: str) -> Iterator[tuple[str | int, str, Any]]:
    """Yield key, path and value of what a map (by key) or a list holds; an unknown collection is one unknown entry."""
    if type(value) is Unknown:
        yield "", path, value
    elif isinstance(value, dict):
        for key in sorted(value):
            yield key, join(path, key), value[key]
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield index, join(path, index), item
