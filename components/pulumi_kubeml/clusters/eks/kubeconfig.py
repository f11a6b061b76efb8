"""How a client reaches the cluster: an endpoint, a certificate, and a token that AWS gives to whoever asks as themselves."""

import json

import pulumi
import pulumi_aws as aws

EXTENSION = "kubeml.io/cluster"


def kubeconfig(cluster: aws.eks.Cluster, region: pulumi.Input[str]) -> pulumi.Output[str]:
    """Make a kubeconfig in JSON; secret, as everything is that opens a cluster. It holds no credential itself."""
    values = pulumi.Output.all(
        cluster.name, cluster.endpoint, cluster.certificate_authority.data, region, cluster.version
    )
    return pulumi.Output.secret(values.apply(lambda known: render(*known)))


def render(name: str, endpoint: str, authority: str, region: str, version: str = "") -> str:
    """Make the text; it tells the version of Kubernetes too, in an extension that clients which do not know it pass over.

    >>> json.loads(render("ml", "https://example.com", "LS0t", "us-east-1"))["users"][0]["user"]["exec"]["args"][:2]
    ['eks', 'get-token']
    """
    token = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"],
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
                        "extensions": [{"name": EXTENSION, "extension": {"kubernetesVersion": version}}],
                    },
                }
            ],
            "users": [{"name": name, "user": {"exec": token}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )
