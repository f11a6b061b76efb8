"""How pods share the devices of a pool: by turns, side by side, or cut into instances of their own.

Without it a pod gets whole devices. Which cloud can share in which way is a row of `catalog/data/sharing.csv`, how a device can
be cut one of `catalog/data/mig_profiles.csv`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias, get_args

from pulumi_kubeml.specs import IN_STACK_FILES

Strategy = Literal["single", "mixed"]
STRATEGIES: tuple[str, ...] = get_args(Strategy)


@dataclass(frozen=True)
class TimeSlicing:
    """Pods take turns on a device; nothing keeps one from the memory of another, so they must trust each other.

    >>> TimeSlicing(4)
    TimeSlicing(replicas=4, kind='timeSlicing')
    """

    replicas: int
    """Pods that share one device."""
    kind: Literal["timeSlicing"] = "timeSlicing"
    """The name in a stack file."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES


@dataclass(frozen=True)
class Mps:
    """Pods run side by side on a device, each with an equal part of its memory and threads; a fault of one may end all."""

    replicas: int
    """Pods that share one device."""
    kind: Literal["mps"] = "mps"
    """The name in a stack file."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES


@dataclass(frozen=True)
class Mig:
    """Each device is cut into instances that the hardware keeps apart.

    Give `profile` to cut every device into as many of one size as it holds, or `layout` for several sizes.

    >>> Mig("1g.10gb").strategy, Mig(layout={"3g.40gb": 1, "1g.10gb": 3}, strategy="mixed").sizes
    ('single', {'3g.40gb': 1, '1g.10gb': 3})
    """

    profile: str | None = None
    """The one size of all instances ("1g.10gb")."""
    strategy: Strategy = "single"
    """What pods ask for: whole-device names ("single"), or each size by its own name ("mixed")."""
    layout: Mapping[str, int] = field(default_factory=dict[str, int])
    """Instances of each device by size, where they differ; needs the strategy "mixed"."""
    kind: Literal["mig"] = "mig"
    """The name in a stack file."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES

    @property
    def sizes(self) -> Mapping[str, int | None]:
        """The sizes asked for, with their number on a device; None for as many as it holds."""
        return self.layout or ({self.profile: None} if self.profile else {})


Sharing: TypeAlias = TimeSlicing | Mps | Mig

KINDS: dict[str, type[Sharing]] = {"timeSlicing": TimeSlicing, "mps": Mps, "mig": Mig}
SHORT = "timeSlicing:N, mps:N, mig:PROFILE, mig:PROFILE=N,PROFILE=N"
"""The short forms in a stack file."""
PATTERN = r"^((timeSlicing|mps):[0-9]+|mig:[^=,]+|mig:[^=,]+=[0-9]+(,[^=,]+=[0-9]+)*)$"


def read_sharing(text: str) -> Sharing:
    """Make the sharing of its short form in a stack file.

    Raises ValueError, with what is allowed, for any other text.

    >>> read_sharing("timeSlicing:4"), read_sharing("mig:1g.10gb").strategy
    (TimeSlicing(replicas=4, kind='timeSlicing'), 'single')
    >>> read_sharing("mig:3g.40gb=1,1g.10gb=3").layout
    {'3g.40gb': 1, '1g.10gb': 3}
    >>> read_sharing("mps")
    Traceback (most recent call last):
        ...
    ValueError: "mps" is not a way to share devices; allowed: timeSlicing:N, mps:N, mig:PROFILE, mig:PROFILE=N,PROFILE=N
    """
    kind, _, rest = text.partition(":")
    if kind in {"timeSlicing", "mps"} and _number(rest):
        return (TimeSlicing if kind == "timeSlicing" else Mps)(int(rest))
    if kind == "mig" and rest and "=" not in rest and "," not in rest:
        return Mig(rest)
    if kind == "mig" and "=" in rest:
        parts = [part.partition("=") for part in rest.split(",")]
        named = {profile: int(count) for profile, _, count in parts if profile and _number(count)}
        if len(named) == len(parts):
            return Mig(layout=named, strategy="mixed")
    raise ValueError(f'"{text}" is not a way to share devices; allowed: {SHORT}')


def _number(text: str) -> bool:
    return text.isascii() and text.isdecimal()
