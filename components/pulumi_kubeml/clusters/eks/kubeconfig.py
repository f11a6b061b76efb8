"""How a client reaches the cluster: with a token that AWS gives to whoever asks as themselves."""

from typing import Any

import pulumi
import pulumi_aws as aws

from pulumi_kubeml.clusters.kubeconfig import render


def kubeconfig(cluster: aws.eks.Cluster, region: pulumi.Input[str]) -> pulumi.Output[str]:
    """Make a kubeconfig in JSON; secret, as everything is that opens a cluster. It holds no credential itself."""
    values = pulumi.Output.all(
        cluster.name, cluster.endpoint, cluster.certificate_authority.data, region, cluster.version
    )

    def text(known: list[Any]) -> str:
        name, endpoint, authority, region, version = known
        return render(name, endpoint, authority, token(name, region), version=version)

    return pulumi.Output.secret(values.apply(text))


def token(cluster_name: str, region: str) -> dict[str, Any]:
    """Make the command that fetches a token.

    >>> token("ml", "us-east-1")["args"][:2]
    ['eks', 'get-token']
    """
    return {
        "command": "aws",
        "args": ["eks", "get-token", "--cluster-name", cluster_name, "--region", region, "--output", "json"],
    }
