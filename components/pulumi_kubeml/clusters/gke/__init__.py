"""GKE: `GkeCluster` and its arguments; pulumi-gcp is loaded when the component is first used."""

from typing import TYPE_CHECKING

from pulumi_kubeml.clusters.gke.args import ExistingNetwork, GkeClusterArgs, KnownReservation, MaintenanceExclusion

if TYPE_CHECKING:
    from pulumi_kubeml.clusters.gke.cluster import GkeCluster

__all__ = ["ExistingNetwork", "GkeCluster", "GkeClusterArgs", "KnownReservation", "MaintenanceExclusion"]


def __getattr__(name: str) -> object:
    if name == "GkeCluster":
        from pulumi_kubeml.clusters.gke.cluster import GkeCluster

        return GkeCluster
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
