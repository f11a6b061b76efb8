"""The simulated gcp provider: any resource of the installed pulumi_gcp by names and types, and the types of a GKE stack in depth."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from kubeml_simulator.clouds.common import Cloud, CloudProvider
from kubeml_simulator.clouds.common.configuration import parsed
from kubeml_simulator.provider import Change, Failure, Refused

from . import functions, labels, locations
from .case import Case
from .identity import Identity
from .models import MODELS
from .outputs import Outputs
from .replacement import REPLACEMENT
from .rules import RULE_TABLE
from .services import BEHAVIOURS
from .tables import TABLES

PROVIDER = "pulumi:providers:gcp"
IDENTITY = Identity(TABLES)
# The provider's own; they say nothing about where resources are.
OWN = frozenset({"version", "pluginDownloadURL"})
VERBS = {"create": "creating", "update": "updating", "delete": "deleting"}
# Types that the provider replaces by deleting first, whatever their name (pulumi/pulumi-gcp provider/resources.go @ ed6078a).
DELETED_FIRST = frozenset({"gcp:projects/iAMMember:IAMMember"})


class GcpProvider(CloudProvider):
    """One simulated project; give the providers of one program the same `world` (see `factory`).

    >>> GcpProvider().latency("gcp:container/cluster:Cluster", "create", {})
    (403.0, True)
    """

    package: ClassVar[str] = "gcp"
    distribution: ClassVar[str] = "pulumi-gcp"
    cloud: ClassVar[Cloud] = Cloud(
        TABLES, IDENTITY, RULE_TABLE, MODELS, REPLACEMENT, BEHAVIOURS, Outputs(TABLES, IDENTITY, BEHAVIOURS)
    )

    @property
    def place(self) -> str:
        """The provider's region, else its zone."""
        return str(self.config.get("region") or self.config.get("zone") or "")

    def case(self, token: str, urn: str, inputs: Mapping[str, Any], **more: Any) -> Case:
        """A resource with the project and the place it is in."""
        config = parsed(self.config)
        given = config.get("defaultLabels")
        return Case(
            token,
            urn,
            inputs,
            self.place,
            self.world,
            account=str(config.get("project") or ""),
            default_labels=given if isinstance(given, Mapping) else {},
            provider_zone=str(config.get("zone") or ""),
            attributed=config.get("addPulumiAttributionLabel") is not False,
            **more,
        )

    def check_config(self, config: dict[str, Any]) -> Iterator[Failure]:
        """Names and types of the provider's arguments; a project is named, region and zone exist."""
        given = {key: value for key, value in parsed(config).items() if key not in OWN}
        yield from self.schema.failures(PROVIDER, given)
        case = self.case(PROVIDER, "", config)
        if config.get("project") is None:
            why = "missing: set gcp:project in the stack's configuration"
            yield Failure("project", why=why, allowed="the id of a project")
        for path, value in case.each("region"):
            if value not in locations.regions():
                yield Failure(path, value, ", ".join(locations.regions()), "there is no such region")
        region, zone = case.known("region"), case.known("zone")
        if zone is not None and not locations.exists(str(zone)):
            yield Failure("zone", zone, "a zone such as us-central1-a", "there is no such zone")
        elif zone is not None and region is not None and locations.region_of(str(zone)) != region:
            yield Failure("zone", zone, f"a zone of {region}", "the provider's zone is not in its region")

    def forces_config(self, change: Change) -> bool:
        """Another project is another place: everything moves."""
        return change.top == "project"

    def judge(self, case: Any) -> Iterator[Failure]:
        """Labels are checked the same way on every type."""
        return labels.judge(case)

    def name_is_fixed(self, token: str, urn: str, changed: tuple[Change, ...], new: Mapping[str, Any]) -> bool:
        """Some types go before their successor comes, whatever they are called."""
        first = token in DELETED_FIRST and any(change.replaces for change in changed)
        return first or super().name_is_fixed(token, urn, changed, new)

    def read(self, token: str, urn: str, identity: str, state: dict[str, Any]) -> dict[str, Any] | None:
        """A resource that the program adopts: what is remembered of it, else what its id says."""
        known = self.world.find(token, id=identity)
        if state or known:
            return state or dict(known.state if known else {})
        said = IDENTITY.parts(token, identity)
        if said is None:
            row = IDENTITY.described(token)
            form = row["id"].replace("$", "") if row else ""
            raise Refused(f'Import id "{identity}" doesn\'t match any of the accepted formats: {form}')
        resource = self.schema.resource(token)
        inputs = {name: value for name, value in said.items() if resource and name in resource.inputs}
        return self.outputs(token, urn, inputs, preview=False, identity=identity, old={})

    def remove(self, token: str, urn: str, identity: str, state: dict[str, Any]) -> None:
        """What is protected stays, what is abandoned is left alone; else as what depends on it allows."""
        if state.get("deletionPolicy") == "PREVENT":
            raise Refused(
                f'deleting {urn}: cannot destroy "{identity}" without setting deletionPolicy to "DELETE" in an up before'
            )
        if state.get("deletionPolicy") != "ABANDON":
            super().remove(token, urn, identity, state)

    def invoke(self, token: str, args: dict[str, Any], *, preview: bool) -> dict[str, Any]:  # noqa: ARG002
        """The functions that need no cloud."""
        return functions.call(token, args, self.case(token, "", args))

    def failure_message(self, token: str, urn: str, operation: str, inputs: Mapping[str, Any]) -> str:
        """An answer in the form of Google's APIs, with the name that the service knows."""
        kind = token.rsplit(":", 1)[-1]
        name = self.name_of(token, inputs) or urn.rsplit("::", 1)[-1]
        return (
            f"{VERBS[operation]} {urn} ({name}): Error {VERBS[operation]} {kind}: googleapi: Error 500: "
            "Internal error encountered: this failure was asked for by --fail, backendError"
        )


__all__ = ["GcpProvider"]
