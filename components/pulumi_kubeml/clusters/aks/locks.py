"""What cannot be made anew is locked, so that nobody deletes it, nor the group that it is in, by mistake."""

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import authorization


def lock(
    name: str, scopes: Mapping[str, pulumi.Input[str]], *, opts: pulumi.ResourceOptions
) -> list[authorization.ManagementLockByScope]:
    """Make one lock a resource.

    A lock holds for what is below a resource too (https://learn.microsoft.com/rest/api/resources/management-locks): one on the cluster
    would forbid that a node pool is ever replaced, so the cluster is protected by Pulumi and by the locks beside it, for a group
    with a locked resource in it is not deleted either.
    """
    return [
        authorization.ManagementLockByScope(
            f"{name}-{short}",
            lock_name="kubeml",
            scope=scope,
            level="CanNotDelete",
            notes="Holds what cannot be made anew; take the lock away first if it really has to go.",
            opts=opts,
        )
        for short, scope in scopes.items()
    ]
