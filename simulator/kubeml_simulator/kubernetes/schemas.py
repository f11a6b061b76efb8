"""Whether an object has the shape that its kind has in a version of Kubernetes.

The schemas are those of the package kubernetes-validate (from Kubernetes' OpenAPI documents, one set a minor version, strict: unknown
fields are refused); allowed values, which the OpenAPI documents hold in prose only, come from `data/enumerations.csv`.
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

from kubeml_simulator.kubernetes.tables import rows
from kubeml_simulator.provider.failures import Failure
from kubeml_simulator.provider.values import has_unknown, join

_ROOT = files("kubernetes_validate") / "kubernetes-json-schema"


def _minor(version: str) -> tuple[int, int]:
    major, minor, *_ = re.findall(r"\d+", version)
    return int(major), int(minor)


@cache
def versions() -> tuple[str, ...]:
    """The minor versions with schemas, oldest first.

    >>> "1.35" in versions()
    True
    """
    found = {
        entry.name[1:].removesuffix("-local-strict")
        for entry in _ROOT.iterdir()
        if entry.name.endswith("-local-strict")
    }
    return tuple(f"{major}.{minor}" for major, minor in sorted(map(_minor, found)))


def nearest(version: str) -> str:
    """The version whose schemas stand for the wanted one: itself, else the newest before it; the newest of all for an unknown one.

    >>> nearest("1.35.4-eks-1234"), nearest("") == versions()[-1]
    ('1.35', True)
    """
    if not re.match(r"v?\d+\.\d+", version):
        return versions()[-1]
    older = [known for known in versions() if _minor(known) <= _minor(version)]
    return older[-1] if older else versions()[0]


@cache
def _definitions(version: str) -> Resource[Any]:
    content = json.loads((_ROOT / f"v{version}.0-local-strict" / "_definitions.json").read_text(encoding="utf-8"))
    for row in rows("enumerations"):
        schema = content["$defs"].get(row["definition"], {}).get("properties", {}).get(row["property"])
        if schema is not None:
            schema.get("items", schema)["enum"] = row["values"].split()
    return Resource.from_contents(content)


def _file(version: str, api_version: str, kind: str) -> Traversable:
    group = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api_version)
    return _ROOT / f"v{version}.0-local-strict" / f"{kind.lower()}-{group}.json"


@cache
def _validator(version: str, api_version: str, kind: str) -> Draft202012Validator | None:
    schema_file = _file(version, api_version, kind)
    if not schema_file.is_file():
        return None
    schema = json.loads(schema_file.read_text(encoding="utf-8"))
    registry = _definitions(version) @ (Resource.from_contents(schema) @ Registry())
    return Draft202012Validator(schema, registry=registry)


def serves(version: str, api_version: str, kind: str) -> bool:
    """Whether Kubernetes of this minor version has the kind.

    >>> serves("1.35", "apps/v1", "Deployment"), serves("1.35", "policy/v1beta1", "PodDisruptionBudget")
    (True, False)
    """
    return _file(version, api_version, kind).is_file()


def serving(api_version: str, kind: str) -> tuple[str, ...]:
    """The versions that have the kind, oldest first; empty for a kind that is not built in."""
    return tuple(version for version in versions() if serves(version, api_version, kind))


def failures(version: str, manifest: Mapping[str, Any], *, partial: bool = False) -> list[Failure]:
    """What keeps an object from being one of its kind; empty when the kind has no schema in this version (see `serves`).

    An unknown anywhere is never a reason. `partial` is for patches, where nothing is required.

    >>> failures("1.35", {"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": "http"}]}})[0].path
    'spec.ports[0].port'
    """
    validator = _validator(version, str(manifest.get("apiVersion")), str(manifest.get("kind")))
    if validator is None:
        return []
    found = [
        failure for error in validator.iter_errors(without_null(manifest)) for failure in _read(error, partial=partial)
    ]
    return sorted(found, key=lambda failure: failure.path)


def without_null(value: Any) -> Any:
    """A copy without the fields that are null: the API server treats them as absent."""
    if isinstance(value, Mapping):
        return {key: without_null(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_null(item) for item in value]
    return value


def _read(error: ValidationError, *, partial: bool) -> Iterator[Failure]:
    path = ""
    for step in error.absolute_path:
        path = join(path, step)
    value: Any = error.instance
    rule, limit, schema = str(error.validator), cast("Any", error.validator_value), cast("Any", error.schema)
    if rule == "additionalProperties":
        known = list(schema.get("properties", {}))
        for key in value:
            if key not in known:
                yield Failure(join(path, key), why=f"unknown field; {_near(key, known)}")
    elif rule == "required":
        missing = [key for key in limit if key not in value]
        if not partial:
            yield from (Failure(join(path, key), why="required, and missing") for key in missing)
    elif not has_unknown(value):
        allowed, why = _rule(rule, limit)
        yield Failure(path, value, allowed, why)


def _near(key: str, known: list[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(known))}"


def _rule(rule: str, limit: Any) -> tuple[str, str]:
    if rule == "type":
        names = [limit] if isinstance(limit, str) else limit
        return " or ".join(name for name in names if name != "null"), "wrong type"
    if rule == "enum":
        return ", ".join(map(str, limit)), "not one of the values that exist"
    if rule == "oneOf":
        types = [name for option in limit for name in option.get("type", []) if name != "null"]
        return " or ".join(dict.fromkeys(types)), "wrong type"
    return f"{rule} {limit}", "outside of what the schema allows"
