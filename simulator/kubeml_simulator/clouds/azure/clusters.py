"""Clusters: what AKS refuses about pools, addresses, access and identities."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Failure

from . import lookup
from .behaviours import checks, updates
from .case import Case
from .networks import NETWORK, SUBNET, Block, block, overlap, subnets_of
from .pools import CLUSTER, POOL, minor, pool, written

SERVICES = "10.0.0.0/16"  # the default of serviceCidr, articles/aks/configure-kubenet.md (2026-08)
RANGES = 200  # articles/aks/api-server-authorized-ip-ranges.md (2026-08)


@checks(CLUSTER, POOL)
def version_is_offered(case: Case) -> Iterator[Failure]:
    """The Kubernetes version is one that AKS offers."""
    from pulumi_kubeml.catalog.versions import kubernetes_versions

    path = "kubernetesVersion" if case.token == CLUSTER else "orchestratorVersion"
    version, offered = case.known(path), kubernetes_versions("aks")
    if isinstance(version, str) and version.count(".") >= 1 and ".".join(version.split(".")[:2]) not in offered:
        why = "K8sVersionNotSupported: managed clusters are not offered in this version"
        yield Failure(path, version, ", ".join(offered), why)


@checks(CLUSTER)
def pools_fit(case: Case) -> Iterator[Failure]:
    """One pool at least runs the system; names differ; each is asked what a pool is asked."""
    profiles = case.inputs.get("agentPoolProfiles")
    if not isinstance(profiles, list):
        if not case.unknown("agentPoolProfiles") and case.known("sku.name") != "Automatic":
            yield Failure(
                "agentPoolProfiles", why="missing: a cluster has a system pool", allowed="one pool of mode System"
            )
        return
    cases = [written(case, index, profile) for index, profile in enumerate(profiles)]
    if not any(one.known("mode") == "System" or one.unknown("mode") for one in cases):
        why = "InvalidParameter: there has to be at least one system agent pool"
        yield Failure("agentPoolProfiles", why=why, allowed="one pool of mode System")
    names = [one.known("name") for one in cases]
    for index, one in enumerate(cases):
        at = f"agentPoolProfiles[{index}]"
        if not one.given("name"):
            yield Failure(f"{at}.name", why="missing required property", allowed="a string")
        elif names[index] in names[:index]:
            yield Failure(f"{at}.name", names[index], "a name of its own", "InvalidParameter: two pools have the name")
        for failure in pool(one, "name", None):
            yield replace(failure, path=f"{at}.{failure.path}")
        if one.given("capacityReservationGroupID") and "UserAssigned" not in str(case.known("identity.type")):
            why = "the cluster joins the group as an identity of its own, and a system-assigned one does not work"
            yield Failure(
                f"{at}.capacityReservationGroupID",
                one.known("capacityReservationGroupID"),
                "identity.type UserAssigned",
                why,
            )


@checks(CLUSTER)
def addresses_do_not_overlap(case: Case) -> Iterator[Failure]:
    """Services, pods and subnets have addresses of their own; the name service has one of the services'."""
    if case.unknown("networkProfile.serviceCidr") or case.unknown("networkProfile"):
        return
    given = case.known("networkProfile.serviceCidr")
    services = block(given or SERVICES)
    pods = block(case.known("networkProfile.podCidr"))
    if services and pods and overlap(services, pods):
        why = f"it overlaps with the services, {services}"
        yield Failure("networkProfile.podCidr", str(pods), "another block", f"PodCidrOverlapServiceCidr: {why}")
    for name, blocks in _subnets(case):
        for theirs in blocks:
            if services and overlap(services, theirs):
                said = "" if given else f" ({SERVICES} is the default)"
                why = (
                    f"ServiceCidrOverlapExistingSubnetsCidr: the specified service CIDR {services}{said} is conflicted with an "
                    f"existing subnet CIDR {theirs} of {name}"
                )
                yield Failure("networkProfile.serviceCidr", given or SERVICES, "a block outside of the network", why)
            if pods and overlap(pods, theirs):
                why = f"PodCidrOverlapExistingSubnetsCidr: it overlaps with {theirs} of the subnet {name}"
                yield Failure("networkProfile.podCidr", str(pods), "a block outside of the network", why)
    yield from _name_service(case, services)


def _name_service(case: Case, services: Block | None) -> Iterator[Failure]:
    path = "networkProfile.dnsServiceIP"
    given = case.known(path)
    if not isinstance(given, str) or services is None:
        return
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        yield Failure(path, given, "an address", "InvalidParameter: it is no address")
        return
    if address not in services or address == services[1] or address == services.network_address:
        why = "DnsServiceIpOutOfServiceCidr: the address of the name service is one of the services', and not the first"
        yield Failure(path, given, f"an address in {services} after {services[1]}", why)


