"""EKS: `EksCluster` and its arguments; pulumi-aws is loaded when the component is first used."""

from typing import TYPE_CHECKING

from pulumi_kubeml.clusters.eks.args import EksClusterArgs

if TYPE_CHECKING:
    from pulumi_kubeml.clusters.eks.cluster import EksCluster

__all__ = ["EksCluster", "EksClusterArgs"]


def __getattr__(name: str) -> object:
    if name == "EksCluster":
        from pulumi_kubeml.clusters.eks.cluster import EksCluster

        return EksCluster
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
