"""How a client reaches the cluster: an endpoint, a certificate, and a token that Entra gives to whoever asks as themselves."""

import base64
import json
from collections.abc import Sequence

import pulumi
import yaml
from pulumi_azure_native import containerservice

EXTENSION = "kubeml.io/cluster"
SERVER_ID = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""The application that AKS's API servers are for Entra (azure-aks-docs@fb060abe6a8f articles/aks/kubelogin-authentication.md)."""


def kubeconfig(
    cluster: containerservice.ManagedCluster,
    endpoint: pulumi.Output[str],
    group: pulumi.Input[str],
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
    values = pulumi.Output.all(cluster.name, endpoint, given.kubeconfigs.apply(_authority), cluster.kubernetes_version)
    return pulumi.Output.secret(values.apply(lambda known: render(*known)))


def render(name: str, endpoint: str, authority: str, version: str | None = "") -> str:
    """Make the text; it tells the version of Kubernetes too, in an extension that clients which do not know it pass over.

    kubelogin asks as whom the Azure CLI is signed in; the variable AAD_LOGIN_METHOD names another way (workloadidentity, spn).

    >>> json.loads(render("ml", "https://example.com", "LS0t"))["users"][0]["user"]["exec"]["args"][:3]
    ['get-token', '--login', 'azurecli']
    """
    token = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "kubelogin",
        "args": ["get-token", "--login", "azurecli", "--server-id", SERVER_ID],
        "interactiveMode": "Never",
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": name,
                    "cluster": {
                        "server": endpoint,
                        "certificate-authority-data": authority,
                        "extensions": [{"name": EXTENSION, "extension": {"kubernetesVersion": version or ""}}],
                    },
                }
            ],
            "users": [{"name": name, "user": {"exec": token}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )


def _authority(given: Sequence[containerservice.outputs.CredentialResultResponse]) -> str:
    """Make the certificate that stands in what AKS answers: kubeconfigs in YAML, in base64."""
    for each in given:
        for cluster in yaml.safe_load(base64.b64decode(each.value))["clusters"]:
            return cluster["cluster"]["certificate-authority-data"]
    raise pulumi.RunError("AKS gives no kubeconfig to whoever runs this program: is it in one of the admin groups?")
