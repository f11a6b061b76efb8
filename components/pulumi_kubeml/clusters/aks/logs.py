"""The logs of the control plane: a workspace that keeps them, and what is sent there.

Costs by what is written: most of it is the audit of changes; what only reads is not kept, for it is ten times as much.
"""

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import containerservice, monitor, operationalinsights

CATEGORIES = (
    "cloud-controller-manager",
    "cluster-autoscaler",
    "csi-azuredisk-controller",
    "csi-azurefile-controller",
    "guard",
    "kube-apiserver",
    "kube-audit-admin",
    "kube-controller-manager",
    "kube-scheduler",
)
"""https://learn.microsoft.com/azure/aks/monitor-aks-reference (resource logs), 2026-08."""


def control_plane_logs(
    name: str,
    cluster: containerservice.ManagedCluster,
    *,
    group: pulumi.Input[str],
    retention_days: int,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> monitor.DiagnosticSetting:
    """Make the workspace, open to roles and to no keys, and send it the logs of the cluster, a table a category."""
    workspace = operationalinsights.Workspace(
        f"{name}-logs",
        resource_group_name=group,
        sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
        retention_in_days=retention_days,
        features=operationalinsights.WorkspaceFeaturesArgs(
            disable_local_auth=True, enable_log_access_using_only_resource_permissions=True
        ),
        tags=tags,
        opts=opts,
    )
    return monitor.DiagnosticSetting(
        f"{name}-logs",
        name="control-plane",
        resource_uri=cluster.id,
        workspace_id=workspace.id,
        log_analytics_destination_type="Dedicated",
        logs=[monitor.DiagnosticsLogSettingsArgs(category=category, enabled=True) for category in CATEGORIES],
        opts=opts,
    )
