"""The control plane: the AKS cluster with its own pool, the identity it acts as, and what that may do.

Costs: nothing in tier Free, by the hour above. Exposes: the API to the blocks of `endpoint_access`, to nobody else; in the cluster's
network it has an address of its own, by which nodes reach it whatever those blocks are.
"""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any, NamedTuple

import pulumi
from pulumi_azure_native import containerservice

from pulumi_kubeml.clusters.aks import pools
from pulumi_kubeml.clusters.aks.access import grant
from pulumi_kubeml.clusters.aks.account import Account
from pulumi_kubeml.clusters.aks.args import AksClusterArgs
from pulumi_kubeml.clusters.aks.check import tier
from pulumi_kubeml.clusters.aks.encryption import Keys
from pulumi_kubeml.clusters.aks.identity import identity
from pulumi_kubeml.clusters.aks.network import Network
from pulumi_kubeml.names import fit
from pulumi_kubeml.nodes import NodePool, Reservation


class ControlPlane(NamedTuple):
    """What the rest of the cluster needs of it."""

    cluster: containerservice.ManagedCluster
    principal: pulumi.Output[str]
    """Whom the cluster acts as: its volumes are made by it."""
    issuer: pulumi.Output[str]
    """Who signs the tokens of service accounts."""
    endpoint: pulumi.Output[str]


