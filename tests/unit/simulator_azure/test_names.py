"""How things are named and where they are: automatic names, ids, locations, what they live in, names that are taken."""

import re

import pytest

from kubeml_simulator.provider import UNKNOWN

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"


def test_a_top_level_resource_is_named_by_its_logical_name_and_eight_digits(account):
    made = account.create("group", "ml", {})
    assert re.fullmatch(r"ml[0-9a-f]{8}", made.out["name"])
    assert made.id == f"{SUBSCRIPTION}/resourceGroups/{made.out['name']}"
    assert account.check("group", "ml", {}, made.inputs).inputs["resourceGroupName"] == made.out["name"]


def test_what_lives_inside_another_resource_is_named_by_its_logical_name(account, site):
    assert site.subnet.out["name"] == "nodes"
    assert site.subnet.id == f"{site.network.id}/subnets/nodes"


def test_a_role_assignment_is_named_by_a_guid(account, site):
    made = account.create(
        "assignment",
        "net",
        {
            "scope": site.network.id,
            "principalId": site.identity.out["principalId"],
            "roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7",
        },
    )
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made.out["name"])
    assert made.id == f"{site.network.id}/providers/Microsoft.Authorization/roleAssignments/{made.out['name']}"


def test_names_are_the_same_in_every_run_and_differ_between_resources(accounts):
    first, second = (accounts().create("group", "ml", {}) for _ in range(2))
    assert first.id == second.id
    assert accounts().create("group", "other", {}).id != first.id


def test_a_successor_of_a_resource_named_at_random_has_another_name_and_comes_first(account):
    made = account.create("group", "ml", {})
    difference = account.diff(made, {"location": "northeurope"})
    assert list(difference.replaces) == ["location"]
    assert difference.deleteBeforeReplace is False
    assert account.create("group", "ml", {"location": "northeurope"}).id != made.id


def test_a_resource_with_a_name_of_its_own_goes_before_its_successor_comes(account, site):
    difference = account.diff(site.group, {"resourceGroupName": "rg", "location": "northeurope"})
    assert difference.deleteBeforeReplace is True
    renamed = account.diff(site.group, {"resourceGroupName": "rg2"})
    assert (list(renamed.replaces), renamed.deleteBeforeReplace) == (["resourceGroupName"], True)


@pytest.mark.parametrize(
    ("config", "group", "expected"),
    [
        ({}, {"location": "swedencentral"}, "swedencentral"),
        ({"location": "westus3"}, {"location": "swedencentral"}, "westus3"),
    ],
)
def test_a_resource_without_a_location_takes_the_configured_one_else_that_of_its_group(
    accounts, config, group, expected
):
    account = accounts(config=config)
    account.create("group", "ml", {"resourceGroupName": "rg", **group})
    assert account.check("identity", "x", {"resourceGroupName": "rg"}).inputs["location"] == expected


def test_a_location_is_unknown_as_long_as_the_group_is(accounts):
    account = accounts(config={})
    assert account.check("identity", "x", {"resourceGroupName": UNKNOWN}).inputs["location"] == UNKNOWN


def test_a_location_in_other_words_is_no_change_and_one_that_does_not_exist_is_refused(account, site):
    same = account.diff(site.group, {"resourceGroupName": "rg", "location": "West Europe"})
    assert list(same.replaces) == []
    refusals = account.failures("group", "x", {"location": "middleearth"})
    assert "LocationNotAvailableForResourceType" in refusals["location"]


def test_a_private_zone_is_in_no_location_although_the_provider_would_give_it_one(account, site):
    zone = {"resourceGroupName": "rg", "privateZoneName": "privatelink.westeurope.azmk8s.io"}
    assert "a private zone is in no location" in account.failures("zone", "x", zone)["location"]
    assert account.failures("zone", "x", zone | {"location": "global"}) == {}


def test_a_group_that_does_not_exist_is_named(account, site):
    refusal = account.failures("identity", "x", {"resourceGroupName": "nowhere"})["resourceGroupName"]
    assert "ResourceGroupNotFound: resource group 'nowhere' could not be found" in refusal
    assert "the name of ml" in refusal, "and what there is"


def test_the_parent_of_a_child_must_exist_too(account, site):
    inputs = {"resourceGroupName": "rg", "virtualNetworkName": "elsewhere", "addressPrefix": "10.1.0.0/24"}
    assert "ParentResourceNotFound" in account.failures("subnet", "x", inputs)["virtualNetworkName"]


def test_a_planned_parent_is_enough_for_a_preview(account):
    account.create("group", "ml", {"resourceGroupName": "rg"}, preview=True)
    planned = account.create("identity", "x", {"resourceGroupName": "rg"}, preview=True)
    assert planned.out["name"] == UNKNOWN
    assert (
        "ResourceGroupNotFound"
        in account.failures("identity", "y", {"resourceGroupName": "other"})["resourceGroupName"]
    )


