"""Who administers the cluster: members who may find it, and whom the cluster itself lets do everything in it and nowhere else."""

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as kubernetes

from pulumi_kubeml.clusters.gke.place import Place

FIND = "roles/container.clusterViewer"
"""To fetch endpoint and certificate; what is in the cluster it does not show."""
KINDS = {"user": "User", "serviceAccount": "User", "group": "Group"}


def grant_admins(
    name: str,
    admins: Sequence[str],
    *,
    place: Place,
    provider: kubernetes.Provider,
    cluster: pulumi.Resource,
    parent: pulumi.Resource,
) -> None:
    """Let each administrator in; without any, it is those who administer clusters of the project, by their own roles."""
    opts = pulumi.ResourceOptions(parent=parent)
    inside = pulumi.ResourceOptions(parent=parent, provider=provider, deleted_with=cluster)
    for admin in admins:
        kind, _, address = admin.partition(":")
        called = f"{name}-admin-{address}"
        gcp.projects.IAMMember(called, project=place.project, role=FIND, member=admin, opts=opts)
        kubernetes.rbac.v1.ClusterRoleBinding(
            called,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=f"kubeml-admin-{address.replace('@', '-')}"),
            role_ref=kubernetes.rbac.v1.RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="ClusterRole", name="cluster-admin"
            ),
            subjects=[
                kubernetes.rbac.v1.SubjectArgs(api_group="rbac.authorization.k8s.io", kind=KINDS[kind], name=address)
            ],
            opts=inside,
        )
