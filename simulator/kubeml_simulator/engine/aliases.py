"""Finds the old resource of a goal: by its URN, else by the names it or its parents had before."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from kubeml_simulator.engine import urns
from kubeml_simulator.engine.context import Context
from kubeml_simulator.engine.events import Resource
from kubeml_simulator.engine.goals import Alias, Goal


@dataclass(slots=True)
class Aliases:
    """What was renamed in this run: `names` has for each present URN the one it had."""

    context: Context
    names: dict[str, str] = field(default_factory=dict[str, str])

    def find(self, urn: str, goal: Goal) -> Resource | None:
        """The old resource, or None; one that is found by an alias is renamed from now on.

        Raises AbortError where the alias belongs to another resource of the program.
        """
        journal = self.context.journal
        old = journal.old(urn)
        if old is not None:
            return old
        for alias in self._candidates(goal):
            old = journal.old(alias)
            if old is None or alias == urn:
                continue
            taken = alias if alias in journal.news else journal.renamed.get(alias)
            if taken is not None:
                raise self.context.abort(
                    f'the alias "{alias}" of "{urn}" is already "{taken}": two resources cannot be one',
                    urn,
                    goal.position,
                )
            journal.renamed[alias] = urn
            self.names[urn] = alias
            return old
        return None

    def _candidates(self, goal: Goal) -> Iterator[str]:
        own = [self._whole(alias, goal) for alias in goal.aliases]
        yield from own
        former = self.names.get(goal.parent)
        if former is None:
            return
        yield self._inherited(goal.type, goal.name, goal.parent, former)
        for alias in own:
            yield self._inherited(urns.type_of(alias), urns.name_of(alias), goal.parent, former)

    def _whole(self, alias: Alias, goal: Goal) -> str:
        if alias.urn:
            return alias.urn
        parent = goal.parent
        if alias.parent:
            parent = self.names.get(alias.parent, alias.parent)
        if alias.no_parent:
            parent = ""
        return urns.make(
            alias.stack or self.context.stack,
            alias.project or self.context.project,
            parent,
            alias.type or goal.type,
            alias.name or goal.name,
        )

    def _inherited(self, type_: str, name: str, parent: str, former: str) -> str:
        parent_name = urns.name_of(parent)
        if name.startswith(parent_name):
            name = urns.name_of(former) + name.removeprefix(parent_name)
        return urns.make(self.context.stack, self.context.project, former, type_, name)
