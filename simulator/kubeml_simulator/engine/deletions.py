"""Deletes at the end what the program no longer has, dependents first."""

from collections.abc import Sequence
from dataclasses import dataclass

from kubeml_simulator.engine.context import Context, StepFailedError
from kubeml_simulator.engine.events import Resource
from kubeml_simulator.engine.host import RefusalError
from kubeml_simulator.engine.journal import needs
from kubeml_simulator.engine.operations import Operations


@dataclass(slots=True)
class Deletions:
    """The last part of a run."""

    context: Context
    operations: Operations

    def run(self) -> None:
        """Deletes every old resource that nothing took the place of; one whose dependents stay, stays."""
        journal = self.context.journal
        condemned = list(journal.remaining())
        floor = self.context.clock.last()
        going = {resource["urn"] for resource in condemned}
        kept: set[int] = set()
        waits = _dependents(condemned)
        for old in condemned:
            above = waits[id(old)]
            if any(id(item) in kept for item in above):
                kept.add(id(old))
                continue
            after = [*floor, *(f"-{item['urn']}" for item in above)]
            op = _op(old)
            spare = op in ("discard", "remove-pending-replace") or old.get("deletedWith") in going
            try:
                self.operations.delete(old, op, after, spare=spare)
            except StepFailedError:
                kept.add(id(old))
            except RefusalError as refusal:
                self.context.wrong = True
                self.context.say("error", str(refusal), old["urn"])
                kept.add(id(old))


def _op(old: Resource) -> str:
    if old.get("delete"):
        return "delete-replaced"
    if old.get("pendingReplacement"):
        return "remove-pending-replace"
    return "discard" if old.get("external") else "delete"


def _dependents(condemned: Sequence[Resource]) -> dict[int, list[Resource]]:
    """Makes for each of the condemned the list of those among them that need it; the given order has dependents first."""
    by_urn: dict[str, list[Resource]] = {}
    for resource in condemned:
        by_urn.setdefault(resource["urn"], []).append(resource)
    found: dict[int, list[Resource]] = {id(resource): [] for resource in condemned}
    for resource in condemned:
        for urn in needs(resource):
            for needed in by_urn.get(urn, ()):
                found[id(needed)].append(resource)
    return found
