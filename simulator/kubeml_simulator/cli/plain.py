"""Progress where there is no terminal: one line an operation, with the virtual time at which it ended; no control characters.

The lines are in the order of virtual time, which is the same in every run; that in which a program registers resources is not.
So they are written when the run is over, errors last; what the program says besides is written at once.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kubeml_simulator.preview.build import is_incidental, name_of
from kubeml_simulator.preview.signs import seconds, sign
from kubeml_simulator.preview.values import Redactor

if TYPE_CHECKING:
    from kubeml_simulator.engine.events import Failed, Finished, Step


class PlainLines:
    """A listener of the engine that writes a line for each operation, and for what the program says.

    Resources that stay as they are get no line: the summary counts them.
    """

    def __init__(self, operation: str, write: Callable[[str], None], redact: Redactor | None = None) -> None:
        self._preview = operation == "preview"
        self._write = write
        self._redact = redact or Redactor()
        self._lines: list[tuple[float, str, str, str]] = []
        self._errors: list[tuple[str, str, str | None]] = []

    def __call__(self, event: object) -> None:
        """Takes an event."""
        from kubeml_simulator.engine.events import Diagnostic, Failed, Finished, Planned

        match event:
            case Planned(step=step):
                self._redact.learn([step.old, step.new])
            case Finished(step=step) if step.op != "same" and not is_incidental(step.urn):
                self._redact.learn(step.new)
                self._keep(event, f"{sign(step.op).glyph:<2} {self._did(event)} {_named(step)}{self._why(event)}")
            case Failed(step=step):
                self._keep(event, f"x  {'failed':<10} {_named(step)}")
            case Diagnostic() if event.severity == "error":
                self._errors.append((event.message, event.urn, event.position))
            case Diagnostic() if event.severity != "debug":
                self._write(diagnostic(event.severity, self._redact(event.message), event.urn, event.position))
            case _:
                return

    def flush(self) -> None:
        """Writes what was kept: operations by virtual time, then errors."""
        for *_, line in sorted(self._lines):
            self._write(line)
        for message, urn, position in dict.fromkeys(self._errors):
            self._write(diagnostic("error", self._redact(message), urn, position))
        self._lines, self._errors = [], []

    def _keep(self, event: "Finished | Failed", text: str) -> None:
        at = "" if self._preview else f"{event.at:>8,.1f}s "
        self._lines.append((event.at, event.step.type, event.step.name, at + text))

    def _did(self, event: "Finished") -> str:
        return f"{event.step.op:<18}" if self._preview else f"{sign(event.step.op).done:<10}"

    def _why(self, event: "Finished") -> str:
        step = event.step
        if not self._preview:
            return f"  ({seconds(event.seconds, measured=event.measured)})" if event.seconds else ""
        if step.replacing:
            return f"  (replaced by {', '.join(step.replacing)})"
        return f"  ({', '.join(step.changed)})" if step.op == "update" and step.changed else ""


@contextmanager
def written(operation: str, write: Callable[[str], None], redact: Redactor | None = None) -> Generator[PlainLines]:
    """Gives the listener of plain lines; what it kept is written when the block ends, however it ends."""
    lines = PlainLines(operation, write, redact)
    try:
        yield lines
    finally:
        lines.flush()


def diagnostic(severity: str, message: str, urn: str | None, position: str | None = None) -> str:
    r"""Makes the line of a diagnostic, with its place in the program; further lines of its message are set in.

    >>> print(diagnostic("warning", "image has no digest\npin it", "urn:pulumi:a::b::kubernetes:core/v1:Pod::p"))
    warning: kubernetes:core/v1:Pod p: image has no digest
      pin it
    >>> print(diagnostic("error", "the zone is wrong", "", "__main__.py:7"))
    error: the zone is wrong  (__main__.py:7)
    """
    where = " ".join(name_of(urn)).strip() + ": " if urn else ""
    where = "" if message.startswith(where) else where  # a provider names the resource itself
    first, *rest = message.strip().split("\n")
    place = f"  ({position})" if position and position not in message else ""
    return "\n  ".join([f"{severity}: {where}{first}{place}", *rest])


def _named(step: "Step") -> str:
    return f"{step.type} {step.name}"
