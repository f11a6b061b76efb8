"""Runs a stack: preview, up or destroy."""

import contextlib
import signal
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kubeml_simulator.engine import wire
from kubeml_simulator.engine.aliases import Aliases
from kubeml_simulator.engine.analyzers import Analyzer, judge_stack
from kubeml_simulator.engine.builtin import Builtin
from kubeml_simulator.engine.context import AbortError, Context
from kubeml_simulator.engine.deletions import Deletions
from kubeml_simulator.engine.events import Listener, Result, Summary
from kubeml_simulator.engine.host import Providers
from kubeml_simulator.engine.journal import Journal
from kubeml_simulator.engine.monitor import EngineService, Monitor, serve
from kubeml_simulator.engine.operations import Operations
from kubeml_simulator.engine.pack import PluginAnalyzer
from kubeml_simulator.engine.planner import Planner
from kubeml_simulator.engine.program import Program
from kubeml_simulator.engine.project import Project, Stack
from kubeml_simulator.engine.registry import Registry
from kubeml_simulator.engine.state import StateFile
from kubeml_simulator.engine.urns import STACK, type_of

_ORGANIZATION = "organization"
_SAVE_SECONDS = 1.0
_GRACE_SECONDS = 10.0


def run(
    operation: Literal["preview", "up", "destroy"],
    project: Project,
    stack: Stack,
    *,
    providers: Providers,
    analyzers: Sequence[Analyzer] = (),
    listener: Listener | None = None,
    state_dir: Path | None = None,
    touch_state: bool = True,
    runner: Literal["fast", "sdk"] = "fast",
) -> Result:
    """Previews, brings up or destroys a stack; returns what was done. Raises ProjectError where the state is unreadable.

    `state_dir` (default: `.kubeml` in the project) has the states of stacks. With `touch_state=False` the state is neither
    read nor written: `up` then evaluates the whole stack from nothing. An interrupt (KeyboardInterrupt) ends the run with
    exit code 130 and all that was done in the state.
    """
    state = StateFile(state_dir or project.directory / ".kubeml", stack.name, fallback=stack.crypter)
    changes = touch_state and operation != "preview"
    with state.locked() if changes else contextlib.nullcontext():
        olds, pending = state.load() if touch_state else ([], [])
        config = stack.for_program(preview=operation == "preview")
        context = Context(operation, project.name, stack.name, project.directory, Journal(olds), config, listener)
        for item in pending:
            _tell_pending(context, item)
        saver = _Saver(context, state, changes)
        context.save = saver.sometimes
        registry = Registry(context, providers, Builtin(state.of), str(project.main))
        operations = Operations(context, registry)
        planner = Planner(context, registry, operations, list(analyzers), Aliases(context))
        texts = stack.texts(preview=context.preview)
        monitor = Monitor(context, planner, texts, stack.secret_keys(), _ORGANIZATION)
        try:
            _operate(monitor, project, providers, runner)
        finally:
            saver.always()
    result = context.conclude()
    root = next((item for item in result.resources if type_of(item["urn"]) == STACK), {})
    result.outputs = root.get("outputs") or {}
    result.state_path = state.path if touch_state else None
    context.tell(Summary(result))
    return result


def _operate(monitor: Monitor, project: Project, providers: Providers, runner: Literal["fast", "sdk"]) -> None:
    """Does the operation, ends what was started for it, and keeps in the context how it went."""
    context, planner = monitor.context, monitor.planner
    destroys = context.operation == "destroy"
    server, providers.engine_address = serve(EngineService(context), None if destroys else monitor)
    try:
        with _ended_by_sigterm():
            if not destroys:
                _evaluate(monitor, project, providers, runner)
            if destroys or context.complete:
                Deletions(context, planner.operations).run()
            if not destroys and context.complete:
                judge_stack(context, planner.analyzers)
    except KeyboardInterrupt:
        context.interrupted = True
    except AbortError:
        context.stopped = True
    finally:
        for analyzer in planner.analyzers:
            if isinstance(analyzer, PluginAnalyzer):
                analyzer.close()
        providers.close()
        server.stop(None).wait()


@contextlib.contextmanager
def _ended_by_sigterm() -> Generator[None]:
    """Lets SIGTERM end the run as Ctrl-C does; only the main thread hears of signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _evaluate(monitor: Monitor, project: Project, providers: Providers, runner: Literal["fast", "sdk"]) -> None:
    """Runs the program to its end, and gives the stack its outputs."""
    context, address = monitor.context, providers.engine_address
    given: dict[str, Any] = {
        "config": monitor.config,
        "secret_keys": monitor.secret_keys,
        "organization": monitor.organization,
    }
    program: Program | None = None
    try:
        for analyzer in monitor.planner.analyzers:
            if isinstance(analyzer, PluginAnalyzer):
                analyzer.start(context, address, **given)
        program = Program.start(context, project, address, **given, way=runner)
        code = program.wait()
    except KeyboardInterrupt:
        _let_finish(context, providers)
        raise
    finally:
        if program is not None:
            program.end()
    if code != 0 and not context.wrong and not context.stopped:
        context.wrong = True
        context.say("error", f"the program ended with exit code {code}")
    _finish_stack(context, monitor)


def _let_finish(context: Context, providers: Providers) -> None:
    """Starts nothing more, and waits a moment for the operation that is under way."""
    context.interrupted = True
    providers.cancel()
    if context.lock.acquire(timeout=_GRACE_SECONDS):
        context.lock.release()


def _finish_stack(context: Context, monitor: Monitor) -> None:
    """Gives the stack its outputs; after a failure those it had stay where the program gave no new ones."""
    errored = context.wrong or context.failed or context.stopped
    for urn, outputs in monitor.outputs.items():
        resource = context.journal.news.get(urn)
        if resource is None:
            continue
        before: dict[str, Any] = resource.pop("outputs", None) or {}
        known = {key: value for key, value in outputs.items() if context.preview or not wire.has_unknown(value)}
        made = before | known if errored else known
        if made:
            resource["outputs"] = made


def _tell_pending(context: Context, item: dict[str, Any]) -> None:
    urn = item.get("resource", {}).get("urn", "")
    context.say("warning", f"the last run was interrupted while {item.get('type')} this resource", urn)


@dataclass(slots=True)
class _Saver:
    """Writes the state: now and then while the run goes on, and at its end."""

    context: Context
    state: StateFile
    writes: bool
    last: float = 0.0

    def sometimes(self) -> None:
        """Writes unless that was done a moment ago."""
        if self.writes and time.monotonic() - self.last > _SAVE_SECONDS:
            self.always()

    def always(self) -> None:
        """Writes."""
        if self.writes:
            journal = self.context.journal
            self.state.save(journal.resources(), list(journal.pending.values()))
            self.last = time.monotonic()
