"""Assembles an IAM policy document from statements, as the function getPolicyDocument does; it asks nobody anything."""

import json
from collections.abc import Mapping
from typing import Any

NAMES = (
    ("Action", "actions"),
    ("NotAction", "notActions"),
    ("Resource", "resources"),
    ("NotResource", "notResources"),
)


def document(args: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of getPolicyDocument: the document as JSON, indented and minified.

    >>> document({"statements": [{"actions": ["s3:GetObject"], "resources": ["*"]}]})["minifiedJson"]
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
    """
    version = args.get("version") or "2012-10-17"
    sources = [
        json.loads(text) for text in (args.get("sourceJson"), *(args.get("sourcePolicyDocuments") or ())) if text
    ]
    overrides = [
        json.loads(text) for text in (args.get("overrideJson"), *(args.get("overridePolicyDocuments") or ())) if text
    ]
    statements = [statement for source in sources for statement in _statements(source)]
    statements = _merge(statements, [_statement(given) for given in args.get("statements") or ()])
    for override in overrides:
        statements = _merge(statements, _statements(override))
    whole = {"Version": version, **({"Id": args["policyId"]} if args.get("policyId") else {}), "Statement": statements}
    return {
        **args,
        "version": version,
        "json": json.dumps(whole, indent=2),
        "minifiedJson": json.dumps(whole, separators=(",", ":")),
    }


def _statements(source: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = source.get("Statement") or []
    return [found] if isinstance(found, dict) else list(found)


def _merge(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The statements of both; one with the Sid of an earlier one takes its place."""
    replaced = {statement["Sid"]: statement for statement in second if statement.get("Sid")}
    kept = [replaced.pop(statement.get("Sid", ""), statement) for statement in first]
    return [*kept, *(statement for statement in second if not statement.get("Sid") or statement["Sid"] in replaced)]


def _statement(given: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Sid": given["sid"]} if given.get("sid") else {}
    made["Effect"] = given.get("effect") or "Allow"
    made |= {key: _one_or_many(given[name]) for key, name in NAMES if given.get(name)}
    made |= {
        key: _principals(given[name])
        for key, name in (("Principal", "principals"), ("NotPrincipal", "notPrincipals"))
        if given.get(name)
    }
    if given.get("conditions"):
        conditions: dict[str, dict[str, Any]] = {}
        for condition in given["conditions"]:
            conditions.setdefault(condition["test"], {})[condition["variable"]] = _one_or_many(condition["values"])
        made["Condition"] = conditions
    return made


def _principals(given: list[Mapping[str, Any]]) -> Any:
    if any(principal["type"] == "*" for principal in given):
        return "*"
    found: dict[str, list[str]] = {}
    for principal in given:
        found.setdefault(principal["type"], []).extend(principal["identifiers"])
    return {kind: _one_or_many(identifiers) for kind, identifiers in found.items()}


def _one_or_many(values: list[str]) -> Any:
    return values[0] if len(values) == 1 else sorted(values, reverse=True)
