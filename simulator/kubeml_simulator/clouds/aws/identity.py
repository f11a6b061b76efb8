"""Names and ids as AWS has them: aliases and buckets are spelt their own way, most things have an ARN."""

from collections.abc import Mapping
from typing import Any

from kubeml_simulator.clouds import common
from kubeml_simulator.clouds.common.templates import fill

from .case import Case

ALIAS = "alias/"  # how a key's alias begins


class Identity(common.Identity):
    """The names of AWS.

    >>> from .tables import TABLES
    >>> Identity(TABLES).is_automatic("node-0a1b2c3", "urn:pulumi:s::p::aws:iam/role:Role::node")
    True
    """

    def spelt(self, case: common.Case, logical: str) -> str:
        """Buckets are named in lower case."""
        return logical.lower() if case.token.startswith("aws:s3/") else logical

    def is_automatic(self, name: Any, urn: str) -> bool:
        """An alias is named automatically behind its prefix."""
        return super().is_automatic(str(name).removeprefix(ALIAS), urn)

    def automatic_name(self, case: common.Case, property_name: str, longest: int) -> str:
        """An alias begins with its prefix."""
        prefix = ALIAS if case.token.startswith("aws:kms/alias") else ""
        return prefix + super().automatic_name(case, property_name, longest)

    def names(self, case: common.Case, identity: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """A template may refer to the ARN too."""
        values = super().names(case, identity, inputs)
        row = self.described(case.token)
        if row is not None and row["arn"]:
            values["arn"] = identity if identity and row["id"] == "${arn}" else fill(row["arn"], case, values)
        return values


def any_arn(case: Case) -> str:
    """The ARN of a type without a row."""
    service, _, kind = case.token.split(":")[1].partition("/")
    return f"arn:{case.partition}:{service}:{case.region}:{case.account}:{kind.lower()}/{case.identity}"
