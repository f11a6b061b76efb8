"""Fills the templates of `types.tsv` and `outputs.tsv`: ids and outputs that follow from a resource and nothing else.

`${hex:17}` is 17 hexadecimal digits made from the URN, `${hex:17:main}` others of the same resource, `${HEX:32:issuer}` in capitals,
`${digits:10}` decimal ones, `${uuid}`, `${byte}`, `${base64:certificate}`; `${id}` and the words of the cloud's case (`${region}`);
`${bare:url}` is an address without its scheme, `${last:network}` what follows its last slash, `${quoted:network}` it all as part of an address; any
other word is an input, `${path:/}` with a default.
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from kubeml_simulator.provider import UNKNOWN, has_unknown

from .case import Case

PLACE = re.compile(r"\$\{([^}:]+)(?::([^}:]*))?(?::([^}]*))?\}")


class _UnknownError(Exception):
    """A template needs something that is not known yet."""


def fill(template: str, case: Case, values: Mapping[str, Any]) -> str:
    """The text of a template, or the unknown when a value in it is unknown.

    >>> from kubeml_simulator.provider import World
    >>> case = Case("t", "urn:pulumi:s::p::t::n", {}, "here", World())
    >>> fill("role${path:/}${name}-${hex:3}", case, {"name": "node"})
    'role/node-a72'
    >>> fill("${group},${tag.key}", case, {"group": "g", "tag": {"key": "k"}})
    'g,k'
    """
    try:
        return PLACE.sub(lambda place: _value(place, case, values), template)
    except _UnknownError:
        return UNKNOWN


def fill_json(template: str, case: Case, values: Mapping[str, Any]) -> Any:
    """The value of a JSON template."""
    text = fill(template, case, values)
    return UNKNOWN if text == UNKNOWN else json.loads(text)


def _value(place: re.Match[str], case: Case, values: Mapping[str, Any]) -> str:
    word, first, second = place[1], place[2], place[3] or ""
    match word:
        case "hex" | "HEX":
            digits = case.digest(second, int(first))
            return digits.upper() if word == "HEX" else digits
        case "digits":
            return str(int(case.digest(second or "digits", 40), 16)).zfill(48)[-int(first) :]
        case "byte":
            return str(int(case.digest("byte", 4), 16) % 254 + 1)
        case "uuid":
            return case.uuid(first or "")
        case "base64":
            return base64.b64encode(f"{case.urn} {first}".encode()).decode()
        case "bare":
            return _text(values.get(first)).removeprefix("https://")
        case "last":
            return _text(values.get(first)).rsplit("/", 1)[-1]
        case "quoted":
            return quote(_text(values.get(first)), safe="")
        case _ if word in case.WORDS:
            return _text(getattr(case, word))
        case _:
            return _text(_at(values, word, first))


def _at(values: Mapping[str, Any], path: str, otherwise: Any) -> Any:
    """What a path of words leads to ("tag.key")."""
    word, _, rest = path.partition(".")
    found = values.get(word, otherwise)
    return _at(found, rest, otherwise) if rest and isinstance(found, Mapping) else found


def _text(value: Any) -> str:
    if has_unknown(value):
        raise _UnknownError
    return "" if value is None else str(value)