def _subnets(case: Case) -> list[tuple[str, list[Block]]]:
    """The subnets of every network that the cluster's pools stand in."""
    found: dict[str, list[Block]] = {}
    for _, value in (*case.each("agentPoolProfiles[*].vnetSubnetID"), *case.each("agentPoolProfiles[*].podSubnetID")):
        network = lookup.find(case, NETWORK, str(value).rpartition("/subnets/")[0])
        if network is not None:
            found |= {name: blocks for name, blocks, _ in subnets_of(case, network)}
    return list(found.items())


# Property, value, the property that must have one of the values, the values, why (articles/aks of MicrosoftDocs/azure-aks-docs, 2026-08).
NEEDS: tuple[tuple[str, Any, str, tuple[Any, ...], str], ...] = (
    ("networkProfile.networkPluginMode", "overlay", "networkProfile.networkPlugin", ("azure",), "an overlay is one of Azure CNI"),
    ("networkProfile.networkDataplane", "cilium", "networkProfile.networkPlugin", ("azure",), "Cilium comes with Azure CNI"),
    ("networkProfile.networkPolicy", "cilium", "networkProfile.networkDataplane", ("cilium",), "Cilium enforces in its own data plane"),
    ("networkProfile.networkPolicy", "azure", "networkProfile.networkPlugin", ("azure",), "Azure's policies come with Azure CNI"),
    ("securityProfile.workloadIdentity.enabled", True, "oidcIssuerProfile.enabled", (True,), "identities of workloads need an issuer"),
    ("aadProfile.enableAzureRBAC", True, "aadProfile.managed", (True,), "Azure RBAC decides for principals of Entra"),
    ("disableLocalAccounts", True, "aadProfile.managed", (True,), "without local accounts Entra is the only way in"),
    ("apiServerAccessProfile.enablePrivateClusterPublicFQDN", False, "apiServerAccessProfile.enablePrivateCluster", (True,), "only a private cluster can do without a public name"),
    ("supportPlan", "AKSLongTermSupport", "sku.tier", ("Premium",), "long-term support comes with the Premium tier"),
    ("securityProfile.azureKeyVaultKms.keyVaultNetworkAccess", "Private", "apiServerAccessProfile.enableVnetIntegration", (True,), "a private vault is reached through the network"),
)  # fmt: skip


@checks(CLUSTER)
def settings_go_together(case: Case) -> Iterator[Failure]:
    """Settings that are nothing without another one."""
    for path, value, other, values, why in NEEDS:
        if case.known(path) == value and not case.unknown(other) and case.known(other) not in values:
            allowed = " or ".join(str(one).lower() if isinstance(one, bool) else str(one) for one in values)
            yield Failure(other, case.known(other), allowed, f"BadRequest: {path} is {_word(value)}: {why}")
    if case.known("networkProfile.networkDataplane") == "cilium" and case.known("networkProfile.networkPolicy") in (
        "calico",
        "azure",
    ):
        given = case.known("networkProfile.networkPolicy")
        yield Failure("networkProfile.networkPolicy", given, "cilium, none", "Cilium enforces policies itself")
    if case.known("securityProfile.azureKeyVaultKms.enabled") is True and not case.given(
        "securityProfile.azureKeyVaultKms.keyId"
    ):
        yield Failure(
            "securityProfile.azureKeyVaultKms.keyId",
            why="missing: KMS is enabled",
            allowed="the address of a key with its version",
        )


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@checks(CLUSTER)
def the_endpoint_is_private_or_listed(case: Case) -> Iterator[Failure]:
    """Ranges are for a public endpoint; a private one has a zone that fits."""
    access = "apiServerAccessProfile."
    ranges = case.known(f"{access}authorizedIPRanges")
    private = case.known(f"{access}enablePrivateCluster") is True
    if private and ranges:
        why = "BadRequest: authorized ranges apply to a public endpoint only"
        yield Failure(f"{access}authorizedIPRanges", ranges, "none", why)
    if isinstance(ranges, list) and len(ranges) > RANGES and case.known(f"{access}enableVnetIntegration") is not True:
        yield Failure(
            f"{access}authorizedIPRanges", len(ranges), f"at most {RANGES} ranges", "BadRequest: too many ranges"
        )
    zone = case.known(f"{access}privateDNSZone")
    if zone is None:
        if case.given("fqdnSubdomain") and not case.unknown(f"{access}privateDNSZone"):
            yield Failure(
                "fqdnSubdomain", case.known("fqdnSubdomain"), "dnsPrefix", "a subdomain is for a zone of one's own"
            )
        return
    if not private and not case.unknown(f"{access}enablePrivateCluster"):
        yield Failure(f"{access}privateDNSZone", zone, "none", "BadRequest: the cluster is not private")
    if zone == "none" and case.known(f"{access}enablePrivateClusterPublicFQDN") is False:
        why = "BadRequest: the endpoint would have no name at all"
        yield Failure(f"{access}privateDNSZone", zone, "system, or a zone", why)
    if zone in ("none", "system"):
        return
    name = zone.rsplit("/", 1)[-1]
    if not name.endswith(f"privatelink.{case.location}.azmk8s.io") and case.location:
        allowed = f"privatelink.{case.location}.azmk8s.io, or a subzone of it"
        yield Failure(
            f"{access}privateDNSZone", zone, allowed, "CustomPrivateDNSZoneMissing: the name of the zone does not fit"
        )
    if case.known("identity.type") != "UserAssigned" and not case.unknown("identity"):
        why = "CustomPrivateDNSZoneMissingPermissionError: AKS writes into the zone as an identity of the cluster"
        yield Failure("identity.type", case.known("identity.type"), "UserAssigned", why)


