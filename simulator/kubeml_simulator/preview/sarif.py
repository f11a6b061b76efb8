"""Findings as SARIF 2.1.0, which code hosts show beside the lines that they are about.

The format is OASIS's: docs.oasis-open.org/sarif/sarif/v2.1.0.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from kubeml_simulator.preview.document import PolicyResult

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"mandatory": "error", "advisory": "warning"}
_POSITION = re.compile(r"^(?P<file>.+?):(?P<line>\d+)(?:[:,](?P<column>\d+))?$")


def sarif(found: Sequence[PolicyResult], checks: Iterable[Any], version: str) -> dict[str, Any]:
    """Makes a SARIF log with one run; `checks` are the definitions (id, title, why, fix) of the rules."""
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "kubeml", "version": version, "rules": [_rule(each) for each in checks]}},
                "results": [_result(each) for each in found],
            }
        ],
    }


def _rule(check: Any) -> dict[str, Any]:
    return {
        "id": check.id,
        "name": check.name,
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.why},
        "help": {"text": check.fix},
    }


def _result(each: PolicyResult) -> dict[str, Any]:
    undetermined = each.result == "undetermined"
    message = each.message + (f" Fix: {each.fix}" if each.fix else "")
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": each.urn or "stack", "kind": "resource"}]}
    place = _POSITION.match(each.position or "")
    if place:
        region = {"startLine": int(place["line"])}
        if place["column"]:
            region["startColumn"] = int(place["column"])
        location["physicalLocation"] = {"artifactLocation": {"uri": place["file"]}, "region": region}
    return {
        "ruleId": each.check,
        "kind": "open" if undetermined else "fail",
        "level": "none" if undetermined else _LEVELS.get(each.level, "note"),
        "message": {"text": message},
        "locations": [location],
        "partialFingerprints": {"kubeml/v1": f"{each.check}|{each.urn}|{each.path or ''}"},
    }
