"""The control plane: a regional GKE cluster, private, with secrets encrypted and everything logged.

Costs: the cluster by the hour, its logs by volume. Exposes: the API to the blocks of `endpoint_access`, to nobody else.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pulumi
import pulumi_gcp as gcp

from pulumi_kubeml.clusters.gke.args import GkeClusterArgs
from pulumi_kubeml.clusters.gke.encryption import ClusterKey
from pulumi_kubeml.clusters.gke.network import Places
from pulumi_kubeml.clusters.gke.place import Place

LOGS = ("SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "SCHEDULER", "CONTROLLER_MANAGER")
METRICS = ("SYSTEM_COMPONENTS", "APISERVER", "SCHEDULER", "CONTROLLER_MANAGER")
MANAGED_METRICS = (
    "STORAGE",
    "HPA",
    "POD",
    "DAEMONSET",
    "DEPLOYMENT",
    "STATEFULSET",
    "CADVISOR",
    "KUBELET",
    "JOBSET",
    "DCGM",
)
"""What Google's Prometheus collects beside those (https://cloud.google.com/kubernetes-engine/docs/how-to/configure-metrics, 2026-09)."""
SCOPES = {
    "no-upgrades": "NO_UPGRADES",
    "no-minor-upgrades": "NO_MINOR_UPGRADES",
    "no-minor-or-node-upgrades": "NO_MINOR_OR_NODE_UPGRADES",
}
ANY_SATURDAY = "2026-01-03"
"""A window that comes again and again begins on some day; which one does not matter, as long as it stays the same."""


def control_plane(
    name: str,
    args: GkeClusterArgs,
    *,
    cluster_name: str,
    place: Place,
    network: Places,
    key: ClusterKey,
    nodes: pulumi.Input[str],
    labels: Mapping[str, str],
    parent: pulumi.Resource,
) -> gcp.container.Cluster:
    """Make the control plane; `nodes` is what the nodes act as, those few included that exist only until it is up."""
    container = gcp.container
    protected = args.environment == "prod" if args.deletion_protection is None else args.deletion_protection
    return container.Cluster(
        name,
        name=cluster_name,
        location=place.region,
        node_locations=list(place.zones),
        min_master_version=args.kubernetes_version,
        release_channel=container.ClusterReleaseChannelArgs(channel=args.release_channel.upper()),
        maintenance_policy=_maintenance(args),
        deletion_protection=protected,
        resource_labels=labels,
        # GKE makes no cluster without nodes: these go as soon as it is up, and the pools are resources of their own.
        remove_default_node_pool=True,
        initial_node_count=1,
        node_config=container.ClusterNodeConfigArgs(
            service_account=nodes,
            oauth_scopes=["https://www.googleapis.com/auth/cloud-platform"],
            shielded_instance_config=container.ClusterNodeConfigShieldedInstanceConfigArgs(enable_secure_boot=True),
            workload_metadata_config=container.ClusterNodeConfigWorkloadMetadataConfigArgs(mode="GKE_METADATA"),
        ),
        # Network
        networking_mode="VPC_NATIVE",
        datapath_provider="ADVANCED_DATAPATH",
        network=network.network_id,
        subnetwork=network.subnetwork_id,
        ip_allocation_policy=container.ClusterIpAllocationPolicyArgs(
            cluster_secondary_range_name=network.pods, services_secondary_range_name=network.services
        ),
        private_cluster_config=container.ClusterPrivateClusterConfigArgs(
            enable_private_nodes=True,
            enable_private_endpoint=not args.endpoint_access,
            master_ipv4_cidr_block=args.control_plane_cidr,
        ),
        master_authorized_networks_config=container.ClusterMasterAuthorizedNetworksConfigArgs(
            cidr_blocks=[
                container.ClusterMasterAuthorizedNetworksConfigCidrBlockArgs(cidr_block=block)
                for block in args.endpoint_access
            ],
            gcp_public_cidrs_access_enabled=False,
        ),
        enable_multi_networking=True,  # decided once and for all, and a pool with a fabric may come later
        enable_l4_ilb_subsetting=True,  # internal balancers for clusters of any size, and without node ports
        gateway_api_config=container.ClusterGatewayApiConfigArgs(channel="CHANNEL_STANDARD"),
        # Who may do what
        workload_identity_config=container.ClusterWorkloadIdentityConfigArgs(workload_pool=place.workload_pool),
        authenticator_groups_config=container.ClusterAuthenticatorGroupsConfigArgs(security_group=args.security_group)
        if args.security_group
        else None,
        enable_legacy_abac=False,
        master_auth=container.ClusterMasterAuthArgs(
            client_certificate_config=container.ClusterMasterAuthClientCertificateConfigArgs(
                issue_client_certificate=False
            )
        ),
        enable_shielded_nodes=True,
        database_encryption=container.ClusterDatabaseEncryptionArgs(state="ENCRYPTED", key_name=key.key.id),
        security_posture_config=container.ClusterSecurityPostureConfigArgs(
            mode="BASIC", vulnerability_mode="VULNERABILITY_DISABLED"
        ),
        # What is seen of it
        logging_config=container.ClusterLoggingConfigArgs(enable_components=list(LOGS)),
        monitoring_config=container.ClusterMonitoringConfigArgs(
            enable_components=[*METRICS, *(MANAGED_METRICS if args.managed_prometheus else ())],
            managed_prometheus=container.ClusterMonitoringConfigManagedPrometheusArgs(enabled=args.managed_prometheus),
        ),
        cost_management_config=container.ClusterCostManagementConfigArgs(enabled=True),
        addons_config=_addons(args),
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=[key.grants["secrets"]],
            # What GKE reports here is the configuration of some pool, and a difference would replace the cluster.
            ignore_changes=["nodeConfig"],
        ),
    )


