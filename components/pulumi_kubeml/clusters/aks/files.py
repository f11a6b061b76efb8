"""The storage account that pods of several nodes share files in: NFS, encrypted at rest and on its way, reachable from nodes only.

Costs by the size of the shares, 100 GiB each at least; the private endpoint by the hour.
"""

from collections.abc import Mapping
from typing import NamedTuple

import pulumi
from pulumi_azure_native import network, privatedns, storage

from pulumi_kubeml.clusters.aks.encryption import Keys
from pulumi_kubeml.clusters.aks.network import Network
from pulumi_kubeml.names import compact

ZONE = "privatelink.file.core.windows.net"
"""https://learn.microsoft.com/azure/private-link/private-endpoint-dns, 2026-08."""


class SharedFiles(NamedTuple):
    """A storage account, and what nodes need to reach it."""

    account: storage.StorageAccount
    sku: str
    ways: list[pulumi.Resource]


def shared_files(
    name: str,
    *,
    group: pulumi.Input[str],
    where: Network,
    keys: Keys,
    zone_redundant: bool,
    protect: bool,
    tags: Mapping[str, str],
    parent: pulumi.Resource,
) -> SharedFiles:
    """Make the account, and one private address of it in the network that its name leads to."""
    opts = pulumi.ResourceOptions(parent=parent)
    sku = "Premium_ZRS" if zone_redundant else "Premium_LRS"
    account = storage.StorageAccount(
        compact("azure-storage-account-stem", name),
        resource_group_name=group,
        kind="FileStorage",
        sku=storage.SkuArgs(name=sku),
        allow_blob_public_access=False,
        allow_cross_tenant_replication=False,
        allow_shared_key_access=False,
        # With it, NFS without encryption is refused too.
        enable_https_traffic_only=True,
        minimum_tls_version="TLS1_2",
        public_network_access="Disabled",
        network_rule_set=storage.NetworkRuleSetArgs(bypass="None", default_action=storage.DefaultAction.DENY),
        identity=storage.IdentityArgs(type="UserAssigned", user_assigned_identities=[keys.user.id]),
        encryption=storage.EncryptionArgs(
            key_source="Microsoft.Keyvault",
            key_vault_properties=storage.KeyVaultPropertiesArgs(
                key_name=keys.volumes.name, key_vault_uri=keys.vault.properties.vault_uri
            ),
            encryption_identity=storage.EncryptionIdentityArgs(encryption_user_assigned_identity=keys.user.id),
            services=storage.EncryptionServicesArgs(
                file=storage.EncryptionServiceArgs(enabled=True, key_type="Account")
            ),
        ),
        tags=tags,
        opts=pulumi.ResourceOptions(
            parent=parent, protect=protect or None, depends_on=keys.allowed, replace_on_changes=["kind", "sku"]
        ),
    )
    endpoint = network.PrivateEndpoint(
        name,
        resource_group_name=group,
        subnet=network.SubnetArgs(id=where.endpoints.id),
        private_link_service_connections=[
            network.PrivateLinkServiceConnectionArgs(
                name="files", private_link_service_id=account.id, group_ids=["file"]
            )
        ],
        tags=tags,
        opts=opts,
    )
    zone = privatedns.PrivateZone(
        name, resource_group_name=group, private_zone_name=ZONE, location="global", tags=tags, opts=opts
    )
    link = privatedns.VirtualNetworkLink(
        name,
        resource_group_name=group,
        private_zone_name=zone.name,
        location="global",
        registration_enabled=False,
        virtual_network=privatedns.SubResourceArgs(id=where.network_id),
        tags=tags,
        opts=opts,
    )
    record = network.PrivateDnsZoneGroup(
        name,
        resource_group_name=group,
        private_endpoint_name=endpoint.name,
        private_dns_zone_group_name="files",
        private_dns_zone_configs=[network.PrivateDnsZoneConfigArgs(name="files", private_dns_zone_id=zone.id)],
        opts=opts,
    )
    return SharedFiles(account, sku, [link, record])
