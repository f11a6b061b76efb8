"""What the other services of a cluster refuse, and what they fill in: networks, identities, vaults, compute, storage, logs."""

import pytest

from kubeml_simulator.provider import UNKNOWN

ROLE = "/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7"
TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
RG = {"resourceGroupName": "rg"}
STANDARD = {"sku": {"name": "Standard"}, "publicIPAllocationMethod": "Static"}
INSIDE = RG | {"virtualNetworkName": "net"}


def test_an_identity_has_a_client_and_a_principal(account, site):
    out = site.identity.out
    assert out["clientId"] != out["principalId"]
    assert out["tenantId"] == TENANT


def test_a_credential_is_one_pair_of_issuer_and_subject(account, site, cluster):
    issuer = cluster.out["oidcIssuerProfile"]["issuerURL"]
    inputs = RG | {"resourceName": "cluster", "issuer": issuer, "audiences": ["api://AzureADTokenExchange"]}
    account.create("credential", "first", inputs | {"subject": "system:serviceaccount:ml:train"})
    account.only(
        "credential",
        inputs | {"federatedIdentityCredentialResourceName": "second", "subject": "system:serviceaccount:ml:train"},
        "subject",
        "combination already exists for this managed identity",
    )
    other = inputs | {"federatedIdentityCredentialResourceName": "second", "subject": "system:serviceaccount:ml:serve"}
    assert account.failures("credential", "second", other) == {}
    account.only("credential", other | {"audiences": ["a", "b"]}, "audiences", "one audience")
    account.only("credential", other | {"issuer": "http://plain"}, "issuer", "begins with https://")


def test_an_identity_has_at_most_twenty_credentials(account, site):
    inputs = RG | {"resourceName": "cluster", "issuer": "https://issuer", "audiences": ["api://AzureADTokenExchange"]}
    for number in range(20):
        account.create("credential", f"team-{number}", inputs | {"subject": f"system:serviceaccount:team-{number}:x"})
    one_more = inputs | {
        "subject": "system:serviceaccount:team-20:x",
        "federatedIdentityCredentialResourceName": "one-more",
    }
    account.only("credential", one_more, "resourceName", "at most 20 of an identity")


def test_a_role_is_given_once_and_named_by_its_id(account, site):
    inputs = {"scope": site.network.id, "principalId": site.identity.out["principalId"], "roleDefinitionId": ROLE}
    account.create("assignment", "first", inputs)
    twice = inputs | {"roleDefinitionId": f"/subscriptions/00000000-0000-0000-0000-000000000000{ROLE}"}
    account.only("assignment", twice, "roleDefinitionId", "RoleAssignmentExists: the role assignment already exists")
    assert account.failures("assignment", "x", inputs | {"scope": site.group.id}) == {}
    account.only(
        "assignment",
        inputs | {"roleDefinitionId": "Network Contributor"},
        "roleDefinitionId",
        "it is no id of a role definition",
    )
    account.only("assignment", inputs | {"principalId": "me"}, "principalId", "InvalidPrincipalId")
    account.only("assignment", inputs | {"scope": "my-group"}, "scope", "MissingSubscription")


def test_a_vault_is_protected_for_good(account, aborted, vault):
    properties = vault.inputs["properties"]
    off = {"properties": properties | {"enablePurgeProtection": False}, "vaultName": "other"}
    account.only("vault", vault.inputs | off, "properties.enablePurgeProtection", "cannot be set to false")
    without = {key: value for key, value in properties.items() if key != "enablePurgeProtection"}
    with pytest.raises(aborted, match="irreversible action"):
        account.update(vault, vault.inputs | {"properties": without})
    assert vault.out["properties"]["vaultUri"] == "https://keys.vault.azure.net/"


def test_a_key_has_addresses_and_keeps_its_kind(account, vault):
    inputs = RG | {"vaultName": "keys", "keyName": "disks", "properties": {"kty": "RSA", "keySize": 3072}}
    key = account.create("key", "disks", inputs)
    assert key.out["keyUri"] == "https://keys.vault.azure.net/keys/disks"
    assert key.out["keyUriWithVersion"].startswith("https://keys.vault.azure.net/keys/disks/")
    after = account.update(key, inputs | {"properties": {"kty": "RSA", "keySize": 4096}})
    assert after["keySize"] == 3072, "the service accepts the change and keeps the key"
    account.only(
        "key",
        inputs | {"keyName": "y", "properties": {"kty": "RSA", "keySize": 1024}},
        "properties.keySize",
        "2048, 3072, 4096",
    )


