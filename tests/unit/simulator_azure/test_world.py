"""What keeps a resource from going, and what the functions of the SDK answer."""

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from kubeml_simulator.provider.values import plain

RG = {"resourceGroupName": "rg"}


def test_what_is_locked_is_not_deleted(account, aborted, cluster):
    lock = account.create("lock", "keep", {"scope": cluster.id, "level": "CanNotDelete", "lockName": "keep"})
    assert lock.id == f"{cluster.id}/providers/Microsoft.Authorization/locks/keep"
    with pytest.raises(aborted) as refused:
        account.delete(cluster)
    said = f"The scope '{cluster.id}' cannot perform delete operation because following scope(s) are locked: '{cluster.id}'"
    assert f"ScopeLocked: {said}. Please remove the lock and try again." in str(refused.value)
    account.delete(lock)
    account.delete(cluster)


def test_a_lock_of_a_group_is_one_of_all_that_is_inside(account, aborted, site):
    account.create("grouplock", "keep", RG | {"level": "CanNotDelete"})
    for made in (site.identity, site.subnet, site.group):
        with pytest.raises(aborted, match="ScopeLocked"):
            account.delete(made)


def test_a_lock_for_reading_only_stops_updates_too(account, aborted, cluster, wanted):
    deleting = account.create("lock", "keep", {"scope": cluster.id, "level": "CanNotDelete"})
    assert account.update(cluster, wanted | {"tags": {"a": "b"}})["tags"] == {"a": "b"}
    account.delete(deleting)
    account.create("lock", "freeze", {"scope": cluster.id, "level": "ReadOnly"})
    with pytest.raises(aborted, match="cannot perform write operation"):
        account.update(cluster, wanted | {"tags": {"a": "c"}})


def test_a_lock_of_one_resource_is_none_of_another_with_a_longer_name(account, site):
    longer = account.create("identity", "longer", RG | {"resourceName": "cluster-nodes"})
    account.create("lock", "keep", {"scope": site.identity.id, "level": "CanNotDelete"})
    account.delete(longer)


def test_a_subnet_in_use_is_not_deleted(account, aborted, site, cluster, nodes):
    pool = account.create("pool", "train", nodes)
    with pytest.raises(aborted) as refused:
        account.delete(site.subnet)
    assert f"InUseSubnetCannotBeDeleted: Subnet nodes is in use by {pool.id} and cannot be deleted." in str(
        refused.value
    )
    account.delete(pool)
    account.delete(cluster)
    account.delete(site.subnet)


def test_parts_of_a_network_go_after_what_they_serve(account, aborted, site):
    address = account.create("address", "out", RG | {"sku": {"name": "Standard"}, "publicIPAllocationMethod": "Static"})
    nat = account.create("nat", "out", RG | {"sku": {"name": "Standard"}, "publicIpAddresses": [{"id": address.id}]})
    rules = account.create("rules", "guard", RG)
    inside = RG | {"virtualNetworkName": "net", "addressPrefix": "10.1.32.0/24"}
    held = {"natGateway": {"id": nat.id}, "networkSecurityGroup": {"id": rules.id}}
    subnet = account.create("subnet", "behind", inside | held)
    for made, words in (
        (address, "PublicIPAddressCannotBeDeleted"),
        (nat, "InUseNatGateway"),
        (rules, "InUseNetworkSecurityGroup"),
    ):
        with pytest.raises(aborted, match=words):
            account.delete(made)
    for made in (subnet, nat, address, rules):
        account.delete(made)


def test_a_zone_with_links_and_a_group_with_reservations_stay(account, aborted, site):
    zone = account.create(
        "zone", "api", RG | {"privateZoneName": "privatelink.westeurope.azmk8s.io", "location": "global"}
    )
    link = {
        "privateZoneName": "privatelink.westeurope.azmk8s.io",
        "location": "global",
        "virtualNetwork": {"id": site.network.id},
    }
    account.create("link", "net", RG | link)
    with pytest.raises(aborted, match="Can not delete resource before nested resources are deleted"):
        account.delete(zone)
    group = account.create("reserved", "h100", RG)
    sku = {"sku": {"name": "Standard_ND96isr_H100_v5", "capacity": 2}}
    reservation = account.create("reservation", "h100", RG | {"capacityReservationGroupName": group.out["name"]} | sku)
    with pytest.raises(aborted, match="cannot be deleted while it has the reservation"):
        account.delete(group)
    account.delete(reservation)
    account.delete(group)


def test_who_asks_is_known(account, accounts):
    assert (
        account.invoke("azure-native:authorization:getClientConfig", {})["subscriptionId"]
        == "00000000-0000-0000-0000-000000000000"
    )
    ours = {
        "subscriptionId": "11111111-2222-3333-4444-555555555555",
        "tenantId": "66666666-7777-8888-9999-000000000000",
    }
    answer = accounts(config=ours).invoke("azure-native:authorization:getClientConfig", {})
    assert {key: answer[key] for key in ours} == ours
    assert set(answer) == {"clientId", "objectId", "subscriptionId", "tenantId"}


