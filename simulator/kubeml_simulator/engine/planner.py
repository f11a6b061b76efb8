"""Decides what happens to a resource that the program wants, and has it done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kubeml_simulator.engine import paths, urns, wire
from kubeml_simulator.engine.aliases import Aliases
from kubeml_simulator.engine.analyzers import Analyzer, judge
from kubeml_simulator.engine.configured import CheckFailure, Configured, Diff, differ
from kubeml_simulator.engine.context import Context, StepFailedError
from kubeml_simulator.engine.events import Resource
from kubeml_simulator.engine.goals import Goal, resource_of
from kubeml_simulator.engine.host import ProviderError, RefusalError
from kubeml_simulator.engine.operations import Operations, Subject
from kubeml_simulator.engine.registry import Registry


@dataclass(frozen=True, slots=True)
class Registered:
    """What the program hears of a resource that it wanted."""

    urn: str
    id: str = ""
    outputs: wire.Properties = field(default_factory=dict[str, Any])
    status: Literal["made", "failed", "skipped"] = "made"


@dataclass(slots=True)
class Planner:
    """Plans one goal after the other, in the order in which the program registers them."""

    context: Context
    registry: Registry
    operations: Operations
    analyzers: Sequence[Analyzer]
    aliases: Aliases
    _goals: dict[str, Goal] = field(default_factory=dict[str, Goal])

    def register(self, goal: Goal) -> Registered:
        """Plans and does what a goal needs. Raises AbortError where the program asks for what cannot be."""
        context = self.context
        self._inherit(goal)
        urn = self._name(goal)
        if goal.position:
            context.positions[urn] = goal.position
        self._refuse_unknown(goal, urn)
        old = self.aliases.find(urn, goal)
        self._goals[urn] = goal
        try:
            if (goal.custom or goal.remote) and not urns.is_provider(goal.type):
                self._choose_provider(goal, urn)
            if any(needed in context.blocked for needed in self._waits_for(goal)):
                return self._blocked(urn, "skipped")
            new = self._plan(goal, urn, old)
        except StepFailedError:
            return self._blocked(urn, "failed")
        except ProviderError as error:
            context.failed = True
            context.say("error", error.message, urn)
            return self._blocked(urn, "failed")
        except RefusalError as refusal:
            raise context.abort(str(refusal), urn) from refusal
        return Registered(urn, new.get("id", ""), new.get("outputs") or {} if goal.custom or goal.remote else {})

    def _blocked(self, urn: str, status: Literal["failed", "skipped"]) -> Registered:
        self.context.blocked.add(urn)
        return Registered(urn, status=status)

    def _inherit(self, goal: Goal) -> None:
        """Takes over from the parent what a child does not say itself, the providers of its package included."""
        parent = self._goals.get(goal.parent)
        if parent is None:
            return
        goal.deleted_with = goal.deleted_with or parent.deleted_with
        goal.protect = parent.protect if goal.protect is None else goal.protect
        goal.retain_on_delete = parent.retain_on_delete if goal.retain_on_delete is None else goal.retain_on_delete
        package = urns.package_of(goal.type)
        if goal.custom or goal.remote:
            given = goal.providers.get(package) or parent.providers.get(package, "")
            if not given and parent.provider and f"::{urns.PROVIDERS}{package}::" in parent.provider:
                given = parent.provider
            goal.provider = goal.provider or given
        if not goal.custom:
            goal.providers = {**parent.providers, **goal.providers}

    def _name(self, goal: Goal) -> str:
        context = self.context
        if goal.parent and goal.parent not in self._goals:
            raise context.abort(
                f'the parent "{goal.parent}" of {goal.type} "{goal.name}" is not in the stack', position=goal.position
            )
        urn = urns.make(context.stack, context.project, goal.parent, goal.type, goal.name)
        if urn in self._goals:
            first = context.positions.get(urn)
            where = f" (the first is at {first})" if first else ""
            raise context.abort(
                f"Duplicate resource URN '{urn}': two resources of one parent and type need two names{where}",
                urn,
                goal.position,
            )
        return urn

    def _refuse_unknown(self, goal: Goal, urn: str) -> None:
        named = {*goal.dependencies, *(dep for deps in goal.property_dependencies.values() for dep in deps)}
        named |= {dep for dep in (goal.deleted_with, *goal.replace_with) if dep}
        unknown = sorted(urn for urn in named if urn not in self._goals)
        if unknown:
            raise self.context.abort(f'"{unknown[0]}" that this resource depends on is not in the stack', urn)

    def _waits_for(self, goal: Goal) -> set[str]:
        provider = {urns.split_reference(goal.provider)[0]} if goal.provider and goal.custom else set[str]()
        by_property = {dep for deps in goal.property_dependencies.values() for dep in deps}
        return {goal.parent, goal.deleted_with, *goal.dependencies, *goal.replace_with} | by_property | provider

    def _choose_provider(self, goal: Goal, urn: str) -> None:
        if goal.provider:
            try:
                provider, _ = urns.split_reference(goal.provider)
                blocked = provider in self.context.blocked
                goal.provider = goal.provider if blocked else self.registry.current(goal.provider)
            except (ValueError, KeyError) as error:
                raise self.context.abort(f'the provider "{goal.provider}" is not in the stack', urn) from error
        else:
            goal.provider = self.default_provider(urns.package_of(goal.type), goal.version, goal.position)

    def hooks(self, goal: Goal) -> object | None:
        """The servicer in this process that the goal's provider is, or None. Raises RefusalError, StepFailedError."""
        self._inherit(goal)
        given = goal.provider or self.default_provider(urns.package_of(goal.type), goal.version)
        return self.registry.get(self.registry.current(given)).hooks

    def read(self, goal: Goal) -> Registered:
        """Reads a resource that exists elsewhere."""
        context = self.context
        self._inherit(goal)
        urn = self._name(goal)
        if goal.position:
            context.positions[urn] = goal.position
        self._goals[urn] = goal
        old = context.journal.old(urn)
        if old is not None and not old.get("external"):
            raise context.abort("reading a resource that the stack made itself is not supported", urn)
        try:
            self._choose_provider(goal, urn)
            if any(needed in context.blocked for needed in self._waits_for(goal)):
                return self._blocked(urn, "skipped")
            new = resource_of(goal, urn, None) | {"external": True}
            new.pop("propertyDependencies", None)
            made = self.operations.read(goal, new, self.registry.get(goal.provider), old)
        except StepFailedError:
            return self._blocked(urn, "failed")
        except RefusalError as refusal:
            raise context.abort(str(refusal), urn) from refusal
        return Registered(urn, made.get("id", ""), made.get("outputs") or {})

    def invoke(
        self, token: str, arguments: wire.Properties, provider: str, version: str
    ) -> tuple[wire.Properties, list[CheckFailure]] | None:
        """Calls a provider's function; None where its provider is not configured yet. Raises StepFailedError, ProviderError."""
        try:
            given = self.registry.current(provider) if provider else ""
        except (ValueError, KeyError) as error:
            raise self.context.abort(f'the provider "{provider}" of {token} is not in the stack') from error
        configured = self.registry.get(given or self.default_provider(urns.package_of(token), version))
        if not configured.known:
            return None
        return configured.invoke(token, arguments, preview=self.context.preview)

    def default_provider(self, package: str, version: str, position: str | None = None) -> str:
        """The reference of a package's default provider; it is registered where it is needed first, at `position`."""
        goal = self.registry.default_goal(package, version)
        urn = urns.make(self.context.stack, self.context.project, "", goal.type, goal.name)
        if position:
            self.context.positions.setdefault(urn, position)
        if urn not in self._goals and self.register(goal).status != "made":
            raise StepFailedError(urn)
        if urn in self.context.blocked:
            raise StepFailedError(urn)
        return self.registry.current(urns.reference(urn, ""))

    def _plan(self, goal: Goal, urn: str, old: Resource | None) -> Resource:
        context = self.context
        fresh = old is None or urn in context.condemned or bool(old.get("external"))
        kept: wire.Properties = {} if old is None else old.get("inputs") or {}
        new = resource_of(goal, urn, old)
        subject = Subject(goal, new, old, self._provider(goal, urn))
        if goal.import_id and goal.custom and (old is None or old.get("id") != goal.import_id):
            if old is not None:
                raise RefusalError(
                    f'importing "{goal.import_id}" over an existing resource of the stack is not supported'
                )
            self._check(subject, {}, goal.inputs)
            self._judge(subject)
            return self.operations.import_(subject)
        inputs = goal.inputs if old is None else self._ignoring(goal, kept)
        self._check(subject, {} if fresh else kept, inputs)
        self._judge(subject)
        if old is None:
            return self.operations.create(subject)
        if urn in context.condemned:
            return self.operations.recreate(subject, context.condemned[urn])
        if old.get("external"):
            return self.operations.replace(subject, Diff("some"))
        return self._compare(subject, old)

    def _provider(self, goal: Goal, urn: str) -> Configured | None:
        if not goal.custom:
            return None
        return self.registry.unconfigured(urn) if urns.is_provider(goal.type) else self.registry.get(goal.provider)

    def _ignoring(self, goal: Goal, kept: wire.Properties) -> wire.Properties:
        inputs = goal.inputs
        for text in goal.ignore_changes:
            inputs = paths.keep(kept, inputs, paths.parse(text))
        return inputs

    def _check(self, subject: Subject, olds: wire.Properties, news: wire.Properties) -> None:
        """Has the provider check the inputs. Raises StepFailedError where it refuses them."""
        urn: str = subject.new["urn"]
        failures: list[CheckFailure] = []
        if subject.provider is not None:
            news, failures = subject.provider.check(urn, olds, news, config=subject.is_provider)
        subject.set_inputs(news)
        for failure in failures:
            where = f": {failure.property}" if failure.property else ""
            self.context.say("error", f"{subject.goal.type} {subject.goal.name}{where} {failure.reason}", urn)
        if failures:
            self.context.wrong = True
            raise StepFailedError(urn)

    def _judge(self, subject: Subject) -> None:
        if self.analyzers and not judge(self.context, self.analyzers, subject.new):
            raise StepFailedError(subject.new["urn"])

    def _compare(self, subject: Subject, old: Resource) -> Resource:
        diff = self._diff(subject, old)
        if diff.state == "unknown":
            self.context.say(
                "warning", "its provider is not configured yet: what would change is not known", subject.new["urn"]
            )
            diff = Diff("some")
        diff = _replace_on_changes(diff, subject.goal.replace_on_changes)
        if diff.state == "none" and not old.get("pendingReplacement"):
            return self.operations.same(subject)
        if not diff.replacing and not old.get("pendingReplacement"):
            return self.operations.update(subject, diff)
        self._refuse_protected(old, subject)
        if subject.provider is not None:
            self._check(subject, {}, subject.goal.inputs)
        first = diff.delete_first if subject.goal.delete_before_replace is None else subject.goal.delete_before_replace
        return self.operations.replace_first(subject, diff) if first else self.operations.replace(subject, diff)

    def _refuse_protected(self, old: Resource, subject: Subject) -> None:
        if not (old.get("protect") and subject.goal.protect):
            return
        urn: str = subject.new["urn"]
        self.context.failed = True
        self.context.say("error", f'"{urn}" cannot be replaced because it is protected: unset its option protect', urn)
        if not self.context.preview:
            raise StepFailedError(urn)

    def _diff(self, subject: Subject, old: Resource) -> Diff:
        context, goal = self.context, subject.goal
        if context.replaced.intersection(goal.replace_with):
            return Diff("some", (), ("replaceWith",))
        if goal.deleted_with in context.replaced:
            return Diff("some", (), ("deletedWith",))
        inputs: wire.Properties = subject.new.get("inputs") or {}
        if subject.provider is None:
            found = differ(old.get("inputs") or {}, inputs)
            return found if goal.remote else Diff(found.state)
        if self._provider_replaced(goal, old, subject.provider):
            return Diff("some", (), ("provider",))
        return subject.provider.diff(subject.new["urn"], old, inputs, goal.ignore_changes, config=subject.is_provider)

    def _provider_replaced(self, goal: Goal, old: Resource, provider: Configured) -> bool:
        before, now = old.get("provider", ""), goal.provider
        if before == now or urns.is_provider(goal.type):
            return False
        if not before:
            return True
        urn, _ = urns.split_reference(now)
        former, _ = urns.split_reference(before)
        journal = self.context.journal
        if former != urn and journal.renamed.get(former) == urn:
            return False
        kept = journal.old(former)
        present = journal.news[urn]
        if kept is None:
            return True
        return bool(provider.diff(urn, kept, present.get("inputs") or {}, config=True).replacing)


def _replace_on_changes(diff: Diff, asked: Sequence[str]) -> Diff:
    """Makes replacements of the changes that the program asks it for.

    >>> _replace_on_changes(Diff("some", ("tags",), (), {"tags": "update"}), ["tags"]).detail
    {'tags': 'update-replace'}
    """
    if diff.state != "some" or not asked:
        return diff
    outer = [paths.parse(text) for text in asked]

    def hit(text: str) -> bool:
        inner = paths.parse(text)
        return any(paths.contains(path, inner) for path in outer)

    detail = {
        text: f"{kind}-replace" if hit(text) and not kind.endswith("-replace") else kind
        for text, kind in diff.detail.items()
    }
    replacing = (*diff.replacing, *(key for key in diff.changed if key not in diff.replacing and hit(key)))
    return Diff(diff.state, diff.changed, replacing, detail, diff.delete_first)
