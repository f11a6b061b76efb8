"""AKS: `AksCluster` and its arguments; pulumi-azure-native is loaded when the component is first used."""

from typing import TYPE_CHECKING

from pulumi_kubeml.clusters.aks.args import AksClusterArgs

if TYPE_CHECKING:
    from pulumi_kubeml.clusters.aks.cluster import AksCluster

__all__ = ["AksCluster", "AksClusterArgs"]


def __getattr__(name: str) -> object:
    if name == "AksCluster":
        from pulumi_kubeml.clusters.aks.cluster import AksCluster

        return AksCluster
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
