"""Runs the conformance cases and compares with what the real engine did; as a script it prints a table.

    python tests/engine/conformance.py [CASE ...]

The cases, their provider and their pack are in `cases/`, recorded by the Pulumi engine 3.260 with the Python SDK 3.272.
"""

import importlib.util
import json
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from kubeml_simulator.engine import PluginAnalyzer, Providers, load_project, run
from kubeml_simulator.engine.crypto import Crypter
from kubeml_simulator.engine.state import StateFile
from kubeml_simulator.engine.urns import is_provider
from kubeml_simulator.engine.wire import SECRET, SIGNATURE, UNKNOWN

CASES = Path(__file__).parent / "cases"
PASSPHRASE = "conformance"
AFTER_FAILURE = {"22", "23", "24", "25", "26", "27", "36", "40"}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
OPTIONS = (
    "id", "custom", "type", "parent", "provider", "inputs", "outputs", "dependencies", "propertyDependencies", "protect",
    "external", "retainOnDelete", "deletedWith", "ignoreChanges", "replaceOnChanges", "additionalSecretOutputs", "aliases",
    "delete", "pendingReplacement",
)  # fmt: skip
TOPICS = {
    "protected": r"protected|protection",
    "duplicate": r"[Dd]uplicate",
    "told to fail": r"told to fail on \w+",
    "not a value": r'"invalid" is not a value',
    "unhandled exception": r"unhandled exception",
    "missing configuration": r"Missing required configuration variable '[\w:]+'",
}
CLOSING = re.compile(r"^(preview failed|update failed|an unhandled error occurred: program exited .*)$")


@dataclass
class Outcome:
    """One step of a case: what differs from the recording, or by which name it was refused."""

    differences: list = field(default_factory=list)
    refusal: str = ""


def names():
    return sorted(path.name for path in CASES.iterdir() if (path / "recorded.json").exists())


def conf_servicer():
    spec = importlib.util.spec_from_file_location("conf_provider", CASES / "provider" / "conf_provider.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Conf()


def normal(value):
    """The value as the recordings write it."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return "<secret>"
        return {key: normal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [normal(item) for item in value]
    if value == UNKNOWN:
        return "<unknown>"
    return UUID.sub("<uuid>", value) if isinstance(value, str) else value


def fingerprint(value):
    return json.dumps(value, sort_keys=True)


def step_of(step):
    made = {"op": step.op, "urn": step.urn}
    state = step.new or {}
    shows = not step.op.startswith(("delete", "discard", "read")) and not is_provider(step.type)
    if shows and state.get("inputs") and state.get("custom"):
        made["inputs"] = normal(state["inputs"])
    if step.changed:
        made["diffs"] = sorted(step.changed)
    if step.replacing:
        made["replaceKeys"] = sorted(step.replacing)
    if step.detail:
        made["detailedDiff"] = dict(step.detail)
    return made


def state_of(resources):
    found = {}
    for resource in resources:
        made = {key: normal(resource[key]) for key in OPTIONS if resource.get(key)}
        for key in ("dependencies",):
            if key in made:
                made[key] = sorted(made[key])
        found[resource["urn"], bool(resource.get("delete"))] = made
    return found


def recorded_state(resources):
    return {
        (item["urn"], bool(item.get("delete"))): {key: item[key] for key in OPTIONS if item.get(key)}
        for item in resources
    }


def topics(message):
    return {
        match.group(0) if name == "told to fail" else name
        for name, form in TOPICS.items()
        if (match := re.search(form, message))
    }


def diagnostics_of(found):
    kept = [(d["severity"], d["urn"], d["message"]) for d in found if not CLOSING.match(d["message"])]
    return Counter((severity, urn, *sorted(topics(message))) for severity, urn, message in kept)


def policies_of(result):
    found = []
    for finding in result.findings:
        if finding.kind == "remediation":
            found.append(
                {
                    "remediation": finding.policy,
                    "resourceUrn": finding.urn,
                    "before": normal(finding.actual),
                    "after": normal(finding.expected),
                }
            )
        else:
            found.append(
                {
                    "policyName": finding.policy,
                    "enforcementLevel": finding.level,
                    "resourceUrn": finding.urn,
                    "message": finding.message,
                }
            )
    return sorted(map(fingerprint, found))


def differences(number, want, result, state):
    """What differs, in words; nothing where both are the same."""
    found = []

    def same(what, expected, actual):
        if expected != actual:
            found.append(f"{what}: expected {expected}, got {actual}")

    same("ok", want["ok"], result.ok)
    ended_early = number in AFTER_FAILURE and not want["ok"]
    mine = Counter(fingerprint(step_of(step)) for step in result.steps)
    theirs = Counter(fingerprint(step) for step in want["steps"])
    errors = [d for d in diagnostics_of(want["diagnostics"]) if d[0] == "error"]
    diagnosed = diagnostics_of(
        [
            {"severity": d.severity, "urn": d.urn, "message": d.message}
            for d in result.diagnostics
            if d.severity in ("warning", "error")
        ]
    )
    if number == "21":  # which of the two is first is a matter of timing
        alike = [Counter(json.loads(item)["urn"] for item in steps.elements()) for steps in (theirs, mine)]
        same("steps", *alike)
    elif ended_early:
        missing = [d for d in errors if d not in diagnosed]
        same("errors that are missing", [], missing)
        blocked = [step for step in want["steps"] if json.dumps(step, sort_keys=True) not in mine]
        same("steps that are missing", [], blocked)
    else:
        same("steps that are missing", [], sorted((theirs - mine).elements()))
        same("steps too many", [], sorted((mine - theirs).elements()))
        same("changes", want["changes"], result.changes)
        same("diagnostics", diagnostics_of(want["diagnostics"]), diagnosed)
    same("policies", sorted(map(fingerprint, want.get("policies", []))), policies_of(result))
    if "state" in want:
        expected, actual = recorded_state(want["state"]["resources"]), state_of(state)
        for key in expected.keys() | actual.keys():
            if number == "21" or (ended_early and key not in expected):
                continue
            same(f"state of {key[0]}", expected.get(key), actual.get(key))
    if "outputs" in want:
        same(
            "outputs",
            normal(want["outputs"]),
            {k: "[secret]" if v == "<secret>" else v for k, v in normal(result.outputs).items()},
        )
    return found


def prepare(folder, case, step):
    (folder / "Pulumi.yaml").write_text("name: conf\nruntime: python\n")
    shutil.copy(CASES / case / f"{step['program']}.py", folder / "__main__.py")
    stack = step.get("stack", "dev")
    settings = {"config": {f"conf:{key}": value for key, value in step.get("config", {}).items()}}
    if step.get("secrets"):
        crypter = Crypter(PASSPHRASE, b"the salt")
        settings["encryptionsalt"] = crypter.state
        settings["config"] |= {
            f"conf:{key}": {"secure": crypter.encrypt(value)} for key, value in step["secrets"].items()
        }
    (folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(settings))
    return stack


def run_case(case, folder, *, plugin=False):
    """Runs a case in a folder. Returns an outcome a step."""
    os.environ["PYTHONPATH"] = str(CASES / "provider")
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    os.environ["PULUMI_CONFIG_PASSPHRASE"] = PASSPHRASE
    recorded = json.loads((CASES / case / "recorded.json").read_text())
    steps = json.loads((CASES / case / "steps.json").read_text())["steps"]
    providers_of = (lambda: plugin_providers(folder)) if plugin else (lambda: Providers({"conf": conf_servicer}))
    outcomes = []
    for step, want in zip(steps, recorded, strict=True):
        stack = prepare(folder, case, step)
        analyzers = []
        if case[:2] >= "40":
            file = folder / "policy.json"
            file.write_text(json.dumps(step.get("policyConfig", {})))
            analyzers = [PluginAnalyzer(CASES / "policy", file)]
        project = load_project(folder)
        result = run(step["command"], project, project.stack(stack), providers=providers_of(), analyzers=analyzers)
        state, _ = StateFile(folder / ".kubeml", stack).load()
        refused = next((d.message for d in result.diagnostics if "is not supported" in d.message), "")
        outcomes.append(Outcome([] if refused else differences(case[:2], want, result, state), refused))
    return outcomes


def plugin_providers(folder):
    launcher = folder / "bin" / "pulumi-resource-conf"
    launcher.parent.mkdir(exist_ok=True)
    launcher.write_text(f"#!/bin/sh\nexec {sys.executable} {CASES / 'provider' / 'conf_provider.py'}\n")
    launcher.chmod(0o755)
    return Providers(environment={**os.environ, "PATH": f"{launcher.parent}:{os.environ['PATH']}"})


def main(chosen):
    bad = 0
    for case in chosen or names():
        with tempfile.TemporaryDirectory() as folder:
            outcomes = run_case(case, Path(folder))
        wrong = [
            f"step {i}: {difference}" for i, outcome in enumerate(outcomes, 1) for difference in outcome.differences
        ]
        refused = next((outcome.refusal for outcome in outcomes if outcome.refusal), "")
        bad += bool(wrong)
        print(f"{case:32} {f'refused: {refused}' if refused else 'differs' if wrong else 'same'}", flush=True)
        for line in wrong:
            print(f"    {line}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
