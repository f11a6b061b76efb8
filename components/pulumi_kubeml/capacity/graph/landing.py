"""Where the pods of a graph land: every pod on the pools of its own cluster."""

from collections import defaultdict

from pulumi_kubeml.capacity.graph.index import Graph
from pulumi_kubeml.capacity.graph.values import Undetermined
from pulumi_kubeml.capacity.model import Pod
from pulumi_kubeml.capacity.placement import Placed, predict


def landing(graph: Graph) -> list[Placed]:
    """Make the placement of every group of pods of a graph.

    A group whose cluster cannot be told, where there are several, lands nowhere and says so.
    """
    clusters = sorted({pool.cluster for pool in graph.pools})
    if len(clusters) < 2:
        return predict(graph.pools, graph.pods)
    homes: dict[str, list[Pod]] = defaultdict(list)
    lost: list[Placed] = []
    for pod in graph.pods:
        try:
            homes[pod.cluster if pod.cluster in clusters else _cluster(graph, pod)].append(pod)
        except Undetermined as unknown:
            lost.append(Placed(pod, {}, pod.replicas, str(unknown)))
    placed = [predict([pool for pool in graph.pools if pool.cluster == each], homes[each]) for each in clusters]
    return [each for group in placed for each in group] + lost


def _cluster(graph: Graph, pod: Pod) -> str:
    resource = graph.find(pod.urn)
    if resource is None:
        raise Undetermined(f"the cluster of {pod}", "cannot be told")
    return graph.pools_cluster(resource)
