"""What is in use cannot go: `holds.tsv` says which types a user holds, and what the service answers."""

from collections.abc import Iterator
from dataclasses import replace

from kubeml_simulator.provider import UNKNOWN, Existing

from . import arm
from .case import Case
from .tables import by_token


def of_delete(case: Case) -> Iterator[str]:
    """What the service says to the deletion of something that another resource refers to, or that has resources of its own inside."""
    for row in by_token("holds.tsv").get(case.token, ()):
        for token, pattern in (user.split("#") for user in row["users"].split("|")):
            for user in case.world.all(token):
                if user.id != UNKNOWN and _refers(case, user, pattern):
                    yield row["words"].replace("${name}", case.identity.rsplit("/", 1)[-1]).replace("${user}", user.id)


def _refers(case: Case, user: Existing, pattern: str) -> bool:
    if pattern == "inside":
        return user.id.lower().startswith(f"{case.identity.lower()}/")
    theirs = replace(case, token=user.token, urn=user.urn, inputs=user.state)
    return any(value == case.identity or arm.same(value, case.identity) for _, value in theirs.each(pattern))
