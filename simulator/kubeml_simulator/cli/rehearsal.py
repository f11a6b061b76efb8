"""The preview before an `up` whose program the stack has not seen: what is refused ends the run before the first operation.

The evaluator refuses by name what it does not do (resource hooks, methods of resources, parameterized packages, ...), but hears of it only
when the program asks. So a program that is newer than the state is previewed first, as the real engine does before every update; one
that is not has been through this, and starts at once.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubeml_simulator.cli.errors import INTERRUPTED, WRONG

if TYPE_CHECKING:
    from kubeml_simulator.cli.evaluation import Evaluation
    from kubeml_simulator.engine import Project
    from kubeml_simulator.engine.events import Result

_SOURCES = (".py", ".yaml", ".yml", ".toml")


@dataclass(slots=True)
class Rehearsal:
    """A preview that ended the run: `result` is that of a run that did nothing, `tell` says why."""

    result: "Result"
    events: list[object] = field(default_factory=list[object])

    def tell(self, listener: Callable[[object], None] | None) -> None:
        """Passes on what was said, and what it takes to keep secrets out of it."""
        from kubeml_simulator.engine.events import Diagnostic, Planned

        for event in self.events if listener else ():
            if listener and isinstance(event, Diagnostic | Planned):
                listener(event)


def rehearse(evaluation: "Evaluation", say: Callable[[str], object] | None = None) -> Rehearsal | None:
    """Previews a program that the stack has not seen; gives what ends the run, None where nothing does."""
    if not unseen(evaluation.project, evaluation.stack.name):
        return None
    if say:
        say("previewing first: the program is newer than the state")
    from kubeml_simulator.provider.failures import FailurePlan

    events: list[object] = []
    result = replace(evaluation, analyzers=(), failures=FailurePlan(())).run("preview", events.append)
    if result.exit_code not in (WRONG, INTERRUPTED):
        return None
    nothing: Any = {"steps": [], "changes": {}, "spans": [], "critical_path": [], "duration": 0.0, "outputs": {}}
    there = result.state_path if result.state_path and result.state_path.exists() else None
    return Rehearsal(replace(result, operation="up", state_path=there, **nothing), events)


def unseen(project: "Project", stack: str) -> bool:
    """Whether the stack has no state, or a source file of the project is newer than it."""
    state = project.directory / ".kubeml" / stack / "state.json"
    if not state.exists():
        return True
    written = state.stat().st_mtime_ns
    return any(path.stat().st_mtime_ns > written for path in _sources(project.directory))


def _sources(directory: Path) -> Iterator[Path]:
    """Yields the files that make a program; hidden folders and virtual environments hold none."""
    for folder, within, files in os.walk(directory):
        within[:] = [
            each for each in within if not each.startswith(".") and not Path(folder, each, "pyvenv.cfg").exists()
        ]
        yield from (path for each in files if each.endswith(_SOURCES) and (path := Path(folder, each)).is_file())
