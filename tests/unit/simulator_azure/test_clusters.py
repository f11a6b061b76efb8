"""What AKS refuses about clusters, and what a cluster answers."""

import base64
import json
import re

import pytest

from kubeml_simulator.provider import UNKNOWN

GUID = "aaaabbbb-0000-cccc-1111-dddd2222eeee"


def only(account, wanted, change, path, words):
    """The one refusal of a cluster, which says what it says for."""
    failures = account.failures("cluster", "ml", wanted | change)
    assert list(failures) == [path]
    assert words in failures[path]


def network(wanted, **more):
    return {"networkProfile": wanted["networkProfile"] | more}


def pools(wanted, *more, **change):
    return {"agentPoolProfiles": [wanted["agentPoolProfiles"][0] | change, *more]}


def test_a_cluster_that_fits_is_taken(account, wanted):
    assert account.failures("cluster", "ml", wanted) == {}


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"kubernetesVersion": "1.12"}, "kubernetesVersion", "K8sVersionNotSupported"),
        ({"fqdnSubdomain": "ml", "dnsPrefix": None}, "fqdnSubdomain", "a subdomain is for a zone of one's own"),
        ({"dnsPrefix": None}, "dnsPrefix", "a cluster has one name in the DNS"),
        ({"agentPoolProfiles": None}, "agentPoolProfiles", "a cluster has a system pool"),
        ({"identity": None}, "identity", "a cluster acts as an identity"),
        ({"disableLocalAccounts": True}, "aadProfile.managed", "without local accounts Entra is the only way in"),
        ({"aadProfile": {"enableAzureRBAC": True}}, "aadProfile.managed", "Azure RBAC decides for principals of Entra"),
        ({"aadProfile": {"managed": True, "adminGroupObjectIDs": ["admins"]}}, "aadProfile.adminGroupObjectIDs[0]", "is a GUID"),
        ({"oidcIssuerProfile": None, "securityProfile": {"workloadIdentity": {"enabled": True}}}, "oidcIssuerProfile.enabled", "identities of workloads need an issuer"),
        ({"supportPlan": "AKSLongTermSupport"}, "sku.tier", "long-term support comes with the Premium tier"),
        ({"sku": {"name": "Base", "tier": "Gold"}}, "sku.tier", "allowed: Premium, Standard, Free"),
        ({"apiServerAccessProfile": {"authorizedIPRanges": ["203.0.113.0/24"], "enablePrivateCluster": True}}, "apiServerAccessProfile.authorizedIPRanges", "authorized ranges apply to a public endpoint only"),
        ({"apiServerAccessProfile": {"authorizedIPRanges": ["203.0.113.1/24"]}}, "apiServerAccessProfile.authorizedIPRanges[0]", "bits beyond its prefix"),
        ({"apiServerAccessProfile": {"authorizedIPRanges": [f"203.0.{n}.0/24" for n in range(201)]}}, "apiServerAccessProfile.authorizedIPRanges", "at most 200 ranges"),
        ({"apiServerAccessProfile": {"privateDNSZone": "system"}}, "apiServerAccessProfile.privateDNSZone", "the cluster is not private"),
        ({"apiServerAccessProfile": {"enablePrivateCluster": True, "privateDNSZone": "none", "enablePrivateClusterPublicFQDN": False}}, "apiServerAccessProfile.privateDNSZone", "no name at all"),
        ({"apiServerAccessProfile": {"enablePrivateClusterPublicFQDN": False}}, "apiServerAccessProfile.enablePrivateCluster", "only a private cluster"),
        ({"identity": {"type": "SystemAssigned"}, "identityProfile": {"kubeletidentity": {"resourceId": None}}}, "identity.type", "CustomKubeletIdentityOnlySupportedOnUserAssignedMSICluster"),
        ({"securityProfile": {"azureKeyVaultKms": {"enabled": True}}}, "securityProfile.azureKeyVaultKms.keyId", "KMS is enabled"),
        ({"location": "westus"}, None, None),
    ],
)  # fmt: skip
def test_a_cluster_that_does_not_is_refused_with_the_reason(account, wanted, change, path, words):
    if path is None:
        assert account.failures("cluster", "ml", wanted | change) == {}
    else:
        only(account, wanted, change, path, words)


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"serviceCidr": "10.1.128.0/17"}, None, None),
        ({"serviceCidr": "10.1.0.0/16"}, "networkProfile.serviceCidr", "ServiceCidrOverlapExistingSubnetsCidr: the specified service CIDR 10.1.0.0/16 is conflicted with an existing subnet CIDR 10.1.0.0/20 of nodes"),
        ({"podCidr": "10.1.0.0/16"}, "networkProfile.podCidr", "it overlaps with 10.1.0.0/20 of the subnet nodes"),
        ({"podCidr": "10.2.0.0/15", "serviceCidr": "10.2.0.0/16"}, "networkProfile.podCidr", "it overlaps with the services"),
        ({"serviceCidr": "10.32.0.0/11"}, "networkProfile.serviceCidr", "smaller than a /12"),
        ({"dnsServiceIP": "10.9.0.10"}, "networkProfile.dnsServiceIP", "an address in 10.0.0.0/16 after 10.0.0.1"),
        ({"dnsServiceIP": "10.0.0.1"}, "networkProfile.dnsServiceIP", "and not the first"),
        ({"dnsServiceIP": "ten"}, "networkProfile.dnsServiceIP", "it is no address"),
        ({"networkPolicy": "calico"}, "networkProfile.networkPolicy", "Cilium enforces policies itself"),
        ({"networkDataplane": None}, "networkProfile.networkDataplane", "Cilium enforces in its own data plane"),
        ({"networkPlugin": "none"}, "networkProfile.networkPlugin", "Cilium comes with Azure CNI"),
        ({"networkPlugin": "cni"}, "networkProfile.networkPlugin", "azure, kubenet, none"),
        ({"outboundType": "userDefinedRouting"}, "networkProfile.outboundType", "has no routeTable"),
        ({"outboundType": "userAssignedNATGateway"}, "networkProfile.outboundType", "has no natGateway"),
        ({"outboundType": "managedNATGateway"}, "networkProfile.outboundType", "in networks of its own only"),
    ],
)  # fmt: skip
def test_addresses_and_ways_out_fit_the_network(account, wanted, change, path, words):
    if path is None:
        assert account.failures("cluster", "ml", wanted | network(wanted, **change)) == {}
        return
    failures = account.failures("cluster", "ml", wanted | network(wanted, **change))
    assert words in failures[path]


