"""Updates that azure-native sends and the services refuse, in the services' words."""

import pytest

from kubeml_simulator.clouds.azure.refusals import Move, moves, refusals
from kubeml_simulator.clouds.azure.tables import rows
from kubeml_simulator.provider import UNKNOWN

POOL, CLUSTER = "azure-native:containerservice:AgentPool", "azure-native:containerservice:ManagedCluster"
ACCOUNT, ASSIGNMENT = "azure-native:storage:StorageAccount", "azure-native:authorization:RoleAssignment"
FACTS = {"id": "/x", "name": "x", "group": "rg"}


@pytest.fixture
def pool(account, nodes):
    return account.create("pool", "train", nodes)


def test_a_property_that_cannot_change_is_sent_as_an_update_and_refused(account, aborted, pool, nodes):
    wanted = nodes | {"availabilityZones": ["1", "2"]}
    assert list(account.diff(pool, wanted).replaces) == [], "azure-native does not know that it cannot change"
    with pytest.raises(aborted) as refused:
        account.update(pool, wanted)
    assert "PropertyChangeNotAllowed: Changing property 'properties.availabilityZones' is not allowed." in str(
        refused.value
    )
    assert account.urn("pool", "train") in str(refused.value)


def test_a_preview_says_so_already(account, aborted, pool, nodes):
    with pytest.raises(aborted, match=r"Changing property 'properties.maxPods' is not allowed"):
        account.update(pool, nodes | {"maxPods": 100}, preview=True)


def test_what_can_change_changes(account, pool, nodes):
    state = account.update(pool, nodes | {"maxCount": 8, "nodeLabels": {"team": "research"}})
    assert (state["maxCount"], state["nodeLabels"]) == (8, {"team": "research"})


def test_a_default_of_the_service_may_be_written_down_and_left_out_again(account, pool, nodes):
    assert pool.out["maxPods"] == 250, "the default of an overlay"
    assert account.update(pool, nodes | {"maxPods": 250})["maxPods"] == 250
    assert account.update(pool, nodes)["maxPods"] == 250


def test_a_given_property_that_is_left_out_is_a_change(account, aborted, pool, nodes):
    without = {key: value for key, value in nodes.items() if key != "availabilityZones"}
    with pytest.raises(aborted, match=r"properties.availabilityZones"):
        account.update(pool, without)


def test_all_refusals_of_an_update_are_said_at_once(account, aborted, pool, nodes):
    with pytest.raises(aborted) as refused:
        account.update(pool, nodes | {"maxPods": 100, "osDiskType": "Ephemeral", "osDiskSizeGB": 512})
    for path in ("maxPods", "osDiskType", "osDiskSizeGB"):
        assert f"'properties.{path}'" in str(refused.value)


def test_another_machine_is_another_pool(account, pool, nodes):
    difference = account.diff(pool, nodes | {"vmSize": "Standard_ND96isr_H200_v5"})
    assert list(difference.replaces) == ["vmSize"]
    assert difference.deleteBeforeReplace is True, "a pool is named by the program or by its logical name"


def test_an_inline_pool_is_compared_by_its_name(account, aborted, cluster, wanted):
    system = wanted["agentPoolProfiles"][0]
    more = wanted | {"agentPoolProfiles": [system | {"count": 3}]}
    assert account.update(cluster, more)["agentPoolProfiles"][0]["count"] == 3
    with pytest.raises(aborted, match=r"Changing property 'agentPoolProfile.vmSize' is not allowed"):
        account.update(cluster, wanted | {"agentPoolProfiles": [system | {"vmSize": "Standard_D8ds_v5"}]})


def test_a_pool_is_not_added_through_its_cluster(account, aborted, cluster, wanted):
    two = [*wanted["agentPoolProfiles"], {"name": "more", "mode": "User", "vmSize": "Standard_D8ds_v5", "count": 1}]
    with pytest.raises(aborted, match="A new agent pool was introduced"):
        account.update(cluster, wanted | {"agentPoolProfiles": two})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kubernetesVersion": "1.33"}, "Upgrading Kubernetes version 1.35 to 1.33 is not allowed"),
        ({"oidcIssuerProfile": {"enabled": False}}, "Changing property 'oidcIssuerProfile.enabled' is not allowed"),
        ({"apiServerAccessProfile": {"enablePrivateCluster": True}}, "'apiServerAccessProfile.enablePrivateCluster'"),
        ({"enableRBAC": False}, "Changing property 'enableRBAC' is not allowed"),
    ],
)
def test_a_cluster_keeps_what_it_was_made_with(account, aborted, cluster, wanted, change, words):
    with pytest.raises(aborted) as refused:
        account.update(cluster, wanted | change)
    assert words in str(refused.value)


def test_a_version_goes_up_one_step_at_a_time(account, cluster, wanted):
    state = account.update(cluster, wanted | {"kubernetesVersion": "1.36"})
    assert (state["kubernetesVersion"], state["currentKubernetesVersion"]) == ("1.36", "1.36")


def test_entra_stays(account, aborted, wanted, site):
    access = {"aadProfile": {"managed": True, "enableAzureRBAC": True}, "disableLocalAccounts": True}
    made = account.create("cluster", "ml", wanted | access)
    with pytest.raises(aborted, match="Microsoft Entra integration can't be disabled"):
        account.update(made, wanted)


def test_another_location_is_refused_with_both(account, aborted, site):
    inputs = {"resourceGroupName": "rg", "natGatewayName": "out", "sku": {"name": "Standard"}, "zones": ["1"]}
    made = account.create("nat", "out", inputs)
    with pytest.raises(aborted) as refused:
        account.update(made, inputs | {"location": "swedencentral", "zones": ["2"]})
    assert "The resource 'out' already exists in location 'westeurope' in resource group 'rg'" in str(refused.value)
    assert "existing availability zone constraint 1 and the request has availability zone constraint 2" in str(
        refused.value
    )


