"""The keys of a cluster: one encrypts Kubernetes secrets in etcd, the other the disks of nodes, volumes and shared files.

Costs two keys, and a little for each use. The vault has no public address, takes roles and no access policies, and keeps what is
deleted. The key of volumes gets a new version every year, which disks take by themselves; that of secrets does not, because
after it every secret has to be written anew: raise its version when that is planned.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pulumi
from pulumi_azure_native import compute, keyvault, managedidentity

from pulumi_kubeml.clusters.aks.access import grant
from pulumi_kubeml.clusters.aks.account import Account
from pulumi_kubeml.clusters.aks.identity import identity
from pulumi_kubeml.names import compact

KEPT_DAYS = {"prod": 90}
"""Days that a deleted vault or key can be brought back; elsewhere 7, the least that there is."""
KEY_BITS = 3072
YEARLY: Any = {
    "attributes": {"expiry_time": "P2Y"},
    "lifetime_actions": [{"action": {"type": "rotate"}, "trigger": {"time_after_create": "P1Y"}}],
}


class Keys(NamedTuple):
    """What encrypts, and who may use it."""

    vault: keyvault.Vault
    secrets: keyvault.Key
    volumes: keyvault.Key
    user: managedidentity.UserAssignedIdentity
    """The identity as which disks and storage accounts use the key of volumes."""
    disks: compute.DiskEncryptionSet
    allowed: list[pulumi.Resource]
    """What must exist before that identity may."""


def cluster_keys(
    name: str,
    *,
    group: pulumi.Input[str],
    account: Account,
    environment: str,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> Keys:
    """Make the vault, its keys, and the set that encrypts disks."""
    vault = keyvault.Vault(
        compact("azure-key-vault-stem", name),
        resource_group_name=group,
        properties=keyvault.VaultPropertiesArgs(
            sku=keyvault.SkuArgs(family="A", name=keyvault.SkuName.STANDARD),
            tenant_id=account.tenant,
            enable_rbac_authorization=True,
            enable_soft_delete=True,
            enable_purge_protection=True,
            soft_delete_retention_in_days=KEPT_DAYS.get(environment, 7),
            public_network_access="Disabled",
            # Azure's own disks and storage come in without a public address, if a role lets them.
            network_acls=keyvault.NetworkRuleSetArgs(bypass="AzureServices", default_action="Deny"),
        ),
        tags=tags,
        opts=opts,
    )
    secrets = keyvault.Key(
        f"{name}-secrets",
        resource_group_name=group,
        vault_name=vault.name,
        key_name="secrets",
        properties=keyvault.KeyPropertiesArgs(kty="RSA", key_size=KEY_BITS),
        tags=tags,
        opts=opts,
    )
    volumes = keyvault.Key(
        f"{name}-volumes",
        resource_group_name=group,
        vault_name=vault.name,
        key_name="volumes",
        properties=keyvault.KeyPropertiesArgs(kty="RSA", key_size=KEY_BITS, rotation_policy=YEARLY),
        tags=tags,
        opts=opts,
    )
    user = identity(f"{name}-volumes", group=group, tags=tags, opts=opts)
    allowed = grant(
        f"{name}-volumes",
        "Key Vault Crypto Service Encryption User",
        account=account,
        principal=user.principal_id,
        scope=vault.id,
        opts=opts,
    )
    disks = compute.DiskEncryptionSet(
        f"{name}-disks",
        resource_group_name=group,
        encryption_type="EncryptionAtRestWithCustomerKey",
        active_key=compute.KeyForDiskEncryptionSetArgs(
            key_url=volumes.key_uri_with_version, source_vault=compute.SourceVaultArgs(id=vault.id)
        ),
        rotation_to_latest_key_version_enabled=True,
        identity=compute.EncryptionSetIdentityArgs(type="UserAssigned", user_assigned_identities=[user.id]),
        tags=tags,
        opts=pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(depends_on=[allowed], replace_on_changes=["encryptionType"])
        ),
    )
    return Keys(vault, secrets, volumes, user, disks, [allowed])