def test_the_default_of_the_services_is_judged_too(account, wanted):
    parts = {"resourceGroupName": "rg", "virtualNetworkName": "ten"}
    account.create("network", "ten", parts | {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}})
    subnet = account.create("subnet", "ten", parts | {"addressPrefix": "10.0.4.0/22"})
    only(
        account,
        wanted,
        pools(wanted, vnetSubnetID=subnet.id),
        "networkProfile.serviceCidr",
        "(10.0.0.0/16 is the default)",
    )


def test_a_nat_gateway_of_ones_own_is_on_the_subnet(account, wanted, site):
    address = {"resourceGroupName": "rg", "sku": {"name": "Standard"}, "publicIPAllocationMethod": "Static"}
    out = account.create("address", "out", address)
    gateway = {"resourceGroupName": "rg", "sku": {"name": "Standard"}, "publicIpAddresses": [{"id": out.id}]}
    nat = account.create("nat", "out", gateway)
    subnet = {"resourceGroupName": "rg", "virtualNetworkName": "net", "addressPrefix": "10.1.32.0/20"}
    behind = account.create("subnet", "behind", subnet | {"natGateway": {"id": nat.id}})
    change = network(wanted, outboundType="userAssignedNATGateway") | pools(wanted, vnetSubnetID=behind.id)
    assert account.failures("cluster", "ml", wanted | change) == {}


def test_a_system_pool_is_among_the_pools(account, wanted):
    only(account, wanted, pools(wanted, mode="User"), "agentPoolProfiles", "at least one system agent pool")
    system = wanted["agentPoolProfiles"][0]
    only(
        account, wanted, {"agentPoolProfiles": [system, system]}, "agentPoolProfiles[1].name", "two pools have the name"
    )
    only(account, wanted, pools(wanted, count=0), "agentPoolProfiles[0].count", "a system pool has at least one node")
    only(account, wanted, pools(wanted, scaleSetPriority="Spot"), "agentPoolProfiles[0].scaleSetPriority", "not spot")


def test_a_zone_of_ones_own_fits_and_is_written_by_an_identity_of_ones_own(account, wanted, site):
    zone = account.create(
        "zone",
        "api",
        {"resourceGroupName": "rg", "privateZoneName": "privatelink.westeurope.azmk8s.io", "location": "global"},
    )
    access = {"apiServerAccessProfile": {"enablePrivateCluster": True, "privateDNSZone": zone.id}}
    assert account.failures("cluster", "ml", wanted | access) == {}
    system = {"identity": {"type": "SystemAssigned"}}
    only(account, wanted, access | system, "identity.type", "AKS writes into the zone as an identity of the cluster")
    other = account.create(
        "zone", "other", {"resourceGroupName": "rg", "privateZoneName": "example.com", "location": "global"}
    )
    wrong = {"apiServerAccessProfile": {"enablePrivateCluster": True, "privateDNSZone": other.id}}
    only(
        account,
        wanted,
        wrong,
        "apiServerAccessProfile.privateDNSZone",
        "privatelink.westeurope.azmk8s.io, or a subzone of it",
    )


