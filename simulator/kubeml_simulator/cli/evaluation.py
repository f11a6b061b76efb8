"""One run of the engine with all that the command line adds: simulated providers, policy packs, a date, and a document of it."""

import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kubeml_simulator.cli import policies
from kubeml_simulator.cli.dates import as_of
from kubeml_simulator.cli.errors import FAILED, INTERRUPTED, Refusal
from kubeml_simulator.cli.providers import simulated
from kubeml_simulator.cli.target import resolve
from kubeml_simulator.preview.build import build
from kubeml_simulator.preview.document import Report
from kubeml_simulator.preview.values import Redactor

if TYPE_CHECKING:
    from kubeml_simulator.cli.options import Checks, Target
    from kubeml_simulator.engine import Project, Stack
    from kubeml_simulator.engine.analyzers import Analyzer
    from kubeml_simulator.engine.events import Result
    from kubeml_simulator.kubernetes.control_plane.cluster import LocalCluster
    from kubeml_simulator.provider.failures import FailurePlan

Operation = Literal["preview", "up", "destroy"]
Runner = Literal["fast", "sdk"]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """A stack, ready to be run; `run` gives the engine's result, `report` the document of it."""

    project: "Project"
    stack: "Stack"
    profile: str
    day: date
    analyzers: "Sequence[Analyzer]"
    failures: "FailurePlan"
    runner: Runner = "fast"

    def run(
        self,
        operation: Operation,
        listener: Callable[[object], None] | None = None,
        *,
        touch_state: bool = True,
        cluster: "LocalCluster | None" = None,
    ) -> "Result":
        """Runs the operation; on a `cluster` of its own it begins with nothing and records nothing."""
        from kubeml_simulator import engine

        heard = [each for each in (cluster, listener) if each is not None]

        def tell(event: object) -> None:
            for each in heard:
                each(event)

        return engine.run(
            operation,
            self.project,
            self.stack,
            providers=simulated(self.failures, cluster),
            analyzers=self.analyzers if operation != "destroy" else (),
            listener=tell,
            touch_state=touch_state and cluster is None,
            runner=self.runner,
        )

    def report(self, operation: Operation, result: "Result", cluster: "LocalCluster | None" = None) -> Report:
        """Makes the document of a result, placement included: predicted, and on a `cluster` as its scheduler has decided."""
        from kubeml_simulator.preview.placement import capacity, decided

        return build(
            result,
            redact=self.redactor(),
            operation=operation,
            project=self.project.name,
            stack=self.stack.name,
            profile=self.profile,
            as_of=self.day.isoformat(),
            packs=[f"{each.name} {each.version}" for each in self.analyzers] if operation != "destroy" else (),
            capacity=capacity(result.resources, cluster.sizes if cluster else None) if operation != "destroy" else None,
            pods=decided(cluster.settle()) if cluster and result.exit_code != INTERRUPTED else (),
            notes=[*self._notes(), *(cluster.notes() if cluster else ())],
            next_commands=next_commands(operation, self._target(), result) if cluster is None else (),
        )

    def redactor(self) -> Redactor:
        """Makes a redactor that knows the secrets of the stack's configuration, before anything has run."""
        redact = Redactor()
        redact.learn(self.stack.config)
        return redact

    def _target(self) -> str:
        """The options that name this stack from the folder one is in."""
        here, there = Path.cwd(), self.project.directory
        return ("" if here.is_relative_to(there) else f"-C {shlex.quote(named(there))} ") + f"-s {self.stack.name}"

    def _notes(self) -> list[str]:
        return [f"--fail {each}: no resource of this run has this type and name" for each in self.failures.unmatched()]


def prepare(target: "Target", checks: "Checks", *, fail: Sequence[str] = (), runner: Runner = "fast") -> Evaluation:
    """Makes an evaluation of what the options say; raises Refusal or ProjectError where they cannot be followed."""
    from kubeml_simulator.provider.failures import FailurePlan

    project, stack = resolve(target)
    day = checks.day or as_of(project.directory)
    profile = policies.profile_of(stack.config, checks.profile)
    return Evaluation(
        project=project,
        stack=stack,
        profile=profile,
        day=day,
        analyzers=_analyzers(checks, profile, day),
        failures=FailurePlan(failing(fail)),
        runner=runner,
    )


def named(path: Path | str) -> str:
    """Makes the name of a file as one would type it here.

    >>> named(Path.cwd() / "a" / "b")
    'a/b'
    """
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else str(path)


def saved(report: Report, directory: Path) -> Report:
    """Writes the HTML report into `directory` and gives the report back with its place."""
    from kubeml_simulator.preview.report import save

    path = save(report, directory / "report.html")
    return replace(report, html=named(path))


def next_commands(operation: str, target: str, result: "Result") -> list[str]:
    """Makes the commands that one would type next; `target` are the options that name the stack."""
    kubeml = _typed()
    if not result.ok:
        return [f"{kubeml} {operation} {target}"] if result.exit_code == FAILED else []
    if operation == "preview":
        changes = any(count for op, count in result.changes.items() if op != "same")
        return [f"{kubeml} up {target}"] if changes else []
    if operation == "up":
        return [f"{kubeml} preview {target}", f"{kubeml} destroy {target}"]
    return [f"{kubeml} up {target}"]


def _typed() -> str:
    """Makes the name by which this command can be called here: it may not be on PATH."""
    called = Path(sys.argv[0])
    return "kubeml" if called.name != "kubeml" or shutil.which("kubeml") == str(called) else named(called.absolute())


def _analyzers(checks: "Checks", profile: str, day: date) -> "list[Analyzer]":
    pairs, own = policies.paired(checks.policy_pack, checks.policy_config)
    analyzers: list[Analyzer] = [policies.built_in(profile, policies.read(own), day)]
    if pairs:
        from kubeml_simulator.engine import PluginAnalyzer

        analyzers += [PluginAnalyzer(pack, config) for pack, config in pairs]
    return analyzers


def failing(fail: Sequence[str]) -> list[str]:
    """Makes the patterns of --fail; raises Refusal where one is not TYPE::NAME."""
    wrong = [each for each in fail if not all(each.partition("::"))]
    if wrong:
        raise Refusal(
            [("--fail", f"{each!r} is not TYPE::NAME, as in aws:eks/nodeGroup:NodeGroup::train") for each in wrong]
        )
    return list(fail)