def test_disks_are_encrypted_with_a_key_that_cannot_be_lost(account, site, vault):
    plain = {"tenantId": TENANT, "sku": {"family": "A", "name": "standard"}}
    weak = account.create("vault", "weak", RG | {"vaultName": "weak", "properties": plain})
    active = {"sourceVault": {"id": vault.id}, "keyUrl": "https://keys.vault.azure.net/keys/disks"}
    inputs = RG | {"diskEncryptionSetName": "disks", "identity": {"type": "SystemAssigned"}, "activeKey": active}
    made = account.create("set", "disks", inputs)
    assert set(made.out["identity"]) == {"type", "principalId", "tenantId"}
    other = inputs | {"diskEncryptionSetName": "other"}
    lost = active | {"sourceVault": {"id": weak.id}, "keyUrl": "https://weak.vault.azure.net/keys/disks"}
    account.only("set", other | {"activeKey": lost}, "activeKey.sourceVault.id", "its key could be lost")
    wrong = active | {"keyUrl": "https://weak.vault.azure.net/keys/disks"}
    account.only("set", other | {"activeKey": wrong}, "activeKey.keyUrl", "the key is not in the vault")


@pytest.mark.parametrize(
    ("kind", "inputs", "path", "words"),
    [
        ("account", {"accountName": "files", "kind": "FileStorage", "sku": {"name": "Standard_LRS"}}, "sku.name", "FileStorage is premium only"),
        ("account", {"accountName": "files", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "enableNfsV3": True}, "isHnsEnabled", "enableNfsV3 needs a hierarchical namespace"),
        ("account", {"accountName": "files", "kind": "StorageV3", "sku": {"name": "Standard_LRS"}}, "kind", "StorageV2"),
        ("registry", {"registryName": "images", "sku": {"name": "Basic"}, "publicNetworkAccess": "Disabled"}, "publicNetworkAccess", "sku.name Premium"),
        ("reservation", {"capacityReservationGroupName": "none", "sku": {"name": "Standard_ND96isr_H100_v5", "capacity": 4}}, "capacityReservationGroupName", "ParentResourceNotFound"),
        ("logs", {"retentionInDays": 3}, "retentionInDays", "7 to 730"),
        ("near", {"tags": {"a/b": "c"}}, "tags.a/b", "InvalidTagNameCharacters"),
    ],
)  # fmt: skip
def test_settings_of_a_service_fit_each_other(account, site, kind, inputs, path, words):
    account.only(kind, RG | inputs, path, words)


