"""What a resource lives in: the group, the network, the account that its path names must exist before it."""

from collections.abc import Iterator

from kubeml_simulator.clouds.common.templates import fill
from kubeml_simulator.provider import UNKNOWN, Failure

from . import arm, lookup
from .case import Case
from .identity import Identity

GROUP = "azure-native:resources:ResourceGroup"


def judge(case: Case, identity: Identity) -> Iterator[Failure]:
    """A failure where the parent of a described type is missing; of any other type the resource group is looked for."""
    row = identity.described(case.token)
    parent = identity.parents().get(case.token) if row is not None else GROUP
    if parent is None:
        return
    above = identity.described(parent)
    if above is None:
        return
    path = fill(above["id"], case, case.inputs)
    name = above["autoname"]
    if path == UNKNOWN or not case.inputs.get(name):
        return
    if lookup.may_exist(case, parent, arm.canonical(path)) or lookup.is_made_by_a_cluster(case, path):
        return
    value = case.inputs[name]
    have = [known.urn.rsplit("::", 1)[-1] for known in case.world.all(parent)]
    allowed = f"the name of {', '.join(have[:8])}" if have else "one that this stack makes, or adopts with get"
    if parent == GROUP:
        yield Failure(name, value, allowed, f"ResourceGroupNotFound: resource group '{value}' could not be found")
    else:
        yield Failure(name, value, allowed, f"ParentResourceNotFound: the parent resource '{path}' could not be found")
