"""What every resource of Google Cloud has: a project, a place, labels, the date it was made."""

from collections.abc import Mapping
from typing import Any

from kubeml_simulator.clouds import common
from kubeml_simulator.provider import UNKNOWN
from kubeml_simulator.provider.sdk import ResourceType

from . import labels
from .case import Case

MADE = "2026-01-01T00:00:00.000-00:00"
DATES = ("creationTimestamp", "createTime", "updateTime", "timeCreated", "updated")


class Outputs(common.Outputs):
    """The outputs of Google Cloud."""

    def always(
        self,
        case: Case,
        resource: ResourceType,
        made: Mapping[str, Any],
        values: Mapping[str, Any],  # noqa: ARG002 (the hook's form)
        *,
        creating: bool,
    ) -> dict[str, Any]:
        """What the provider fills in from its configuration is known in a preview too, as are labels."""
        more: dict[str, Any] = {}
        for name, value in (("project", case.project), ("region", case.region), ("zone", case.zone)):
            if name in resource.inputs and name in resource.outputs and made.get(name) is None and value:
                more[name] = case.old.get(name) or value
        if "location" in resource.inputs and made.get("location") is None and case.location:
            more["location"] = case.old.get("location") or case.location
        if "effectiveLabels" in resource.outputs:
            given = made.get("resourceLabels" if "resourceLabels" in resource.inputs else "labels")
            more["effectiveLabels"] = more["pulumiLabels"] = labels.effective(case, given)
        for name in DATES:
            if name in resource.outputs:
                more[name] = UNKNOWN if creating else case.old.get(name) or MADE
        for name, length in (("etag", 12), ("labelFingerprint", 8)):
            if name in resource.outputs:
                more[name] = UNKNOWN if creating else f"{case.digest(name, length)}="
        return more
