"""Reads a stack's configuration: the stack file over the project's defaults, by namespaced key."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kubeml_simulator.engine import wire
from kubeml_simulator.engine.crypto import Crypter, WrongPassphraseError
from kubeml_simulator.engine.events import Problem
from kubeml_simulator.engine.yamls import kind

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}
_DECLARATION = ("type", "description", "default", "value", "secret", "items")


@dataclass(slots=True)
class Reader:
    """Reads configuration and collects what is wrong with it.

    With no crypter a `secure:` value becomes a secret whose content is unknown; `placeholders` has their keys.
    """

    project: str
    crypter: Crypter | None = None
    problems: list[Problem] = field(default_factory=list[Problem])
    withheld: set[str] = field(default_factory=set[str])

    def key(self, name: Any, where: str) -> str:
        """Makes the namespaced key of a name: `region` is the project's, `aws:region` is aws's."""
        parts = str(name).split(":")
        if len(parts) == 3 and parts[1] == "config":
            parts = [parts[0], parts[2]]
        if len(parts) > 2 or not all(parts):
            self.problems.append(Problem(f"{where}{name}", "is no configuration key: it reads KEY or NAMESPACE:KEY"))
        return str(name) if len(parts) == 2 else f"{self.project}:{name}"

    def values(self, given: Any, where: str) -> dict[str, Any]:
        """Reads the `config` of a stack file."""
        if given is None:
            return {}
        if not isinstance(given, dict):
            self.problems.append(Problem(f"{where}config", f"is {kind(given)}, it must be a mapping of keys to values"))
            return {}
        found: dict[str, Any] = {}
        for name, value in given.items():
            key = self.key(name, where)
            if key in found:
                self.problems.append(Problem(f"{where}{name}", f"is given twice: it is {key}"))
            found[key] = self._value(value, f"{where}{name}", key)
        return found

    def _value(self, value: Any, where: str, key: str) -> Any:
        if isinstance(value, dict) and set(value) == {"secure"} and isinstance(value["secure"], str):
            return self._secure(value["secure"], where, key)
        if isinstance(value, dict):
            return {str(name): self._value(item, f"{where}.{name}", key) for name, item in value.items()}
        if isinstance(value, list):
            return [self._value(item, f"{where}[{i}]", key) for i, item in enumerate(value)]
        return value

    def _secure(self, ciphertext: str, where: str, key: str) -> dict[str, Any]:
        if self.crypter is None:
            self.withheld.add(key)
            return wire.secret(wire.UNKNOWN)
        try:
            return wire.secret(self.crypter.decrypt(ciphertext))
        except WrongPassphraseError as error:
            self.problems.append(Problem(where, f"cannot be decrypted: {error}"))
            return wire.secret(wire.UNKNOWN)

    def defaults(self, declared: Any, given: dict[str, Any], stack: str) -> dict[str, Any]:
        """Adds what `Pulumi.yaml` declares and the stack file leaves out, and checks types."""
        if declared is None or isinstance(declared, str):
            return given
        where = "Pulumi.yaml  "
        if not isinstance(declared, dict):
            self.problems.append(Problem(f"{where}config", f"is {kind(declared)}, it must be a mapping of keys"))
            return given
        found = dict(given)
        for name, item in declared.items():
            key = self.key(name, where)
            declaration = self._declaration(item, f"{where}config.{name}")
            given_here = declaration.get("value", declaration.get("default"))
            if key not in found and given_here is not None:
                found[key] = wire.secret(given_here) if declaration.get("secret") else given_here
            if key in found:
                self._typed(found[key], declaration, f"config.{name}")
            elif "type" in declaration:
                self.problems.append(
                    Problem(f"{where}config.{name}", f'has no default and stack "{stack}" gives no value')
                )
        return found

    def _declaration(self, item: Any, where: str) -> dict[str, Any]:
        if not isinstance(item, dict):
            return {"default": item}
        unknown = sorted(set(item) - set(_DECLARATION))
        if unknown:
            self.problems.append(Problem(f"{where}.{unknown[0]}", f"unknown key; known: {', '.join(_DECLARATION)}"))
        if "type" in item and item["type"] not in _TYPES:
            self.problems.append(Problem(f"{where}.type", f'"{item["type"]}" is no type; types: {", ".join(_TYPES)}'))
            return {key: value for key, value in item.items() if key != "type"}
        return item

    def _typed(self, value: Any, declaration: Mapping[str, Any], where: str) -> None:
        bare = wire.reveal(value)
        wanted = declaration.get("type")
        if wanted is None or bare == wire.UNKNOWN:
            return
        if isinstance(bare, str) and wanted in ("integer", "number", "boolean") and _reads_as(bare, wanted):
            return
        fits = isinstance(bare, _TYPES[wanted]) and (wanted == "boolean" or not isinstance(bare, bool))
        if not fits and not (wanted == "string" and isinstance(bare, (int, float))):
            shown = "a secret" if wire.has_secret(value) else kind(bare)
            self.problems.append(Problem(where, f"is {shown}, Pulumi.yaml declares it as {wanted}"))


def _reads_as(text: str, wanted: str) -> bool:
    if wanted == "boolean":
        return text in ("true", "false")
    try:
        (int if wanted == "integer" else float)(text)
    except ValueError:
        return False
    return True


def text_of(value: Any) -> str:
    """Makes the text that a program gets of a value: scalars as Pulumi writes them, structures as JSON.

    >>> text_of(True), text_of({"a": [1]})
    ('true', '{"a":[1]}')
    """
    bare = wire.reveal(value)
    return bare if isinstance(bare, str) else json.dumps(bare, separators=(",", ":"))
