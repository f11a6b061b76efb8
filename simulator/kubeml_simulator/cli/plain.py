"""Progress where there is no terminal: one line an operation, with the virtual time at which it ended; no control characters."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from kubeml_simulator.preview.build import is_incidental, name_of
from kubeml_simulator.preview.signs import seconds, sign
from kubeml_simulator.preview.values import Redactor

if TYPE_CHECKING:
    from kubeml_simulator.engine.events import Step


class PlainLines:
    """A listener of the engine that writes a line for each operation, and for what the program says.

    Resources that stay as they are get no line: the summary counts them.
    """

    def __init__(self, operation: str, write: Callable[[str], None], redact: Redactor | None = None) -> None:
        self._preview = operation == "preview"
        self._write = write
        self._redact = redact or Redactor()
        self._said: set[tuple[str, str]] = set()

    def __call__(self, event: object) -> None:
        """Takes an event."""
        from kubeml_simulator.engine.events import Diagnostic, Failed, Finished, Planned

        if isinstance(event, Planned | Finished) and is_incidental(event.step.urn):
            return
        match event:
            case Planned(step=step):
                self._redact.learn([step.old, step.new])
                if self._preview and step.op != "same":
                    self._write(f"{sign(step.op).glyph:<2} {step.op:<18} {_named(step)}{_because(step)}")
            case Finished(step=step) if not self._preview and step.op != "same":
                self._redact.learn(step.new)
                took = f"  ({seconds(event.seconds, measured=event.measured)})" if event.seconds else ""
                self._write(
                    f"{event.at:>8,.1f}s {sign(step.op).glyph:<2} {sign(step.op).done:<10} {_named(step)}{took}"
                )
            case Failed(step=step):
                why = "" if (step.urn, event.message) in self._said else f": {self._redact(event.message)}"
                self._write(f"{event.at:>8,.1f}s x  failed     {_named(step)}{why}")
            case Diagnostic() if str(event.severity) != "debug":
                self._said.add((event.urn, event.message))
                self._write(diagnostic(str(event.severity), self._redact(event.message), event.urn))
            case _:
                return


def diagnostic(severity: str, message: str, urn: str | None) -> str:
    r"""Makes the line of a diagnostic; further lines of its message are set in.

    >>> print(diagnostic("warning", "image has no digest\npin it", "urn:pulumi:a::b::kubernetes:core/v1:Pod::p"))
    warning: kubernetes:core/v1:Pod p: image has no digest
      pin it
    """
    where = " ".join(name_of(urn)).strip() + ": " if urn else ""
    where = "" if message.startswith(where) else where  # a provider names the resource itself
    return f"{severity}: {where}" + message.strip().replace("\n", "\n  ")


def _named(step: "Step") -> str:
    return f"{step.type} {step.name}"


def _because(step: "Step") -> str:
    if step.replacing:
        return f"  (replaced by {', '.join(step.replacing)})"
    return f"  ({', '.join(step.changed)})" if step.op == "update" and step.changed else ""