@checks(CLUSTER)
def there_is_an_identity(case: Case) -> Iterator[Failure]:
    """A cluster acts as one identity; its nodes may have another one if it is user-assigned."""
    if not case.given("identity") and not case.given("servicePrincipalProfile"):
        why = "BadRequest: a cluster acts as an identity or as a service principal"
        yield Failure("identity", why=f"missing: {why}", allowed="type SystemAssigned or UserAssigned")
    assigned = case.known("identity.userAssignedIdentities")
    if isinstance(assigned, list) and len(assigned) > 1:
        yield Failure("identity.userAssignedIdentities", assigned, "one identity", "BadRequest: a cluster acts as one")
    if case.given("identityProfile") and case.known("identity.type") == "SystemAssigned":
        why = "CustomKubeletIdentityOnlySupportedOnUserAssignedMSICluster: the cluster has no user-assigned identity"
        yield Failure("identity.type", "SystemAssigned", "UserAssigned", why)


@checks(CLUSTER)
def ways_out_exist(case: Case) -> Iterator[Failure]:
    """Routes or a NAT gateway of one's own are those of the pools' subnets (articles/aks/egress-outboundtype.md)."""
    path = "networkProfile.outboundType"
    kind = case.known(path)
    wanted = {"userDefinedRouting": "routeTable", "userAssignedNATGateway": "natGateway"}.get(str(kind))
    subnets = [value for _, value in case.each("agentPoolProfiles[*].vnetSubnetID")]
    if wanted and not any(case.given(f"agentPoolProfiles[*].{p}") for p in ("vnetSubnetID",)):
        why = "BadRequest: it is for a network of one's own"
        yield Failure(path, kind, "loadBalancer, managedNATGateway, or pools with vnetSubnetID", why)
    for value in subnets if wanted else ():
        subnet = lookup.find(case, SUBNET, value)
        if subnet and subnet[wanted or ""] is None:
            why = f"BadRequest: the subnet {subnet.urn} has no {wanted}"
            yield Failure(path, kind, f"a subnet with {wanted}", why)
    if kind == "managedNATGateway" and subnets:
        why = "BadRequest: AKS makes a NAT gateway in networks of its own only"
        yield Failure(path, kind, "userAssignedNATGateway, loadBalancer", why)


@updates(CLUSTER)
def pools_are_added_beside(case: Case) -> Iterator[str]:
    """A pool that is written into an existing cluster is refused; so are versions that are skipped or go back."""
    before = {
        profile.get("name") for profile in case.old.get("agentPoolProfiles") or () if isinstance(profile, Mapping)
    }
    for _, name in case.each("agentPoolProfiles[*].name"):
        if before and name not in before:
            yield (
                "BadRequest: A new agent pool was introduced. Adding agent pools to an existing cluster is not allowed through "
                "managed cluster operations. For agent pool specific change, please use per agent pool operations: "
                "https://aka.ms/agent-pool-rest-api"
            )
    old, new = case.old.get("kubernetesVersion"), case.known("kubernetesVersion")
    if isinstance(old, str) and isinstance(new, str) and old != UNKNOWN and not 0 <= minor(new) - minor(old) <= 1:
        yield f"OperationNotAllowed: Upgrading Kubernetes version {old} to {new} is not allowed: minor versions cannot be skipped or go back."
    managed = (case.old.get("aadProfile") or {}).get("managed")
    if managed is True and case.known("aadProfile.managed") is not True and not case.unknown("aadProfile"):
        yield "BadRequest: Microsoft Entra integration can't be disabled after it's enabled on a cluster."