def test_an_nfs_share_is_in_an_account_for_files(account, site):
    account.create(
        "account", "plain", RG | {"accountName": "plain", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    )
    made = account.create(
        "account", "files", RG | {"accountName": "files", "kind": "FileStorage", "sku": {"name": "Premium_ZRS"}}
    )
    assert made.out["primaryEndpoints"]["file"] == "https://files.file.core.windows.net/"
    share = RG | {"shareName": "models", "enabledProtocols": "NFS", "shareQuota": 1024}
    account.only(
        "share",
        share | {"accountName": "plain"},
        "enabledProtocols",
        "NFS is for accounts of kind FileStorage",
    )
    assert account.failures("share", "x", share | {"accountName": "files"}) == {}
    account.only("share", share | {"accountName": "files", "shareQuota": 10}, "shareQuota", "at least 100 GiB")
    account.only("share", share | {"accountName": "none"}, "accountName", "ParentResourceNotFound")


def test_a_lustre_file_system_comes_in_steps(account, site):
    inputs = RG | {
        "filesystemSubnet": site.subnet.id,
        "storageCapacityTiB": 16,
        "sku": {"name": "AMLFS-Durable-Premium-125"},
        "zones": ["1"],
        "maintenanceWindow": {"dayOfWeek": "Saturday", "timeOfDayUTC": "22:00"},
    }
    assert account.failures("lustre", "x", inputs) == {}
    account.only("lustre", inputs | {"storageCapacityTiB": 20}, "storageCapacityTiB", "a multiple of 16 TiB")
    account.only("lustre", inputs | {"zones": ["1", "2"]}, "zones", "a file system is in one zone")
    account.only("lustre", inputs | {"sku": {"name": "AMLFS-Fast"}}, "sku.name", "40, 125, 250 or 500")


def test_logs_lead_somewhere(account, cluster):
    logs = account.create("logs", "logs", RG | {"workspaceName": "logs", "sku": {"name": "PerGB2018"}})
    assert logs.out["customerId"]
    setting = {"resourceUri": cluster.id, "name": "audit", "logs": [{"category": "kube-audit", "enabled": True}]}
    account.only("diagnostics", setting, "workspaceId", "a diagnostic setting leads somewhere")
    made = account.create("diagnostics", "audit", setting | {"workspaceId": logs.id})
    assert made.id == f"{cluster.id}/providers/Microsoft.Insights/diagnosticSettings/audit"


def test_what_is_unknown_is_never_judged(account, site):
    assert account.failures("subnet", "x", INSIDE | {"addressPrefix": UNKNOWN, "natGateway": {"id": UNKNOWN}}) == {}
    unknown = {"scope": UNKNOWN, "principalId": UNKNOWN, "roleDefinitionId": UNKNOWN}
    assert account.failures("assignment", "x", unknown) == {}
    assert (
        account.failures(
            "credential",
            "xyz",
            {
                "resourceGroupName": UNKNOWN,
                "resourceName": UNKNOWN,
                "issuer": UNKNOWN,
                "subject": "s",
                "audiences": UNKNOWN,
            },
        )
        == {}
    )


def test_a_reservation_is_in_a_zone_of_its_group(account, site):
    account.create("reserved", "zonal", RG | {"capacityReservationGroupName": "zonal", "zones": ["1", "2"]})
    account.create("reserved", "regional", RG | {"capacityReservationGroupName": "regional"})
    sku = RG | {"sku": {"name": "Standard_ND96isr_H100_v5", "capacity": 2}}
    assert account.failures("reservation", "x", sku | {"capacityReservationGroupName": "zonal", "zones": ["1"]}) == {}
    assert account.failures("reservation", "x", sku | {"capacityReservationGroupName": "regional"}) == {}
    account.only("reservation", sku | {"capacityReservationGroupName": "zonal", "zones": ["3"]}, "zones", "one of 1, 2")
    account.only("reservation", sku | {"capacityReservationGroupName": "zonal"}, "zones", "one of 1, 2")
    account.only(
        "reservation",
        sku | {"capacityReservationGroupName": "regional", "zones": ["1"]},
        "zones",
        "the group is in no zone",
    )


def test_a_category_goes_to_one_place_once(account, cluster):
    logs = account.create("logs", "logs", RG | {"workspaceName": "logs", "sku": {"name": "PerGB2018"}})
    audit, guard = ({"category": name, "enabled": True} for name in ("kube-audit-admin", "guard"))
    setting = {"resourceUri": cluster.id, "workspaceId": logs.id}
    account.create("diagnostics", "audit", setting | {"name": "audit", "logs": [audit]})
    account.only(
        "diagnostics",
        setting | {"name": "again", "logs": [guard, audit]},
        "workspaceId",
        "Conflict: the data sink is already used in diagnostic setting 'audit' for category 'kube-audit-admin'",
    )
    assert account.failures("diagnostics", "x", setting | {"name": "again", "logs": [guard]}) == {}


def test_a_container_is_public_only_where_its_account_allows_it(account, site):
    plain = RG | {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    account.create("account", "closed", plain | {"accountName": "closed"})
    account.create("account", "opened", plain | {"accountName": "opened", "allowBlobPublicAccess": True})
    container = RG | {"containerName": "models", "publicAccess": "Blob"}
    account.only("container", container | {"accountName": "closed"}, "publicAccess", "PublicAccessNotPermitted")
    assert account.failures("container", "x", container | {"accountName": "opened"}) == {}


def test_tags_are_few_and_short(account, site):
    many = {f"tag-{number}": "x" for number in range(51)}
    account.only("near", RG | {"tags": many}, "tags", "at most 50 tags")
    account.only("near", RG | {"tags": {"a": "x" * 257}}, "tags.a", "at most 256 characters")


def test_soft_deletion_and_guids_are_no_choice(account, site):
    properties = {"tenantId": TENANT, "sku": {"family": "A", "name": "standard"}, "enableSoftDelete": False}
    account.only(
        "vault",
        RG | {"vaultName": "soft", "properties": properties},
        "properties.enableSoftDelete",
        "cannot be turned off",
    )
    named = ROLE.rpartition("/")[0] + "/Contributor"
    inputs = {"scope": site.group.id, "principalId": site.identity.out["principalId"], "roleDefinitionId": named}
    account.only("assignment", inputs, "roleDefinitionId", "a definition is named by a GUID")


def test_a_role_of_ones_own_has_a_name_and_a_scope(account, site):
    role = {"scope": site.group.id, "roleName": "pool reader", "assignableScopes": [site.group.id]}
    made = account.create("definition", "reader", role | {"permissions": [{"actions": ["*/read"]}]})
    assert made.id.startswith(f"{site.group.id}/providers/Microsoft.Authorization/roleDefinitions/")
    account.only("definition", role, "roleName", "RoleDefinitionWithSameNameExists")
    elsewhere = role | {"roleName": "other", "assignableScopes": [site.network.id]}
    account.only("definition", elsewhere, "assignableScopes", "the role could not be assigned where it is made")
    above = role | {"roleName": "other", "assignableScopes": ["/subscriptions/00000000-0000-0000-0000-000000000000"]}
    assert account.failures("definition", "x", above) == {}
    given = {"scope": site.group.id, "principalId": site.identity.out["principalId"], "roleDefinitionId": made.id}
    assert account.failures("assignment", "x", given) == {}
