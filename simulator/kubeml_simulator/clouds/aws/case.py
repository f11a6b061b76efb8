"""One resource under examination, with the region, the partition and the account it is in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from kubeml_simulator.clouds.common import case as common

from .arns import ARN

ACCOUNT = "123456789012"
PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
digest = common.digest


@dataclass(frozen=True)
class Case(common.Case):
    """A resource of AWS.

    >>> from kubeml_simulator.provider import World
    >>> case = Case("t", "urn:pulumi:s::p::t::n", {}, "us-gov-east-1", World())
    >>> case.partition, case.foreign("arn:aws:iam::210987654321:role/x"), case.foreign("role")
    ('aws-us-gov', True, False)
    """

    WORDS: ClassVar[frozenset[str]] = frozenset({"account", "region", "partition"})
    account: str = ACCOUNT
    default_tags: Mapping[str, Any] = field(default_factory=dict)

    @property
    def region(self) -> str:
        """The region that the resource is in."""
        return self.place

    @property
    def partition(self) -> str:
        """The partition that the region belongs to: aws, aws-cn, aws-us-gov."""
        return next((name for prefix, name in PARTITIONS.items() if self.region.startswith(f"{prefix}-")), "aws")

    def foreign(self, value: Any) -> bool:
        """Whether a reference is an ARN of another account."""
        match = ARN.fullmatch(value) if isinstance(value, str) else None
        return match is not None and match[4] != self.account
