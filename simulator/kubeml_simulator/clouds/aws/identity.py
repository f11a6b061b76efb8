"""Names and ids: what the provider calls a resource that the program did not name, and what the cloud calls it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Failure, has_unknown

from .case import Case, digest
from .tables import Row, by_token
from .templates import fill

ALIAS = "alias/"  # how a key's alias begins
SUFFIX = 8  # a hyphen and seven digits


def described(token: str) -> Row | None:
    """The row of a type in `types.tsv`, or None."""
    found = by_token("types.tsv").get(token)
    return found[0] if found else None


def name_property(token: str, properties: Mapping[str, Any]) -> tuple[str, int] | None:
    """The property that is named automatically and its greatest length; for types without a row it is `name`, where that is optional."""
    row = described(token)
    if row is not None:
        return (row["autoname"], int(row["longest"])) if row["autoname"] else None
    rule = properties.get("name")
    return ("name", 255) if rule is not None and not rule.required and rule.type.kind == "string" else None


def is_automatic(name: Any, urn: str) -> bool:
    """Whether a physical name is one that `automatic_name` made for this URN.

    >>> is_automatic("node-0a1b2c3", "urn:pulumi:s::p::aws:iam/role:Role::node")
    True
    """
    logical, _, digits = str(name).removeprefix(ALIAS).rpartition("-")
    return bool(re.fullmatch("[0-9a-f]{7}", digits)) and _safe(urn, str(name)).startswith(logical)


def _safe(urn: str, like: str) -> str:
    logical = urn.rsplit("::", 1)[-1]
    return logical.lower() if like.islower() else logical


def automatic_name(case: Case, property_name: str, longest: int) -> str:
    """The logical name and seven digits, as Pulumi names things, but always the same for a URN.

    While a resource of that URN lives (a replacement is being made) the digits are others.
    """
    living = case.world.of_urn(case.urn)
    taken = living[-1].id if living else ""
    logical = case.name.lower() if case.token.startswith("aws:s3/") else case.name
    prefix = ALIAS if case.token.startswith("aws:kms/alias") else ""
    return f"{prefix}{logical[: longest - SUFFIX]}-{digest(f'{case.urn}|{taken}|{property_name}', 7)}"


def prefixed_name(case: Case) -> dict[str, str]:
    """The name that the cloud makes of a `namePrefix`, by its property; empty where the program gives none."""
    row = described(case.token)
    prefix = case.known(f"{row['autoname']}Prefix") if row is not None and row["autoname"] else None
    if row is None or prefix is None or case.given(row["autoname"]):
        return {}
    living = case.world.of_urn(case.urn)
    number = int(digest(f"{case.urn}|{living[-1].id if living else ''}|prefix", 40), 16)
    return {row["autoname"]: case.old.get(row["autoname"]) or f"{prefix}{str(number)[:26]}"}


def names(case: Case, row: Row | None, identity: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What a template may refer to: the inputs, the id, the ARN."""
    values: dict[str, Any] = {**inputs, "id": identity or UNKNOWN}
    if row is not None and row["arn"]:
        values["arn"] = identity if identity and row["id"] == "${arn}" else fill(row["arn"], case, values)
    return values


def new_id(case: Case) -> str:
    """The id of a resource about to be made; never that of a living resource of the same URN, unless it follows from its name."""
    living = case.world.of_urn(case.urn)
    salted = Case(case.token, case.urn, case.inputs, case.region, case.world, identity=living[-1].id if living else "")
    row = described(case.token)
    if row is None:
        return str(case.inputs.get("name") or f"{case.token.rsplit(':', 1)[-1].lower()}-{salted.digest()}")
    return fill(row["id"], salted, names(salted, row, "", {**case.inputs, **prefixed_name(case)}))


def taken(case: Case) -> Iterator[Failure]:
    """A failure when the account has a rival of the same unique name."""
    row = described(case.token)
    if row is None or not row["unique"]:
        return
    keys = row["unique"].split(",")
    wanted = {key: case.inputs.get(key) for key in keys}
    given = [key for key in keys if wanted[key] is not None]
    if not given or has_unknown(list(wanted.values())):
        return
    for other in case.world.having(case.token, given[0], wanted[given[0]]):
        if case.rivals(other) and all(other[key] == value for key, value in wanted.items()):
            why = f"AlreadyExists: {other.urn} has it ({', '.join(keys)})"
            yield Failure(given[-1], wanted[given[-1]], allowed="a name that is free", why=why)
            return