def test_an_identity_exists(account, wanted):
    change = {
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": [
                "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/none"
            ],
        }
    }
    only(account, wanted, change, "identity.userAssignedIdentities[0]", "FailedIdentityOperation")
    only(
        account,
        wanted,
        {"identity": {"type": "UserAssigned"}},
        "identity.userAssignedIdentities",
        "the type is UserAssigned",
    )


def test_a_cluster_acts_as_one_identity(account, wanted, site):
    other = account.create("identity", "other", {"resourceGroupName": "rg", "resourceName": "other"})
    two = {"identity": {"type": "UserAssigned", "userAssignedIdentities": [site.identity.id, other.id]}}
    only(account, wanted, two, "identity.userAssignedIdentities", "a cluster acts as one")
    mixed = {"identity": {"type": "SystemAssigned", "userAssignedIdentities": [site.identity.id]}}
    only(account, wanted, mixed, "identity.userAssignedIdentities", "the type is SystemAssigned")


def test_a_written_pool_has_a_name_and_may_reserve_as_a_user_assigned_identity_only(account, wanted):
    system = {key: value for key, value in wanted["agentPoolProfiles"][0].items() if key != "name"}
    only(account, wanted, {"agentPoolProfiles": [system]}, "agentPoolProfiles[0].name", "missing required property")
    reserved = account.create("reserved", "d4", {"resourceGroupName": "rg"})
    change = pools(wanted, capacityReservationGroupID=reserved.id) | {"identity": {"type": "SystemAssigned"}}
    only(
        account,
        wanted,
        change,
        "agentPoolProfiles[0].capacityReservationGroupID",
        "a system-assigned one does not work",
    )


def test_ways_out_of_ones_own_need_a_network_of_ones_own(account, wanted):
    change = pools(wanted, vnetSubnetID=None) | network(wanted, outboundType="userAssignedNATGateway")
    only(account, wanted, change, "networkProfile.outboundType", "it is for a network of one's own")
    managed = pools(wanted, vnetSubnetID=None) | network(wanted, outboundType="managedNATGateway")
    assert account.failures("cluster", "ml", wanted | managed) == {}


def test_what_is_unknown_is_never_judged(account, wanted):
    unknown = {key: UNKNOWN for key in wanted if key not in {"resourceGroupName", "resourceName"}}
    assert account.failures("cluster", "ml", wanted | unknown) == {}
    inside = (
        wanted | network(wanted, serviceCidr=UNKNOWN, dnsServiceIP="10.9.0.10") | pools(wanted, vnetSubnetID=UNKNOWN)
    )
    assert account.failures("cluster", "ml", inside) == {}


def test_a_cluster_has_names_identities_and_an_issuer(account, cluster, site):
    out = cluster.out
    assert cluster.id.endswith("/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/ml")
    assert re.fullmatch(r"ml-[0-9a-f]{8}\.hcp\.westeurope\.azmk8s\.io", out["fqdn"])
    assert out["azurePortalFQDN"].endswith(".portal.hcp.westeurope.azmk8s.io")
    assert "privateFQDN" not in out
    issuer = out["oidcIssuerProfile"]["issuerURL"]
    assert re.fullmatch(rf"https://westeurope\.oic\.prod-aks\.azure\.com/{GUID}/[0-9a-f-]{{36}}/", issuer)
    assert (
        out["identity"]["userAssignedIdentities"][site.identity.id]["principalId"] == site.identity.out["principalId"]
    )
    assert re.fullmatch(r"[0-9a-f-]{36}", out["identityProfile"]["kubeletidentity"]["objectId"])
    assert (out["networkProfile"]["serviceCidr"], out["networkProfile"]["dnsServiceIP"]) == ("10.0.0.0/16", "10.0.0.10")
    assert out["networkProfile"]["podCidr"] == "10.244.0.0/16"
    assert out["agentPoolProfiles"][0]["maxPods"] == 250
    assert (out["sku"], out["type"]) == ({"name": "Base", "tier": "Free"}, "Microsoft.ContainerService/managedClusters")
    assert "resourceGroupName" not in out, "the service does not answer with the names in the path"


