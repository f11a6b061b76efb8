"""The formats and references that `rules.tsv` asks of properties: one small function a rule, one row a property.

A rule sees known values only. What it finds is a `Failure` with the path, the value, what is allowed and why.
"""

import fnmatch
import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kubeml_simulator.provider import Failure

from .case import Case
from .tables import Tables

Rule = Callable[[Any, str, Any, str], Iterator[Failure]]  # the case (a cloud's own), path, value, argument
CHOICES = frozenset({"exactly-one", "at-most-one", "at-least-one"})
FIGURES = frozenset({"values", "range"})  # every other rule reads a text


def cidr(_: Case, path: str, value: Any, argument: str) -> Iterator[Failure]:
    """A network address of the version asked for (`4` or `6`), optionally with bounds of its prefix: `4 16..28`."""
    version, bounds = (argument + " ").split(" ", 1)
    example = "10.0.0.0/16" if version == "4" else "2001:db8::/56"
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        yield Failure(path, value, allowed=f"an IPv{version} block such as {example}", why="it is no CIDR block")
        return
    if str(network.version) != version or "/" not in value:
        yield Failure(
            path, value, allowed=f"an IPv{version} block such as {example}", why="it is no CIDR block of that kind"
        )
    elif str(network) != value.lower():
        yield Failure(path, value, allowed=str(network), why="the address has bits beyond its prefix")
    elif bounds.strip():
        least, most = map(int, bounds.split(".."))
        if not least <= network.prefixlen <= most:
            why = "the block size is out of range"
            yield Failure(path, value, allowed=f"a prefix from /{least} to /{most}", why=why)


def json_object(_: Case, path: str, value: Any, __: str) -> Iterator[Failure]:
    """A JSON document that is an object."""
    try:
        document = json.loads(value)
    except ValueError as error:
        yield Failure(path, why=f"the document is no JSON: {error}", allowed="a JSON object")
        return
    if not isinstance(document, dict):
        yield Failure(path, why="the document is no JSON object", allowed="a JSON object")


def one_of(_: Case, path: str, value: Any, argument: str) -> Iterator[Failure]:
    """One of the values listed, separated by `|`."""
    allowed = argument.split("|")
    if str(value) not in allowed:
        yield Failure(path, value, allowed=", ".join(allowed), why="no such value")


def between(_: Case, path: str, value: Any, argument: str) -> Iterator[Failure]:
    """A number in `LEAST..MOST`, both included."""
    least, most = map(int, argument.split(".."))
    if isinstance(value, int | float) and not least <= value <= most:
        yield Failure(path, value, allowed=f"{least} to {most}", why="out of range")


def matches(_: Case, path: str, value: Any, argument: str) -> Iterator[Failure]:
    """The whole value fits a regular expression; the row's reason says what that means."""
    if isinstance(value, str) and not re.fullmatch(argument, value, re.ASCII):
        yield Failure(path, value, allowed=f"the pattern {argument}")


def exists(case: Case, path: str, value: Any, argument: str) -> Iterator[Failure]:
    """A reference `TYPE#PROPERTY` (several separated by `|`) to a resource that exists; `=PATTERN` is what the cloud itself has.

    What leads to another account cannot be known here and passes.
    """
    if case.foreign(value):
        return
    options = argument.split("|")
    if any(fnmatch.fnmatchcase(str(value), option[1:]) for option in options if option.startswith("=")):
        return
    wanted = [option.split("#") for option in options if not option.startswith("=")]
    spellings = case.spellings(value)
    if any(case.world.may_have(token, key, spelling) for token, key in wanted for spelling in spellings):
        return
    token, key = wanted[0]
    have = [known.urn.rsplit("::", 1)[-1] for known in case.world.all(token)]  # values of others may be secret
    where = f" in {case.place}" if case.place else ""
    yield Failure(
        path,
        value,
        allowed=f"the {key} of {', '.join(have[:8])}" if have else "one that this stack makes, or adopts with get",
        why=f"NotFound: no {token} has this {key}{where}",
    )


SHARED: Mapping[str, Rule] = {
    "cidr": cidr,
    "json": json_object,
    "values": one_of,
    "range": between,
    "pattern": matches,
    "exists": exists,
}


class Rules:
    """The rows of one cloud's `rules.tsv`; `more` are rules of its own."""

    def __init__(self, tables: Tables, more: Mapping[str, Rule] | None = None) -> None:
        self.tables = tables
        self.rules = {**SHARED, **(more or {})}

    def judge(self, case: Case) -> Iterator[Failure]:
        """Everything that the rows of a type find in its inputs."""
        refused: set[str] = set()  # what has the wrong form cannot be looked up
        for row in self.tables.by_token("rules.tsv").get(case.token, ()):
            if row["rule"] in CHOICES:
                yield from _choice(case, row["rule"], row["property"].split("|"), row["why"])
                continue
            for path, given in case.each(row["property"]):
                value = given if row["rule"] in FIGURES else _text(given)
                found = () if path in refused else self.rules[row["rule"]](case, path, value, row["argument"])
                for failure in found:
                    refused.add(path)
                    why = "; ".join(part for part in (failure.why, row["why"]) if part)
                    yield Failure(failure.path, failure.value, failure.allowed, why)


def _text(value: Any) -> str:
    """A text; a whole number that stands for one is read as the provider writes it."""
    return value if isinstance(value, str) else json.dumps(value)


def _choice(case: Case, rule: str, properties: list[str], why: str) -> Iterator[Failure]:
    given = [name for name in properties if case.given(name) and not case.unknown(name)]
    for extra in given[1:] if rule != "at-least-one" else ():
        yield Failure(
            extra, why=_because(f"it cannot stand beside {given[0]}", why), allowed=f"one of {', '.join(properties)}"
        )
    if rule != "at-most-one" and not given and not any(case.unknown(name) for name in properties):
        yield Failure(properties[0], why=_because("missing", why), allowed=f"one of {', '.join(properties)}")


def _because(what: str, why: str) -> str:
    return f"{what}: {why}" if why else what
