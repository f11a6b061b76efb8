"""Which readers there are, one a cloud and one for clusters that are there already: the type of resource that makes nodes, and what makes pools and pods of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pulumi_kubeml.capacity.graph import aks, eks, existing, gke
from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.model import Pod, Pool

Find = Callable[[str], Resource | None]


@dataclass(frozen=True)
class Reader:
    """How the nodes of one cloud's clusters are read."""

    group: str
    """The type token of what makes nodes."""
    pools: Callable[[Iterable[Resource], Find, Iterable[Resource]], Iterator[Pool]]
    """Makes pools of groups, of what a URN names, and of all places; Undetermined where one cannot be told."""
    place: str = ""
    """The type token of what tells the zones of nodes; empty where a group says them itself. For clusters that are there: of what leads to them."""
    addon: str = ""
    """The type token of what runs pods that the cloud manages; empty where nothing does."""
    addon_pods: Callable[[Resource], Iterator[Pod]] = lambda _addon: iter(())
    """Makes the pods of one of those."""


READERS = (
    Reader(eks.NODE_GROUP, eks.pools, place=eks.SUBNET, addon=eks.ADDON, addon_pods=eks.addon_pods),
    Reader(aks.AGENT_POOL, aks.pools),
    Reader(aks.CLUSTER, aks.own_pools),
    Reader(gke.NODE_POOL, gke.pools),
    Reader(existing.CLUSTER, existing.pools, place=existing.PROVIDER),
)
