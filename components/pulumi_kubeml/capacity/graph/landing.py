"""Where the pods of a graph land: every pod on the pools of its own cluster."""

from collections import defaultdict
from collections.abc import Sequence

from pulumi_kubeml.capacity.graph.index import Graph
from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.spaces import space_labels
from pulumi_kubeml.capacity.graph.values import Undetermined
from pulumi_kubeml.capacity.model import Pod, Pool
from pulumi_kubeml.capacity.placement import Placed, predict


def landing(graph: Graph, pools: Sequence[Pool] | None = None) -> list[Placed]:
    """Make the placement of every group of pods of a graph; `pools` stand for the graph's own where other sizes are asked for.

    A group whose cluster cannot be told, where there are several, lands nowhere and says so.
    """
    pools = graph.pools if pools is None else pools
    clusters = sorted({pool.cluster for pool in pools})
    if len(clusters) < 2:
        return _placed(pools, graph.pods, graph.namespaces)
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
    placed = [_placed([pool for pool in pools if pool.cluster == each], homes[each], spaces[each]) for each in clusters]
    return [each for group in placed for each in group] + lost


def _placed(pools: Sequence[Pool], pods: Sequence[Pod], spaces: Sequence[Resource]) -> list[Placed]:
    return predict(pools, pods, space_labels(spaces, {pod.namespace for pod in pods}))


def _cluster(graph: Graph, pod: Pod) -> str:
    resource = graph.find(pod.urn)
    if resource is None:
        raise Undetermined(f"the cluster of {pod}", "cannot be told")
    return graph.pools_cluster(resource)
