"""What a user says of a cluster that is there already: plain data, so that a stack file can hold it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from pulumi_kubeml.clusters.args import AnyClusterArgs
from pulumi_kubeml.nodes import LocalPool, NodePoolSpec

DistributionName = Literal["minikube", "kubeadm", "kind", "generic"]
DISTRIBUTIONS: tuple[str, ...] = get_args(DistributionName)
CloudKind = Literal["eks", "gke", "aks"]
CLOUD_KINDS: tuple[str, ...] = get_args(CloudKind)


@dataclass(frozen=True, kw_only=True)
class ExistingClusterArgs(AnyClusterArgs):
    """Arguments of `ExistingCluster`.

    >>> ExistingClusterArgs(kubernetes_version="1.35", distribution="kind", context="kind-ml", node_pools=[]).kubeconfig_file is None
    True
    """

    node_pools: Sequence[LocalPool]
    """The nodes that there are; the platform's own pods go to those with purpose "system", else to the first without an accelerator."""
    distribution: DistributionName
    """What made the cluster, which decides what it lacks."""

    # How it is reached
    context: str | None = None
    """Context of the kubeconfig; by default its current one. Needed where the kubeconfig is the one that kubectl uses."""
    kubeconfig_file: str | None = None
    """Path of a kubeconfig; by default the one that kubectl uses. Its content is never in a state."""

    # What is in it
    storage_classes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Name of the storage class by purpose ("block", "shared"); by default the distribution's own for "block"."""
    built_in: Sequence[str] = ()
    """Add-ons that are there already, by their names in the chart table ("nvidia-device-plugin", "metrics-server")."""
    unsigned_kubelets: bool = False
    """Whether kubelets answer with certificates that nobody signed, which metrics-server then takes from anyone who answers."""


@dataclass(frozen=True, kw_only=True)
class StackClusterArgs(AnyClusterArgs):
    """What a stack says of a cluster that another stack made with this package; what that stack says itself is compared with it.

    >>> StackClusterArgs(kind="eks", kubernetes_version="1.35", node_pools=[]).storage_classes["shared"]
    'shared'
    """

    node_pools: Sequence[NodePoolSpec]
    """Pools of the cluster that this stack uses, as the first stack's file has them."""
    kind: CloudKind
    """Kind of the cluster."""
    storage_classes: Mapping[str, str] = field(default_factory=lambda: {"block": "block", "shared": "shared"})
    """Name of the storage class by purpose."""
    installed: Sequence[str] | None = None
    """Add-ons that the first stack installed; by default what a platform installs for such pools unless it is told otherwise."""

    @classmethod
    def of(cls, kind: str, first: AnyClusterArgs) -> "StackClusterArgs":
        """Make them of the cluster that the first stack's file describes (`stack.source.read_file`)."""
        return cls(
            kind=cast("CloudKind", kind),
            kubernetes_version=first.kubernetes_version,
            node_pools=[each for each in first.node_pools if isinstance(each, NodePoolSpec)],
            environment=first.environment,
            owner=first.owner,
            team=first.team,
            cost_center=first.cost_center,
            tags=first.tags,
        )
