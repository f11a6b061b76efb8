"""The document of a run: what every rendering shows, and what `--output json` prints.

Its JSON form has camelCase keys and a `schemaVersion`; a key may be added under the same version, none changes its meaning.
Seconds are virtual: nothing slept. Everything in it may be shown: secrets are withheld before they get here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

SCHEMA_VERSION = 1
# Operations that leave things as they are; the others are changes.
UNCHANGED = frozenset({"same", "read", "refresh"})


@dataclass(frozen=True, kw_only=True)
class Change:
    """A resource and what the run did, or would do, with it; `start` and `end` are set once it was done."""

    urn: str
    type: str
    name: str
    op: str
    parent: str | None = None
    changed: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()
    detail: Mapping[str, str] | None = None
    start: float | None = None
    end: float | None = None
    measured: bool = False
    failed: bool = False


@dataclass(frozen=True, kw_only=True)
class PolicyResult:
    """One answer of a check about one resource, or about the stack (`urn` is empty)."""

    check: str
    name: str
    pack: str
    result: str
    level: str
    urn: str
    message: str
    severity: str | None = None
    path: str | None = None
    expected: str | None = None
    actual: str | None = None
    fix: str | None = None
    position: str | None = None

    @property
    def fails(self) -> bool:
        """Whether this alone makes the run end with code 1."""
        return self.result == "violation" and self.level == "mandatory"


@dataclass(frozen=True, kw_only=True)
class Landing:
    """How many pods of a group land in one pool, and how many of its nodes they need by themselves."""

    pool: str
    pods: int
    nodes: int


@dataclass(frozen=True, kw_only=True)
class PodGroup:
    """Equal pods of one owner (a URN) and where they land; `missing` of them find no node, for the `reason`.

    Of those that find one, `waiting` find none while pools have their fewest nodes: an autoscaler has to add some first.
    `replicas` is the most that may run at once. `undetermined` says why a figure is not known yet.
    """

    owner: str
    name: str
    namespace: str
    replicas: int
    devices: Mapping[str, int]
    daemon: bool = False
    landings: tuple[Landing, ...] = ()
    missing: int = 0
    waiting: int = 0
    reason: str | None = None
    undetermined: str | None = None


@dataclass(frozen=True, kw_only=True)
class PlacedPod:
    """A pod on a control plane: the node that the scheduler gave it, or its `reason` in the scheduler's words.

    `owner` is KIND/NAME of what made it. One that the API server `refused` was never made; then the reason is its.
    """

    namespace: str
    name: str
    owner: str
    phase: str
    node: str | None = None
    pool: str | None = None
    devices: Mapping[str, int] = field(default_factory=dict[str, int])
    daemon: bool = False
    refused: bool = False
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class PoolUse:
    """A node pool at its maximum: its devices, and how many of them the pods take; `undetermined` says what is not known yet.

    `needed` are the nodes that all pods need together, between `min` and `max`.
    """

    name: str
    machine: str = ""
    min: int = 0
    needed: int = 0
    max: int = 0
    devices: Mapping[str, int] = field(default_factory=dict[str, int])
    taken: Mapping[str, int] = field(default_factory=dict[str, int])
    undetermined: str | None = None


@dataclass(frozen=True, kw_only=True)
class Interval:
    """One operation on the virtual clock; not `measured` means that no typical duration is known and one second was taken."""

    urn: str
    type: str
    name: str
    op: str
    start: float
    end: float
    measured: bool

    @property
    def seconds(self) -> float:
        """How long it took, in virtual seconds."""
        return self.end - self.start


@dataclass(frozen=True, kw_only=True)
class Message:
    """A diagnostic of the engine, a provider, or the program."""

    severity: str
    message: str
    urn: str = ""
    position: str | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """A whole run."""

    operation: str
    project: str
    stack: str
    ok: bool
    exit_code: int
    profile: str
    as_of: str
    packs: tuple[str, ...]
    changes: Mapping[str, int]
    resources: tuple[Change, ...]
    policy: tuple[PolicyResult, ...]
    placement: tuple[PodGroup, ...]
    pools: tuple[PoolUse, ...]
    pods: tuple[PlacedPod, ...] = ()
    outputs: Mapping[str, Any]
    timeline: tuple[Interval, ...]
    critical_path: tuple[Interval, ...]
    duration: float
    diagnostics: tuple[Message, ...]
    notes: tuple[str, ...] = ()
    next_commands: tuple[str, ...] = ()
    state: str | None = None
    html: str | None = None


def as_json(report: Report) -> dict[str, Any]:
    """Makes the JSON form of a report."""
    return {"schemaVersion": SCHEMA_VERSION, **plain(report)}


def problems(messages: list[tuple[str, str]], exit_code: int) -> dict[str, Any]:
    """Makes the JSON form of a run that could not begin: what is wrong, each with its path."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "ok": False,
        "exitCode": exit_code,
        "problems": [{"path": path, "message": message} for path, message in messages],
    }


def plain(value: Any) -> Any:
    """Makes the JSON form of a part of a report; what is not known (None) is left out.

    >>> plain([Message(severity="error", message="no")])
    [{'severity': 'error', 'message': 'no', 'urn': ''}]
    """
    if is_dataclass(value) and not isinstance(value, type):
        items = ((field.name, getattr(value, field.name)) for field in fields(value))
        return {_camel(name): plain(item) for name, item in items if item is not None}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
