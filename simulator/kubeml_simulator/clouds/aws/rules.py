"""The formats that only AWS has: resource names, policy documents. `rules.tsv` asks for them beside the shared rules."""

import json
from collections.abc import Iterator
from typing import Any

from kubeml_simulator.clouds.common import Rules
from kubeml_simulator.clouds.common.rules import json_object
from kubeml_simulator.provider import Failure

from .arns import ARN
from .case import Case
from .tables import TABLES


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


RULE_TABLE = Rules(TABLES, {"arn": arn, "policy": policy})
RULES = RULE_TABLE.rules
