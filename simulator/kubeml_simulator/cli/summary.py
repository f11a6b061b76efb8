"""The end of a run as text: what changed, what the checks say, where every GPU pod lands, outputs, and what took longest."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from kubeml_simulator.cli.errors import DONE, VIOLATED
from kubeml_simulator.cli.evaluation import named
from kubeml_simulator.preview.build import name_of
from kubeml_simulator.preview.document import Interval, PlacedPod, PodGroup, PolicyResult, PoolUse, Report
from kubeml_simulator.preview.placement import counted, misfit, used, waits
from kubeml_simulator.preview.signs import seconds, sign

_LEVEL = {"mandatory": "bold red", "advisory": "yellow", "remediate": "cyan"}
_LONGEST_OUTPUT = 2000


def write(report: Report, console: Console) -> None:
    """Writes the summary of a report on `console`: sections that have nothing to say are left out.

    Of a run that broke off, only what still holds is told, so that its errors stay in sight.
    """
    whole = report.exit_code in {DONE, VIOLATED}
    sections = (
        _verdict(report),
        policy(report.policy, report.packs if whole else ()),
        _pods(report.pods) if report.pods else (),
        _placement(report.placement, report.pools) if whole and not report.pods else (),
        _outputs(report.outputs) if whole else (),
        _critical_path(report) if whole else (),
        _files(report),
    )
    for section in sections:
        lines = list(section)
        if lines:
            console.print()
        for line in lines:
            _print(line, console)


def _print(line: RenderableType, console: Console) -> None:
    """Prints a line or a table; where no terminal is, without the blanks that fill a table's last column."""
    if isinstance(line, Text) or console.is_terminal:
        console.print(line, soft_wrap=isinstance(line, Text))
        return
    with console.capture() as capture:
        console.print(line)
    for each in capture.get().splitlines():
        console.print(Text(each.rstrip()), soft_wrap=True)


def policy(results: Sequence[PolicyResult], packs: Sequence[str]) -> Iterator[RenderableType]:
    """Makes the section of the checks: each violation with its fix, and one line a check that could not decide."""
    if not packs and not results:
        return
    found = Counter(each.result for each in results)
    mandatory = sum(each.fails for each in results)
    verdict = Text("Policy", style="bold").append(f"  {', '.join(packs)}: ", style="not bold")
    count = found["violation"]
    if count:
        verdict.append(
            f"{count} {_plural('violation', count)}, {mandatory} mandatory", style="red" if mandatory else "yellow"
        )
    else:
        verdict.append("no violation", style="green")
    yield verdict
    for each in results:
        if each.result == "remediation":
            yield Text(f"  {each.check} corrected {_where(each)} {each.message}".rstrip(), style="cyan")
    yield from _violations([each for each in results if each.result == "violation"])
    yield from _undetermined([each for each in results if each.result == "undetermined"])


def _violations(results: Sequence[PolicyResult]) -> Iterator[Text]:
    """Makes a paragraph for each check: the mandatory ones first, each place a line, the fix once."""
    groups: dict[tuple[bool, str, str, str], list[PolicyResult]] = {}
    for each in sorted(results, key=lambda each: (not each.fails, each.check, each.urn, each.path or "")):
        groups.setdefault((not each.fails, each.check, each.level, each.fix or ""), []).append(each)
    for (_, check, level, fix), group in groups.items():
        count = f"  {len(group)} times" if len(group) > 1 else ""
        yield Text("  ").append(f"{check} {level}", style=_LEVEL.get(level, "")).append(count, style="dim")
        for each in group:
            yield Text(f"    {_where(each)}: {each.message}")
            notes = [
                f"expected {each.expected}" if each.expected else "",
                f"found {each.actual}" if each.actual else "",
            ]
            note = ", ".join(filter(None, notes)) + (f"  ({each.position})" if each.position else "")
            if note:
                yield Text(f"      {note.strip()}", style="dim")
        if fix:
            yield Text(f"    fix: {fix}", style="green")


def _undetermined(results: Sequence[PolicyResult]) -> Iterator[Text]:
    groups: dict[str, list[PolicyResult]] = {}
    for each in results:
        groups.setdefault(each.check, []).append(each)
    for check, group in sorted(groups.items()):
        urns = list(dict.fromkeys(each.urn for each in group))
        first = " ".join(name_of(urns[0])).strip() or "the stack"
        more = f" and {len(urns) - 1} more" if len(urns) > 1 else ""
        yield Text(f"  {check} undetermined for {first}{more}: {group[0].message}", style="dim")


def _where(each: PolicyResult) -> str:
    where = " ".join(name_of(each.urn)).strip() if each.urn else "the stack"
    return f"{where} {each.path}" if each.path else where


def _verdict(report: Report) -> Iterator[Text]:
    word = {"preview": "would change", "up": "changed", "destroy": "removed"}.get(report.operation, report.operation)
    state = Text("ok", style="green") if report.ok else Text(f"failed (exit {report.exit_code})", style="bold red")
    yield Text.assemble((f"{report.project} {report.stack}", "bold"), "  ", state, f"  as of {report.as_of}")
    changes = {op: count for op, count in report.changes.items() if op != "same"}
    line = Text(f"  {word}: " if changes else "  no change")
    for index, (op, count) in enumerate(sorted(changes.items())):
        line.append(", " if index else "").append(
            f"{sign(op).glyph} {count} to {op}"
            if report.operation == "preview"
            else f"{sign(op).glyph} {count} {sign(op).done}",
            style=sign(op).style,
        )
    same = report.changes.get("same", 0)
    yield line.append(f"; {same} unchanged" if same else "", style="dim")
    for note in report.notes:
        yield Text(f"  warning: {note}", style="yellow")


