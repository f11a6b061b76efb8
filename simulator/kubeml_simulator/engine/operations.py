"""Does what was decided: create, update, replace, delete, read, import; one step after the other."""

from dataclasses import dataclass
from typing import Any

from kubeml_simulator.engine import urns, wire
from kubeml_simulator.engine.configured import Configured, Diff
from kubeml_simulator.engine.context import Context
from kubeml_simulator.engine.events import Resource, Step
from kubeml_simulator.engine.goals import Goal
from kubeml_simulator.engine.host import ProviderError
from kubeml_simulator.engine.journal import dependents, needs
from kubeml_simulator.engine.registry import Registry


@dataclass(slots=True)
class Subject:
    """A goal on its way: the resource to be, the one that was, and the provider of both (none for a component)."""

    goal: Goal
    new: Resource
    old: Resource | None
    provider: Configured | None

    @property
    def is_provider(self) -> bool:
        """Whether the resource is a provider itself."""
        return urns.is_provider(self.goal.type)

    @property
    def inputs(self) -> wire.Properties:
        """The inputs, as checked."""
        return self.new.get("inputs") or {}

    def set_inputs(self, inputs: wire.Properties) -> None:
        """Gives the resource its checked inputs."""
        self.new.pop("inputs", None)
        if inputs:
            self.new["inputs"] = inputs

    def set_outputs(self, outputs: wire.Properties) -> None:
        """Gives the resource its outputs; those that the program calls secret are."""
        named = self.goal.additional_secret_outputs
        made = {key: wire.secret(value) if key in named else value for key, value in outputs.items()}
        self.new.pop("outputs", None)
        if made:
            self.new["outputs"] = made


def step_of(op: str, new: Resource | None, old: Resource | None, diff: Diff | None = None) -> Step:
    """Makes a step."""
    urn: str = (new or old or {})["urn"]
    found = diff or Diff()
    return Step(
        op, urn, urns.type_of(urn), urns.name_of(urn), old, new, found.changed, found.replacing, dict(found.detail)
    )


