"""The HTML report of a run: one file that asks nothing of the network, runs no script, and reads well on a phone and at night.

Every text in it is escaped by the template engine; the page's own policy (Content-Security-Policy) forbids all but its style.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kubeml_simulator.preview.build import name_of
from kubeml_simulator.preview.document import Change, Interval, Report
from kubeml_simulator.preview.placement import counted, misfit, used, waits
from kubeml_simulator.preview.signs import seconds, sign

if TYPE_CHECKING:
    from jinja2 import Template


@dataclass
class Branch:
    """A resource of the report's tree and what stands under it."""

    change: Change
    children: "list[Branch]" = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many resources stand under this one."""
        return sum(1 + child.size for child in self.children)

    @property
    def summary(self) -> str:
        """What happens under this one, in words: `3 create, 1 update`."""
        ops = Counter(child.change.op for child in self.below())
        return ", ".join(f"{count} {op}" for op, count in sorted(ops.items()))

    def below(self) -> "list[Branch]":
        """All that stand under this one, in the order of a walk."""
        return [each for child in self.children for each in (child, *child.below())]


@dataclass(frozen=True)
class Bar:
    """An interval as a bar of the timeline: `left` and `width` in percent of the whole run."""

    interval: Interval
    left: float
    width: float
    critical: bool

    @property
    def matters(self) -> bool:
        """Whether it is worth a line at first sight: on the critical path, or at least a hundredth of the whole."""
        return self.critical or self.width >= 1


def render(report: Report) -> str:
    """Makes the page."""
    return _template().render(
        report=report,
        tree=branches(report.resources),
        bars=bars(report),
        on_devices=[each for each in report.placement if each.devices],
        others=[each for each in report.placement if not each.devices],
        undetermined=_undetermined(report),
        counted=counted,
        misfit=misfit,
        used=used,
        waits=waits,
        sign=sign,
        seconds=seconds,
        name_of=name_of,
    )


def save(report: Report, path: Path) -> Path:
    """Writes the page to `path`, whose folder is made if need be, and gives the path back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(report), encoding="utf-8")
    return path


def branches(changes: Sequence[Change]) -> list[Branch]:
    """Makes the tree of a list of changes: each under its parent, or at the top if its parent is not among them."""
    known = {each.urn: Branch(each) for each in changes}
    roots: list[Branch] = []
    for branch in known.values():
        parent = known.get(branch.change.parent or "")
        (parent.children if parent and parent is not branch else roots).append(branch)
    return roots


def bars(report: Report) -> list[Bar]:
    """Makes the bars of the timeline: what took time, by start; what is on the critical path is marked."""
    whole = max((each.end for each in report.timeline), default=0.0)
    critical = {(each.urn, each.op) for each in report.critical_path}
    return [
        Bar(
            each,
            left=round(100 * each.start / whole, 3),
            width=round(100 * each.seconds / whole, 3),
            critical=(each.urn, each.op) in critical,
        )
        for each in report.timeline
        if each.seconds > 0
    ]


def _undetermined(report: Report) -> list[tuple[str, int, str]]:
    groups: dict[str, list[str]] = {}
    for each in report.policy:
        if each.result == "undetermined":
            groups.setdefault(each.check, []).append(each.message)
    return [(check, len(messages), messages[0]) for check, messages in sorted(groups.items())]


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("kubeml_simulator.preview", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.j2")