def test_a_role_assignment_is_never_another_one(account, aborted, site):
    inputs = {
        "scope": site.network.id,
        "principalId": site.identity.out["principalId"],
        "principalType": "ServicePrincipal",
        "roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7",
    }
    made = account.create("assignment", "net", inputs)
    other = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
    assert list(account.diff(made, inputs | {"roleDefinitionId": other}).replaces) == []
    with pytest.raises(
        aborted, match="RoleAssignmentUpdateNotPermitted: Tenant ID, application ID, principal ID, and scope"
    ):
        account.update(made, inputs | {"roleDefinitionId": other})


CASES = [
    (POOL, "osSKU", "Ubuntu", "AzureLinux", False),
    (POOL, "osSKU", "Windows2019", "Windows2022", True),
    (POOL, "enableFIPS", False, True, False),
    (POOL, "scaleSetPriority", "Spot", "Regular", True),
    (POOL, "upgradeSettings.drainTimeoutInMinutes", 30, 60, False),
    (POOL, "upgradeSettings.drainTimeoutInMinutes", 30, None, True),
    (CLUSTER, "apiServerAccessProfile.privateDNSZone", "system", "none", False),
    (CLUSTER, "apiServerAccessProfile.privateDNSZone", "none", "system", True),
    (CLUSTER, "networkProfile.loadBalancerSku", "basic", "standard", False),
    (CLUSTER, "networkProfile.loadBalancerSku", "standard", "basic", True),
    (CLUSTER, "servicePrincipalProfile.clientId", "msi", "x", True),
    (CLUSTER, "servicePrincipalProfile.clientId", "x", "y", False),
    (CLUSTER, "networkProfile.podCidrs", None, ["10.2.0.0/16"], False),
    (CLUSTER, "networkProfile.podCidrs", ["10.2.0.0/16"], ["10.3.0.0/16"], True),
    (ACCOUNT, "sku.name", "Standard_LRS", "Standard_GRS", False),
    (ACCOUNT, "sku.name", "Standard_LRS", "Standard_ZRS", True),
    (ACCOUNT, "sku.name", "Standard_LRS", "Premium_LRS", True),
    (ACCOUNT, "kind", "Storage", "StorageV2", False),
    (ACCOUNT, "kind", "StorageV2", "FileStorage", True),
    (ACCOUNT, "largeFileSharesState", "Enabled", "Disabled", True),
    (ACCOUNT, "largeFileSharesState", "Disabled", "Enabled", False),
    (ACCOUNT, "immutableStorageWithVersioning", None, {"enabled": True}, True),
    ("azure-native:compute:DiskEncryptionSet", "identity.type", "UserAssigned", "SystemAssigned", True),
    ("azure-native:compute:DiskEncryptionSet", "identity.type", "SystemAssigned", "UserAssigned", False),
    ("azure-native:keyvault:Key", "properties.keySize", 2048, 4096, False),
]


def at(path, value):
    made = value
    for step in reversed(path.split(".")):
        made = {step: made}
    return {} if value is None and "." not in path else made


@pytest.mark.parametrize(("token", "path", "old", "new", "refused"), CASES)
def test_a_condition_decides_as_its_row_says(token, path, old, new, refused):
    said = list(refusals(token, at(path, old), at(path, old), at(path, new), FACTS))
    assert bool(said) is refused


def test_every_condition_is_tried_both_ways():
    tried = {}
    by_row = {(row["token"], row["property"]): row["when"].split()[0] for row in rows("refused.tsv")}
    for token, path, _, _, refused in CASES:
        tried.setdefault(by_row[token, path], set()).add(refused)
    assert set(by_row.values()) - set(tried) == set(), "no condition without a case"
    one_way = {word for word, answers in tried.items() if answers != {True, False}}
    assert one_way == {"never", "changed", "comes-or-goes"}, "what never or always decides is tried by the tests above"


def test_every_row_that_refuses_any_change_refuses_one():
    sure = [row for row in rows("refused.tsv") if row["when"] == "changed" and "[*]" not in row["property"]]
    assert len(sure) > 50
    for row in sure:
        given, wanted = at(row["property"], "a"), at(row["property"], "b")
        said = list(refusals(row["token"], given, given, wanted, FACTS))
        assert len(said) == 1, row
        assert "${" not in said[0], row


def test_no_change_and_no_knowledge_are_no_refusal():
    same = {"location": "West Europe", "zones": ["2", "1"]}
    nat = "azure-native:network:NatGateway"
    assert list(refusals(nat, same, {"location": "westeurope", "zones": ["1", "2"]}, same, FACTS)) == []
    assert list(refusals(nat, same, same, {"location": UNKNOWN, "zones": [UNKNOWN]}, FACTS)) == []


def test_what_the_service_adds_to_a_block_is_no_change():
    given, state = (
        {"kubeletConfig": {"cpuManagerPolicy": "static"}},
        {"kubeletConfig": {"cpuManagerPolicy": "static", "podMaxPids": 100}},
    )
    assert list(moves("kubeletConfig", given, state, given)) == []
    less = {"kubeletConfig": {}}
    assert len(list(moves("kubeletConfig", given, state, less))) == 1
    assert list(moves("zones", {}, {"zones": ["1"]}, {})) == []
    assert list(moves("zones", {"zones": ["1"]}, {"zones": ["1"]}, {})) == [Move(old=["1"], new=None)]