def test_what_lies_in_the_group_of_nodes_belongs_to_aks(account, cluster):
    group = cluster.out["nodeResourceGroup"]
    assert group == "MC_rg_ml_westeurope"
    assert account.failures("identity", "x", {"resourceGroupName": group}) == {}
    kubelet = cluster.out["identityProfile"]["kubeletidentity"]["resourceId"]
    assert kubelet.endswith(
        f"/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ml-agentpool"
    )


@pytest.mark.parametrize(
    ("kind", "inputs", "path", "words"),
    [
        ("identity", {"resourceGroupName": "rg", "resourceName": "cluster"}, "resourceName", "cannot create already existing resource"),
        ("account", {"resourceGroupName": "rg", "accountName": "ours", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}, "accountName", "StorageAccountAlreadyTaken: The storage account named ours is already taken"),
        ("registry", {"resourceGroupName": "rg", "registryName": "images", "sku": {"name": "Premium"}}, "registryName", "AlreadyInUse: The registry DNS name images.azurecr.io is already in use"),
        ("vault", {"resourceGroupName": "rg", "vaultName": "keys", "properties": {"tenantId": "aaaabbbb-0000-cccc-1111-dddd2222eeee", "sku": {"family": "A", "name": "standard"}}}, "vaultName", "VaultAlreadyExists: The vault name 'keys' is already in use"),
    ],
)  # fmt: skip
def test_a_name_that_is_taken_is_refused_in_the_words_of_who_finds_it(account, site, kind, inputs, path, words):
    if kind != "identity":
        account.create(kind, "first", inputs)
    refusal = account.failures(kind, "second", inputs)[path]
    assert words in refusal
    assert account.urn(kind, "cluster" if kind == "identity" else "first") in refusal


@pytest.mark.parametrize(
    ("kind", "inputs", "path"),
    [
        ("pool", {"agentPoolName": "Train"}, "agentPoolName"),
        ("pool", {"agentPoolName": "1train"}, "agentPoolName"),
        ("pool", {"agentPoolName": "trainingpools"}, "agentPoolName"),
        ("cluster", {"resourceName": "-ml"}, "resourceName"),
        ("cluster", {"dnsPrefix": "ml."}, "dnsPrefix"),
        ("account", {"accountName": "my-data"}, "accountName"),
        ("vault", {"vaultName": "a--b"}, "vaultName"),
        ("vault", {"vaultName": "v" * 25}, "vaultName"),
        ("container", {"containerName": "Data"}, "containerName"),
        ("registry", {"registryName": "my-images"}, "registryName"),
        ("assignment", {"roleAssignmentName": "reader"}, "roleAssignmentName"),
        ("group", {"resourceGroupName": "rg."}, "resourceGroupName"),
        ("identity", {"resourceName": "ab"}, "resourceName"),
        ("logs", {"workspaceName": "log"}, "workspaceName"),
    ],
)
def test_a_name_that_the_service_does_not_take_is_refused(account, kind, inputs, path):
    refusal = account.failures(kind, "x", inputs)[path]
    assert "is not allowed" in refusal


def test_the_version_of_an_api_in_a_type_is_no_other_type(account, site):
    versioned = account.create(
        "azure-native:managedidentity/v20230131:UserAssignedIdentity",
        "old",
        {"resourceGroupName": "rg", "resourceName": "old"},
    )
    assert versioned.id.endswith("/userAssignedIdentities/old")
    assert versioned.out["type"] == "Microsoft.ManagedIdentity/userAssignedIdentities"
    taken = account.failures("identity", "new", {"resourceGroupName": "rg", "resourceName": "old"})
    assert "already existing" in taken["resourceName"]


def test_any_type_of_the_sdk_is_named_and_placed(account, site):
    made = account.create(
        "azure-native:redis:Redis",
        "cache",
        {"resourceGroupName": "rg", "sku": {"capacity": 1, "family": "C", "name": "Basic"}},
    )
    assert made.id.startswith(f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Redis/")
    assert (
        "unknown property"
        in account.failures("azure-native:redis:Redis", "cache", {"resourceGroupName": "rg", "colour": 1})["colour"]
    )


def test_the_zones_of_a_place_that_is_not_known_are_not_judged(account, site):
    zonal = {"resourceGroupName": "rg", "sku": {"name": "Standard"}, "zones": ["1"]}
    assert account.failures("nat", "x", zonal | {"location": UNKNOWN}) == {}
    assert "westus has no such zone" in account.failures("nat", "x", zonal | {"location": "West US"})["zones[0]"]
