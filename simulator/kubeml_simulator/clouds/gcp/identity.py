"""Names and ids as Google Cloud has them: names are spelt in lower case, an id is the path of the resource."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from kubeml_simulator.clouds import common
from kubeml_simulator.clouds.common.templates import fill
from kubeml_simulator.provider import UNKNOWN, Existing, Failure, has_unknown

from .case import Case

FOREIGN_LETTERS = re.compile(r"[^a-z0-9-]")
# A place in a template of an id.
PLACE = re.compile(r"\$\{(?:last:|quoted:)?(\w+)\}")
# The words in which a service says that a name is taken, by the package of the type.
# https://cloud.google.com/apis/design/errors (ALREADY_EXISTS); messages as in the issues of hashicorp/terraform-provider-google (2026-09)
TAKEN = {
    "compute": "googleapi: Error 409: The resource '{id}' already exists, alreadyExists",
    "storage": "googleapi: Error 409: Your previous request to create the named bucket succeeded and you already own it., conflict",
    "serviceaccount": "googleapi: Error 409: Service account {name} already exists within project projects/{project}., alreadyExists",
}
OTHERWISE = "googleapi: Error 409: Already exists: {id}., alreadyExists"


class Identity(common.Identity):
    """The names of Google Cloud."""

    LONGEST = 63

    def spelt(self, case: common.Case, logical: str) -> str:  # noqa: ARG002 (all types alike)
        """Small letters, digits and hyphens."""
        return FOREIGN_LETTERS.sub("-", logical.lower())

    def is_automatic(self, name: Any, urn: str) -> bool:
        """The logical name is compared as it is spelt."""
        stem, _, digits = str(name).rpartition("-")
        ours = FOREIGN_LETTERS.sub("-", urn.rsplit("::", 1)[-1].lower())
        return bool(re.fullmatch("[0-9a-f]{7}", digits)) and ours.startswith(stem)

    def any_id(self, case: common.Case) -> str:
        """A path in the form that most types have."""
        assert isinstance(case, Case), "cases of this cloud are its own"
        kind = case.token.rsplit(":", 1)[-1]
        name = case.inputs.get("name") or f"{self.spelt(case, case.name)}-{case.digest(length=7)}"
        place = f"locations/{case.location}" if "location" in case.inputs or "region" in case.inputs else "global"
        return f"projects/{case.project}/{place}/{kind[:1].lower()}{kind[1:]}s/{name}"

    def path(self, case: common.Case, inputs: Mapping[str, Any]) -> str | None:
        """The id that follows from the inputs alone; None while it does not."""
        row = self.described(case.token)
        if row is None or "${hex" in row["id"] or any(inputs.get(key) is None for key in row["unique"].split(",")):
            return None
        made = fill(row["id"], replace(case, inputs=inputs), dict(inputs))
        return None if has_unknown(made) or UNKNOWN in made else made

    def parts(self, token: str, identity: str) -> dict[str, Any] | None:
        """What an id says of a resource that the program adopts: name, project, place; None when it has another form.

        >>> from .tables import TABLES
        >>> Identity(TABLES).parts("gcp:compute/network:Network", "projects/ml-dev/global/networks/main")
        {'project': 'ml-dev', 'name': 'main'}
        """
        row = self.described(token)
        if row is None:
            return {"name": identity.rsplit("/", 1)[-1]}
        named = row["autoname"] or row["unique"].rsplit(",", 1)[-1]
        if "/" in row["id"] and "/" not in identity and named:
            return {named: identity}
        seen: set[str] = set()
        pattern = PLACE.sub(lambda place: _group(place, seen), re.escape(row["id"]).replace("\\", ""))
        match = re.fullmatch(pattern, identity)
        return {name: unquote(value) for name, value in match.groupdict().items()} if match else None

    def taken(self, case: common.Case) -> Iterator[Failure]:
        """Two resources of one type never have one path."""
        row = self.described(case.token)
        path = self.path(case, case.inputs) if row is not None and row["unique"] else None
        if row is None or path is None:
            return
        key = row["unique"].split(",")[-1]
        for other in case.world.having(case.token, key, case.inputs.get(key)):
            theirs = other.id if other.id != UNKNOWN else self.path(case, other.state)
            if case.rivals(other) and theirs == path:
                why = self.taken_by(case, other, [key])
                yield Failure(key, case.inputs.get(key), allowed="a name that is free", why=why)
                return

    def taken_by(self, case: common.Case, other: Existing, keys: list[str]) -> str:
        """The service's words, and who has the name."""
        words = TAKEN.get(case.token.split(":")[1].partition("/")[0], OTHERWISE)
        said = words.format(id=self.path(case, case.inputs), name=case.inputs.get(keys[0]), project=case.account)
        return f"{said} ({other.urn} has it)"


def _group(place: re.Match[str], seen: set[str]) -> str:
    name = place[1]
    if name in seen:
        return f"(?P={name})"
    seen.add(name)
    whole = name in {"role", "member", "keyRing", "serviceAccountId", "cryptoKeyId", "keyRingId"}  # these have slashes
    return f"(?P<{name}>{'.+' if whole else '[^/]+'})"
