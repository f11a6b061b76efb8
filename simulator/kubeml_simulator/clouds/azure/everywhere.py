"""What is the same for every type: tags, locations, and identities that exist."""

from collections.abc import Iterator, Mapping

from kubeml_simulator.provider import Failure, join

from . import arm, lookup
from .case import Case
from .locations import locations
from .outputs import IDENTITY

# https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources (2026-11)
MOST, LONGEST_KEY, LONGEST_VALUE, FORBIDDEN = 50, 512, 256, "<>%&\\?/"


def judge(case: Case) -> Iterator[Failure]:
    """Everything that Azure Resource Manager asks of any resource."""
    yield from tags(case)
    yield from place(case)
    yield from identities(case)


def tags(case: Case) -> Iterator[Failure]:
    """At most fifty tags, without the characters that a tag's name cannot have."""
    given = case.inputs.get("tags")
    if not isinstance(given, Mapping):
        return
    if len(given) > MOST:
        yield Failure("tags", len(given), f"at most {MOST} tags", "TooManyTags")
    for key in given:
        if set(key) & set(FORBIDDEN) or not 1 <= len(key) <= LONGEST_KEY:
            allowed = f"1 to {LONGEST_KEY} characters, none of {FORBIDDEN}"
            yield Failure(join("tags", key), why="InvalidTagNameCharacters: the name of the tag", allowed=allowed)
    for path, value in case.each("tags[*]"):
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            yield Failure(path, value, f"at most {LONGEST_VALUE} characters", "InvalidTagValueLength")


def place(case: Case) -> Iterator[Failure]:
    """A location is one that exists; `global` is for what is in no location."""
    given = case.known("location")
    if isinstance(given, str) and arm.location(given) not in (*locations(), "global"):
        why = "LocationNotAvailableForResourceType: there is no such location"
        yield Failure("location", given, ", ".join(locations()), why)


def identities(case: Case) -> Iterator[Failure]:
    """User-assigned identities exist, and go with a type that says so."""
    kind = case.known("identity.type")
    given = [(path, value) for path, value in case.each("identity.userAssignedIdentities[*]") if isinstance(value, str)]
    for path, value in given:
        if not case.foreign(value) and not lookup.may_exist(case, IDENTITY, value):
            if lookup.is_made_by_a_cluster(case, value):
                continue
            why = "FailedIdentityOperation: the identity was not found"
            yield Failure(path, value, "the id of a UserAssignedIdentity that exists", why)
    if isinstance(kind, str) and "UserAssigned" in kind and not case.given("identity.userAssignedIdentities"):
        yield Failure(
            "identity.userAssignedIdentities", why=f"missing: the type is {kind}", allowed="one identity or more"
        )
    if given and isinstance(kind, str) and "UserAssigned" not in kind:
        why = f"the type is {kind}"
        yield Failure("identity.userAssignedIdentities", [v for _, v in given], "none, or another type", why)