@dataclass(slots=True)
class Operations:
    """Carries out operations on resources, and keeps journal and clock."""

    context: Context
    registry: Registry

    def create(self, subject: Subject) -> Resource:
        """Makes a new resource."""
        self._create(subject, step_of("create", subject.new, None))
        return subject.new

    def _create(self, subject: Subject, step: Step, after: tuple[str, ...] = (), old: Resource | None = None) -> None:
        def act() -> None:
            self._make(subject)
            self.context.journal.record(subject.new, old)

        self._perform(subject, step, act, "create", after)

    def _make(self, subject: Subject) -> None:
        context, new = self.context, subject.new
        if subject.is_provider:
            old = subject.old or {}
            new["id"] = self.registry.new_id(new["urn"], old.get("id", ""))
            self._configure(subject)
        elif subject.provider is not None:
            timeout = subject.goal.timeouts.get("create", 0.0)
            id_, outputs = subject.provider.create(new["urn"], subject.inputs, timeout, preview=context.preview)
            if id_:
                new["id"] = id_
            subject.set_outputs(outputs)

    def _configure(self, subject: Subject) -> None:
        if subject.provider is not None:
            self.registry.configure(subject.provider, subject.new["urn"], subject.new["id"], subject.inputs)
        subject.set_outputs(subject.inputs)

    def same(self, subject: Subject) -> Resource:
        """Keeps the resource as it is, with what the program says about it now."""

        def act() -> None:
            self._keep(subject)
            if subject.is_provider:
                self._configure(subject)

        self._perform(subject, step_of("same", subject.new, subject.old), act, "same")
        return subject.new

    def _keep(self, subject: Subject) -> None:
        old = subject.old or {}
        if "id" in old:
            subject.new["id"] = old["id"]
        if subject.goal.custom or subject.goal.remote:
            subject.set_outputs(old.get("outputs") or {})
        self.context.journal.record(subject.new, subject.old)

    def update(self, subject: Subject, diff: Diff) -> Resource:
        """Changes the resource in place."""

        def act() -> None:
            old, provider = subject.old or {}, subject.provider
            if "id" in old:
                subject.new["id"] = old["id"]
            if subject.is_provider:
                self._configure(subject)
            elif provider is not None:
                timeout = subject.goal.timeouts.get("update", 0.0)
                outputs = provider.update(
                    subject.new["urn"], old, subject.inputs, subject.goal.ignore_changes, timeout,
                    preview=self.context.preview,
                )  # fmt: skip
                subject.set_outputs(outputs)
            self.context.journal.record(subject.new, subject.old)

        self._perform(subject, step_of("update", subject.new, subject.old, diff), act, "update")
        return subject.new

    def replace(self, subject: Subject, diff: Diff) -> Resource:
        """Makes the new resource; the old one stays until the end, marked for deletion."""
        self.context.replaced.add(subject.new["urn"])
        old = subject.old or {}

        def make() -> None:
            self._make(subject)
            self.context.journal.record(subject.new)
            if old.get("external"):
                self.context.journal.retire(old)
            else:
                old["delete"] = True

        if old.get("pendingReplacement"):
            self._create(subject, step_of("create-replacement", subject.new, subject.old, diff), old=subject.old)
        else:
            self._perform(subject, step_of("create-replacement", subject.new, subject.old, diff), make, "create")
        self._mark(subject, diff)
        return subject.new

    def replace_first(self, subject: Subject, diff: Diff) -> Resource:
        """Deletes what must be replaced with the resource, then the resource, then makes it again."""
        context, old = self.context, subject.old or {}
        urn: str = subject.new["urn"]
        context.replaced.add(urn)
        nodes: list[str] = []
        for dependent, keys in reversed(self._replaced_with(old)):
            context.condemned[dependent["urn"]] = keys
            nodes.append(self.delete_for_replacement(dependent, [*nodes]))
        if not old.get("pendingReplacement"):
            nodes.append(self.delete_for_replacement(old, [*nodes, *needs(subject.new)]))
        self._mark(subject, diff)
        step = step_of("create-replacement", subject.new, subject.old, diff)
        self._create(subject, step, tuple(nodes), subject.old)
        return subject.new

    def recreate(self, subject: Subject, keys: tuple[str, ...]) -> Resource:
        """Makes a resource again that was deleted because of what it depends on."""
        self.context.replaced.add(subject.new["urn"])
        self._mark(subject, Diff())
        step = step_of("create-replacement", subject.new, subject.old, Diff("some", (), keys))
        self._create(subject, step, (f"-{subject.new['urn']}",), subject.old)
        return subject.new

    def _mark(self, subject: Subject, diff: Diff) -> None:
        """Tells that the resource is replaced: a step that does nothing by itself and counts."""
        self._perform(subject, step_of("replace", subject.new, subject.old, diff), lambda: None, "same")

    def _replaced_with(self, root: Resource) -> list[tuple[Resource, tuple[str, ...]]]:
        """What must be replaced because the root is deleted first, and by which properties."""
        context = self.context
        gone = {root["urn"]}
        found: list[tuple[Resource, tuple[str, ...]]] = []
        left = [item for item in context.journal.olds if not item.get("delete")]
        for item in dependents(left, root["urn"]):
            if item["urn"] in context.journal.news or not item.get("custom") or item.get("external"):
                continue
            keys = self._must_go(item, gone)
            if keys is None:
                continue
            if item.get("protect"):
                raise ProviderError(f'"{item["urn"]}" must be replaced with "{root["urn"]}" and is protected')
            gone.add(item["urn"])
            found.append((item, keys))
        return found

    def _must_go(self, item: Resource, gone: set[str]) -> tuple[str, ...] | None:
        provider = item.get("provider", "")
        if provider and urns.split_reference(provider)[0] in gone:
            return ()
        if item.get("deletedWith") in gone or gone.intersection(item.get("replaceWith", ())):
            return ()
        depends: dict[str, list[str]] = item.get("propertyDependencies") or {}
        touched = {key for key, deps in depends.items() if gone.intersection(deps)}
        inputs: wire.Properties = item.get("inputs") or {}
        if not touched & inputs.keys():
            return None
        assumed = {key: wire.UNKNOWN if key in touched else value for key, value in inputs.items()}
        is_provider = urns.is_provider(item["type"])
        asked = self.registry.unconfigured(item["urn"]) if is_provider else self.registry.ensure(provider)
        diff = asked.diff(item["urn"], item, assumed, item.get("ignoreChanges", ()), config=is_provider)
        return diff.replacing or None

    def delete_for_replacement(self, old: Resource, after: list[str]) -> str:
        """Deletes a resource that is made again later. Returns the node of the deletion."""

        def act() -> None:
            self._delete(old)
            old["pendingReplacement"] = True

        node = f"-{old['urn']}"
        self._perform_delete(step_of("delete-replaced", None, old), old, act, after)
        return node

    def _delete(self, old: Resource) -> None:
        if self.context.preview or not old.get("custom") or old.get("retainOnDelete"):
            return
        if not urns.is_provider(old["type"]):
            provider = self.registry.ensure(old["provider"])
            provider.delete(old["urn"], old, (old.get("customTimeouts") or {}).get("delete", 0.0))

    def delete(self, old: Resource, op: str, after: list[str], *, spare: bool) -> None:
        """Deletes an old resource for good; a spared one is only forgotten."""

        def act() -> None:
            if old.get("protect") and op == "delete":
                raise ProviderError(
                    f'"{old["urn"]}" cannot be deleted because it is protected: unset its option protect'
                )
            if not spare:
                self._delete(old)
            self.context.journal.retire(old)

        self._perform_delete(step_of(op, None, old), old, act, after, spare=spare)

    def read(self, goal: Goal, new: Resource, provider: Configured, old: Resource | None) -> Resource:
        """Reads a resource that exists elsewhere."""
        subject = Subject(goal, new, old, provider)

        def act() -> None:
            if goal.import_id == wire.UNKNOWN:
                return
            id_, _, outputs = provider.read(new["urn"], goal.import_id, goal.inputs, {})
            if not id_:
                raise ProviderError(f'{goal.type} "{goal.name}" with the id "{goal.import_id}" does not exist')
            new["id"] = id_
            subject.set_outputs(outputs)
            self.context.journal.record(new, old)

        self._perform(subject, step_of("read", new, old), act, "same")
        return new

    def import_(self, subject: Subject) -> Resource:
        """Takes over a resource that exists; where the program wants it otherwise, it is updated."""
        provider, wanted = subject.provider, subject.inputs
        if provider is None:
            raise ProviderError("a component cannot be imported")
        found: Resource = dict(subject.new)

        def act() -> None:
            id_, inputs, outputs = provider.read(subject.new["urn"], subject.goal.import_id, {}, {})
            if not id_:
                raise ProviderError(f'there is no {subject.goal.type} with the id "{subject.goal.import_id}"')
            found.update(id=id_, inputs=inputs, outputs=outputs)
            subject.new["id"] = id_
            subject.set_outputs(outputs)
            self.context.journal.record(subject.new)

        self._perform(subject, step_of("import", subject.new, None), act, "same")
        diff = provider.diff(subject.new["urn"], found, wanted, subject.goal.ignore_changes)
        if diff.replacing:
            raise ProviderError(f"the existing resource differs in what cannot be changed: {', '.join(diff.replacing)}")
        if diff.state != "some":
            return subject.new
        again = Subject(subject.goal, dict(subject.new), found, provider)
        return self.update(again, diff)

    def _perform(self, subject: Subject, step: Step, act: Any, kind: str, after: tuple[str, ...] = ()) -> None:
        seconds = (0.0, True)
        provider = subject.provider
        if provider is not None and kind != "same" and not subject.is_provider:
            seconds = provider.latency(subject.goal.type, kind, subject.inputs)
        operation = {"create": "creating", "update": "updating"}.get(kind, "")
        self.context.perform(
            step, act, node=subject.new["urn"], after=[*needs(subject.new), *after], seconds=seconds, pending=operation
        )

    def _perform_delete(self, step: Step, old: Resource, act: Any, after: list[str], *, spare: bool = False) -> None:
        seconds = (0.0, True)
        real = old.get("custom") and not old.get("retainOnDelete") and not urns.is_provider(old["type"])
        if real and not spare:
            seconds = self.registry.ensure(old["provider"]).latency(old["type"], "delete", old.get("inputs") or {})
        self.context.perform(
            step, act, node=f"-{old['urn']}", after=after, seconds=seconds, pending="deleting" if real else ""
        )
