"""One project under two engines: the real `pulumi` with the simulated providers as plugins, and the embedded evaluator."""

import json
import shutil
import subprocess
from dataclasses import dataclass, field

import pytest

SIGNATURE = "4dabf18193072939515e22adb298388d"
FLEETING = {"created", "modified", "sourcePosition", "sourcePositions", "stackTrace"}
NEEDED = ("pulumi", "pulumi-language-python")


@dataclass
class Outcome:
    """What an engine did: whether it worked, every step with its inputs, the counts, and the resources that are left."""

    ok: bool
    steps: dict[tuple[str, str], dict]
    changes: dict[str, int]
    resources: dict[str, dict] = field(default_factory=dict)
    said: str = ""


def plain(value):
    """A value with either engine's secrets written in one way, without nulls and the notes of the engine itself."""
    if isinstance(value, dict):
        if SIGNATURE in value:
            held = json.loads(value["plaintext"]) if "plaintext" in value else value.get("value", "hidden")
            return {"secret": plain(held) if held != "[secret]" else "hidden"}
        return {key: plain(item) for key, item in value.items() if item is not None and key != "__internal"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def hidden(value):
    """A value without what is secret in it."""
    if isinstance(value, dict):
        return "secret" if set(value) == {"secret"} else {key: hidden(item) for key, item in value.items()}
    return [hidden(item) for item in value] if isinstance(value, list) else value


def written(resource):
    """A resource of a state, without what differs from run to run: times, places in files, ids of providers."""
    kept = {
        key: plain(item)
        for key, item in resource.items()
        if key not in FLEETING and item not in (None, [], {}, False, "")
    }
    if "provider" in kept:
        kept["provider"] = kept["provider"].rpartition("::")[0]
    if kept["type"].startswith("pulumi:providers:"):
        kept.pop("id", None)
    for key in ("dependencies", "additionalSecretOutputs"):
        if key in kept:
            kept[key] = sorted(kept[key])
    kept["propertyDependencies"] = {
        key: sorted(urns) for key, urns in kept.get("propertyDependencies", {}).items() if urns
    }
    return kept


class Real:
    """The real engine on one copy of a project."""

    def __init__(self, project, stack, folder):
        from kubeml_simulator.plugins import ambient
        from kubeml_simulator.plugins.environment import make_stack

        self.project, self.stack = project, stack
        self.environment = {**ambient(folder), "PULUMI_DEBUG_COMMANDS": "true"}  # for --event-log
        self.pulumi = shutil.which("pulumi", path=self.environment["PATH"])
        assert make_stack(self.pulumi, stack, project, self.environment) == 0

    def _call(self, *arguments, fail=()):
        return subprocess.run(
            [self.pulumi, *arguments, "--stack", self.stack],
            cwd=self.project,
            env={**self.environment, "KUBEML_FAIL": ",".join(fail)},
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, operation, *fail):
        flags = [] if operation == "preview" else ["--yes", "--skip-preview"]
        log = self.project.parent / f"events-{operation}.json"
        log.unlink(missing_ok=True)
        done = self._call(operation, "--non-interactive", "--event-log", str(log), *flags, fail=fail)
        events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []
        steps, changes = {}, {}
        for event in events:
            if "resourcePreEvent" in event:
                metadata = event["resourcePreEvent"]["metadata"]
                steps[metadata["op"], metadata["urn"]] = hidden(
                    plain((metadata.get("new") or metadata.get("old") or {}).get("inputs") or {})
                )
            if "summaryEvent" in event:
                changes = event["summaryEvent"]["resourceChanges"]
        exported = json.loads(self._call("stack", "export", "--show-secrets").stdout)
        resources = {entry["urn"]: written(entry) for entry in exported["deployment"].get("resources") or []}
        return Outcome(done.returncode == 0, steps, changes, resources, done.stdout + done.stderr)


class Embedded:
    """The embedded evaluator on the same project."""

    def __init__(self, project, stack, folder):
        self.project, self.stack, self.folder = project, stack, folder

    def run(self, operation, *fail):
        from kubeml_simulator.cli.providers import simulated
        from kubeml_simulator.engine import load_project, run
        from kubeml_simulator.provider.failures import FailurePlan

        project = load_project(self.project)
        result = run(
            operation, project, project.stack(self.stack), providers=simulated(FailurePlan(fail)), state_dir=self.folder
        )
        steps = {
            (step.op, step.urn): hidden(plain((step.new or step.old or {}).get("inputs") or {}))
            for step in result.steps
        }
        resources = {entry["urn"]: written(entry) for entry in result.resources}
        return Outcome(
            result.ok, steps, result.changes, resources, "\n".join(f"{d.urn} {d.message}" for d in result.diagnostics)
        )


@pytest.fixture(scope="session")
def pulumi():
    """The real CLI with its Python host, or the reason for not comparing."""
    for name in NEEDED:
        if shutil.which(name) is None:
            pytest.skip(f"there is no {name} on PATH: the embedded evaluator is not compared with the real engine")
    return shutil.which("pulumi")


@pytest.fixture
def both(pulumi, tmp_path):
    """Makes a copy of a project and both engines for one of its stacks."""

    def make(source, stack, *names):
        project = tmp_path / "project"
        project.mkdir()
        for name in names or [entry.name for entry in source.iterdir()]:
            place = source / name
            (shutil.copytree if place.is_dir() else shutil.copy)(place, project / name)
        return Real(project, stack, tmp_path / "real"), Embedded(project, stack, tmp_path / "embedded"), project

    return make
