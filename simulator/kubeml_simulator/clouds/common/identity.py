"""Names and ids: what the provider calls a resource that the program did not name, and what the cloud calls it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Existing, Failure, has_unknown

from .case import Case, digest
from .tables import Row, Tables
from .templates import fill

SUFFIX = 8  # a hyphen and seven digits


class Identity:
    """The rows of one cloud's `types.tsv`; a cloud overrides how names are spelt."""

    LONGEST = 255  # of a name of a type without a row

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def described(self, token: str) -> Row | None:
        """The row of a type in `types.tsv`, or None."""
        found = self.tables.by_token("types.tsv").get(token)
        return found[0] if found else None

    def name_property(self, token: str, properties: Mapping[str, Any]) -> tuple[str, int] | None:
        """The property that is named automatically and its greatest length; for types without a row it is `name`, where that is optional."""
        row = self.described(token)
        if row is not None:
            return (row["autoname"], int(row["longest"])) if row["autoname"] else None
        rule = properties.get("name")
        return ("name", self.LONGEST) if rule is not None and not rule.required and rule.type.kind == "string" else None

    def spelt(self, case: Case, logical: str) -> str:  # noqa: ARG002 (what a cloud overrides)
        """A logical name in the letters that the type's names may have."""
        return logical

    def is_automatic(self, name: Any, urn: str) -> bool:
        """Whether a physical name is one that `automatic_name` made for this URN."""
        logical, _, digits = str(name).rpartition("-")
        ours = urn.rsplit("::", 1)[-1]
        return bool(re.fullmatch("[0-9a-f]{7}", digits)) and (ours.lower() if str(name).islower() else ours).startswith(
            logical
        )

    def automatic_name(self, case: Case, property_name: str, longest: int) -> str:
        """The logical name and seven digits, as Pulumi names things, but always the same for a URN.

        While a resource of that URN lives (a replacement is being made) the digits are others.
        """
        living = case.world.of_urn(case.urn)
        taken = living[-1].id if living else ""
        logical = self.spelt(case, case.name)
        return f"{logical[: longest - SUFFIX]}-{digest(f'{case.urn}|{taken}|{property_name}', 7)}"

    def prefixed_name(self, case: Case) -> dict[str, str]:
        """The name that the cloud makes of a `namePrefix`, by its property; empty where the program gives none."""
        row = self.described(case.token)
        prefix = case.known(f"{row['autoname']}Prefix") if row is not None and row["autoname"] else None
        if row is None or prefix is None or case.given(row["autoname"]):
            return {}
        living = case.world.of_urn(case.urn)
        number = int(digest(f"{case.urn}|{living[-1].id if living else ''}|prefix", 40), 16)
        return {row["autoname"]: case.old.get(row["autoname"]) or f"{prefix}{str(number)[:26]}"}

    def names(self, case: Case, identity: str, inputs: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 (what a cloud overrides)
        """What a template may refer to: the inputs and the id."""
        return {**inputs, "id": identity or UNKNOWN}

    def new_id(self, case: Case) -> str:
        """The id of a resource about to be made; never that of a living resource of the same URN, unless it follows from its name."""
        living = case.world.of_urn(case.urn)
        salted = replace(case, identity=living[-1].id if living else "")
        row = self.described(case.token)
        if row is None:
            return self.any_id(salted)
        return fill(row["id"], salted, self.names(salted, "", {**case.inputs, **self.prefixed_name(case)}))

    def any_id(self, case: Case) -> str:
        """The id of a type without a row."""
        return str(case.inputs.get("name") or f"{case.token.rsplit(':', 1)[-1].lower()}-{case.digest()}")

    def taken(self, case: Case) -> Iterator[Failure]:
        """A failure when the account has a rival of the same unique name."""
        row = self.described(case.token)
        if row is None or not row["unique"]:
            return
        keys = row["unique"].split(",")
        wanted = {key: case.inputs.get(key) for key in keys}
        given = [key for key in keys if wanted[key] is not None]
        if not given or has_unknown(list(wanted.values())):
            return
        for other in case.world.having(case.token, given[-1], wanted[given[-1]]):
            if case.rivals(other) and all(other[key] == value for key, value in wanted.items()):
                why = self.taken_by(case, other, keys)
                yield Failure(given[-1], wanted[given[-1]], allowed="a name that is free", why=why)
                return

    def taken_by(self, case: Case, other: Existing, keys: list[str]) -> str:  # noqa: ARG002 (what a cloud overrides)
        """What the cloud says when another resource has the name."""
        return f"AlreadyExists: {other.urn} has it ({', '.join(keys)})"