def test_a_getter_answers_with_what_exists(account, aborted, site):
    answer = account.invoke("azure-native:managedidentity:getUserAssignedIdentity", RG | {"resourceName": "cluster"})
    assert (answer["id"], answer["clientId"]) == (site.identity.id, site.identity.out["clientId"])
    with pytest.raises(aborted, match="ResourceNotFound"):
        account.invoke("azure-native:managedidentity:getUserAssignedIdentity", RG | {"resourceName": "none"})


def test_a_function_that_is_not_simulated_is_refused_by_name(account, aborted):
    with pytest.raises(aborted, match="azure-native:storage:listStorageAccountKeys is not simulated"):
        account.invoke("azure-native:storage:listStorageAccountKeys", {})


def test_a_failure_that_is_asked_for_speaks_as_azure_does(accounts, aborted):
    account = accounts(failures=["azure-native:resources:ResourceGroup::ml"])
    with pytest.raises(aborted, match='Status=500 Code="InternalServerError"'):
        account.create("group", "ml", {})


def test_a_fresh_provider_knows_the_world_from_the_state(account, accounts, site):
    fresh = accounts()
    for made in (site.group, site.network, site.subnet, site.identity):
        assert fresh.diff(made, made.inputs).changes == 1, "nothing changed"
    overlapping = RG | {"virtualNetworkName": "net", "addressPrefix": "10.1.4.0/24"}
    assert "NetcfgSubnetRangesOverlap" in fresh.failures("subnet", "x", overlapping)["addressPrefix"]


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"location": "middleearth"}, "location"),
        ({"subscriptionId": "mine"}, "subscriptionId"),
        ({"tenantId": "ours"}, "tenantId"),
        ({"colour": "green"}, "colour"),
    ],
)
def test_a_configuration_that_azure_does_not_know_is_refused(account, config, path):
    assert [failure.path for failure in account.provider.check_config(config)] == [path]
    assert list(account.provider.check_config({"location": "West Europe"})) == []


GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shared"


def adopt(account, kind, name, identity):
    """What `get` of the SDK does."""
    request = pb.ReadRequest(id=identity, urn=account.urn(kind, name))
    return plain(account.provider.Read(request, account.context).properties)


def test_what_exists_outside_of_the_stack_is_adopted_by_its_id(account):
    group = adopt(account, "group", "shared", GROUP)
    assert (group["name"], group["type"]) == ("shared", "Microsoft.Resources/resourceGroups")
    network = adopt(account, "network", "hub", f"{GROUP}/providers/Microsoft.Network/virtualNetworks/hub")
    assert network["name"] == "hub"
    inside = {"resourceGroupName": "shared", "virtualNetworkName": "hub", "addressPrefix": "10.1.0.0/20"}
    assert account.failures("subnet", "nodes", inside) == {}
    assert (
        "ParentResourceNotFound"
        in account.failures("subnet", "x", inside | {"virtualNetworkName": "hut"})["virtualNetworkName"]
    )


def test_an_adopted_cluster_gives_credentials(account):
    adopt(account, "group", "shared", GROUP)
    cluster = f"{GROUP.lower()}/providers/Microsoft.ContainerService/managedClusters/ml"
    assert adopt(account, "cluster", "ml", cluster)["fqdn"].endswith(".hcp.westeurope.azmk8s.io")
    names = {"resourceGroupName": "shared", "resourceName": "ml"}
    assert account.invoke("azure-native:containerservice:listManagedClusterUserCredentials", names)["kubeconfigs"]


def test_an_id_of_another_kind_is_not_adopted(account, aborted):
    with pytest.raises(aborted, match=r"is no id of a Microsoft.ContainerService/managedClusters"):
        adopt(account, "cluster", "ml", GROUP)


def test_a_place_is_needed(accounts):
    account = accounts(config={})
    assert "set it, or azure-native:location" in account.failures("group", "ml", {})["location"]


def test_another_subscription_is_another_place(account):
    from kubeml_simulator.provider import Change

    assert account.provider.forces_config(Change("subscriptionId", "a", "b"))
    assert not account.provider.forces_config(Change("location", "a", "b")), "resources keep the location they have"


def test_a_placement_group_stays_while_machines_are_in_it(account, aborted, cluster, nodes):
    near = account.create("near", "near", RG | {"zones": ["1"]})
    pool = account.create("pool", "train", nodes | {"proximityPlacementGroupID": near.id})
    with pytest.raises(aborted, match="cannot be deleted while it contains virtual machines"):
        account.delete(near)
    account.delete(pool)
    account.delete(near)