def test_a_private_cluster_has_a_private_name(account, wanted):
    access = {"enablePrivateCluster": True, "enablePrivateClusterPublicFQDN": False}
    out = account.create("cluster", "ml", wanted | {"apiServerAccessProfile": access}).out
    assert "fqdn" not in out
    assert re.fullmatch(r"ml-[0-9a-f]{8}\.[0-9a-f-]{36}\.privatelink\.westeurope\.azmk8s\.io", out["privateFQDN"])


def test_a_system_assigned_identity_has_a_principal_of_its_own(account, wanted):
    out = account.create("cluster", "ml", wanted | {"identity": {"type": "SystemAssigned"}}).out
    assert set(out["identity"]) == {"type", "principalId", "tenantId"}
    assert out["identity"]["tenantId"] == GUID


def test_a_preview_knows_what_the_program_says_and_nothing_that_aks_decides(account, wanted):
    planned = account.create("cluster", "ml", wanted | {"identity": {"type": "SystemAssigned"}}, preview=True).out
    assert planned["kubernetesVersion"] == "1.35"
    assert planned["oidcIssuerProfile"] == {"enabled": True, "issuerURL": UNKNOWN}
    assert planned["identity"] == {"type": "SystemAssigned", "principalId": UNKNOWN, "tenantId": UNKNOWN}
    for name in ("fqdn", "nodeResourceGroup", "identityProfile", "currentKubernetesVersion", "name", "azurePortalFQDN"):
        assert planned[name] == UNKNOWN, name


def test_what_is_computed_stays_over_an_update(account, cluster, wanted):
    after = account.update(cluster, wanted | {"tags": {"team": "ml"}})
    for name in ("fqdn", "nodeResourceGroup", "oidcIssuerProfile", "identityProfile", "azurePortalFQDN", "resourceUID"):
        assert after[name] == cluster.out[name], name


def credentials(account, kind, group="rg", name="ml"):
    answer = account.invoke(
        f"azure-native:containerservice:listManagedCluster{kind}Credentials",
        {"resourceGroupName": group, "resourceName": name},
    )
    found = answer["kubeconfigs"][0]
    assert found["value"]["4dabf18193072939515e22adb298388d"], "a kubeconfig is a secret"
    return found["name"], json.loads(base64.b64decode(found["value"]["value"]))


def test_a_kubeconfig_leads_to_the_endpoint(account, cluster):
    name, config = credentials(account, "Admin")
    assert (name, config["current-context"]) == ("clusterAdmin", "ml-admin")
    assert config["clusters"][0]["cluster"]["server"] == f"https://{cluster.out['fqdn']}:443"
    assert "client-certificate-data" in config["users"][0]["user"]
    name, config = credentials(account, "User")
    assert (name, config["users"][0]["name"]) == ("clusterUser", "clusterUser_rg_ml")


def test_a_cluster_of_entra_is_entered_by_a_login_and_without_local_accounts_by_nothing_else(
    account, aborted, wanted, site
):
    entra = {"aadProfile": {"managed": True, "enableAzureRBAC": True}, "disableLocalAccounts": True}
    account.create("cluster", "ml", wanted | entra)
    _, config = credentials(account, "User")
    assert config["users"][0]["user"]["exec"]["command"] == "kubelogin"
    with pytest.raises(
        aborted, match="Getting static credential is not allowed because this cluster is set to disable local accounts"
    ):
        credentials(account, "Admin")


def test_a_cluster_that_does_not_exist_has_no_credentials(account, aborted, site):
    with pytest.raises(
        aborted,
        match=r"ResourceNotFound: The Resource 'Microsoft.ContainerService/managedClusters/none' under resource group 'rg'",
    ):
        credentials(account, "User", name="none")


def test_maintenance_windows_have_the_names_and_lengths_that_aks_knows(account, cluster):
    window = {
        "startTime": "01:00",
        "durationHours": 8,
        "utcOffset": "+00:00",
        "schedule": {"weekly": {"dayOfWeek": "Sunday", "intervalWeeks": 1}},
    }
    inputs = {
        "resourceGroupName": "rg",
        "resourceName": "ml",
        "configName": "aksManagedAutoUpgradeSchedule",
        "maintenanceWindow": window,
    }
    assert account.failures("maintenance", "x", inputs) == {}
    failures = account.failures(
        "maintenance", "x", inputs | {"configName": "nightly", "maintenanceWindow": window | {"durationHours": 2}}
    )
    assert set(failures) == {"configName", "maintenanceWindow.durationHours"}
