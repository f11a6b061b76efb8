"""Management locks: what is locked is not deleted, and with a lock for reading only not changed."""

from collections.abc import Iterator

from kubeml_simulator.provider import Existing

from . import arm
from .case import Case

LOCKS = tuple(
    f"azure-native:authorization:ManagementLock{where}"
    for where in ("ByScope", "AtResourceGroupLevel", "AtResourceLevel", "AtSubscriptionLevel")
)


def scope(lock: Existing) -> str:
    """What a lock is on, read from its id."""
    head, found, _ = arm.canonical(lock.id).rpartition("/providers/Microsoft.Authorization/locks/")
    return head if found else ""


def over(case: Case, *levels: str) -> list[str]:
    """The scopes around a resource, or itself, that a lock of one of the levels is on."""
    identity = arm.canonical(case.identity).lower()
    found = {
        scope(lock)
        for token in LOCKS
        for lock in case.world.all(token)
        if lock["level"] in levels and lock.id.lower() != identity
    }
    return sorted(where for where in found if where and f"{identity}/".startswith(f"{where.lower()}/"))


def of_delete(case: Case) -> Iterator[str]:
    """What Azure Resource Manager says to a deletion; a lock itself can always go."""
    yield from _refused(case, "delete", over(case, "CanNotDelete", "ReadOnly"))


def of_update(case: Case) -> Iterator[str]:
    """What it says to an update."""
    yield from _refused(case, "write", over(case, "ReadOnly"))


def _refused(case: Case, operation: str, scopes: list[str]) -> Iterator[str]:
    if scopes and case.token not in LOCKS:
        where = "', '".join(scopes)
        yield (
            f"ScopeLocked: The scope '{case.identity}' cannot perform {operation} operation because following scope(s) are "
            f"locked: '{where}'. Please remove the lock and try again."
        )
