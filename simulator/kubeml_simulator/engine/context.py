"""What the parts of one run share: who is running, what exists, what happened, and whom to tell."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kubeml_simulator.engine import wire
from kubeml_simulator.engine.clock import Clock
from kubeml_simulator.engine.events import (
    Diagnostic,
    Event,
    Failed,
    Finding,
    Finished,
    Listener,
    Planned,
    PolicyFinding,
    Result,
    Severity,
    Started,
    Step,
)
from kubeml_simulator.engine.host import ProviderError
from kubeml_simulator.engine.journal import Journal
from kubeml_simulator.engine.urns import is_default_provider

_UNCOUNTED = ("create-replacement", "delete-replaced", "read", "read-replacement", "import-replacement")


class AbortError(Exception):
    """The program asked for something that cannot be: the run ends; the diagnostic is already made."""


class StepFailedError(Exception):
    """A step failed; the diagnostic is already made."""


@dataclass(slots=True)
class Context:
    """One run. `config` has the stack's configuration by namespaced key, secrets wrapped; `root` is the project's folder."""

    operation: str
    project: str
    stack: str
    root: Path
    journal: Journal
    config: dict[str, Any] = field(default_factory=dict[str, Any])
    listener: Listener | None = None
    save: Callable[[], None] = lambda: None
    clock: Clock = field(default_factory=Clock)
    lock: threading.RLock = field(default_factory=threading.RLock)
    blocked: set[str] = field(default_factory=set[str])
    condemned: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    replaced: set[str] = field(default_factory=set[str])
    positions: dict[str, str] = field(default_factory=dict[str, str])
    result: Result = field(init=False)
    wrong: bool = False
    failed: bool = False
    violated: bool = False
    stopped: bool = False
    interrupted: bool = False
    hidden: list[str] = field(init=False)
    _counts: Counter[str] = field(default_factory=Counter[str])

    def __post_init__(self) -> None:
        self.result = Result(self.operation)
        self.hidden = sorted(filter(_telling, wire.secret_texts(self.config)), key=len, reverse=True)

    @property
    def preview(self) -> bool:
        """Whether nothing is to be changed."""
        return self.operation == "preview"

    @property
    def complete(self) -> bool:
        """Whether all that the program wants is there: only then may what it no longer has be deleted.

        A preview goes on after what only an `up` would refuse, to show all of it.
        """
        ended = self.wrong or self.stopped or self.interrupted or bool(self.blocked)
        return not ended and (self.preview or not self.failed)

    def tell(self, event: Event) -> None:
        """Hands an event to the listener and keeps it in the result."""
        if isinstance(event, Diagnostic):
            self.result.diagnostics.append(event)
        elif isinstance(event, PolicyFinding):
            self.result.findings.append(event.finding)
        elif isinstance(event, Planned):
            self.result.steps.append(event.step)
        if self.listener is not None:
            self.listener(event)

    def say(self, severity: Severity, message: str, urn: str = "", position: str | None = None) -> None:
        """Makes a diagnostic; one about a resource has the place where the program made it. Secrets of the stack are masked."""
        self.tell(Diagnostic(severity, self.masked(message), urn, position or self.positions.get(urn)))

    def masked(self, text: str) -> str:
        """Makes the text without the secrets of the stack's configuration."""
        for word in self.hidden:
            text = text.replace(word, "[secret]")
        return text

    def find(self, finding: Finding) -> None:
        """Reports a policy's finding; a mandatory violation fails the run."""
        if finding.level == "mandatory" and finding.kind == "violation":
            self.violated = True
        self.tell(PolicyFinding(finding))

    def abort(self, message: str, urn: str = "", position: str | None = None) -> AbortError:
        """Makes the error that ends the run because of what the program asked for."""
        self.wrong = self.stopped = True
        self.say("error", message, urn, position)
        return AbortError(message)

    def perform(
        self,
        step: Step,
        act: Callable[[], None],
        *,
        node: str,
        after: Iterable[str],
        seconds: tuple[float, bool] = (0.0, True),
        pending: str = "",
    ) -> None:
        """Runs one step: tells about it, acts, keeps virtual time, counts. Raises StepFailedError."""
        if self.interrupted:
            raise AbortError("interrupted")
        length, measured = seconds
        after = list(after)
        self.tell(Planned(step))
        at, _ = self.clock.start(after)
        self.tell(Started(step, at))
        if pending and not self.preview:
            self.journal.pending[step.urn] = {"resource": step.new or step.old or {}, "type": pending}
        try:
            act()
        except ProviderError as error:
            self.journal.pending.pop(step.urn, None)
            span = self.clock.run(node, step.urn, step.op, after, length, measured=measured)
            self.failed = True
            self.say("error", error.message, step.urn)
            self.tell(Failed(step, span.end, self.masked(error.message)))
            raise StepFailedError(error.message) from error
        self.journal.pending.pop(step.urn, None)
        span = self.clock.run(node, step.urn, step.op, after, length, measured=measured)
        if step.op not in _UNCOUNTED and not is_default_provider(step.urn):
            self._counts[step.op] += 1
        self.tell(Finished(step, span.end, length, measured))
        if step.op != "same":
            self.save()

    def conclude(self) -> Result:
        """Makes the result final."""
        result = self.result
        codes = ((self.interrupted, 130), (self.failed, 3), (self.wrong, 2), (self.violated, 1))
        result.exit_code = next((code for happened, code in codes if happened), 0)
        result.ok = result.exit_code == 0
        result.changes = dict(sorted(self._counts.items()))
        result.spans = list(self.clock.spans.values())
        result.critical_path = self.clock.critical_path()
        result.duration = self.clock.end
        result.resources = self.journal.resources()
        return result


def _telling(text: str) -> bool:
    """Whether the text gives the secret away; `true`, `80` and the like stand for too much else."""
    return len(text) > 3 and text not in ("true", "false", wire.UNKNOWN)