def _placement(groups: Sequence[PodGroup], pools: Sequence[PoolUse]) -> Iterator[RenderableType]:
    if not groups:
        return
    yield Text("Where every GPU pod lands", style="bold").append(
        "  at most replicas, pools with the nodes that these need", style="not bold dim"
    )
    on_devices = [each for each in groups if each.devices]
    if on_devices:
        table = _table("  pods", "namespace", "replicas", "devices a pod", "pool", "nodes")
        for each in on_devices:
            what = f"  {each.name}", each.namespace, str(each.replicas), counted(each.devices)
            for landing in each.landings:
                table.add_row(*what, landing.pool, str(landing.nodes))
                what = "", "", f"{landing.pods}", ""
            if each.missing or each.undetermined:
                table.add_row(*what, Text(misfit(each), style="red"), "-")
        yield table
    yield from _pools(pools)
    late = waits(groups)
    if late:
        yield Text(f"  {late}", style="dim")
    others = [each for each in groups if not each.devices and not each.daemon]
    lost = [each for each in others if each.missing]
    if others:
        text = f"  and {len(others)} {_plural('group', len(others))} of pods without a device, {len(others) - len(lost)} with a place"
        yield Text(text, style="dim")
    for each in lost:
        yield Text(f"  {each.namespace}/{each.name}: {misfit(each)}", style="yellow")


def _pools(pools: Sequence[PoolUse]) -> Iterator[RenderableType]:
    """Makes the table of the pools: the nodes that each has at least, needs for all pods, and has at most."""
    known = [each for each in pools if not each.undetermined]
    if known:
        table = _table("  pool", "machine", "fewest nodes", "needed", "most", "devices taken at most")
        for each in known:
            bounds = str(each.min), str(each.needed), str(each.max)
            table.add_row(f"  {each.name}", each.machine, *bounds, used(each) or "-", style="dim")
        yield table
    for each in pools:
        if each.undetermined:
            yield Text(f"  {each.name} is not counted, for it is not known yet: {each.undetermined}", style="yellow")


def _pods(pods: Sequence[PlacedPod]) -> Iterator[RenderableType]:
    """Makes the section of a control plane's pods: a line for each, and one for all of a daemon set that have a node."""
    without = [each for each in pods if each.node is None]
    yield Text("Where every pod is", style="bold").append(
        f"  as the scheduler has decided: {len(pods) - len(without)} of {len(pods)} have a node", style="not bold dim"
    )
    table = _table("  pod", "namespace", "devices", "pool", "node", "phase")
    for each in pods:
        if not (each.daemon and each.node):
            phase = "not made" if each.refused else each.phase
            place = each.pool or "-", each.node or "-", Text(phase, style="" if each.node else "red")
            table.add_row(f"  {each.name}", each.namespace, counted(each.devices) or "-", *place)
    yield table
    for each in without:
        reason = each.reason or "the scheduler has not looked at it"
        yield Text(f"  {each.namespace}/{each.name}: {reason}", style="red")
    sets = Counter((each.namespace, each.owner.partition("/")[2]) for each in pods if each.daemon and each.node)
    for (namespace, name), count in sorted(sets.items()):
        yield Text(f"  {namespace}/{name}: one on each of {count} {_plural('node', count)}", style="dim")


def _outputs(outputs: Mapping[str, Any]) -> Iterator[RenderableType]:
    if not outputs:
        return
    yield Text("Outputs", style="bold")
    table = Table.grid(padding=(0, 2))
    for name, value in sorted(outputs.items()):
        if isinstance(value, Mapping) and value:
            rows = [(f"{key}", item) for key, item in sorted(value.items())]
            width = max(len(key) for key, _ in rows)
            text = "\n".join(f"{key:<{width}}  {_shown(item)}" for key, item in rows)
        else:
            text = _shown(value)
        table.add_row(f"  {name}", Text(text))
    yield table


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST_OUTPUT else text[:_LONGEST_OUTPUT] + " …"


def _critical_path(report: Report) -> Iterator[RenderableType]:
    if not report.critical_path or not report.duration:
        return
    unmeasured = any(not each.measured for each in report.critical_path)
    note = "; ~ marks a step whose duration nobody measured" if unmeasured else ""
    yield Text("Critical path", style="bold").append(
        f"  {seconds(report.duration)} of virtual time{note}", style="not bold"
    )
    table = _table("  ends at", "takes", "operation", "resource")
    for each in _long_enough(report.critical_path):
        took = seconds(each.seconds, measured=each.measured)
        table.add_row(f"  {seconds(each.end)}", took, each.op, f"{each.type} {each.name}")
    yield table


def _long_enough(path: Iterable[Interval]) -> list[Interval]:
    return [each for each in path if each.seconds > 0]


def _files(report: Report) -> Iterator[Text]:
    if report.html:
        yield Text(f"Report  {report.html}")
    if report.state and report.operation != "preview":
        yield Text(f"State   {named(report.state)}")
    for index, command in enumerate(report.next_commands):
        yield Text("Next    " if index == 0 else "        ").append(command, style="cyan")


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        numbers = column.strip() in {"replicas", "nodes", "takes", "ends at", "fewest nodes", "needed", "most"}
        table.add_column(column, justify="right" if numbers else "left", overflow="fold")
    return table


def _plural(word: str, count: int) -> str:
    return word if count == 1 else word + "s"
