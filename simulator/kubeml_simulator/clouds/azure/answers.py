"""What a cluster answers: names of its endpoint, identities, addresses, and the pools as they are."""

from ipaddress import ip_network
from typing import Any

from kubeml_simulator.provider import UNKNOWN

from .behaviours import computes
from .case import Case
from .clusters import SERVICES
from .outputs import of_user_assigned
from .pools import CLUSTER, filled

LONGEST_GROUP = 80


@computes(CLUSTER)
def endpoint(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The names that the endpoint has: a public one unless it is private only, and a private one."""
    names = ("fqdn", "privateFQDN", "azurePortalFQDN")
    if preview and not case.old:
        return dict.fromkeys(names, UNKNOWN)
    kept = {name: case.old[name] for name in names if case.old.get(name)}
    access = state.get("apiServerAccessProfile") or {}
    prefix = case.known("dnsPrefix") or case.known("fqdnSubdomain") or case.name
    host, where = f"{prefix.lower()}-{case.digest('dns', 8)}", f"{case.location}.azmk8s.io"
    private = access.get("enablePrivateCluster") is True
    made: dict[str, Any] = {"azurePortalFQDN": f"{host}.portal.hcp.{where}"}
    if not private or access.get("enablePrivateClusterPublicFQDN") is not False:
        made["fqdn"] = f"{host}.hcp.{where}"
    if private and access.get("privateDNSZone") != "none":
        made["privateFQDN"] = f"{host}.{case.uuid('private')}.privatelink.{where}"
    return {**made, **kept}


@computes(CLUSTER)
def issuer(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The address of the issuer, once there is one."""
    profile = state.get("oidcIssuerProfile")
    if not isinstance(profile, dict) or profile.get("enabled") is not True:
        return {}
    address = f"https://{case.location}.oic.prod-aks.azure.com/{case.tenant}/{case.uuid('issuer')}/"
    return {"oidcIssuerProfile": {**profile, "issuerURL": UNKNOWN if preview and not case.old else address}}


@computes(CLUSTER)
def group_of_nodes(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The group that AKS makes for the nodes."""
    if state.get("nodeResourceGroup") not in (None, UNKNOWN):
        return {}
    group, name = case.inputs.get("resourceGroupName"), case.inputs.get("resourceName")
    if (preview and not case.old) or UNKNOWN in (group, name):
        return {"nodeResourceGroup": UNKNOWN}
    return {"nodeResourceGroup": f"MC_{group}_{name}_{case.location}"[:LONGEST_GROUP]}


@computes(CLUSTER)
def identity_of_nodes(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The identity that pulls images: the one given, else one that AKS makes in the group of nodes."""
    given = state.get("identityProfile")
    if preview and not case.old:
        return {"identityProfile": UNKNOWN} if given is None else {}
    own = (given or {}).get("kubeletidentity") if isinstance(given, dict) else None
    group, name = state.get("nodeResourceGroup"), case.inputs.get("resourceName")
    path = f"/subscriptions/{case.subscription}/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}-agentpool"
    resource = (own or {}).get("resourceId") or path
    known = of_user_assigned(case, resource)
    whole = {"resourceId": resource, "clientId": known["clientId"], "objectId": known["principalId"]}
    return {"identityProfile": {**(given or {}), "kubeletidentity": {**whole, **(own or {})}}}


@computes(CLUSTER)
def network(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The network settings with what AKS decides."""
    given = state.get("networkProfile")
    if given == UNKNOWN:
        return {}
    given = given if isinstance(given, dict) else {}
    plugin = given.get("networkPlugin") or "kubenet"
    services = given.get("serviceCidr") or SERVICES
    pods = "10.244.0.0/16" if plugin == "kubenet" or given.get("networkPluginMode") == "overlay" else None
    defaults = {
        "networkPlugin": plugin,
        "serviceCidr": services,
        "dnsServiceIP": UNKNOWN if services == UNKNOWN else str(ip_network(services)[10]),
        "podCidr": pods,
        "loadBalancerSku": "standard",
        "outboundType": "loadBalancer",
        "ipFamilies": ["IPv4"],
    }
    creating = preview and not case.old
    made = {name: UNKNOWN if creating else value for name, value in defaults.items() if value is not None}
    return {"networkProfile": {**made, **{name: value for name, value in given.items() if value is not None}}}


@computes(CLUSTER)
def settings(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The version, the tier and what else has a default."""
    from pulumi_kubeml.catalog.versions import kubernetes_versions

    newest = next(iter(kubernetes_versions("aks")))
    version = state.get("kubernetesVersion") or newest
    defaults: dict[str, Any] = {
        "kubernetesVersion": version,
        "currentKubernetesVersion": version,
        "enableRBAC": True,
        "sku": {"name": "Base", "tier": "Free"},
        "supportPlan": "KubernetesOfficial",
        "maxAgentPools": 100,
        "powerState": {"code": "Running"},
        "resourceUID": case.digest("uid", 24),
        "servicePrincipalProfile": {"clientId": "msi"},
    }
    creating = preview and not case.old
    made = {
        name: UNKNOWN if creating else value
        for name, value in defaults.items()
        if state.get(name) is None or (state[name] == UNKNOWN and not creating)
    }
    if not creating and case.known("kubernetesVersion"):
        made["currentKubernetesVersion"] = version
    return made


@computes(CLUSTER)
def pools_as_they_are(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The pools written into the cluster, with what AKS decides about each."""
    profiles = state.get("agentPoolProfiles")
    if not isinstance(profiles, list):
        return {}
    version, network_profile = state.get("kubernetesVersion"), state.get("networkProfile")
    made = []
    for profile in profiles:
        if not isinstance(profile, dict):
            return {}
        made.append({**profile, **filled(profile, version, network_profile, creating=preview and not case.old)})
    return {"agentPoolProfiles": made}
