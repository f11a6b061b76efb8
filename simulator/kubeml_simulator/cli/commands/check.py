"""`kubeml check`: the policy pack on an exported state, without a stack, a login or a cloud."""

import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from kubeml_simulator.cli import policies
from kubeml_simulator.cli.errors import DONE, VIOLATED, refuse
from kubeml_simulator.cli.options import Checks
from kubeml_simulator.preview.document import SCHEMA_VERSION, PolicyResult, plain
from kubeml_simulator.preview.sarif import sarif

Output = Literal["text", "json", "sarif"]


def check(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)], checks: Checks | None = None, *, output: Output = "text"
) -> int:
    """Runs the policy pack on an exported state or graph (`pulumi stack export`, `kubeml graph`).

    Ends with 1 where a mandatory check is violated.

    Args:
        file: a JSON file in Pulumi's deployment format; - reads stdin.
        checks: which checks; a pack of your own runs in `kubeml preview`.
        output: text for people, or one document on stdout: json, sarif (2.1.0).
    """
    options = checks or Checks()
    if options.policy_pack:
        refuse("--policy-pack", "kubeml check runs the built-in checks; kubeml preview runs any pack")
    resources = read(file)
    profile = policies.profile_of({}, options.profile)
    day = options.day or _day(file)
    _, own = policies.paired((), options.policy_config)
    analyzer = policies.built_in(profile, policies.read(own), day)
    found = judged(analyzer, resources)
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "ok": not any(each.fails for each in found),
        "packs": [f"{analyzer.name} {analyzer.version}"],
        "profile": profile,
        "asOf": day.isoformat(),
        "resources": len(resources),
        "policy": plain(found),
    }
    match output:
        case "json":
            print(json.dumps(document, indent=2, ensure_ascii=False))
        case "sarif":
            print(json.dumps(sarif(found, analyzer.pack.checks, analyzer.version), indent=2, ensure_ascii=False))
        case "text":
            _write(document, found)
    return VIOLATED if any(each.fails for each in found) else DONE


def judged(analyzer: policies.PackAnalyzer, resources: list[dict[str, Any]]) -> list[PolicyResult]:
    """Makes the results of all checks on a graph, secrets withheld, sorted."""
    from kubeml_simulator.preview.build import policy_result
    from kubeml_simulator.preview.values import Redactor

    redact = Redactor()
    redact.learn(resources)
    findings = [each for resource in resources for each in analyzer.analyze(resource)]
    findings += analyzer.analyze_stack(resources)
    results = [policy_result(each, redact) for each in findings]
    return sorted(results, key=lambda each: (each.check, each.urn, each.path or ""))


def read(file: str) -> list[dict[str, Any]]:
    """Reads the resources of a deployment; raises Refusal where the file holds none."""
    name = "stdin" if file == "-" else file
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        content = json.loads(text)
    except json.JSONDecodeError as error:
        refuse(name, f"is not JSON: {error}")
    except UnicodeDecodeError:
        refuse(name, "is not text in UTF-8")
    deployment: Any = content.get("deployment", content) if isinstance(content, Mapping) else None
    resources = deployment.get("resources") if isinstance(deployment, Mapping) else None
    if not isinstance(resources, list):
        refuse(name, 'has no "deployment" with "resources": not what pulumi stack export or kubeml graph prints')
    wrong = [index for index, each in enumerate(resources) if not isinstance(each, Mapping) or not each.get("urn")]
    if wrong:
        refuse(name, f"deployment.resources[{wrong[0]}] is no resource: it has no urn")
    return resources


def _write(document: dict[str, Any], found: list[PolicyResult]) -> None:
    from kubeml_simulator.cli.consoles import console
    from kubeml_simulator.cli.summary import policy

    screen = console()
    screen.print(f"{document['resources']} resources, profile {document['profile']}, as of {document['asOf']}")
    for line in policy(found, document["packs"]):
        screen.print(line, soft_wrap=True)


def _day(file: str) -> date:
    from kubeml_simulator.cli.dates import as_of

    return as_of(Path.cwd() if file == "-" else Path(file).resolve().parent)
