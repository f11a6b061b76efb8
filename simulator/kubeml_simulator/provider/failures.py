"""What goes wrong: inputs that a check refuses, and operations that were asked to fail.

`Failure` is one refused input. `FailurePlan` holds the `TYPE::NAME` patterns of `--fail` (or of the environment variable `KUBEML_FAIL`,
separated by commas) and knows afterwards which of them matched nothing.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .values import mask

VARIABLE = "KUBEML_FAIL"
NO_VALUE: Any = object()


@dataclass(frozen=True)
class Failure:
    """One refused input: where, what was given, what is allowed, and why.

    >>> Failure("scalingConfig.maxSize", 1, allowed="at least minSize, 2", why="bounds must not cross").reason()
    '1 is not allowed: bounds must not cross; allowed: at least minSize, 2'
    """

    path: str
    value: Any = field(default_factory=lambda: NO_VALUE)
    allowed: str = ""
    why: str = ""

    def reason(self, *, hidden: bool = False) -> str:
        """The sentence that follows the path; `hidden` keeps the value out of it (a secret's is never shown)."""
        if self.value is NO_VALUE:
            return "; ".join(part for part in (self.why, f"allowed: {self.allowed}" if self.allowed else "") if part)
        shown = "[secret]" if hidden else _shorten(json.dumps(self.value, ensure_ascii=False, default=str))
        why = self.why
        if hidden and isinstance(self.value, str | int | float):
            why = mask(why, [str(self.value)])
        sentence = f"{shown} is not allowed"
        if why:
            sentence += f": {why}"
        return f"{sentence}; allowed: {self.allowed}" if self.allowed else sentence


def _shorten(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def kind_and_name(urn: str) -> str:
    """`TYPE::NAME` of a URN, the type without its parents.

    >>> kind_and_name("urn:pulumi:dev::kubeml::kubeml:eks:Cluster$aws:eks/nodeGroup:NodeGroup::train")
    'aws:eks/nodeGroup:NodeGroup::train'
    """
    *_, types, name = urn.split("::", 3)
    return f"{types.rsplit('$', 1)[-1]}::{name}"


class FailurePlan:
    """The operations that shall fail, by `TYPE::NAME`; one plan may be shared by several providers.

    >>> plan = FailurePlan(["aws:ec2/vpc:Vpc::main", "aws:ec2/vpc:Vpc::other"])
    >>> plan.hits("urn:pulumi:dev::kubeml::aws:ec2/vpc:Vpc::main"), plan.unmatched()
    (True, ['aws:ec2/vpc:Vpc::other'])
    """

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self._seen = {pattern.strip(): False for pattern in patterns if pattern.strip()}

    @classmethod
    def from_environment(cls) -> "FailurePlan":
        """The plan that a plugin process was started with."""
        return cls(os.environ.get(VARIABLE, "").split(","))

    def hits(self, urn: str) -> bool:
        """Whether this resource shall fail; a resource that was asked about counts as matched."""
        pattern = kind_and_name(urn)
        if pattern not in self._seen:
            return False
        self._seen[pattern] = True
        return True

    def unmatched(self) -> list[str]:
        """The patterns that no resource of the run matched, as given."""
        return [pattern for pattern, seen in self._seen.items() if not seen]
