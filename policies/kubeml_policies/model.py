"""What a check is, what it is asked about, and what it finds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar

from pulumi_kubeml.capacity.graph import Resource

Level = Literal["advisory", "mandatory", "remediate", "disabled"]
Severity = Literal["low", "medium", "high", "critical"]
Result = Literal["violation", "undetermined"]
Settings = Mapping[str, Any]

PROFILES = ("dev", "staging", "prod")
LEVELS: tuple[Level, ...] = ("advisory", "mandatory", "remediate", "disabled")


class Subject(Protocol):
    """One thing that a check judges: it belongs to a resource, at a path of its properties."""

    @property
    def resource(self) -> Resource:
        """The resource that a finding names."""
        ...

    @property
    def path(self) -> str:
        """The property that a finding names when nothing more exact is known."""
        ...


S = TypeVar("S", bound=Subject)
A = TypeVar("A")


class Violation(NamedTuple):
    """What is wrong with a subject: the path of the property, the sentence, what was expected and what is there."""

    path: str
    message: str
    expected: Any = None
    actual: Any = None
    resource: Resource | None = None
    """Where the finding belongs if not to the subject's own resource."""


@dataclass(frozen=True)
class Framework:
    """A rule of a published framework that a check covers."""

    name: str
    reference: str


@dataclass(frozen=True)
class Option:
    """One setting of a check: its JSON schema, what it does, and its default, which a profile may replace."""

    schema: Mapping[str, Any]
    doc: str
    default: Any
    profiles: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def value(self, profile: str) -> Any:
        """Make the default under a profile."""
        return self.profiles.get(profile, self.default)


@dataclass(frozen=True, kw_only=True)
class Check(Generic[A, S]):
    """One rule. `scope` says what `subjects` is given: one resource, or the graph of the whole stack.

    `subjects` must not touch what may be unknown; `evaluate` may: what it then cannot tell is undetermined.
    """

    id: str
    name: str
    title: str
    severity: Severity
    dev: Level
    prod: Level
    why: str
    fix: str
    scope: Literal["resource", "stack"]
    subjects: Callable[[A], Iterable[S]]
    evaluate: Callable[[S, Settings], Iterator[Violation]]
    staging: Level | None = None
    """As prod when it is not given."""
    frameworks: tuple[Framework, ...] = ()
    """Empty: no published framework has it."""
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])

    def level(self, profile: str) -> Level:
        """Make the level under a profile.

        >>> from kubeml_policies import CHECKS
        >>> [CHECKS["POD-09"].level(profile) for profile in ("dev", "staging", "prod")]
        ['advisory', 'mandatory', 'mandatory']
        """
        levels: dict[str, Level] = {"dev": self.dev, "staging": self.staging or self.prod, "prod": self.prod}
        return levels[profile]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One result of one check on one resource that is not a pass."""

    check: str
    name: str
    urn: str
    path: str
    message: str
    level: Level
    severity: Severity
    result: Result
    fix: str = ""
    expected: Any = None
    actual: Any = None
    position: str = ""
    internal: bool = False
    """The check itself failed; what it would have found is not known."""
