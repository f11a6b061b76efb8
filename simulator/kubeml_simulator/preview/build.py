"""Makes the document of a run out of what the engine gives back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Any

from kubeml_simulator.preview.document import UNCHANGED, Change, Interval, Message, PlacedPod, PolicyResult, Report
from kubeml_simulator.preview.values import Redactor, shown

if TYPE_CHECKING:
    from kubeml_simulator.engine.events import Finding, Result, Step
    from kubeml_simulator.preview.placement import Capacity

# A replacement is several steps of one resource; a reader sees one.
REPLACING = frozenset({"replace", "create-replacement", "delete-replaced"})


def build(
    result: "Result",
    *,
    operation: str,
    project: str,
    stack: str,
    profile: str,
    as_of: str,
    packs: Sequence[str] = (),
    capacity: "Capacity | None" = None,
    pods: Sequence[PlacedPod] = (),
    notes: Iterable[str] = (),
    next_commands: Sequence[str] = (),
    redact: Redactor | None = None,
) -> Report:
    """Makes the report of `result`; `notes` are what kubeml itself has to say. Secrets are withheld here, once."""
    redact = redactor(result, redact)
    spans = {(span.urn, span.op): span for span in result.spans}
    failed = {each.urn for each in result.diagnostics if each.urn and str(each.severity) == "error"}
    return Report(
        operation=operation,
        project=project,
        stack=stack,
        ok=result.ok,
        exit_code=result.exit_code,
        profile=profile,
        as_of=as_of,
        packs=tuple(packs),
        changes={op: count for op, count in result.changes.items() if count},
        resources=tuple(sorted(_changes(result.steps, spans, failed), key=_place_in_time)),
        policy=tuple(
            sorted(
                (policy_result(finding, redact) for finding in result.findings),
                key=lambda each: (each.check, each.urn, each.path or ""),
            )
        ),
        placement=capacity.groups if capacity else (),
        pools=capacity.pools if capacity else (),
        pods=tuple(replace(each, reason=redact(each.reason) if each.reason else None) for each in pods),
        outputs=shown(result.outputs),
        timeline=tuple(
            _interval(span) for span in sorted(result.spans, key=lambda each: (each.start, each.end, each.urn))
        ),
        critical_path=tuple(_interval(span) for span in result.critical_path),
        duration=result.duration,
        diagnostics=tuple(_message(each, redact) for each in result.diagnostics if each.severity != "debug"),
        notes=tuple(notes),
        next_commands=tuple(next_commands),
        state=str(result.state_path) if result.state_path else None,
    )


def redactor(result: "Result", redact: Redactor | None = None) -> Redactor:
    """Makes a redactor that knows every secret of a run, besides those that it already knows."""
    redact = redact or Redactor()
    redact.learn(result.outputs)
    for resource in result.resources:
        redact.learn(resource)
    for step in result.steps:
        redact.learn([step.old, step.new])
    return redact


def policy_result(finding: "Finding", redact: Redactor) -> PolicyResult:
    """Makes the row of a finding; what a check quotes of a resource is free text, so it is cleaned."""

    def clean(value: Any) -> str | None:
        return (
            None
            if value is None or value == ""
            else redact(value if isinstance(value, str) else json.dumps(shown(value), ensure_ascii=False, default=str))
        )

    expected, actual, path = finding.expected, finding.actual, finding.path
    if finding.kind == "remediation" and isinstance(expected, Mapping):  # whole inputs: what was corrected says enough
        before: Mapping[str, Any] = actual or {}
        path = ", ".join(sorted(key for key in {*expected, *before} if expected.get(key) != before.get(key)))
        expected = actual = None
    return PolicyResult(
        check=finding.check or finding.policy,
        name=finding.policy,
        pack=finding.pack,
        result=finding.kind,
        level=finding.level,
        urn=finding.urn or "",
        message=redact(finding.message),
        severity=clean(finding.severity),
        path=clean(path),
        expected=clean(expected),
        actual=clean(actual),
        fix=clean(finding.fix),
        position=place(finding.position),
    )


def name_of(urn: str) -> tuple[str, str]:
    """Makes (type, name) of a URN.

    >>> name_of("urn:pulumi:dev::kubeml::kubeml:eks:Cluster$aws:ec2/vpc:Vpc::ml::a")
    ('aws:ec2/vpc:Vpc', 'ml::a')
    """
    parts = urn.split("::", 3)
    return (parts[2].rpartition("$")[2], parts[3]) if len(parts) == 4 else ("", urn)


def place(position: str | None) -> str | None:
    """Makes FILE:LINE of a source position as Pulumi writes it.

    >>> place("project:///stacks/net.py#12"), place("__main__.py:3"), place("")
    ('stacks/net.py:12', '__main__.py:3', None)
    """
    return position.removeprefix("project:///").replace("#", ":") if position else None


def is_incidental(urn: str) -> bool:
    """Whether a resource is a provider that no one asked for: it is neither counted nor shown.

    >>> is_incidental("urn:pulumi:dev::shop::pulumi:providers:aws::default_7_51_1")
    True
    """
    token, name = name_of(urn)
    return token.startswith("pulumi:providers:") and (name == "default" or name.startswith("default_"))


def _changes(steps: Iterable["Step"], spans: Mapping[tuple[str, str], Any], failed: set[str]) -> Iterable[Change]:
    rows: dict[str, list[Step]] = {}
    for step in steps:
        if not is_incidental(step.urn):
            rows.setdefault(step.urn, []).append(step)
    for urn, group in rows.items():
        first = group[0]
        ops = {step.op for step in group}
        op = "replace" if ops & REPLACING else next((step.op for step in group if step.op not in UNCHANGED), first.op)
        times = [span for step in group if (span := spans.get((urn, step.op))) is not None]
        resource = first.new or first.old or {}
        yield Change(
            urn=urn,
            type=first.type,
            name=first.name,
            op=op,
            parent=resource.get("parent") or None,
            changed=_merged(step.changed for step in group),
            replacing=_merged(step.replacing for step in group),
            detail=next((dict(step.detail) for step in group if step.detail), None),
            start=min((span.start for span in times), default=None),
            end=max((span.end for span in times), default=None),
            measured=bool(times) and all(span.measured for span in times),
            failed=urn in failed,
        )


def _place_in_time(change: Change) -> tuple[float, int, str, str]:
    """Orders resources by virtual time, parents first: the order in which a program registers them differs from run to run."""
    return (inf if change.start is None else change.start, change.urn.count("$"), change.type, change.name)


def _merged(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for group in groups for path in group or ()))


def _interval(span: Any) -> Interval:
    token, name = name_of(span.urn)
    return Interval(
        urn=span.urn, type=token, name=name, op=span.op, start=span.start, end=span.end, measured=span.measured
    )


def _message(diagnostic: Any, redact: Redactor) -> Message:
    return Message(
        severity=str(diagnostic.severity),
        message=redact(diagnostic.message),
        urn=diagnostic.urn or "",
        position=place(diagnostic.position),
    )
