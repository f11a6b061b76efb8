"""The pack: all checks under one profile and configuration, on resources in the exchange format.

>>> pod = {"urn": "urn:pulumi:dev::p::kubernetes:core/v1:Pod::p", "type": "kubernetes:core/v1:Pod", "inputs": {"spec": {"containers": [
...     {"name": "main", "image": "app:1", "securityContext": {"privileged": True}, "resources": {"limits": {"cpu": 1, "memory": "1Gi"}}}]}}}
>>> [(finding.check, finding.path, finding.level) for finding in Pack("prod").analyze(pod) if finding.check == "POD-01"]
[('POD-01', 'spec.containers[0].securityContext.privileged', 'mandatory')]
"""

import datetime as dt
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kubeml_policies import config as configuration
from kubeml_policies.checks import CHECKS
from kubeml_policies.model import PROFILES, Check, Finding, Violation
from kubeml_policies.secrets import clean, secrets
from kubeml_policies.subjects import Object
from kubeml_policies.waivers import apply
from pulumi_kubeml.capacity.graph import Graph, Resource, Undetermined


class Pack:
    """All checks that are not disabled.

    Args:
        profile: "dev", "staging" or "prod"; decides levels and some defaults.
        config: As CrossGuard's: `{"all": LEVEL, "check-name": LEVEL or {"enforcementLevel": ..., option: ...}}`.
        as_of: The day that counts for waivers; today unless said.

    Raises ValueError with everything that is wrong with profile and configuration.
    """

    name = "kubeml"
    version = "0.1.0"

    def __init__(
        self, profile: str = "dev", config: Mapping[str, Any] | None = None, as_of: dt.date | None = None
    ) -> None:
        if profile not in PROFILES:
            raise ValueError(f'profile "{profile}" is not known; allowed: {", ".join(PROFILES)}')
        self.profile = profile
        self.as_of = as_of or dt.datetime.now(tz=dt.UTC).date()
        self.settings, problems = configuration.resolve(config or {}, profile, self.as_of)
        if problems:
            raise ValueError("\n".join(problems))
        running = [check for check in CHECKS.values() if self.settings[check.id].level != "disabled"]
        self._of_resource = [check for check in running if check.scope == "resource"]
        self._of_stack = [check for check in running if check.scope == "stack"]

    @property
    def checks(self) -> Sequence[Check[Any, Any]]:
        """Every check, disabled ones included."""
        return tuple(CHECKS.values())

    def analyze(self, resource: Mapping[str, Any]) -> list[Finding]:
        """Make the findings of the checks that look at one resource; never raises."""
        item = Object(Resource(resource))
        if item.resource.kind is None:
            return []
        found = [finding for check in self._of_resource for finding in self._run(check, item, item.resource)]
        return _clean(found, [resource])

    def remediate(self, resource: Mapping[str, Any]) -> dict[str, Any] | None:
        """Make the corrected inputs of a resource, None when no check corrects any; none of the present ones does."""
        del resource
        return None

    def analyze_stack(self, resources: Iterable[Mapping[str, Any]]) -> list[Finding]:
        """Make the findings of the checks that look at the whole stack; never raises, and no order of resources matters."""
        ordered = sorted(resources, key=lambda resource: resource.get("urn") or "")
        graph = Graph(ordered)
        return _clean([finding for check in self._of_stack for finding in self._run(check, graph, None)], ordered)

    def _run(self, check: Check[Any, Any], target: Any, home: Resource | None) -> Iterator[Finding]:
        """Yield each violation, and for each resource with something undetermined one line that says what."""
        doubts: dict[str, tuple[Resource | None, str, list[str]]] = {}
        values = self.settings[check.id].values
        at, path = home, ""
        subjects = iter(check.subjects(target))
        while True:
            try:
                subject = next(subjects, None)
                if subject is None:
                    break
                at, path = subject.resource, subject.path
                for violation in check.evaluate(subject, values):
                    yield self._violation(check, violation, at)
            except Undetermined as unknown:
                doubts.setdefault(at.urn if at else "", (at, path, []))[2].append(str(unknown))
            except Exception as error:  # noqa: BLE001  a check of ours that breaks must not stop a deployment
                yield self._doubt(check, at, path, _broken(check, error), internal=True)
        for at, path, reasons in doubts.values():
            more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
            yield self._doubt(check, at, path, f"cannot be checked yet: {reasons[0]}{more}")

    def _violation(self, check: Check[Any, Any], violation: Violation, resource: Resource) -> Finding:
        at = violation.resource or resource
        setting = self.settings[check.id]
        finding = Finding(
            check=check.id,
            name=check.name,
            urn=at.urn,
            path=violation.path,
            message=violation.message,
            level=setting.level,
            severity=check.severity,
            result="violation",
            fix=check.fix,
            expected=violation.expected,
            actual=violation.actual,
            position=at.position,
        )
        return apply(finding, setting.waivers, self.as_of)

    @staticmethod
    def _doubt(check: Check[Any, Any], at: Resource | None, path: str, text: str, *, internal: bool = False) -> Finding:
        return Finding(
            check=check.id,
            name=check.name,
            urn=at.urn if at else "",
            path=path,
            message=text,
            level="advisory",
            severity=check.severity,
            result="undetermined",
            position=at.position if at else "",
            internal=internal,
        )


def _clean(findings: list[Finding], resources: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Make the findings without the secrets of the resources that they may be about."""
    if not findings:
        return findings
    hidden = secrets([[resource.get("inputs"), resource.get("outputs")] for resource in resources])
    return [clean(finding, hidden) for finding in findings]


def _broken(check: Check[Any, Any], error: Exception) -> str:
    """Make the sentence about a check that failed: where, never with which value."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
    return f"{check.id} itself failed ({type(error).__name__} at {where}): what it would have found is not known"
