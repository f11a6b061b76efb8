"""The functions of the SDK that are simulated: who asks, the credentials of a cluster, and what a resource is; every other one is refused."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kubeml_simulator.clouds.common.templates import fill
from kubeml_simulator.provider import UNKNOWN, Existing, Refused, secret

from . import arm, lookup
from .case import Case, digest
from .kubeconfig import kubeconfig
from .pools import CLUSTER
from .tables import by_token

Args = Mapping[str, Any]
GETTER = re.compile(r"^(azure-native:\w+):get([A-Z]\w+)$")


def _client_config(_: Args, case: Case) -> dict[str, Any]:
    return {
        "clientId": _guid("client"),
        "objectId": _guid("object"),
        "subscriptionId": case.subscription,
        "tenantId": case.tenant,
    }


def _guid(what: str) -> str:
    digits = digest(f"simulator|{what}", 32)
    return "-".join((digits[:8], digits[8:12], f"4{digits[13:16]}", f"8{digits[17:20]}", digits[20:]))


def _user(args: Args, case: Case) -> dict[str, Any]:
    cluster = _cluster(args, case)
    return _credentials("clusterUser", cluster, exec_=bool(cluster["aadProfile.managed"]))


def _admin(args: Args, case: Case) -> dict[str, Any]:
    cluster = _cluster(args, case)
    if cluster["disableLocalAccounts"] is True:
        raise Refused(
            "BadRequest: Getting static credential is not allowed because this cluster is set to disable local accounts."
        )
    return _credentials("clusterAdmin", cluster, exec_=False)


def _credentials(name: str, cluster: Existing, *, exec_: bool) -> dict[str, Any]:
    text = kubeconfig(cluster, user=name, exec_=exec_)
    return {"kubeconfigs": [{"name": name, "value": secret(base64.b64encode(text.encode()).decode())}]}


def _cluster(args: Args, case: Case) -> Existing:
    return _found(CLUSTER, args, case)


def _found(token: str, args: Args, case: Case) -> Existing:
    """The resource that the arguments name, as a path would."""
    rows = by_token("types.tsv").get(token)
    if not rows:
        raise Refused(f"the type {token} has no getter here")
    path = fill(rows[0]["id"], replace(case, inputs=args), args)
    found = None if path == UNKNOWN else lookup.find(case, token, arm.canonical(path))
    if found is None or found.id == UNKNOWN:
        where = f" under resource group '{args['resourceGroupName']}'" if args.get("resourceGroupName") else ""
        name = path.rsplit("/", 1)[-1]
        raise Refused(f"ResourceNotFound: The Resource '{rows[0]['kind']}/{name}'{where} was not found.")
    return found


FUNCTIONS: dict[str, Callable[[Args, Case], dict[str, Any]]] = {
    "azure-native:authorization:getClientConfig": _client_config,
    "azure-native:containerservice:listManagedClusterUserCredentials": _user,
    "azure-native:containerservice:listManagedClusterAdminCredentials": _admin,
}


def call(token: str, args: Args, case: Case) -> dict[str, Any]:
    """The answer of a function; the case holds the subscription that it is asked in.

    >>> from kubeml_simulator.provider import World
    >>> call("azure-native:authorization:getClientConfig", {}, Case("", "", {}, "", World()))["subscriptionId"]
    '00000000-0000-0000-0000-000000000000'
    """
    function = FUNCTIONS.get(token)
    if function is not None:
        return function(args, case)
    getter = GETTER.match(token)
    if getter and (resource := f"{getter[1]}:{getter[2]}") in by_token("types.tsv"):
        found = _found(resource, args, case)
        return {**found.state, "id": found.id}
    known = ", ".join(sorted(FUNCTIONS))
    raise Refused(
        f"the function {token} is not simulated; simulated are {known}, and a getter for every type of types.tsv"
    )
