"""What a cluster's identity must be allowed before the cluster is made, as AKS asks of it: `permissions.tsv`.

A role is not read: any role that the identity has at the target, or above it, will do. Only identities of the program's own are judged, and
only when the cluster is made: before, nobody knows who they are. A cluster that does not depend on the assignment fails here as it would there.
"""

from collections.abc import Iterator

from kubeml_simulator.provider import UNKNOWN, Failure

from . import arm, lookup
from .behaviours import checks
from .case import Case
from .outputs import IDENTITY
from .pools import CLUSTER, POOL, cluster_of
from .tables import by_token

ASSIGNMENT = "azure-native:authorization:RoleAssignment"


@checks(CLUSTER, POOL)
def the_identity_may(case: Case) -> Iterator[Failure]:
    """A failure for each thing that the cluster uses and has no role at."""
    principal = _principal(case) if case.creating else None
    if principal is None:
        return
    for row in by_token("permissions.tsv").get(case.token, ()):
        for path, target in case.each(row["property"]):
            known = isinstance(target, str) and arm.parse(target) and not case.foreign(target)
            if known and not lookup.is_made_by_a_cluster(case, target) and not has_role(case, principal, target):
                role = row["role"]
                yield Failure(
                    path, target, f"{role} for the identity of the cluster, which the cluster depends on", row["words"]
                )


def _principal(case: Case) -> str | None:
    if case.token == CLUSTER:
        given = [value for _, value in case.each("identity.userAssignedIdentities[*]")]
    else:
        cluster = cluster_of(case)
        given = list((cluster["identity.userAssignedIdentities"] if cluster else None) or ())
    identity = lookup.find(case, IDENTITY, given[0]) if len(given) == 1 else None
    principal = identity["principalId"] if identity else None
    return principal if isinstance(principal, str) and principal != UNKNOWN else None


def has_role(case: Case, principal: str, target: str) -> bool:
    """Whether a principal has a role at a resource, at its group, or at the subscription."""
    below = f"{arm.canonical(target).lower()}/"
    return any(
        below.startswith(f"{arm.canonical(str(assignment['scope'])).lower()}/")
        for assignment in case.world.having(ASSIGNMENT, "principalId", principal)
    )
