"""What every resource of Azure has: its name and type, the version of the API that made it, identities with their principals."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from kubeml_simulator.clouds import common
from kubeml_simulator.provider import UNKNOWN
from kubeml_simulator.provider.sdk import ResourceType

from . import arm, lookup
from .case import Case, digest

VERSION = re.compile(r"Uses Azure REST API version (\S+)\.")
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"


class Outputs(common.Outputs):
    """The outputs of Azure."""

    def always(
        self,
        case: Case,  # pyright: ignore[reportIncompatibleMethodOverride]
        resource: ResourceType,
        made: Mapping[str, Any],
        values: Mapping[str, Any],  # noqa: ARG002
        *,
        creating: bool,
    ) -> dict[str, Any]:
        """What Azure Resource Manager adds to every resource that has the property."""
        parsed = arm.parse(case.identity) if case.identity else None
        version = VERSION.search(resource.text)
        facts = {
            "name": parsed.names[-1] if parsed and parsed.names else parsed.group if parsed else None,
            "type": (parsed.kind or "Microsoft.Resources/resourceGroups") if parsed else None,
            "azureApiVersion": version[1] if version else None,
            "provisioningState": "Succeeded",
            "etag": f'W/"{case.uuid("etag")}"',
            "eTag": case.uuid("etag"),
            "resourceGuid": case.uuid("guid"),
            "systemData": {"createdByType": "User", "createdAt": "2026-01-01T00:00:00Z"},
        }
        own = resource.outputs - resource.inputs.keys()
        more = {} if creating else {name: facts[name] for name in own & facts.keys() if made.get(name) is None}
        if "name" in resource.outputs and made.get("name") is None and not creating:
            more["name"] = facts["name"]
        if isinstance(made.get("identity"), Mapping) and "identity" in resource.outputs:
            more["identity"] = principals(case, made["identity"], creating=creating)
        return more

    def state(self, case: common.Case, resource: ResourceType, *, preview: bool) -> dict[str, Any]:
        """The outputs alone: the service does not answer with the names in the path."""
        whole = super().state(case, resource, preview=preview)
        return {name: value for name, value in whole.items() if not resource.outputs or name in resource.outputs}


def principals(case: Case, given: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
    """An identity with the principals that Entra has for it."""
    kind = str(given.get("type") or "")
    made: dict[str, Any] = {name: value for name, value in given.items() if name != "userAssignedIdentities"}
    if "SystemAssigned" in kind:
        made["principalId"] = UNKNOWN if creating else case.uuid("principal")
        made["tenantId"] = UNKNOWN if creating else case.tenant
    assigned = given.get("userAssignedIdentities")
    if isinstance(assigned, list):
        made["userAssignedIdentities"] = (
            UNKNOWN if creating or UNKNOWN in assigned else {one: of_user_assigned(case, one) for one in assigned}
        )
    elif assigned is not None:
        made["userAssignedIdentities"] = assigned
    return made


def of_user_assigned(case: Case, identity: str) -> dict[str, Any]:
    """Client and principal of a user-assigned identity; of one elsewhere made up, the same every time."""
    known = lookup.find(case, IDENTITY, identity)
    if known is not None and known["clientId"] is not None:
        return {"clientId": known["clientId"], "principalId": known["principalId"]}
    made = (str(uuid.UUID(digest(f"{identity.lower()}|{what}", 32), version=4)) for what in ("client", "principal"))
    return dict(zip(("clientId", "principalId"), made, strict=True))
