"""Where the pods of a graph land: every pod on the pools of its own cluster."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from pulumi_kubeml.capacity.graph.index import Graph
from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.spaces import space_labels
from pulumi_kubeml.capacity.graph.values import Undetermined
from pulumi_kubeml.capacity.model import Pod, Pool
from pulumi_kubeml.capacity.placement import Placed, predict
from pulumi_kubeml.capacity.scaling import Plan, scale
from pulumi_kubeml.capacity.topology import Namespaces


def landing(graph: Graph, pools: Sequence[Pool] | None = None) -> list[Placed]:
    """Make the placement of every group of pods of a graph; `pools` stand for the graph's own where other sizes are asked for.

    A group whose cluster cannot be told, where there are several, lands nowhere and says so.
    """
    pools = graph.pools if pools is None else pools
    parts, lost = _parts(graph, pools)
    placed = [predict([pools[at] for at in part.pools], part.pods, part.labels) for part in parts]
    return [each for group in placed for each in group] + lost


def scaling(graph: Graph, pools: Sequence[Pool] | None = None) -> Plan:
    """Make what runs at once and how many nodes all needs, of every group of pods and every pool of a graph."""
    pools = graph.pools if pools is None else pools
    parts, lost = _parts(graph, pools)
    plans = [scale([pools[at] for at in part.pools], part.pods, part.labels) for part in parts]
    needed = {
        at: count
        for part, plan in zip(parts, plans, strict=True)
        for at, count in zip(part.pools, plan.needed, strict=True)
    }
    return Plan(
        (*(each for plan in plans for each in plan.placed), *lost),
        (*(each for plan in plans for each in plan.at_once), *lost),
        tuple(needed[at] for at in range(len(pools))),
    )


class _Part(NamedTuple):
    """One cluster: the positions of its pools, its pods, the labels of its namespaces."""

    pools: Sequence[int]
    pods: Sequence[Pod]
    labels: Namespaces


def _parts(graph: Graph, pools: Sequence[Pool]) -> tuple[list[_Part], list[Placed]]:
    """Make the clusters of a graph, and the groups of which the cluster cannot be told."""
    clusters = sorted({pool.cluster for pool in pools})
    if len(clusters) < 2:
        return [_part(range(len(pools)), graph.pods, graph.namespaces)], []
    homes: dict[str, list[Pod]] = defaultdict(list)
    spaces: dict[str, list[Resource]] = defaultdict(list)
    lost: list[Placed] = []
    for pod in graph.pods:
        try:
            homes[pod.cluster if pod.cluster in clusters else _cluster(graph, pod)].append(pod)
        except Undetermined as unknown:
            lost.append(Placed(pod, {}, pod.replicas, str(unknown)))
    for each in graph.namespaces:
        try:
            spaces[graph.pools_cluster(each)].append(each)
        except Undetermined:
            continue  # no pod of a cluster can be in it
    found = {each: [at for at, pool in enumerate(pools) if pool.cluster == each] for each in clusters}
    return [_part(found[each], homes[each], spaces[each]) for each in clusters], lost


def _part(pools: Sequence[int], pods: Sequence[Pod], spaces: Sequence[Resource]) -> _Part:
    return _Part(pools, pods, space_labels(spaces, {pod.namespace for pod in pods}))


def _cluster(graph: Graph, pod: Pod) -> str:
    resource = graph.find(pod.urn)
    if resource is None:
        raise Undetermined(f"the cluster of {pod}", "cannot be told")
    return graph.pools_cluster(resource)
