"""When AKS may change the cluster by itself: one window a week for Kubernetes, and one for node images."""

import pulumi
from pulumi_azure_native import containerservice

from pulumi_kubeml.clusters.aks.args import AksClusterArgs

SCHEDULES = {"upgrades": "aksManagedAutoUpgradeSchedule", "images": "aksManagedNodeOSUpgradeSchedule"}
"""Names by which AKS knows them (azure-aks-docs@fb060abe6a8f articles/aks/planned-maintenance.md)."""


def maintenance(
    name: str,
    args: AksClusterArgs,
    cluster: containerservice.ManagedCluster,
    *,
    group: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Make the windows."""
    for short, schedule in SCHEDULES.items():
        containerservice.MaintenanceConfiguration(
            f"{name}-{short}",
            resource_group_name=group,
            resource_name_=cluster.name,
            config_name=schedule,
            maintenance_window=containerservice.MaintenanceWindowArgs(
                schedule=containerservice.ScheduleArgs(
                    weekly=containerservice.WeeklyScheduleArgs(day_of_week=args.maintenance_day, interval_weeks=1)
                ),
                start_time=args.maintenance_start,
                duration_hours=args.maintenance_hours,
                utc_offset="+00:00",
            ),
            opts=opts,
        )
