"""The functions of the SDK that are simulated; every other one is refused by name."""

from collections.abc import Callable, Mapping
from typing import Any

from kubeml_simulator.clouds.common import digest
from kubeml_simulator.provider import Refused, secret

from .agents import agent
from .case import Case, number_of
from .locations import regions, zones

Args = Mapping[str, Any]


def _project(args: Args, case: Case) -> dict[str, Any]:
    """The project of the question, else the provider's."""
    project = str(args.get("projectId") or case.account)
    return {
        "id": f"projects/{project}",
        "projectId": project,
        "name": project,
        "number": number_of(project),
        "orgId": "",
        "folderId": "",
        "billingAccount": "",
        "deletionPolicy": "PREVENT",
        "autoCreateNetwork": False,
        "labels": {},
        "effectiveLabels": {},
        "pulumiLabels": {},
        "tags": {},
    }


def _client(_: Args, case: Case) -> dict[str, Any]:
    """Who asks, and where, as the provider's configuration says; the token is one that no cloud takes."""
    zone = case.provider_zone
    return {
        "id": f'projects/"{case.account}"/regions/"{case.region}"/zones/"{zone}"',
        "project": case.account,
        "region": case.region,
        "zone": zone,
        "accessToken": secret(f"ya29.{digest(case.account, 40)}"),
        "defaultLabels": dict(case.default_labels),
    }


def _zones(args: Args, case: Case) -> dict[str, Any]:
    """The zones of a region; all are up."""
    region = args.get("region") or case.region
    if region not in regions():
        raise Refused(f"getZones: {region!r} is no region; regions are {', '.join(regions())}")
    project = args.get("project") or case.account
    names = list(zones(region)) if args.get("status") in (None, "UP") else []
    return {**args, "id": f"projects/{project}/regions/{region}", "project": project, "region": region, "names": names}


def _regions(args: Args, case: Case) -> dict[str, Any]:
    project = args.get("project") or case.account
    names = list(regions()) if args.get("status") in (None, "UP") else []
    return {**args, "id": f"projects/{project}", "project": project, "names": names}


def _versions(args: Args, case: Case) -> dict[str, Any]:
    """The versions that the catalogue knows, newest first, each with one patch."""
    from pulumi_kubeml.catalog.versions import kubernetes_versions

    from .versions import full

    prefix = args.get("versionPrefix") or ""
    offered = [full(version) for version in kubernetes_versions("gke")]
    fitting = [version for version in offered if version.startswith(prefix)]
    if not fitting:
        raise Refused(f"getEngineVersions: no version begins with {prefix!r}; offered are {', '.join(offered)}")
    return {
        **args,
        "id": f"projects/{case.account}/locations/{case.location}",
        "project": args.get("project") or case.account,
        "location": case.location,
        "defaultClusterVersion": fitting[-1],
        "latestMasterVersion": fitting[0],
        "latestNodeVersion": fitting[0],
        "validMasterVersions": fitting,
        "validNodeVersions": fitting,
        "releaseChannelDefaultVersion": dict.fromkeys(("RAPID", "REGULAR", "STABLE"), fitting[-1]),
        "releaseChannelLatestVersion": dict.fromkeys(("RAPID", "REGULAR", "STABLE"), fitting[0]),
    }


def _account(args: Args, case: Case) -> dict[str, Any]:
    """A service account by its id or address; the project's default ones exist, others must have been made."""
    given = str(args["accountId"])
    project = args.get("project") or case.account
    email = given.rsplit("/", 1)[-1] if "@" in given else f"{given}@{project}.iam.gserviceaccount.com"
    if not case.foreign(email) and not case.world.may_have("gcp:serviceaccount/account:Account", "email", email):
        raise Refused(f"getAccount: googleapi: Error 404: Unknown service account: {email}, notFound")
    return {
        **args,
        "id": f"projects/{project}/serviceAccounts/{email}",
        "name": f"projects/{project}/serviceAccounts/{email}",
        "email": email,
        "member": f"serviceAccount:{email}",
        "uniqueId": str(int(digest(email, 20), 16))[:21],
        "displayName": "",
    }


def _storage_agent(args: Args, case: Case) -> dict[str, Any]:
    project = args.get("project") or case.account
    email = agent("gs-project-accounts", number_of(project))
    return {**args, "id": email, "project": project, "emailAddress": email, "member": f"serviceAccount:{email}"}


FUNCTIONS: dict[str, Callable[[Args, Case], dict[str, Any]]] = {
    "gcp:organizations/getProject:getProject": _project,
    "gcp:organizations/getClientConfig:getClientConfig": _client,
    "gcp:compute/getZones:getZones": _zones,
    "gcp:compute/getRegions:getRegions": _regions,
    "gcp:container/getEngineVersions:getEngineVersions": _versions,
    "gcp:serviceaccount/getAccount:getAccount": _account,
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": _storage_agent,
}


def call(token: str, args: Args, case: Case) -> dict[str, Any]:
    """The answer of a function; the case holds the project and the place that it is asked in.

    >>> from kubeml_simulator.provider import World
    >>> call("gcp:compute/getZones:getZones", {}, Case("", "", {}, "us-east1", World(), account="ml-dev"))["names"]
    ['us-east1-b', 'us-east1-c', 'us-east1-d']
    """
    function = FUNCTIONS.get(token)
    if function is None:
        raise Refused(f"the function {token} is not simulated; simulated are {', '.join(sorted(FUNCTIONS))}")
    return function(args, case)
