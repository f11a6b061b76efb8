"""The simulated aws provider: any resource of the installed pulumi_aws by names and types, and the types of an EKS stack in depth."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar

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
from kubeml_simulator.provider.values import put

from . import functions, identity, outputs, replacement, rules, services, tags
from .case import ACCOUNT, Case
from .models import shapes
from .regions import regions
from .tables import PACKAGE

PROVIDER = "pulumi:providers:aws"
JSON_TEXT = ("{", "[", "true", "false")


class AwsProvider(SimulatedProvider):
    """One simulated account; give the providers of one program the same `world` (see `factory`).

    >>> AwsProvider().latency("aws:eks/cluster:Cluster", "create", {})
    (617.0, True)
    """

    package: ClassVar[str] = "aws"
    distribution: ClassVar[str] = "pulumi-aws"

    @classmethod
    def factory(cls, failures: FailurePlan | Iterable[str] | None = None) -> Callable[[], "AwsProvider"]:
        """What makes the providers of one run: they share the account and the failures."""
        plan = failures if isinstance(failures, FailurePlan) else FailurePlan(failures or ())
        world = World()
        return lambda: cls(plan, world)

    @property
    def schema(self) -> Schema:
        """The installed SDK."""
        return Schema.for_package("pulumi_aws")

    @property
    def default_tags(self) -> Mapping[str, Any]:
        """The tags that the provider adds to every resource that has tags."""
        given = _parsed(self.config).get("defaultTags")
        tags = given.get("tags") if isinstance(given, Mapping) else None
        return tags if isinstance(tags, Mapping) else {}

    def case(self, token: str, urn: str, inputs: Mapping[str, Any], **more: Any) -> Case:
        """A resource with the region it is in."""
        region = inputs.get("region") or self.config.get("region") or ""
        return Case(token, urn, inputs, str(region), self.world, account=self.account, **more)

    @property
    def account(self) -> str:
        """The account that the configuration names, by its list of allowed ones or by the role to assume; else the documents' 123456789012."""
        parsed = _parsed(self.config)
        allowed = parsed.get("allowedAccountIds") or ()
        roles = [role.get("roleArn") for role in parsed.get("assumeRoles") or () if isinstance(role, Mapping)]
        named = [
            *(str(number) for number in allowed),
            *(match[4] for arn in roles if (match := rules.ARN.fullmatch(str(arn)))),
        ]
        return named[0] if named and named[0] else ACCOUNT

    def check_config(self, config: dict[str, Any]) -> Iterator[Failure]:
        """Names and types of the provider's arguments; the region is one that exists."""
        parsed = _parsed(config)
        yield from self.schema.failures(
            PROVIDER, {key: value for key, value in parsed.items() if key not in {"version", "pluginDownloadURL"}}
        )
        region = config.get("region")
        if region is None:
            yield Failure(
                "region", why="missing: set aws:region in the stack's configuration", allowed=", ".join(regions())
            )
        yield from (
            Failure(path, value, ", ".join(regions()), "there is no such region")
            for path, value in self.case(PROVIDER, "", config).each("region")
            if value not in regions()
        )

    def forces_config(self, change: Change) -> bool:
        """Another region is another place: everything moves."""
        return change.top == "region"

    def complete(self, token: str, urn: str, inputs: dict[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
        """The physical name, where the program gives none: the old one if it was automatic, else a new one."""
        resource = self.schema.resource(token)
        named = identity.name_property(token, resource.inputs) if resource else None
        if named is None or inputs.get(named[0]) is not None or inputs.get(f"{named[0]}Prefix") is not None:
            return inputs
        before = old.get(named[0])
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
        for pattern, shape in shapes(token).items():
            for path, value in case.each(pattern):
                yield from shape.judge(path, value)
        yield from rules.judge(case)
        yield from tags.judge(case)
        yield from self._conflicts(case)

    @staticmethod
    def _conflicts(case: Case) -> Iterator[Failure]:
        """What depends on what else exists; asked again when the resource is made, as an API does."""
        yield from identity.taken(case)
        for check in services.CHECKS.get(case.token, ()):
            yield from check(case)

    def diff(
        self, token: str, urn: str, old: dict[str, Any], new: dict[str, Any], state: Mapping[str, Any]
    ) -> Difference:
        """What changed; a value that the cloud has already, or computes by itself when it is no longer given, is no change."""
        whole = super().diff(token, urn, old, new, state)
        changed = tuple(c for c in whole.changes if not replacement.keeps(token, c) and not _has_already(c, state))
        return Difference(changed, delete_before_replace=self._name_is_fixed(token, urn, changed, new))

    def _name_is_fixed(self, token: str, urn: str, changed: tuple[Change, ...], new: Mapping[str, Any]) -> bool:
        resource = self.schema.resource(token)
        named = identity.name_property(token, resource.inputs) if resource else None
        if (
            named is None
            or not any(change.replaces for change in changed)
            or any(change.top == named[0] for change in changed)
        ):
            return False
        return new.get(named[0]) is not None and not identity.is_automatic(new[named[0]], urn)

    def forces(self, token: str, change: Change, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """As the table of replacing properties says."""
        return replacement.forces(token, replacement.Question(change, old, new, str(self.config.get("region") or "")))

    def identify(self, token: str, urn: str, inputs: dict[str, Any]) -> str:
        """An id in the format of the cloud, always the same for a URN; refused when a resource holds it already."""
        case = self.case(token, urn, inputs, creating=True)
        made = identity.new_id(case)
        conflicts = [f"{failure.path} {failure.reason()}" for failure in self._conflicts(case)]
        if not conflicts and self.world.find(token, id=made):
            conflicts = [f"AlreadyExists: {made}"]
        if conflicts:
            raise Refused(f"creating {urn}: {'; '.join(conflicts)}")
        return made

    def outputs(
        self, token: str, urn: str, inputs: dict[str, Any], *, preview: bool, identity: str, old: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The state of a resource."""
        resource = self.schema.resource(token) or ResourceType(token, {}, frozenset())
        return outputs.state(
            self.case(token, urn, inputs, old=old, identity=identity), resource, self.default_tags, preview=preview
        )

    def invoke(self, token: str, args: dict[str, Any], *, preview: bool) -> dict[str, Any]:  # noqa: ARG002
        """The functions that need no cloud."""
        return functions.call(token, args, self.case(token, "", args))

    def failure_message(self, token: str, urn: str, operation: str, inputs: Mapping[str, Any]) -> str:
        """An answer of the service's kind, with the name that the service knows."""
        service, _, kind = token.split(":")[1].partition("/")
        resource = self.schema.resource(token)
        named = identity.name_property(token, resource.inputs) if resource else None
        name = inputs.get(named[0]) if named else None
        verb = {"create": "creating", "update": "updating", "delete": "deleting"}[operation]
        action = f"{operation.capitalize()}{kind[:1].upper()}{kind[1:]}"
        return (
            f"{verb} {urn} ({name or urn.rsplit('::', 1)[-1]}): operation error {service.upper()}: {action}, "
            "https response error StatusCode: 500, InternalFailure: this failure was asked for by --fail"
        )

    def latency(self, token: str, op: str, properties: Mapping[str, Any]) -> tuple[float, bool]:  # noqa: ARG002
        """Seconds as in `durations.tsv`."""
        return latency(durations(PACKAGE), token, op)


def _has_already(change: Change, state: Mapping[str, Any]) -> bool:
    return change.kind.startswith("add") and change.path in state and state[change.path] == change.new


def _parsed(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with nested values decoded: they travel as JSON texts."""
    return {key: _decoded(value) for key, value in config.items()}


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(JSON_TEXT):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return int(value) if isinstance(value, str) and value.isdigit() and len(value) < 10 else value


__all__ = ["AwsProvider"]
