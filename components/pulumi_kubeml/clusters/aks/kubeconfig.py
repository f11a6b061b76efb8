"""How a client reaches the cluster: with a token that Entra gives to whoever asks as themselves, which kubelogin fetches."""

import base64
from collections.abc import Sequence
from typing import Any

import pulumi
import yaml
from pulumi_azure_native import containerservice

from pulumi_kubeml.clusters.kubeconfig import render

SERVER_ID = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""The application that AKS's API servers are for Entra (azure-aks-docs@fb060abe6a8f articles/aks/kubelogin-authentication.md)."""
TOKEN: dict[str, Any] = {
    "command": "kubelogin",
    "args": ["get-token", "--login", "azurecli", "--server-id", SERVER_ID],
}
"""Asks as whom the Azure CLI is signed in; the variable AAD_LOGIN_METHOD names another way (workloadidentity, spn)."""


def kubeconfig(
    cluster: containerservice.ManagedCluster,
    endpoint: pulumi.Output[str],
    group: pulumi.Input[str],
    version: str,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """Make a kubeconfig in JSON; secret, as everything is that opens a cluster. It holds no credential itself.

    AKS is asked for the kubeconfig of a user, which has the certificate of the API; that of an administrator is never asked for.
    """
    given = containerservice.list_managed_cluster_user_credentials_output(
        resource_group_name=group,
        resource_name=cluster.name,
        format="exec",
        opts=pulumi.InvokeOutputOptions(parent=parent, depends_on=[cluster]),
    )
    values = pulumi.Output.all(cluster.name, endpoint, given.kubeconfigs.apply(_authority))

    def text(known: Any) -> str:
        name, server, authority = known
        return render(name, server, authority, TOKEN, version=version, cloud="azure")

    return pulumi.Output.secret(values.apply(text))


def _authority(given: Sequence[containerservice.outputs.CredentialResultResponse]) -> str:
    """Make the certificate that stands in what AKS answers: kubeconfigs in YAML, in base64."""
    for each in given:
        for cluster in yaml.safe_load(base64.b64decode(each.value))["clusters"]:
            return cluster["cluster"]["certificate-authority-data"]
    raise pulumi.RunError("AKS gives no kubeconfig to whoever runs this program: is it in one of the admin groups?")
