"""Finds resources by their ids: those that exist by the id itself, planned ones by the names that the program gave them."""

from dataclasses import replace

from kubeml_simulator.clouds.common.templates import fill
from kubeml_simulator.provider import UNKNOWN, Existing

from . import arm
from .case import Case
from .tables import by_token, rows


def token_of_kind(kind: str) -> str | None:
    """The type that an id's kind belongs to, or None for one without a row.

    >>> token_of_kind("microsoft.network/virtualnetworks/subnets")
    'azure-native:network:Subnet'
    """
    return next((row["token"] for row in rows("types.tsv") if row["kind"].lower() == kind.lower()), None)


def path_of(case: Case, resource: Existing) -> str:
    """The id of a resource; of a planned one the path that its names make, unknown while one of them is."""
    if resource.id != UNKNOWN:
        return resource.id
    row = by_token("types.tsv").get(resource.token, ({"id": ""},))[0]
    theirs = replace(case, token=resource.token, urn=resource.urn, inputs=resource.state)
    return arm.canonical(fill(row["id"], theirs, resource.state)) if _is_known(theirs, row["id"]) else UNKNOWN


def _is_known(case: Case, template: str) -> bool:
    return fill(template, case, case.inputs) != UNKNOWN


def find(case: Case, token: str, identity: str) -> Existing | None:
    """The resource of a type with this id, in any letters."""
    for spelling in case.spellings(identity):
        if found := case.world.find(token, id=spelling):
            return found
    named = by_token("types.tsv").get(token, ({"autoname": ""},))[0]["autoname"]
    alike = case.world.having(token, named, identity.rsplit("/", 1)[-1]) if named else []
    for known in alike:
        if arm.same(path_of(case, known), identity):
            return known
    lower = arm.canonical(identity).lower()
    return next((known for known in case.world.all(token) if known.id.lower() == lower), None)


def may_exist(case: Case, token: str, identity: str) -> bool:
    """Whether a resource of a type has this id, or a planned one may turn out to have it."""
    return find(case, token, identity) is not None or any(
        path_of(case, known) == UNKNOWN for known in case.world.having(token, "id", UNKNOWN)
    )


def group_location(case: Case, name: str) -> str | None:
    """The location of a resource group, where it is known."""
    group = find(
        case, "azure-native:resources:ResourceGroup", f"/subscriptions/{case.subscription}/resourceGroups/{name}"
    )
    where = group["location"] if group else None
    return where if isinstance(where, str) else None


def is_made_by_a_cluster(case: Case, identity: str) -> bool:
    """Whether an id lies in the group of nodes that AKS makes for a cluster: its resources are not the program's."""
    parsed = arm.parse(identity)
    clusters = case.world.all("azure-native:containerservice:ManagedCluster") if parsed and parsed.group else []
    return any(str(cluster["nodeResourceGroup"]).lower() == parsed.group.lower() for cluster in clusters if parsed)