def _addons(args: GkeClusterArgs) -> gcp.container.ClusterAddonsConfigArgs:
    container = gcp.container
    return container.ClusterAddonsConfigArgs(
        dns_cache_config=container.ClusterAddonsConfigDnsCacheConfigArgs(enabled=True),
        gce_persistent_disk_csi_driver_config=container.ClusterAddonsConfigGcePersistentDiskCsiDriverConfigArgs(
            enabled=True
        ),
        gcp_filestore_csi_driver_config=container.ClusterAddonsConfigGcpFilestoreCsiDriverConfigArgs(enabled=True),
        lustre_csi_driver_config=container.ClusterAddonsConfigLustreCsiDriverConfigArgs(enabled=True)
        if args.lustre
        else None,
        gcs_fuse_csi_driver_config=container.ClusterAddonsConfigGcsFuseCsiDriverConfigArgs(enabled=True),
        http_load_balancing=container.ClusterAddonsConfigHttpLoadBalancingArgs(disabled=False),
        horizontal_pod_autoscaling=container.ClusterAddonsConfigHorizontalPodAutoscalingArgs(disabled=False),
    )


def _maintenance(args: GkeClusterArgs) -> gcp.container.ClusterMaintenancePolicyArgs:
    container = gcp.container
    start, end, recurrence = window(args)
    return container.ClusterMaintenancePolicyArgs(
        recurring_window=container.ClusterMaintenancePolicyRecurringWindowArgs(
            start_time=start, end_time=end, recurrence=recurrence
        ),
        maintenance_exclusions=[
            container.ClusterMaintenancePolicyMaintenanceExclusionArgs(
                exclusion_name=each.name,
                start_time=each.start,
                end_time=each.end,
                exclusion_options=container.ClusterMaintenancePolicyMaintenanceExclusionExclusionOptionsArgs(
                    scope=SCOPES[each.scope], end_time_behavior=None if each.end else "UNTIL_END_OF_SUPPORT"
                ),
            )
            for each in args.maintenance_exclusions
        ]
        or None,
    )


def window(args: GkeClusterArgs) -> tuple[str, str, str]:
    """Make beginning, end and recurrence of the window in which GKE may upgrade.

    >>> window(GkeClusterArgs(kubernetes_version="1.35", endpoint_access=[], node_pools=[], maintenance_start="22:00"))
    ('2026-01-03T22:00:00Z', '2026-01-04T04:00:00Z', 'FREQ=WEEKLY;BYDAY=SA,SU')
    """
    start = datetime.fromisoformat(f"{ANY_SATURDAY}T{args.maintenance_start}:00+00:00")
    end = start + timedelta(hours=args.maintenance_hours)
    days = ",".join(dict.fromkeys(day[:2].upper() for day in args.maintenance_days))
    return (*(moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (start, end)), f"FREQ=WEEKLY;BYDAY={days}")  # type: ignore[return-value]
