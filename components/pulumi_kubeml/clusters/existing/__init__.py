"""Clusters that are there already: any kubeconfig, and those that another stack made."""

from typing import TYPE_CHECKING

from pulumi_kubeml.clusters.existing.args import ExistingClusterArgs, StackClusterArgs

if TYPE_CHECKING:
    from pulumi_kubeml.clusters.existing.cluster import ExistingCluster

__all__ = ["ExistingCluster", "ExistingClusterArgs", "StackClusterArgs"]


def __getattr__(name: str) -> object:
    if name == "ExistingCluster":
        from pulumi_kubeml.clusters.existing.cluster import ExistingCluster

        return ExistingCluster
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
