"""What keeps a resource from being deleted: that it is protected, or in use."""

from collections.abc import Iterator

from kubeml_simulator.provider import UNKNOWN, Failure

from .behaviours import removals
from .case import Case
from .clusters import CLUSTER
from .tables import by_token

PROTECTED = {
    CLUSTER: (
        "deletionProtection",
        "Cannot destroy cluster because deletion_protection is set to true. Set it to false to proceed with cluster deletion.",
    ),
    "gcp:filestore/instance:Instance": (
        "deletionProtectionEnabled",
        "googleapi: Error 400: the instance is protected against deletion, failedPrecondition",
    ),
    "gcp:secretmanager/secret:Secret": (
        "deletionProtection",
        "cannot destroy secret without setting deletion_protection=false and running an update",
    ),
}


@removals(*PROTECTED)
def it_is_not_protected(case: Case) -> Iterator[Failure]:
    """A protected resource stays until the protection is taken away in an update of its own."""
    name, said = PROTECTED[case.token]
    if case.known(name) is True:
        yield Failure(name, True, "false, in an up before the deletion", said)


@removals(*by_token("blocks.tsv"))
def nothing_uses_it(case: Case) -> Iterator[Failure]:
    """A network goes after its subnetworks, a subnetwork after its clusters, an address after what has it."""
    own = {case.identity, case.known("selfLink"), case.known("name")} - {None}
    for row in by_token("blocks.tsv")[case.token]:
        for user in case.world.all(row["user"]):
            theirs = Case(user.token, user.urn, user.state, "", case.world, account=case.account)
            for _, value in theirs.each(row["property"]):
                if user.id != UNKNOWN and own & set(theirs.spellings(value)):
                    why = (
                        f"googleapi: Error 400: The resource '{case.identity}' is already being used by '{user.id}', "
                        "resourceInUseByAnotherResource"
                    )
                    yield Failure("", why=why, allowed=f"deleting {user.urn} first")
                    return
