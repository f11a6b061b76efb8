"""How a client reaches a cluster: an endpoint, a certificate, and a program that fetches a token for whoever asks as themselves."""

import json
from collections.abc import Mapping
from typing import Any

EXTENSION = "kubeml.io/cluster"


def render(
    name: str, server: str, authority: str, token: Mapping[str, Any], *, version: str = "", cloud: str = ""
) -> str:
    """Make a kubeconfig in JSON; it holds no credential itself.

    It tells the version of Kubernetes too, and the cloud, in an extension that clients which do not know it pass over.

    Args:
        name: Name of the cluster, its user and its context.
        server: Address of the API.
        authority: The certificate of its authority, in base64.
        token: The program that fetches a token: `command`, `args` and what else a kubeconfig says of it.
        version: Version of Kubernetes, "MAJOR.MINOR".
        cloud: The catalog's name of the cloud, where the address does not tell it.

    >>> json.loads(render("ml", "https://example.com", "LS0t", {"command": "token"}))["users"][0]["user"]["exec"]["command"]
    'token'
    """
    about = {"kubernetesVersion": version, **({"cloud": cloud} if cloud else {})}
    user = {"apiVersion": "client.authentication.k8s.io/v1beta1", "interactiveMode": "Never", **token}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": name,
                    "cluster": {
                        "server": server,
                        "certificate-authority-data": authority,
                        "extensions": [{"name": EXTENSION, "extension": about}],
                    },
                }
            ],
            "users": [{"name": name, "user": {"exec": user}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )
