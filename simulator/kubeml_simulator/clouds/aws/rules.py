"""The formats and references that `rules.tsv` asks of properties: one small function a rule, one row a property.

A rule sees known values only. What it finds is a `Failure` with the path, the value, what is allowed and why.
"""

import fnmatch
import ipaddress
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from kubeml_simulator.provider import Failure

from .case import Case
from .tables import by_token

Rule = Callable[[Case, str, Any, str], Iterator[Failure]]
ARN = re.compile(r"arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):(\d{12}|aws|)?:(.+)", re.DOTALL)


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
            yield Failure(
                path,
                value,
                allowed=f"a prefix from /{least} to /{most}",
                why="InvalidRange: the block size is out of range",
            )


def arn(_: Case, path: str, value: Any, argument: str) -> Iterator[Failure]:
    """An Amazon resource name of one of the services given, `iam:role/` for a kind of resource; empty: any."""
    match = ARN.fullmatch(value)
    wanted = [option.partition(":") for option in argument.split("|")] if argument else []
    fits = match and (
        not wanted or any(match[2] == service and match[5].startswith(kind) for service, _, kind in wanted)
    )
    if not fits:
        shown = (
            " or ".join(f"arn:aws:{s}:...:{k or '...'}" for s, _, k in wanted)
            or "arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE"
        )
        yield Failure(path, value, allowed=shown, why="it is not an ARN of that kind" if match else "it is no ARN")


def json_object(_: Case, path: str, value: Any, __: str) -> Iterator[Failure]:
    """A JSON document that is an object."""
    try:
        document = json.loads(value)
    except ValueError as error:
        yield Failure(path, why=f"the document is no JSON: {error}", allowed="a JSON object")
        return
    if not isinstance(document, dict):
        yield Failure(path, why="the document is no JSON object", allowed="a JSON object")


def policy(case: Case, path: str, value: Any, kind: str) -> Iterator[Failure]:
    """An IAM policy document; kind `trust` and `resource` want a principal in each statement, `identity` forbids one."""
    broken = list(json_object(case, path, value, ""))
    yield from broken
    if broken:
        return
    document = json.loads(value)
    if document.get("Version", "2008-10-17") not in {"2012-10-17", "2008-10-17"}:
        yield Failure(f"{path}.Version", document["Version"], allowed="2012-10-17", why="MalformedPolicyDocument")
    statements = document.get("Statement")
    statements = [statements] if isinstance(statements, dict) else statements
    if not isinstance(statements, list) or not statements:
        yield Failure(
            f"{path}.Statement", why="MalformedPolicyDocument: there is no statement", allowed="at least one statement"
        )
        return
    for index, statement in enumerate(statements):
        yield from _statement(f"{path}.Statement[{index}]", statement, kind)


def _statement(path: str, statement: Any, kind: str) -> Iterator[Failure]:
    if not isinstance(statement, dict):
        yield Failure(path, why="MalformedPolicyDocument: a statement is an object", allowed="an object")
        return
    if statement.get("Effect") not in {"Allow", "Deny"}:
        yield Failure(f"{path}.Effect", statement.get("Effect"), allowed="Allow, Deny", why="MalformedPolicyDocument")
    if not {"Action", "NotAction"} & statement.keys():
        yield Failure(
            path, why="MalformedPolicyDocument: a statement needs Action or NotAction", allowed="Action, NotAction"
        )
    has_principal = bool({"Principal", "NotPrincipal"} & statement.keys())
    has_resource = bool({"Resource", "NotResource"} & statement.keys())
    if kind == "identity" and has_principal:
        yield Failure(
            f"{path}.Principal",
            why="MalformedPolicyDocument: an identity's policy names no principal",
            allowed="no Principal",
        )
    if kind == "identity" and not has_resource:
        yield Failure(
            path, why="MalformedPolicyDocument: an identity's policy names resources", allowed="Resource, NotResource"
        )
    if kind in {"trust", "resource"} and not has_principal:
        yield Failure(
            path, why="MalformedPolicyDocument: this policy names its principals", allowed="Principal, NotPrincipal"
        )
    if kind == "trust" and has_resource:
        yield Failure(
            f"{path}.Resource", why="MalformedPolicyDocument: a trust policy has no resource", allowed="no Resource"
        )


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

    A name of another account, or an ARN of one, cannot be known here and passes.
    """
    match = ARN.fullmatch(value) if isinstance(value, str) else None
    if match and match[4] != case.account:
        return
    options = argument.split("|")
    if any(fnmatch.fnmatchcase(str(value), option[1:]) for option in options if option.startswith("=")):
        return
    wanted = [option.split("#") for option in options if not option.startswith("=")]
    if any(case.world.may_have(token, key, value) for token, key in wanted):
        return
    token, key = wanted[0]
    have = [known.urn.rsplit("::", 1)[-1] for known in case.world.all(token)]  # values of others may be secret
    yield Failure(
        path,
        value,
        allowed=f"the {key} of {', '.join(have[:8])}" if have else "one that this stack makes, or adopts with get",
        why=f"NotFound: no {token} has this {key} in {case.region}",
    )


RULES: dict[str, Rule] = {
    "cidr": cidr,
    "arn": arn,
    "json": json_object,
    "policy": policy,
    "values": one_of,
    "range": between,
    "pattern": matches,
    "exists": exists,
}


# Rules about a text; a whole number that stands for one is read as the provider writes it.
TEXTS = frozenset({"cidr", "arn", "json", "policy", "pattern", "exists"})


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def judge(case: Case) -> Iterator[Failure]:
    """Everything that the rows of a type find in its inputs."""
    refused: set[str] = set()  # what has the wrong form cannot be looked up
    for row in by_token("rules.tsv").get(case.token, ()):
        if row["rule"] in {"exactly-one", "at-most-one", "at-least-one"}:
            yield from _choice(case, row["rule"], row["property"].split("|"), row["why"])
            continue
        for path, given in case.each(row["property"]):
            value = _text(given) if row["rule"] in TEXTS else given
            found = () if path in refused else RULES[row["rule"]](case, path, value, row["argument"])
            for failure in found:
                refused.add(path)
                why = "; ".join(part for part in (failure.why, row["why"]) if part)
                yield Failure(failure.path, failure.value, failure.allowed, why)


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
