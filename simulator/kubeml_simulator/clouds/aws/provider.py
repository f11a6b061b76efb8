"""The simulated aws provider: any resource of the installed pulumi_aws by names and types, and the types of an EKS stack in depth."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from kubeml_simulator.clouds.common import Cloud, CloudProvider
from kubeml_simulator.clouds.common.configuration import parsed
from kubeml_simulator.provider import Change, Failure

from . import functions, tags
from .arns import ARN
from .case import ACCOUNT, Case
from .identity import Identity
from .models import MODELS
from .outputs import Outputs
from .regions import regions
from .replacement import REPLACEMENT
from .rules import RULE_TABLE
from .services import BEHAVIOURS
from .tables import TABLES

PROVIDER = "pulumi:providers:aws"
IDENTITY = Identity(TABLES)


class AwsProvider(CloudProvider):
    """One simulated account; give the providers of one program the same `world` (see `factory`).

    >>> AwsProvider().latency("aws:eks/cluster:Cluster", "create", {})
    (617.0, True)
    """

    package: ClassVar[str] = "aws"
    distribution: ClassVar[str] = "pulumi-aws"
    cloud: ClassVar[Cloud] = Cloud(
        TABLES, IDENTITY, RULE_TABLE, MODELS, REPLACEMENT, BEHAVIOURS, Outputs(TABLES, IDENTITY, BEHAVIOURS)
    )

    @property
    def default_tags(self) -> Mapping[str, Any]:
        """The tags that the provider adds to every resource that has tags."""
        given = parsed(self.config).get("defaultTags")
        found = given.get("tags") if isinstance(given, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    @property
    def place(self) -> str:
        """The provider's region."""
        return str(self.config.get("region") or "")

    def case(self, token: str, urn: str, inputs: Mapping[str, Any], **more: Any) -> Case:
        """A resource with the region it is in."""
        region = str(inputs.get("region") or self.place)
        return Case(
            token, urn, inputs, region, self.world, account=self.account, default_tags=self.default_tags, **more
        )

    @property
    def account(self) -> str:
        """The account that the configuration names, by its list of allowed ones or by the role to assume; else the documents' 123456789012."""
        config = parsed(self.config)
        allowed = config.get("allowedAccountIds") or ()
        roles = [role.get("roleArn") for role in config.get("assumeRoles") or () if isinstance(role, Mapping)]
        named = [
            *(str(number) for number in allowed),
            *(match[4] for arn in roles if (match := ARN.fullmatch(str(arn)))),
        ]
        return named[0] if named and named[0] else ACCOUNT

    def check_config(self, config: dict[str, Any]) -> Iterator[Failure]:
        """Names and types of the provider's arguments; the region is one that exists."""
        given = {key: value for key, value in parsed(config).items() if key not in {"version", "pluginDownloadURL"}}
        yield from self.schema.failures(PROVIDER, given)
        if config.get("region") is None:
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

    def judge(self, case: Any) -> Iterator[Failure]:
        """Tags are checked the same way on every type."""
        return tags.judge(case)

    def invoke(self, token: str, args: dict[str, Any], *, preview: bool) -> dict[str, Any]:  # noqa: ARG002
        """The functions that need no cloud."""
        return functions.call(token, args, self.case(token, "", args))

    def failure_message(self, token: str, urn: str, operation: str, inputs: Mapping[str, Any]) -> str:
        """An answer of the service's kind, with the name that the service knows."""
        service, _, kind = token.split(":")[1].partition("/")
        name = self.name_of(token, inputs)
        verb = {"create": "creating", "update": "updating", "delete": "deleting"}[operation]
        action = f"{operation.capitalize()}{kind[:1].upper()}{kind[1:]}"
        return (
            f"{verb} {urn} ({name or urn.rsplit('::', 1)[-1]}): operation error {service.upper()}: {action}, "
            "https response error StatusCode: 500, InternalFailure: this failure was asked for by --fail"
        )


__all__ = ["AwsProvider"]
