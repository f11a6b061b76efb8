"""The kinds of clusters that a stack file may ask for, a row each; a cloud's SDK is loaded when one of its kind is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from pulumi_kubeml.clusters.args import AnyClusterArgs
from pulumi_kubeml.clusters.contract import Cluster
from pulumi_kubeml.nodes import LOCAL, ClusterFacts, LocalPool, NodePool, NodePoolSpec, resolve, resolve_local

PROJECT = ("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT")
REGION = ("GOOGLE_REGION", "GCLOUD_REGION", "CLOUDSDK_COMPUTE_REGION")
"""Variables from which the gcp provider takes them (https://www.pulumi.com/registry/packages/gcp/installation-configuration/, 2026-09)."""


@dataclass(frozen=True)
class Kind:
    """One kind: a folder of `clusters` with its component, its arguments and its checks.

    >>> KINDS["eks"].args.__name__, KINDS["eks"].cloud
    ('EksClusterArgs', 'aws')
    """

    name: str
    """What a stack file calls it, and the folder."""
    cloud: str
    """The catalog's name of its cloud."""
    component: str
    """Name of the component."""
    pool: type[NodePoolSpec] | type[LocalPool] = NodePoolSpec
    """What a pool is to it."""
    configuration: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Keys of the cloud's provider that the component cannot do without, each with the variables that may stand for it."""

    @property
    def args(self) -> type[AnyClusterArgs]:
        """The class of its arguments."""
        return getattr(self._folder(), f"{self.component}Args")

    def check(self, name: str, args: AnyClusterArgs) -> None:
        """Raise ConfigurationError with everything that is wrong with the arguments; loads no SDK."""
        self._folder("check").check(name, args)

    def facts(self, args: AnyClusterArgs) -> ClusterFacts:
        """Make what the cluster says of itself in the words of the preconditions, so that its pools can be judged."""
        known = getattr(self._folder("check"), "facts", None)
        return known(args) if known else {}

    def lacks(self, args: AnyClusterArgs) -> Mapping[str, str]:
        """Make what the cluster cannot give, each with the reason; see `Cluster.lacks`."""
        known = getattr(self._folder("check"), "lacks", None)
        return known(args) if known else {}

    def resolve(self, spec: NodePoolSpec | LocalPool, *, zones: Sequence[str], facts: ClusterFacts | None) -> NodePool:
        """Make the node pool of a spec; ConfigurationError has everything that is wrong with it."""
        if isinstance(spec, LocalPool):
            return resolve_local(spec)
        return resolve(spec, self.cloud, zones=zones, cluster=facts)

    def zones(self, args: AnyClusterArgs) -> tuple[str, ...]:
        """Make the zones of the cluster as far as its arguments say."""
        known = getattr(self._folder("check"), "zones", None)
        return known(args) if known else ()

    def make(self, name: str, args: AnyClusterArgs) -> Cluster:
        """Make the cluster; the cloud's SDK is loaded here and nowhere before."""
        return getattr(self._folder(), self.component)(name, args)

    def _folder(self, module: str = "") -> Any:
        return import_module(f"pulumi_kubeml.clusters.{self.name}.{module}".rstrip("."))


KINDS: Mapping[str, Kind] = {
    each.name: each
    for each in (
        Kind("eks", "aws", "EksCluster"),
        Kind("gke", "gcp", "GkeCluster", configuration={"gcp:project": PROJECT, "gcp:region": REGION}),
        Kind("aks", "azure", "AksCluster", configuration={"azure-native:location": ()}),
        Kind("existing", LOCAL, "ExistingCluster", LocalPool),
    )
}
