"""Who is granted something: service accounts and identity pools that must exist before they are named."""

import re
from collections.abc import Iterator
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Failure

from .behaviours import checks, computes
from .case import Case, number_of
from .clusters import CLUSTER, bad
from .tables import rows

ACCOUNT = "gcp:serviceaccount/account:Account"
AGENT = "gcp:projects/serviceIdentity:ServiceIdentity"
POOL = re.compile(r"serviceAccount:([a-z0-9.:-]+)\.svc\.id\.goog(?:\[.*\])?")
PRINCIPAL = re.compile(
    r"principal(?:Set)?://iam\.googleapis\.com/projects/(\d+)/locations/global/workloadIdentityPools/([^/]+)\.svc\.id\.goog/.+"
)
# Accounts that Google makes by itself: https://cloud.google.com/iam/docs/service-account-types (2026-09)
GOOGLES = re.compile(
    r"(\d+(-compute)?@(developer|cloudservices)|[^@]+@appspot|[^@]+@cloudbuild|[^@]+@system)\.gserviceaccount\.com"
)
GRANTS = tuple(
    dict.fromkeys(row["token"] for row in rows("rules.tsv") if row["rule"] == "member"),
)


@checks(*GRANTS)
def members_exist(case: Case) -> Iterator[Failure]:
    """An account of the project was made, and its identity pool is there once a cluster with Workload Identity is."""
    for path, value in (*case.each("member"), *case.each("members[*]")):
        named, principal = POOL.fullmatch(str(value)), PRINCIPAL.fullmatch(str(value))
        if named or principal:
            project = named[1] if named else principal[2] if principal else ""
            yield from _pool_exists(case, path, value, project)
            if principal and project == case.account and principal[1] != number_of(project):
                why = bad(f"the number of {project} is {number_of(project)}")
                yield Failure(path, value, "the number that getProject gives", why)
            continue
        kind, _, email = str(value).partition(":")
        if kind != "serviceAccount" or GOOGLES.fullmatch(email) or case.foreign(email) or "@" not in email:
            continue
        if not case.world.may_have(ACCOUNT, "email", email):
            why = bad(f"Service account {email} does not exist")
            yield Failure(path, value, "the member of an Account that was made before", why)


def _pool_exists(case: Case, path: str, value: Any, project: str) -> Iterator[Failure]:
    if project != case.account:
        return
    pool = f"{project}.svc.id.goog"
    for cluster in case.world.all(CLUSTER):
        if cluster["enableAutopilot"] is True or cluster["workloadIdentityConfig.workloadPool"] in (pool, UNKNOWN):
            return
        if cluster["workloadIdentityConfig"] == UNKNOWN:
            return
    said = f"Identity Pool does not exist ({pool}). Please check that you specified a valid resource name"
    why = bad(f"{said} as returned in the `name` attribute in the configuration API.")
    yield Failure(path, value, "a grant that depends on a Cluster with workloadIdentityConfig", why)


@computes(ACCOUNT)
def account_address(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:  # noqa: ARG001 (known before, too)
    """The address follows from the id and the project, so that a preview knows it."""
    named = state.get("accountId")
    if named in (None, UNKNOWN) or case.unknown("project"):
        return {"email": UNKNOWN, "member": UNKNOWN}
    email = f"{named}@{case.project}.iam.gserviceaccount.com"
    return {"email": email, "member": f"serviceAccount:{email}"}


# Which agent acts for a service: https://cloud.google.com/iam/docs/service-agents (2026-09)
AGENTS = {
    "container.googleapis.com": "container-engine-robot",
    "compute.googleapis.com": "compute-system",
    "file.googleapis.com": "cloud-filer",
    "artifactregistry.googleapis.com": "gcp-sa-artifactregistry",
    "secretmanager.googleapis.com": "gcp-sa-secretmanager",
    "gkehub.googleapis.com": "gcp-sa-gkehub",
    "gkebackup.googleapis.com": "gcp-sa-gkebackup",
}


@computes(AGENT)
def agent_address(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The account with which a service acts in the project."""
    service = state.get("service")
    if preview or not isinstance(service, str):
        return {}
    name = AGENTS.get(service, f"gcp-sa-{service.partition('.')[0]}")
    email = f"service-{case.number}@{name}.iam.gserviceaccount.com"
    return {"email": email, "member": f"serviceAccount:{email}"}
