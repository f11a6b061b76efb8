"""Who may take a role: what a service answers when a role that it shall use does not trust it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kubeml_simulator.clouds.common.rules import json_object
from kubeml_simulator.provider import Failure

from .behaviours import checks
from .case import Case
from .tables import by_token

ROLE = "aws:iam/role:Role"


def trusts(document: str, principal: str) -> set[str]:
    """The actions that a trust policy allows a service; conditions are not weighed.

    >>> sorted(trusts('{"Statement": {"Effect": "Allow", "Action": "sts:*", "Principal": {"Service": ["ec2.amazonaws.com"]}}}', "ec2.amazonaws.com"))
    ['sts:*']
    """
    found: set[str] = set()
    statements = json.loads(document).get("Statement") or []
    for statement in [statements] if isinstance(statements, Mapping) else statements:
        named = statement.get("Principal") or {}
        services = named.get("Service") if isinstance(named, Mapping) else named
        if statement.get("Effect") == "Allow" and (principal in _many(services) or "*" in _many(services)):
            found |= set(_many(statement.get("Action")))
    return found


def _many(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


@checks(*by_token("trusts.tsv"))
def the_role_trusts_the_service(case: Case) -> Iterator[Failure]:
    """A role given to a service lets the service take it."""
    for row in by_token("trusts.tsv")[case.token]:
        for path, arn in case.each(row["property"]):
            role = case.world.find(ROLE, arn=arn)
            if role is None or next(json_object(case, "", str(role["assumeRolePolicy"]), ""), None):
                continue  # unknown, or no document: said elsewhere
            allowed = trusts(role["assumeRolePolicy"], row["principal"])
            missing = [a for a in row["actions"].split(",") if not {a, "sts:*", "*"} & allowed]
            if missing:
                why = f"{role.urn} does not let {row['principal']} call {', '.join(missing)}"
                yield Failure(
                    path,
                    arn,
                    f"a role whose trust policy names {row['principal']}",
                    f"InvalidParameterException: {why}",
                )
