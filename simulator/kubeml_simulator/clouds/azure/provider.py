"""The simulated azure-native provider: any resource of the installed SDK by names and types, and the types of an AKS stack in depth."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from kubeml_simulator.clouds.common import Cloud, CloudProvider, Replacement
from kubeml_simulator.clouds.common.configuration import parsed
from kubeml_simulator.provider import UNKNOWN, Change, Difference, Failure, Refused
from kubeml_simulator.provider.sdk import enum_failures

from . import arm, everywhere, functions, locks, lookup, parents, uses
from .behaviours import UPDATES
from .case import SUBSCRIPTION, TENANT, Case
from .identity import Identity
from .locations import locations
from .models import MODELS
from .outputs import Outputs
from .refusals import refusals
from .rules import RULE_TABLE
from .services import BEHAVIOURS
from .tables import TABLES

PROVIDER = "pulumi:providers:azure-native"
VERSIONED = re.compile(r"^(azure-native:\w+)/v\d{8}(?:\w*preview)?:")
IDENTITY = Identity(TABLES)


class AzureProvider(CloudProvider):
    """One simulated subscription; give the providers of one program the same `world` (see `factory`).

    >>> AzureProvider().latency("azure-native:containerservice:ManagedCluster", "create", {})
    (370.0, True)
    """

    package: ClassVar[str] = "azure-native"
    distribution: ClassVar[str] = "pulumi-azure-native"
    cloud: ClassVar[Cloud] = Cloud(
        TABLES,
        IDENTITY,
        RULE_TABLE,
        MODELS,
        Replacement(TABLES),
        BEHAVIOURS,
        Outputs(TABLES, IDENTITY, BEHAVIOURS),
    )

    def token(self, urn: str) -> str:
        """The type without the version of its API: a program may name one, the installed SDK has one only.

        >>> AzureProvider().token("urn:pulumi:s::p::azure-native:containerservice/v20250901:AgentPool::train")
        'azure-native:containerservice:AgentPool'
        """
        return VERSIONED.sub(r"\1:", super().token(urn))

    @property
    def place(self) -> str:
        """The provider's location."""
        return arm.location(str(self.config.get("location") or ""))

    def case(self, token: str, urn: str, inputs: Mapping[str, Any], **more: Any) -> Case:
        """A resource with the location it is in."""
        given = inputs.get("location")
        where = self.place if given is None else "" if given == UNKNOWN else arm.location(str(given))
        account = str(self.config.get("subscriptionId") or SUBSCRIPTION)
        tenant = str(self.config.get("tenantId") or TENANT)
        return Case(token, urn, inputs, where, self.world, account=account, tenant=tenant, **more)

    def check_config(self, config: dict[str, Any]) -> Iterator[Failure]:
        """Names and types of the provider's arguments; the location is one that exists, the subscription and the tenant are GUIDs."""
        given = {key: value for key, value in parsed(config).items() if key not in {"version", "pluginDownloadURL"}}
        yield from self.schema.failures(PROVIDER, given)
        case = self.case(PROVIDER, "", config)
        for path, value in case.each("location"):
            if arm.location(str(value)) not in locations():
                yield Failure(path, value, ", ".join(locations()), "there is no such location")
        for name in ("subscriptionId", "tenantId"):
            for path, value in case.each(name):
                if not arm.GUID.fullmatch(str(value)):
                    yield Failure(path, value, "a GUID", "it is no GUID")

    def forces_config(self, change: Change) -> bool:
        """Another subscription is another place; another location is only another default."""
        return change.top in {"subscriptionId", "tenantId"}

    def complete(self, token: str, urn: str, inputs: dict[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
        """The name and the location, where the program gives none: the old ones, else a new name and the location of the group."""
        resource = self.schema.resource(token)
        if resource is None:
            return inputs
        made = dict(inputs)
        named = self.cloud.identity.name_property(token, resource.inputs)
        if named is not None and made.get(named[0]) is None:
            case = self.case(token, urn, inputs)
            made[named[0]] = old.get(named[0]) or self.cloud.identity.automatic_name(case, *named)
        if "location" in resource.inputs and made.get("location") is None:
            made["location"] = old.get("location") or self.config.get("location") or self._of_group(token, urn, made)
        return {name: value for name, value in made.items() if value is not None or name in inputs}

    def _of_group(self, token: str, urn: str, inputs: Mapping[str, Any]) -> str | None:
        group = inputs.get("resourceGroupName")
        if not isinstance(group, str):
            return None
        return UNKNOWN if group == UNKNOWN else lookup.group_location(self.case(token, urn, inputs), group)

    def check(self, token: str, urn: str, inputs: dict[str, Any]) -> Iterator[Failure]:
        """The shared checks, and, for the types of the tables, the values of the SDK's enum classes and a location."""
        yield from super().check(token, urn, inputs)
        resource = self.schema.resource(token)
        if resource is None or IDENTITY.described(token) is None:
            return
        yield from enum_failures(resource.inputs, inputs)
        if "location" in resource.inputs and inputs.get("location") is None:
            why = "missing: set it, or azure-native:location in the stack's configuration"
            yield Failure("location", why=why, allowed=", ".join(locations()))

    def judge(self, case: Any) -> Iterator[Failure]:
        """Tags, locations and identities are checked the same way on every type."""
        yield from everywhere.judge(case)

    def conflicts(self, case: Any) -> Iterator[Failure]:
        """What a resource lives in exists, and its names are free."""
        yield from parents.judge(case, IDENTITY)
        yield from super().conflicts(case)

    def diff(
        self, token: str, urn: str, old: dict[str, Any], new: dict[str, Any], state: Mapping[str, Any]
    ) -> Difference:
        """What changed; an id in other letters, or a location in other words, is the same."""
        whole = super().diff(token, urn, old, new, state)
        changed = tuple(change for change in whole.changes if not arm.same(change.old, change.new))
        return Difference(changed, delete_before_replace=self.name_is_fixed(token, urn, changed, new))

    def name_is_fixed(self, token: str, urn: str, changed: tuple[Change, ...], new: Mapping[str, Any]) -> bool:
        """azure-native deletes first, unless it made the name at random."""
        named = self._named(token)
        if named is None or not any(change.replaces for change in changed):
            return False
        before = next((change.old for change in changed if change.path == named[0]), new.get(named[0]))
        return not self.cloud.identity.is_automatic(before, urn)

    def change(
        self,
        token: str,
        urn: str,
        identity: str,
        *,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        state: Mapping[str, Any],
    ) -> None:
        """Refused where the service refuses the update, in a preview too."""
        case = self.case(token, urn, new, old=state, identity=identity)
        group = str(new.get("resourceGroupName") or "")
        facts = {"id": identity, "name": identity.rsplit("/", 1)[-1], "group": group}
        said = [*refusals(token, old, state, new, facts), *locks.of_update(case)]
        for check in UPDATES.get(token, ()):
            said += check(case)
        if said:
            raise Refused(f"updating {urn}: {'; '.join(dict.fromkeys(said))}")

    def remove(self, token: str, urn: str, identity: str, state: dict[str, Any]) -> None:
        """Refused while a lock, or what lives inside, keeps the resource."""
        case = self.case(token, urn, state, identity=identity)
        kept = [*locks.of_delete(case), *uses.of_delete(case)]
        if kept:
            raise Refused(f"deleting {urn}: {'; '.join(kept)}")
        super().remove(token, urn, identity, state)

    def read(self, token: str, urn: str, identity: str, state: dict[str, Any]) -> dict[str, Any] | None:
        """The state of a resource that is adopted by its id: what the id says, and what the service would compute."""
        row = IDENTITY.described(token)
        parsed = arm.parse(identity)
        kind = (parsed.kind or "Microsoft.Resources/resourceGroups") if parsed else ""
        if row is not None and kind.lower() != row["kind"].lower():
            raise Refused(f"reading {urn}: {identity!r} is no id of a {row['kind']}")
        named = arm.names_in(row["id"], identity) if row is not None else {}
        found = super().read(token, urn, arm.canonical(identity), state)
        if found is None or state or not named or self.world.find(token, id=arm.canonical(identity)):
            return found
        made = self.outputs(token, urn, dict(named), preview=False, identity=arm.canonical(identity), old={})
        return {**named, **made}

    def invoke(self, token: str, args: dict[str, Any], *, preview: bool) -> dict[str, Any]:  # noqa: ARG002
        """The functions that need no cloud, and a getter for every type of the tables."""
        return functions.call(VERSIONED.sub(r"\1:", token), args, self.case(token, "", args))

    def failure_message(self, token: str, urn: str, operation: str, inputs: Mapping[str, Any]) -> str:
        """An answer of Azure Resource Manager's kind, with the name that the service knows."""
        name = self.name_of(token, inputs) or urn.rsplit("::", 1)[-1]
        verb = {"create": "creating", "update": "updating", "delete": "deleting"}[operation]
        return (
            f'{verb} {urn} ({name}): Status=500 Code="InternalServerError" '
            'Message="this failure was asked for by --fail"'
        )


__all__ = ["AzureProvider"]
