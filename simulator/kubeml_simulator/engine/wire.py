"""Makes plain Python values of Pulumi's wire values and back.

A value inside the evaluator is what a deployment file holds: None, bool, int, float, str, list, dict, the string `UNKNOWN`
for what is not known yet, and `{SIGNATURE: SECRET, "value": ...}` for a secret. Assets, archives and resource references
keep their signed dictionaries. Signatures are those of pulumi/pulumi, sdk/go/common/resource/sig/sig.go (2026-09).
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from google.protobuf.struct_pb2 import ListValue, Struct, Value

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a published signature, not a password
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
_UNKNOWNS = frozenset(  # a plugin may say of which kind an unknown will be (sdk/go/common/resource/plugin/rpc.go)
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

Properties: TypeAlias = dict[str, Any]


def secret(value: Any) -> Properties:
    """Wraps a value as a secret, once.

    >>> secret(secret("hush"))["value"]
    'hush'
    """
    return value if is_secret(value) else {SIGNATURE: SECRET, "value": value}


def is_secret(value: Any) -> bool:
    """Whether the value itself is a secret; secrets further inside do not count."""
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET


def reveal(value: Any) -> Any:
    """Makes the value without secret wrappers, at any depth.

    >>> reveal({"a": [secret("hush")]})
    {'a': ['hush']}
    """
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return reveal(value.get("value"))
        return {key: reveal(item) for key, item in value.items()}
    return [reveal(item) for item in value] if isinstance(value, list) else value


def has_unknown(value: Any) -> bool:
    """Whether anything inside is unknown.

    >>> has_unknown({"a": secret([UNKNOWN])})
    True
    """
    if isinstance(value, dict):
        return any(map(has_unknown, value.values()))
    return any(map(has_unknown, value)) if isinstance(value, list) else value == UNKNOWN


def has_secret(value: Any) -> bool:
    """Whether the value, or anything inside, is a secret."""
    if isinstance(value, dict):
        return value.get(SIGNATURE) == SECRET or any(map(has_secret, value.values()))
    return any(map(has_secret, value)) if isinstance(value, list) else False


def like(outputs: Any, inputs: Any) -> Any:
    """Makes the outputs with a secret wherever the inputs have one, for providers that do not keep secrets themselves."""
    if is_secret(inputs):
        return secret(outputs)
    if isinstance(outputs, dict) and isinstance(inputs, dict) and not is_secret(outputs):
        return {key: like(item, inputs.get(key)) for key, item in outputs.items()}
    if isinstance(outputs, list) and isinstance(inputs, list):
        return [like(item, inputs[i] if i < len(inputs) else None) for i, item in enumerate(outputs)]
    return outputs


def plain(value: Value, dependencies: set[str] | None = None) -> Any:
    """Makes the Python value of a wire value; an output value becomes its value, secret or unknown as it says.

    The URNs that output values depend on are added to `dependencies`. Whole numbers are int.
    """
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWNS else value.string_value
    if kind == "struct_value":
        return _plain_struct(value.struct_value, dependencies)
    if kind == "list_value":
        return [plain(item, dependencies) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    return value.bool_value if kind == "bool_value" else None


def _plain_struct(struct: Struct, dependencies: set[str] | None) -> Any:
    made = {key: plain(item, dependencies) for key, item in struct.fields.items()}
    if made.get(SIGNATURE) != OUTPUT:
        return made
    if dependencies is not None:
        dependencies.update(made.get("dependencies") or ())
    known = made.get("value", UNKNOWN)
    return secret(known) if made.get("secret") else known


def properties(struct: Struct, dependencies: dict[str, set[str]] | None = None) -> Properties:
    """Makes a property map of a wire struct; None at the top means absent.

    `dependencies`, if given, receives for each property the URNs that its output values depend on.
    """
    made: Properties = {}
    for key, item in struct.fields.items():
        found: set[str] | None = None if dependencies is None else set()
        value = plain(item, found)
        if value is not None:
            made[key] = value
            if dependencies is not None and found:
                dependencies.setdefault(key, set()).update(found)
    return made


def struct(values: Mapping[str, Any]) -> Struct:
    """Makes the wire struct of a property map.

    >>> properties(struct({"a": [1, {"b": None}]}))
    {'a': [1, {'b': None}]}
    """
    made = Struct()
    for key, value in values.items():
        _fill(made.fields[key], value)
    return made


def _fill(target: Value, value: Any) -> None:
    if value is None:
        target.null_value = 0  # pyright: ignore[reportAttributeAccessIssue] - the enum's only member
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, (int, float)):
        target.number_value = value
    elif isinstance(value, Mapping):
        inner = target.struct_value
        inner.SetInParent()
        for key, item in value.items():
            _fill(inner.fields[key], item)
    else:
        items: ListValue = target.list_value
        items.SetInParent()
        for item in value:
            _fill(items.values.add(), item)


def references_as_ids(value: Any) -> Any:
    """Makes the value with every resource reference replaced by the resource's id, or the URN of a component."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == REFERENCE:
            return value["id"] or UNKNOWN if "id" in value else value.get("urn")
        return {key: references_as_ids(item) for key, item in value.items()}
    return [references_as_ids(item) for item in value] if isinstance(value, list) else value


def secret_texts(value: Any, *, inside: bool = False) -> Iterable[str]:
    """Yields every text that is secret.

    >>> list(secret_texts({"a": secret({"b": "hush"}), "c": "open"}))
    ['hush']
    """
    if isinstance(value, dict):
        within = inside or value.get(SIGNATURE) == SECRET
        for key, item in value.items():
            if key != SIGNATURE:
                yield from secret_texts(item, inside=within)
    elif isinstance(value, list):
        for item in value:
            yield from secret_texts(item, inside=inside)
    elif inside and isinstance(value, str):
        yield value
