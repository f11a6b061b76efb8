"""The state of a resource: its inputs, the defaults, what the cloud computes, what follows from other resources."""

from collections.abc import Mapping
from typing import Any

from kubeml_simulator.provider import UNKNOWN
from kubeml_simulator.provider.sdk import ResourceType

from .behaviours import Behaviours
from .case import Case
from .identity import Identity
from .tables import Tables
from .templates import fill_json


class Outputs:
    """The rows of one cloud's `outputs.tsv`, and the functions of its service modules."""

    def __init__(self, tables: Tables, identity: Identity, behaviours: Behaviours[Any]) -> None:
        self.tables = tables
        self.identity = identity
        self.behaviours = behaviours

    def always(
        self,
        case: Any,  # noqa: ARG002 (a cloud's own; what a cloud overrides)
        resource: ResourceType,  # noqa: ARG002
        made: Mapping[str, Any],  # noqa: ARG002
        values: Mapping[str, Any],  # noqa: ARG002
        *,
        creating: bool,  # noqa: ARG002
    ) -> dict[str, Any]:
        """Outputs that every type of the cloud has, such as tags and ARNs; `creating` is a preview of a new resource."""
        return {}

    def state(self, case: Case, resource: ResourceType, *, preview: bool) -> dict[str, Any]:
        """All outputs that are known, with unknowns in a preview where only the cloud knows.

        A property that the program gives keeps its value; a computed one keeps its old value in an update.
        """
        made: dict[str, Any] = {key: value for key, value in case.inputs.items() if not key.startswith("__")}
        creating = preview and not case.old
        prefixed = self.identity.prefixed_name(case)
        made |= {name: UNKNOWN if creating else made_up for name, made_up in prefixed.items()}
        values = self.identity.names(case, case.identity, made)
        for row in self.tables.by_token("outputs.tsv").get(case.token, ()):
            name = row["property"]
            if made.get(name) is None:
                known = case.old.get(name) if row["kind"] == "computed" else None
                unknown = creating and row["kind"] == "computed"
                made[name] = UNKNOWN if unknown else fill_json(row["value"], case, values) if known is None else known
        made |= self.always(case, resource, made, values, creating=creating)
        computed = set(resource.outputs) - set(resource.inputs) - {"id", "urn"}
        for name in computed - made.keys():
            if name in case.old:
                made[name] = case.old[name]
            elif creating:
                made[name] = UNKNOWN
        if creating:
            rows = self.tables.by_token("replace.tsv").get(case.token, ())
            optional = (row["property"] for row in rows if row["computed"] == "yes")
            made |= {name: UNKNOWN for name in optional if name in resource.inputs and made.get(name) is None}
        for function in self.behaviours.of_computes.get(case.token, ()):
            made |= function(case, made, preview)
        return {name: value for name, value in made.items() if value is not None}
