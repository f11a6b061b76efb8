"""One resource under examination, with the subscription, the tenant and the location it is in."""

from dataclasses import dataclass
from typing import Any, ClassVar

from kubeml_simulator.clouds.common import case as common

from . import arm

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"  # what the documents write
TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
digest = common.digest


@dataclass(frozen=True)
class Case(common.Case):
    """A resource of Azure.

    >>> from kubeml_simulator.provider import World
    >>> case = Case("t", "urn:pulumi:s::p::t::n", {}, "westeurope", World())
    >>> case.foreign("/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg"), case.foreign("rg")
    (True, False)
    """

    WORDS: ClassVar[frozenset[str]] = frozenset({"subscription", "tenant", "location"})
    account: str = SUBSCRIPTION
    tenant: str = TENANT

    @property
    def location(self) -> str:
        """The location that the resource is in."""
        return self.place

    @property
    def subscription(self) -> str:
        """The subscription that the resource is in."""
        return self.account

    def spellings(self, value: Any) -> tuple[Any, ...]:
        """An id as it is given, and as the cloud writes it."""
        return (value, arm.canonical(value)) if isinstance(value, str) and value.startswith("/") else (value,)

    def foreign(self, value: Any) -> bool:
        """Whether an id is of another subscription."""
        parsed = arm.parse(value) if isinstance(value, str) else None
        return parsed is not None and parsed.subscription.lower() not in ("", self.subscription.lower())
