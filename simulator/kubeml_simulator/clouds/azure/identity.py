"""Names and ids as Azure has them: an id is a path made of names, so that the name is the identity.

azure-native names what the program does not: a top-level resource by its logical name and eight digits, what lives inside another one by
its logical name alone, role assignments and definitions by a GUID (`provider/pkg/resources/resources.go` of pulumi/pulumi-azure-native).
"""

import re
import uuid
from collections.abc import Mapping
from functools import cache
from typing import Any

from kubeml_simulator.clouds import common
from kubeml_simulator.clouds.common.templates import fill
from kubeml_simulator.provider import Existing

from . import arm
from .case import digest

DIGITS = 8


class Identity(common.Identity):
    """The names of Azure.

    >>> from .tables import TABLES
    >>> identity = Identity(TABLES)
    >>> identity.is_automatic("ml0a1b2c3d", "urn:pulumi:s::p::azure-native:containerservice:ManagedCluster::ml")
    True
    >>> identity.is_automatic("ml-cluster", "urn:pulumi:s::p::azure-native:containerservice:ManagedCluster::ml")
    False
    """

    def name_property(self, token: str, properties: Mapping[str, Any]) -> tuple[str, int] | None:
        """The property in the path that names the resource; of a type without a row the one that its class is called after."""
        row = self.described(token)
        if row is not None:
            return (row["autoname"], int(row["longest"] or self.LONGEST)) if row["autoname"] else None
        kind = token.rsplit(":", 1)[-1]
        usual = (f"{kind[0].lower()}{kind[1:]}Name", "resourceName", "accountName", "name")
        return next(
            ((name, self.LONGEST) for name in usual if name in properties and not properties[name].required), None
        )

    def naming(self, token: str) -> str:
        """How a type is named automatically: `random`, `copy` or `uuid`."""
        row = self.described(token)
        return row["naming"] if row is not None else "random"

    def is_automatic(self, name: Any, urn: str) -> bool:
        """Whether a name was made at random, so that a successor has another one."""
        logical = urn.rsplit("::", 1)[-1]
        return bool(
            arm.GUID.fullmatch(str(name)) or re.fullmatch(rf"{re.escape(logical)}[0-9a-f]{{{DIGITS}}}", str(name))
        )

    def automatic_name(self, case: common.Case, property_name: str, longest: int) -> str:  # noqa: ARG002 (never cut)
        """The name that azure-native would give, but always the same for a URN; while one of that URN lives the digits are others."""
        living = case.world.of_urn(case.urn)
        digits = digest(f"{case.urn}|{living[-1].id if living else ''}|{property_name}", 32)
        match self.naming(case.token):
            case "copy":
                return case.name
            case "uuid":
                return str(uuid.UUID(digits, version=4))
            case _:
                return f"{case.name}{digits[:DIGITS]}"

    def new_id(self, case: common.Case) -> str:
        """The path of the names."""
        row = self.described(case.token)
        if row is None:
            return self.any_id(case)
        return arm.canonical(fill(row["id"], case, self.names(case, "", case.inputs)))

    def any_id(self, case: common.Case) -> str:
        """A path of the usual form, for a type without a row."""
        _, module, kind = case.token.split(":")
        group = case.inputs.get("resourceGroupName")
        scope = f"/subscriptions/{case.account}" + (f"/resourceGroups/{group}" if group else "")
        named = self.name_property(case.token, dict.fromkeys(case.inputs, _OPTIONAL))
        name = case.inputs.get(named[0]) if named else case.name
        return f"{scope}/providers/Microsoft.{module.capitalize()}/{kind[0].lower()}{kind[1:]}s/{name}"

    def taken_by(self, case: common.Case, other: Existing, keys: list[str]) -> str:  # noqa: ARG002 (in the id)
        """What the service says of a name that is unique in the world, else what azure-native says before it asks the service."""
        row = self.described(case.token)
        words = row["taken"] if row is not None else ""
        if words:
            return f"{fill(words, case, case.inputs)} ({other.urn} has it)"
        return f"cannot create already existing resource '{self.new_id(case)}' ({other.urn} made it)"

    @cache  # noqa: B019 (one a cloud, as long as the process)
    def parents(self) -> Mapping[str, str]:
        """The type that a type lives in, by the beginning of its path; what is there without being made is no parent."""
        every = self.tables.rows("types.tsv")
        shapes = {_shape(row["id"]): row["token"] for row in every if row["autoname"]}
        found: dict[str, str] = {}
        for shape, token in ((_shape(row["id"]), row["token"]) for row in every):
            above = shape
            while above.count("/") > 2:
                above = above.rsplit("/", 1)[0]
                if above in shapes:
                    found[token] = shapes[above]
                    break
        return found


class _Optional:
    required = False


_OPTIONAL = _Optional()


def _shape(template: str) -> str:
    return re.sub(r"\$\{[^}]*\}", "*", template)
