"""Managed Kubernetes with GPU node pools as Pulumi components.

Names load when they are first used: importing this package loads neither pulumi nor a cloud SDK.
"""

from importlib import import_module

TYPE_CHECKING = False  # typing itself is slower to load than all of this
if TYPE_CHECKING:
    from pulumi_kubeml.addons import Platform, PlatformArgs, PlatformSpec
    from pulumi_kubeml.clusters.aks import AksCluster, AksClusterArgs
    from pulumi_kubeml.clusters.contract import Cluster, WorkloadIdentity
    from pulumi_kubeml.clusters.eks import EksCluster, EksClusterArgs
    from pulumi_kubeml.clusters.existing import ExistingCluster, ExistingClusterArgs, StackClusterArgs
    from pulumi_kubeml.clusters.gke import GkeCluster, GkeClusterArgs
    from pulumi_kubeml.errors import InvalidArgs
    from pulumi_kubeml.nodes import LocalPool, NodePoolSpec, OnDemand, Reservation, Spot, Taint
    from pulumi_kubeml.problems import ConfigurationError
    from pulumi_kubeml.serving import ModelServer, ModelServerArgs, ModelServerSpec
    from pulumi_kubeml.tenancy import Team, TeamArgs, TeamSpec
    from pulumi_kubeml.training import TFJob, TFJobArgs, TFJobSpec

__all__ = [
    "AksCluster",
    "AksClusterArgs",
    "Cluster",
    "ConfigurationError",
    "EksCluster",
    "EksClusterArgs",
    "ExistingCluster",
    "ExistingClusterArgs",
    "GkeCluster",
    "GkeClusterArgs",
    "InvalidArgs",
    "LocalPool",
    "ModelServer",
    "ModelServerArgs",
    "ModelServerSpec",
    "NodePoolSpec",
    "OnDemand",
    "Platform",
    "PlatformArgs",
    "PlatformSpec",
    "Reservation",
    "Spot",
    "StackClusterArgs",
    "TFJob",
    "TFJobArgs",
    "TFJobSpec",
    "Taint",
    "Team",
    "TeamArgs",
    "TeamSpec",
    "WorkloadIdentity",
]

_HOMES = {
    "addons": ("Platform", "PlatformArgs", "PlatformSpec"),
    "clusters.aks": ("AksCluster", "AksClusterArgs"),
    "clusters.contract": ("Cluster", "WorkloadIdentity"),
    "clusters.eks": ("EksCluster", "EksClusterArgs"),
    "clusters.existing": ("ExistingCluster", "ExistingClusterArgs", "StackClusterArgs"),
    "clusters.gke": ("GkeCluster", "GkeClusterArgs"),
    "errors": ("InvalidArgs",),
    "nodes": ("LocalPool", "NodePoolSpec", "OnDemand", "Reservation", "Spot", "Taint"),
    "problems": ("ConfigurationError",),
    "serving": ("ModelServer", "ModelServerArgs", "ModelServerSpec"),
    "tenancy": ("Team", "TeamArgs", "TeamSpec"),
    "training": ("TFJob", "TFJobArgs", "TFJobSpec"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
