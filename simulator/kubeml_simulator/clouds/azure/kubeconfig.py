"""The kubeconfig that AKS gives out for a cluster: by a certificate, or by a login to Entra where the cluster asks for one."""

import base64
import json

from kubeml_simulator.provider import Existing

from .case import digest

ENTRA_SERVER = "6dae42f8-4368-4678-94ff-3960e28e3630"  # the server application of AKS, articles/aks/kubelogin-authentication.md (2026-08)


def kubeconfig(cluster: Existing, *, user: str, exec_: bool) -> str:
    """A kubeconfig in JSON, which is YAML too; the same cluster always gives the same."""
    name = cluster.id.rsplit("/", 1)[-1]
    group = cluster.id.split("/")[4] if cluster.id.count("/") > 4 else ""
    who = f"{user}_{group}_{name}"
    context = f"{name}-admin" if user == "clusterAdmin" else name
    host = cluster["fqdn"] or cluster["privateFQDN"]
    authority = _text(f"{cluster.id}|authority")
    login = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "kubelogin",
            "args": [
                "get-token",
                "--environment",
                "AzurePublicCloud",
                "--server-id",
                ENTRA_SERVER,
                "--login",
                "devicecode",
            ],
            "env": None,
            "provideClusterInfo": False,
        }
    }
    certificate = {
        "client-certificate-data": _text(f"{cluster.id}|{user}|certificate"),
        "client-key-data": _text(f"{cluster.id}|{user}|key"),
        "token": digest(f"{cluster.id}|{user}|token", 64),
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": name, "cluster": {"server": f"https://{host}:443", "certificate-authority-data": authority}}
            ],
            "contexts": [{"name": context, "context": {"cluster": name, "user": who}}],
            "current-context": context,
            "preferences": {},
            "users": [{"name": who, "user": login if exec_ else certificate}],
        }
    )


def _text(seed: str) -> str:
    return base64.b64encode(f"simulated {digest(seed, 40)}".encode()).decode()
