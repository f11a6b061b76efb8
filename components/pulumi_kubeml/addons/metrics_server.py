"""metrics-server: CPU and memory of pods, which autoscalers follow."""

from collections.abc import Mapping
from typing import Any

from pulumi_kubeml.addons.contract import Addon, PlatformSpec, on_system
from pulumi_kubeml.clusters.contract import Cluster


def values(cluster: Cluster, spec: PlatformSpec) -> Mapping[str, Any]:  # noqa: ARG001
    """Make the values: two replicas on different nodes, behind a certificate that the API server checks.

    Kubelets are asked under certificates of the cluster's authority, unless the cluster is said to have none.
    """
    return {
        "replicas": 2,
        "podDisruptionBudget": {"enabled": True, "minAvailable": 1},
        "apiService": {"insecureSkipTLSVerify": False},
        "tls": {"type": "cert-manager"},
        "metrics": {"enabled": True},
        "serviceMonitor": {"enabled": True},
        "resources": {"requests": {"cpu": "100m", "memory": "200Mi"}},
        **({"args": ["--kubelet-insecure-tls"]} if cluster.unsigned_kubelets else {}),
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "metrics-server"}},
            }
        ],
        **on_system(cluster),
    }


ADDON = Addon(
    name="metrics-server",
    requires=("cert-manager", "prometheus-operator-crds"),
    values=values,
    webhook_ports=(10250,),
)
