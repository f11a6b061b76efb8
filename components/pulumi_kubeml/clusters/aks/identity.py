"""Who the cluster is at Azure, and who single service accounts are, by federated credentials."""

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import managedidentity

from pulumi_kubeml.clusters.aks.access import grant
from pulumi_kubeml.clusters.aks.account import Account
from pulumi_kubeml.clusters.contract import Policy, WorkloadIdentity

AUDIENCE = "api://AzureADTokenExchange"
"""What the tokens of service accounts are for (azure-aks-docs@fb060abe6a8f articles/aks/workload-identity-overview.md)."""
CLIENT_ID = "azure.workload.identity/client-id"
POD_LABEL = "azure.workload.identity/use"


def identity(
    name: str, *, group: pulumi.Input[str], tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> managedidentity.UserAssignedIdentity:
    """Make an identity that nobody has a password of."""
    return managedidentity.UserAssignedIdentity(name, resource_group_name=group, tags=tags, opts=opts)


def workload_identity(
    name: str,
    *,
    group: pulumi.Input[str],
    issuer: pulumi.Input[str],
    account: Account,
    namespace: str,
    service_account: str,
    policy: Policy,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> WorkloadIdentity:
    """Make an identity with roles on scopes, and let one service account of one cluster act as it."""
    who = identity(name, group=group, tags=tags, opts=opts)
    federated = managedidentity.FederatedIdentityCredential(
        name,
        resource_group_name=group,
        resource_name_=who.name,
        issuer=issuer,
        subject=f"system:serviceaccount:{namespace}:{service_account}",
        audiences=[AUDIENCE],
        opts=opts,
    )
    granted = [
        grant(
            f"{name}-{index}" if index else name,
            each["role"],
            account=account,
            principal=who.principal_id,
            scope=each["scope"],
            opts=opts,
        )
        for index, each in enumerate(policy)
    ]
    return WorkloadIdentity(annotations={CLIENT_ID: who.client_id}, resources=(federated, *granted))
