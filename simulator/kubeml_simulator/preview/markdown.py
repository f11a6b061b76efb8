"""A report as Markdown, for a pull request or a job's summary: the verdict first, then what is wrong, then what changes."""

import re
from collections.abc import Iterator, Sequence

from kubeml_simulator.preview.build import name_of
from kubeml_simulator.preview.document import UNCHANGED, PlacedPod, Report
from kubeml_simulator.preview.placement import counted, misfit, used, waits
from kubeml_simulator.preview.signs import seconds, sign

# Characters that mean something to Markdown or HTML, or that call someone (@) or link to something (#).
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~@&])")


def escaped(text: str) -> str:
    r"""Makes text that Markdown shows as it is, on one line.

    >>> escaped("<b>|@all|")
    '\\<b\\>\\|\\@all\\|'
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def render(report: Report) -> str:
    """Makes the Markdown of a report."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    violations = [each for each in report.policy if each.result == "violation"]
    changes = {op: count for op, count in sorted(report.changes.items()) if op not in UNCHANGED}
    verdict = ", ".join(f"{count} {op}" for op, count in changes.items()) or "no change"
    state = report.operation if report.ok else f"{report.operation} failed (exit {report.exit_code})"
    yield f"### {escaped(report.stack)}: {escaped(state)}"
    yield ""
    yield f"{verdict}; {len(violations)} violations, {sum(each.fails for each in violations)} mandatory"
    for note in report.notes:
        yield f"- {escaped(note)}"
    for each in report.diagnostics:
        where = " ".join(name_of(each.urn)).strip() + ": " if each.urn else ""
        yield f"- **{escaped(each.severity)}** {escaped(where + each.message)}"
    yield from _policy(report)
    yield from _pods(report.pods) if report.pods else _placement(report)
    yield from _changes(report)


def _policy(report: Report) -> Iterator[str]:
    found = [each for each in report.policy if each.result != "undetermined"]
    if found:
        yield from ("", "| check | level | resource | finding | fix |", "|---|---|---|---|---|")
    for each in sorted(found, key=lambda each: (not each.fails, each.check, each.urn)):
        where = " ".join(name_of(each.urn)).strip() if each.urn else "the stack"
        cells = each.check, each.level, f"{where} {each.path or ''}", each.message, each.fix or ""
        yield f"| {' | '.join(map(escaped, cells))} |"


def _placement(report: Report) -> Iterator[str]:
    groups = [each for each in report.placement if each.devices]
    if groups:
        yield from ("", "| pods | replicas | devices a pod | pool | nodes |", "|---|--:|---|---|--:|")
    for each in groups:
        name = f"{each.namespace}/{each.name}"
        for landing in each.landings:
            cells = name, str(landing.pods), counted(each.devices), landing.pool, str(landing.nodes)
            yield f"| {' | '.join(map(escaped, cells))} |"
        if each.missing or each.undetermined:
            yield f"| {' | '.join(map(escaped, (name, str(each.missing), counted(each.devices), misfit(each))))} | |"
    yield from _pools(report)


def _pools(report: Report) -> Iterator[str]:
    """Makes the table of the pools: the nodes that each has at least, needs for all pods, and has at most."""
    pools = [each for each in report.pools if not each.undetermined]
    if pools:
        yield from (
            "",
            "| pool | machine | fewest nodes | needed | most | devices taken at most |",
            "|---|---|--:|--:|--:|---|",
        )
    for each in pools:
        cells = each.name, each.machine, str(each.min), str(each.needed), str(each.max), used(each) or "-"
        yield f"| {' | '.join(map(escaped, cells))} |"
    late = waits(report.placement)
    if late:
        yield from ("", escaped(late))


def _pods(pods: Sequence[PlacedPod]) -> Iterator[str]:
    """Makes the table of a control plane's pods, daemons that have their node left out."""
    yield from ("", "| pod | namespace | devices | pool | node |", "|---|---|---|---|---|")
    for each in pods:
        if not (each.daemon and each.node):
            place = (each.pool or "", each.node) if each.node else ("", each.reason or "")
            yield f"| {' | '.join(map(escaped, (each.name, each.namespace, counted(each.devices), *place)))} |"


def _changes(report: Report) -> Iterator[str]:
    rows = [each for each in report.resources if each.op not in UNCHANGED]
    if rows:
        yield from ("", "<details><summary>Resources</summary>", "")
    for each in rows:
        paths = ", ".join(each.replacing or each.changed)
        took = seconds(each.end - each.start, measured=each.measured) if each.start is not None and each.end else ""
        notes = "; ".join(note for note in (paths, took) if note)
        line = f"{sign(each.op).glyph} {each.type} {each.name}" + (f" ({notes})" if notes else "")
        yield f"- {escaped(line)}"
    if rows:
        yield from ("", "</details>")
