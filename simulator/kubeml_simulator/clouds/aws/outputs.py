"""The state of a resource: its inputs, the defaults, what the cloud computes, what follows from other resources."""

from collections.abc import Mapping
from typing import Any

from kubeml_simulator.provider import UNKNOWN
from kubeml_simulator.provider.sdk import ResourceType

from .case import Case
from .identity import described, names, prefixed_name
from .services import COMPUTES
from .tables import by_token
from .templates import fill_json


def state(case: Case, resource: ResourceType, default_tags: Mapping[str, Any], *, preview: bool) -> dict[str, Any]:
    """All outputs that are known, with unknowns in a preview where only the cloud knows.

    A property that the program gives keeps its value; a computed one keeps its old value in an update.
    """
    made: dict[str, Any] = {key: value for key, value in case.inputs.items() if not key.startswith("__")}
    creating = preview and not case.old
    made |= {name: UNKNOWN if creating else made_up for name, made_up in prefixed_name(case).items()}
    values = names(case, described(case.token), case.identity, made)
    for row in by_token("outputs.tsv").get(case.token, ()):
        name = row["property"]
        if made.get(name) is None:
            known = case.old.get(name) if row["kind"] == "computed" else None
            unknown = creating and row["kind"] == "computed"
            made[name] = UNKNOWN if unknown else fill_json(row["value"], case, values) if known is None else known
    if "arn" in resource.outputs and made.get("arn") is None:
        made["arn"] = UNKNOWN if creating else case.old.get("arn") or values.get("arn") or _any_arn(case)
    if "tagsAll" in resource.outputs and made.get("tags") != UNKNOWN:
        made["tagsAll"] = {**default_tags, **(made.get("tags") or {})}
    if "region" in resource.outputs and made.get("region") is None:
        made["region"] = case.region
    computed = set(resource.outputs) - set(resource.inputs) - {"id", "urn"}
    for name in computed - made.keys():
        if name in case.old:
            made[name] = case.old[name]
        elif creating:
            made[name] = UNKNOWN
    if creating:
        optional = (row["property"] for row in by_token("replace.tsv").get(case.token, ()) if row["computed"] == "yes")
        made |= {name: UNKNOWN for name in optional if name in resource.inputs and made.get(name) is None}
    for function in COMPUTES.get(case.token, ()):
        made |= function(case, made, preview)
    return {name: value for name, value in made.items() if value is not None}


def _any_arn(case: Case) -> str:
    service, _, kind = case.token.split(":")[1].partition("/")
    return f"arn:{case.partition}:{service}:{case.region}:{case.account}:{kind.lower()}/{case.identity}"
