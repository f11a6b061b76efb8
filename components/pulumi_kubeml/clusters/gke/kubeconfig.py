"""How a client reaches the cluster: with the token of whoever asks, which Google's own plugin fetches."""

from typing import Any

import pulumi
import pulumi_gcp as gcp

from pulumi_kubeml.clusters.kubeconfig import render

TOKEN: dict[str, Any] = {
    "command": "gke-gcloud-auth-plugin",
    "installHint": "gcloud components install gke-gcloud-auth-plugin",
    "provideClusterInfo": True,
}
"""https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl, 2026-09."""


def kubeconfig(cluster: gcp.container.Cluster, version: str) -> pulumi.Output[str]:
    """Make a kubeconfig in JSON; secret, as everything is that opens a cluster. It holds no credential itself."""
    values = pulumi.Output.all(cluster.name, cluster.endpoint, cluster.master_auth)

    def text(known: Any) -> str:
        name, endpoint, auth = known
        return render(name, f"https://{endpoint}", _authority(auth), TOKEN, version=version, cloud="gcp")

    return pulumi.Output.secret(values.apply(text))


def _authority(auth: Any) -> str:
    """Make the certificate of the API's authority, in base64.

    >>> _authority({"cluster_ca_certificate": "LS0t"})
    'LS0t'
    """
    found = auth.get("cluster_ca_certificate") if isinstance(auth, dict) else auth.cluster_ca_certificate
    return str(found or "")
