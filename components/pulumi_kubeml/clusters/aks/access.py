"""Who may do what at Azure and in the cluster, by role assignments: one role, one principal, one scope each."""

from collections.abc import Sequence

import pulumi
from pulumi_azure_native import authorization, containerservice

from pulumi_kubeml.clusters.aks.account import Account

ADMIN_ROLES = {
    "admin": "Azure Kubernetes Service RBAC Cluster Admin",
    "user": "Azure Kubernetes Service Cluster User Role",
}
"""What an administrator needs: everything inside the cluster, and a kubeconfig."""


def grant(
    name: str,
    role: str,
    *,
    account: Account,
    principal: pulumi.Input[str],
    scope: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    kind: str = "ServicePrincipal",
) -> authorization.RoleAssignment:
    """Give one principal one role on one scope; `kind` spares Azure a look-up that fails for a principal just made."""
    return authorization.RoleAssignment(
        name,
        role_definition_id=account.role(role),
        principal_id=principal,
        principal_type=kind,
        scope=scope,
        opts=pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(replace_on_changes=["principalType", "roleDefinitionId"])
        ),
    )


def grant_admins(
    name: str,
    groups: Sequence[str],
    *,
    cluster: containerservice.ManagedCluster,
    account: Account,
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Let each group administer the cluster; returns what must exist before any of its members may enter."""
    return [
        grant(
            f"{name}-{short}-{group}",
            role,
            account=account,
            principal=group,
            scope=cluster.id,
            opts=opts,
            kind="Group",
        )
        for group in groups
        for short, role in ADMIN_ROLES.items()
    ]
