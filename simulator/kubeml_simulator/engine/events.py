"""What the evaluator tells: problems, steps, events, spans and the result of a run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

Resource: TypeAlias = dict[str, Any]
Severity: TypeAlias = Literal["debug", "info", "warning", "error"]
Level: TypeAlias = Literal["advisory", "mandatory", "remediate", "disabled"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file: the path to it, and what is wrong with which value."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}  {self.message}"


class ProjectError(Exception):
    """A project or stack that cannot be read; `problems` has all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, problems)))


@dataclass(slots=True, eq=False)
class Step:
    """One operation on one resource; `old` and `new` are resources in Pulumi's deployment format.

    `changed` and `replacing` are property paths, `detail` says for each path what kind of change it is
    (add, delete, update, and the same with -replace).
    """

    op: str
    urn: str
    type: str
    name: str
    old: Resource | None = None
    new: Resource | None = None
    changed: Sequence[str] = ()
    replacing: Sequence[str] = ()
    detail: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Finding:
    """What a policy says about a resource, or about the stack."""

    policy: str
    pack: str
    pack_version: str
    level: Level
    message: str
    urn: str
    kind: Literal["violation", "undetermined", "remediation"] = "violation"
    check: str | None = None
    path: str | None = None
    expected: Any = None
    actual: Any = None
    fix: str | None = None
    severity: str | None = None
    position: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """When an operation ran, in virtual seconds from the start; `measured` says whether its length has a source."""

    urn: str
    op: str
    start: float
    end: float
    measured: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """A step was decided."""

    step: Step


@dataclass(frozen=True, slots=True)
class Started:
    """A step began, at a virtual second."""

    step: Step
    at: float


@dataclass(frozen=True, slots=True)
class Finished:
    """A step ended at `at`, after `seconds`, both virtual."""

    step: Step
    at: float
    seconds: float
    measured: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """A step failed."""

    step: Step
    at: float
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A message of the engine, of a provider or of the program; `position` is file:line in the project."""

    severity: Severity
    message: str
    urn: str = ""
    position: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """A policy's finding, as it is made."""

    finding: Finding


@dataclass(slots=True, eq=False)
class Result:
    """What a run did.

    `exit_code`: 0 done, 1 a mandatory policy is violated, 2 the program or an input is wrong, 3 an operation failed,
    130 interrupted. `resources` is the graph afterwards, `outputs` those of the stack, secrets wrapped; `duration` is the
    virtual time from the start to the end of the last operation, in seconds.
    """

    operation: str
    ok: bool = True
    exit_code: int = 0
    steps: list[Step] = field(default_factory=list[Step])
    changes: dict[str, int] = field(default_factory=dict[str, int])
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    findings: list[Finding] = field(default_factory=list[Finding])
    resources: list[Resource] = field(default_factory=list[Resource])
    outputs: dict[str, Any] = field(default_factory=dict[str, Any])
    spans: list[Span] = field(default_factory=list[Span])
    critical_path: list[Span] = field(default_factory=list[Span])
    duration: float = 0.0
    state_path: Path | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The run has ended."""

    result: Result


Event: TypeAlias = Planned | Started | Finished | Failed | Diagnostic | PolicyFinding | Summary
Listener: TypeAlias = Callable[[Event], None]
