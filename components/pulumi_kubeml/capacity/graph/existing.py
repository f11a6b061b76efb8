"""Clusters that somebody else made: the pools that their component was told, read back into pools."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.values import Undetermined, mapping, sequence, text
from pulumi_kubeml.capacity.model import Pool, Taint

CLUSTER = "kubeml:index:ExistingCluster"
PROVIDER = "pulumi:providers:kubernetes"

Find = Callable[[str], Resource | None]


def pools(clusters: Iterable[Resource], _find: Find, providers: Iterable[Resource] = ()) -> Iterator[Pool]:
    """Yield the pools of some clusters, which are named by the provider of each: whatever is in the cluster goes through it.

    A cluster whose document is not known, or is none, raises Undetermined.
    """
    doors = {each.parent: each.urn for each in providers}
    for cluster in clusters:
        for index, each in enumerate(sequence(cluster.properties.get("pools"))):
            yield _pool(cluster, index, mapping(each), doors.get(cluster.urn, cluster.urn))


def _pool(cluster: Resource, index: int, values: Mapping[str, Any], home: str) -> Pool:
    try:
        return Pool(
            name=text(values["name"]),
            max=int(values["max"]),
            min=int(values["min"]),
            labels={str(key): str(value) for key, value in mapping(values["labels"]).items()},
            taints=tuple(
                Taint(str(each["key"]), str(each["value"]), str(each["effect"]))
                for each in map(mapping, sequence(values["taints"]))
            ),
            allocatable={str(key): int(value) for key, value in mapping(values["allocatable"]).items()},
            machine=text(values["machine"]),
            cluster=home,
            urn=cluster.urn,
            zones=tuple(str(each) for each in sequence(values["zones"])),
        )
    except KeyError as lacking:
        raise Undetermined(f"{cluster.name}.pools[{index}].{lacking.args[0]}", "is not given") from None