def control_plane(
    name: str,
    args: AksClusterArgs,
    *,
    cluster_name: str,
    node_pools: Sequence[NodePool],
    group: pulumi.Input[str],
    account: Account,
    network: Network,
    keys: Keys,
    tags: Mapping[str, str],
    parent: pulumi.Resource,
) -> ControlPlane:
    """Make the control plane and its own pool, with secrets encrypted, and no way in but Entra's."""
    opts = pulumi.ResourceOptions(parent=parent)
    who = identity(f"{name}-cluster", group=group, tags=tags, opts=opts)
    scopes: dict[str, tuple[str, pulumi.Input[str]]] = {
        "nodes": ("Network Contributor", network.nodes.id),
        "api-server": ("Network Contributor", network.api_server.id),
        "secrets": ("Key Vault Crypto User", keys.vault.id),
        "vault-link": ("Key Vault Contributor", keys.vault.id),
        "disks": ("Reader", keys.disks.id),
        **{f"reserved-{number}": ("Contributor", each) for number, each in enumerate(_reserved(node_pools), start=1)},
    }
    allowed = [
        grant(f"{name}-cluster-{short}", role, account=account, principal=who.principal_id, scope=scope, opts=opts)
        for short, (role, scope) in scopes.items()
    ]
    system = node_pools[0]
    private = not args.endpoint_access
    protected = args.environment == "prod" if args.deletion_protection is None else args.deletion_protection
    service = IPv4Network(args.service_cidr)
    cluster = containerservice.ManagedCluster(
        name,
        resource_group_name=group,
        resource_name_=cluster_name,
        dns_prefix=fit("aks-dns-prefix", cluster_name.replace("_", "-")),
        kubernetes_version=args.kubernetes_version,
        sku=containerservice.ManagedClusterSKUArgs(name="Base", tier=tier(args)),
        support_plan="AKSLongTermSupport" if tier(args) == "Premium" else "KubernetesOfficial",
        identity=containerservice.ManagedClusterIdentityArgs(
            type=containerservice.ResourceIdentityType.USER_ASSIGNED, user_assigned_identities=[who.id]
        ),
        agent_pool_profiles=[_own_pool(system, args, network, tags)],
        node_resource_group=fit("aks-node-resource-group", cluster_name, "nodes"),
        node_resource_group_profile=containerservice.ManagedClusterNodeResourceGroupProfileArgs(
            restriction_level="ReadOnly"
        ),
        disk_encryption_set_id=keys.disks.id,
        disable_local_accounts=True,
        enable_rbac=True,
        aad_profile=containerservice.ManagedClusterAADProfileArgs(
            managed=True,
            enable_azure_rbac=True,
            admin_group_object_ids=list(args.admin_groups),
            tenant_id=account.tenant,
        ),
        api_server_access_profile=containerservice.ManagedClusterAPIServerAccessProfileArgs(
            enable_vnet_integration=True,
            subnet_id=network.api_server.id,
            enable_private_cluster=private,
            enable_private_cluster_public_fqdn=False if private else None,
            authorized_ip_ranges=list(args.endpoint_access) or None,
            disable_run_command=True,
        ),
        network_profile=containerservice.ContainerServiceNetworkProfileArgs(
            network_plugin="azure",
            network_plugin_mode="overlay",
            network_policy="cilium",
            network_dataplane="cilium",
            load_balancer_sku="standard",
            outbound_type="userAssignedNATGateway",
            pod_cidr=args.pod_cidr,
            service_cidr=args.service_cidr,
            dns_service_ip=str(service[10]),
        ),
        oidc_issuer_profile=containerservice.ManagedClusterOIDCIssuerProfileArgs(enabled=True),
        security_profile=containerservice.ManagedClusterSecurityProfileArgs(
            azure_key_vault_kms=containerservice.AzureKeyVaultKmsArgs(
                enabled=True,
                key_id=keys.secrets.key_uri_with_version,
                key_vault_network_access="Private",
                key_vault_resource_id=keys.vault.id,
            ),
            image_cleaner=containerservice.ManagedClusterSecurityProfileImageCleanerArgs(
                enabled=True, interval_hours=args.image_cleaner_hours
            ),
            workload_identity=containerservice.ManagedClusterSecurityProfileWorkloadIdentityArgs(enabled=True),
        ),
        auto_upgrade_profile=containerservice.ManagedClusterAutoUpgradeProfileArgs(
            upgrade_channel=args.upgrade_channel, node_os_upgrade_channel=args.node_image_channel
        ),
        storage_profile=containerservice.ManagedClusterStorageProfileArgs(
            disk_csi_driver=containerservice.ManagedClusterStorageProfileDiskCSIDriverArgs(enabled=True),
            file_csi_driver=containerservice.ManagedClusterStorageProfileFileCSIDriverArgs(enabled=True),
            snapshot_controller=containerservice.ManagedClusterStorageProfileSnapshotControllerArgs(enabled=True),
            blob_csi_driver=containerservice.ManagedClusterStorageProfileBlobCSIDriverArgs(enabled=args.blob_driver),
        ),
        metrics_profile=containerservice.ManagedClusterMetricsProfileArgs(
            cost_analysis=containerservice.ManagedClusterCostAnalysisArgs(enabled=tier(args) != "Free")
        ),
        tags=tags,
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=allowed,
            protect=protected or None,
            ignore_changes=["agentPoolProfiles[0].count"],
            replace_on_changes=["enableRBAC", *(f"agentPoolProfiles[0].{each}" for each in _IMMUTABLE)],
            # Its name is taken until it is gone.
            delete_before_replace=True,
        ),
    )
    host = cluster.private_fqdn if private else cluster.fqdn
    return ControlPlane(
        cluster,
        who.principal_id,
        cluster.oidc_issuer_profile.apply(lambda profile: _known(profile.issuer_url if profile else None)),
        pulumi.Output.concat("https://", host, ":443"),
    )


_IMMUTABLE = ("vmSize", *pools.REFUSED_UPDATES)


def _own_pool(
    pool: NodePool, args: AksClusterArgs, network: Network, tags: Mapping[str, str]
) -> containerservice.ManagedClusterAgentPoolProfileArgs:
    made: dict[str, Any] = pools.settings(pool, pool.rungs[0], args.kubernetes_version)
    return containerservice.ManagedClusterAgentPoolProfileArgs(
        name=pool.name, **made, vnet_subnet_id=network.nodes.id, tags=tags
    )


def _reserved(node_pools: Sequence[NodePool]) -> list[str]:
    """Make the capacity reservation groups that any pool takes its nodes from, each once."""
    named = [rung.capacity.id for pool in node_pools for rung in pool.rungs if isinstance(rung.capacity, Reservation)]
    return list(dict.fromkeys(named))


def _known(issuer: str | None) -> str:
    assert issuer is not None
    return issuer
