"""What every resource of AWS has: an ARN, tags, a region."""

from collections.abc import Mapping
from typing import Any

from kubeml_simulator.clouds import common
from kubeml_simulator.provider import UNKNOWN
from kubeml_simulator.provider.sdk import ResourceType

from .identity import any_arn


class Outputs(common.Outputs):
    """The outputs of AWS."""

    def always(
        self,
        case: Any,
        resource: ResourceType,
        made: Mapping[str, Any],
        values: Mapping[str, Any],
        *,
        creating: bool,
    ) -> dict[str, Any]:
        """ARN, all tags and region."""
        more: dict[str, Any] = {}
        if "arn" in resource.outputs and made.get("arn") is None:
            more["arn"] = UNKNOWN if creating else case.old.get("arn") or values.get("arn") or any_arn(case)
        if "tagsAll" in resource.outputs and made.get("tags") != UNKNOWN:
            more["tagsAll"] = {**case.default_tags, **(made.get("tags") or {})}
        if "region" in resource.outputs and made.get("region") is None:
            more["region"] = case.region
        return more
