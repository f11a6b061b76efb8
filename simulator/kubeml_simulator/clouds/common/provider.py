"""A simulated cloud: any resource of its installed SDK by names and types, and the types of its tables in depth."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self

from kubeml_simulator.provider import (
    UNKNOWN,
    Change,
    Difference,
    Failure,
    FailurePlan,
    Refused,
    SimulatedProvider,
    World,
)
from kubeml_simulator.provider.latency import durations, latency
from kubeml_simulator.provider.sdk import ResourceType, Schema
from kubeml_simulator.provider.values import put, steps

from .case import Case
from .cloud import Cloud
from .replacement import Question


class CloudProvider(SimulatedProvider):
    """One simulated account; give the providers of one program the same `world` (see `factory`).

    A cloud's own provider says what its configuration must have, where a resource is (`case`), and answers its functions (`invoke`).
    """

    cloud: ClassVar[Cloud]

    @classmethod
    def factory(cls, failures: FailurePlan | Iterable[str] | None = None) -> Callable[[], Self]:
        """What makes the providers of one run: they share the account and the failures."""
        plan = failures if isinstance(failures, FailurePlan) else FailurePlan(failures or ())
        world = World()
        return lambda: cls(plan, world)

    @property
    def schema(self) -> Schema:
        """The installed SDK."""
        return Schema.for_package(self.distribution.replace("-", "_"))

    @property
    def place(self) -> str:
        """The region or location of resources that say none."""
        return ""

    def case(self, token: str, urn: str, inputs: Mapping[str, Any], **more: Any) -> Case:
        """A resource with the place and the account it is in; `more` goes to the cloud's case."""
        return Case(token, urn, inputs, self.place, self.world, **more)

    def judge(self, case: Any) -> Iterator[Failure]:  # noqa: ARG002 (what a cloud overrides)
        """What the cloud checks of every type, such as tags."""
        return iter(())

    def complete(self, token: str, urn: str, inputs: dict[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
        """The physical name, where the program gives none: the old one if it was automatic, else a new one."""
        named = self._named(token)
        if named is None or inputs.get(named[0]) is not None or inputs.get(f"{named[0]}Prefix") is not None:
            return inputs
        before = old.get(named[0])
        identity = self.cloud.identity
        kept = before if before and identity.is_automatic(before, urn) else None
        return {**inputs, named[0]: kept or identity.automatic_name(self.case(token, urn, inputs), *named)}

    def check(self, token: str, urn: str, inputs: dict[str, Any]) -> Iterator[Failure]:
        """Names and types first; then, of what has the right type, values, formats, references and what belongs together."""
        wrong = self.schema.failures(token, inputs)
        yield from wrong
        right: Any = inputs
        for failure in wrong:
            right = put(right, failure.path, UNKNOWN) if failure.path else {}
        case = self.case(token, urn, right)
        for pattern, shape in self.cloud.models.shapes(token).items():
            for path, value in case.each(pattern):
                yield from shape.judge(path, value)
        yield from self.cloud.rules.judge(case)
        yield from self.judge(case)
        yield from self.conflicts(case)

    def conflicts(self, case: Case) -> Iterator[Failure]:
        """What depends on what else exists; asked again when the resource is made, as an API does."""
        yield from self.cloud.identity.taken(case)
        for check in self.cloud.behaviours.of_checks.get(case.token, ()):
            yield from check(case)

    def diff(
        self, token: str, urn: str, old: dict[str, Any], new: dict[str, Any], state: Mapping[str, Any]
    ) -> Difference:
        """What changed; a value that the cloud has already, or computes by itself when it is no longer given, is no change."""
        whole = super().diff(token, urn, old, new, state)
        keeps = self.cloud.replacement.keeps
        changed = tuple(c for c in whole.changes if not keeps(token, c) and not _has_already(c, state))
        return Difference(changed, delete_before_replace=self.name_is_fixed(token, urn, changed, new))

    def name_is_fixed(self, token: str, urn: str, changed: tuple[Change, ...], new: Mapping[str, Any]) -> bool:
        """Whether the old resource must go first, since the new one has the same name, given by the program."""
        named = self._named(token)
        if (
            named is None
            or not any(change.replaces for change in changed)
            or any(change.top == named[0] for change in changed)
        ):
            return False
        return new.get(named[0]) is not None and not self.cloud.identity.is_automatic(new[named[0]], urn)

    def forces(self, token: str, change: Change, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """As the table of replacing properties says."""
        return self.cloud.replacement.forces(token, Question(change, old, new, self.place))

    def identify(self, token: str, urn: str, inputs: dict[str, Any]) -> str:
        """An id in the format of the cloud, always the same for a URN; refused when a resource holds it already."""
        case = self.case(token, urn, inputs, creating=True)
        made = self.cloud.identity.new_id(case)
        conflicts = [f"{failure.path} {failure.reason()}" for failure in self.conflicts(case)]
        if not conflicts and self.world.find(token, id=made):
            conflicts = [f"AlreadyExists: {made}"]
        if conflicts:
            raise Refused(f"creating {urn}: {'; '.join(conflicts)}")
        return made

    def remove(self, token: str, urn: str, identity: str, state: dict[str, Any]) -> None:
        """Refused while something about the resource, or what depends on it, keeps it."""
        case = self.case(token, urn, state, identity=identity)
        for check in self.cloud.behaviours.of_removals.get(token, ()):
            kept = [f"{failure.path} {failure.reason()}".strip() for failure in check(case)]
            if kept:
                raise Refused(f"deleting {urn}: {'; '.join(kept)}")

    def outputs(
        self, token: str, urn: str, inputs: dict[str, Any], *, preview: bool, identity: str, old: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The state of a resource."""
        resource = self.schema.resource(token) or ResourceType(token, {}, frozenset())
        return self.cloud.outputs.state(
            self.case(token, urn, inputs, old=old, identity=identity), resource, preview=preview
        )

    def name_of(self, token: str, inputs: Mapping[str, Any]) -> Any:
        """The name that the cloud knows a resource by, or None."""
        named = self._named(token)
        return inputs.get(named[0]) if named else None

    def latency(self, token: str, op: str, properties: Mapping[str, Any]) -> tuple[float, bool]:  # noqa: ARG002
        """Seconds as in `durations.tsv`."""
        return latency(durations(self.cloud.tables.package), token, op)

    def _named(self, token: str) -> tuple[str, int] | None:
        resource = self.schema.resource(token)
        return self.cloud.identity.name_property(token, resource.inputs) if resource else None


def _has_already(change: Change, state: Mapping[str, Any]) -> bool:
    return change.kind.startswith("add") and change.new is not None and _at(state, change.path) == change.new


def _at(value: Any, path: str) -> Any:
    for step in steps(path):
        if isinstance(value, Mapping):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


__all__ = ["CloudProvider"]
