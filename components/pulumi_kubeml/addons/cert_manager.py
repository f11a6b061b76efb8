"""cert-manager: certificates for everything inside that the API server calls, renewed before they end."""

from collections.abc import Mapping
from typing import Any

from pulumi_kubeml.addons.contract import Addon, PlatformSpec, on_system
from pulumi_kubeml.clusters.contract import Cluster


def values(cluster: Cluster, spec: PlatformSpec) -> Mapping[str, Any]:  # noqa: ARG001
    """Make the values: definitions that outlive the release, replicas that outlive a node."""
    budget = {"podDisruptionBudget": {"enabled": True, "minAvailable": 1}, **on_system(cluster)}
    return {
        "crds": {"enabled": True, "keep": True},
        "replicaCount": 2,
        **budget,
        "webhook": {"replicaCount": 3, **budget},
        "cainjector": {"replicaCount": 2, **budget},
        "prometheus": {"enabled": True, "servicemonitor": {"enabled": True}},
        "startupapicheck": {"enabled": False},  # a hook that only waits for what the release waits for anyway
    }


ADDON = Addon(name="cert-manager", requires=("prometheus-operator-crds",), values=values, webhook_ports=(10250,))
