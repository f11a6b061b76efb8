"""Asks policies: before a resource is made they may change its inputs and refuse it; at the end they see the stack."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from kubeml_simulator.engine.context import Context
from kubeml_simulator.engine.events import Finding, Resource
from kubeml_simulator.engine.host import ProviderError
from kubeml_simulator.engine.urns import STACK, type_of


@dataclass(frozen=True, slots=True)
class Remediation:
    """What a policy makes of a resource's inputs; without inputs, why it could not."""

    policy: str
    inputs: dict[str, Any] | None
    pack: str = ""
    pack_version: str = ""
    message: str = ""


class Analyzer(Protocol):
    """A policy pack. Resources are in deployment format; a resource about to be made has no outputs yet."""

    name: str
    version: str

    def remediate(self, resource: Resource) -> Sequence[Remediation]:
        """Makes new inputs, one after the other."""
        ...

    def analyze(self, resource: Resource) -> Sequence[Finding]:
        """Judges one resource by its inputs."""
        ...

    def analyze_stack(self, resources: Sequence[Resource]) -> Sequence[Finding]:
        """Judges all resources by their outputs."""
        ...


def judge(context: Context, analyzers: Iterable[Analyzer], resource: Resource) -> bool:
    """Remediates and judges one resource in place. Returns whether it may be made.

    In a preview a mandatory violation is reported and the rest goes on, so that all of them are seen at once.
    """
    analyzers = list(analyzers)
    urn: str = resource["urn"]
    for analyzer in analyzers:
        for remedy in analyzer.remediate(resource):
            before: dict[str, Any] = resource.get("inputs") or {}
            if remedy.inputs is None:
                context.find(_finding(remedy, urn, None, None))
                continue
            context.find(_finding(remedy, urn, before, remedy.inputs))
            resource["inputs"] = remedy.inputs
    stops = False
    for analyzer in analyzers:
        for finding in map(_enforced, analyzer.analyze(resource)):
            placed = replace(finding, urn=finding.urn or urn, position=finding.position or context.positions.get(urn))
            context.find(placed)
            stops = stops or (placed.level == "mandatory" and placed.kind == "violation")
    return context.preview or not stops


def judge_stack(context: Context, analyzers: Iterable[Analyzer]) -> None:
    """Judges the whole stack; a finding about no resource of it is the stack's."""
    resources = list(context.journal.news.values())
    root = next((item["urn"] for item in resources if type_of(item["urn"]) == STACK), "")
    for analyzer in analyzers:
        try:
            findings = list(map(_enforced, analyzer.analyze_stack(resources)))
        except ProviderError as error:
            context.failed = True
            context.say("error", f"the policy pack {analyzer.name} failed: {error}", root)
            continue
        for finding in findings:
            urn = finding.urn if finding.urn in context.journal.news else root
            context.find(replace(finding, urn=urn, position=finding.position or context.positions.get(urn)))


def _enforced(finding: Finding) -> Finding:
    """A policy that could not remediate what it found is mandatory."""
    return replace(finding, level="mandatory") if finding.level == "remediate" else finding


def _finding(remedy: Remediation, urn: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> Finding:
    kind, level = ("undetermined", "advisory") if after is None else ("remediation", "remediate")
    return Finding(
        remedy.policy, remedy.pack, remedy.pack_version, level, remedy.message, urn, kind, actual=before, expected=after
    )
