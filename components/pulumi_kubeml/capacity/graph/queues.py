"""Kueue's objects read out of a graph, in both versions of its API.

The versions differ in one field that matters here: the cohort of a queue is `cohort` in v1beta1 and `cohortName` in v1beta2
(kubernetes-sigs/kueue v0.19.2, apis/kueue/v1beta1 and v1beta2, clusterqueue_types.go).
"""

from collections.abc import Callable, Mapping
from typing import Any

from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.values import dig, join, mapping, sequence, settled, text
from pulumi_kubeml.capacity.kueue.model import ClusterQueue, Cohort, Flavor, LocalQueue, ResourceGroup, Share
from pulumi_kubeml.capacity.model import Taint
from pulumi_kubeml.capacity.quantity import MAX, QuantityError, amount

GROUP = "kueue.x-k8s.io"
QueueObject = ClusterQueue | Cohort | Flavor | LocalQueue
_NEXT = "TryNextFlavor"


def cluster_queue(resource: Resource, cluster: str, _: str) -> ClusterQueue:
    """Make a queue.

    >>> spec = {"cohort": "ml", "resourceGroups": [{"coveredResources": ["cpu"], "flavors": [
    ...     {"name": "default", "resources": [{"name": "cpu", "nominalQuota": 9, "lendingLimit": "500m"}]}]}]}
    >>> old = Resource({"type": "kubernetes:kueue.x-k8s.io/v1beta1:ClusterQueue", "inputs": {"metadata": {"name": "a"}, "spec": spec}})
    >>> made = cluster_queue(old, "", "")
    >>> made.cohort, made.groups[0].flavors
    ('ml', {'default': {'cpu': Share(nominal=9000, borrowing=None, lending=500)}})
    """
    spec = mapping(resource.properties.get("spec"))
    preemption, fungibility = mapping(spec.get("preemption")), mapping(spec.get("flavorFungibility"))
    selector = spec.get("namespaceSelector")
    return ClusterQueue(
        name=str(resource.object_name),
        cohort=text(spec.get("cohort" if resource.type.split(":")[1].endswith("/v1beta1") else "cohortName")),
        groups=_groups(spec),
        urn=resource.urn,
        cluster=cluster,
        reclaim=text(preemption.get("reclaimWithinCohort")) or "Never",
        within=text(preemption.get("withinClusterQueue")) or "Never",
        borrow_within=text(dig(preemption, "borrowWithinCohort", "policy")) or "Never",
        next_borrow=text(fungibility.get("whenCanBorrow")) == _NEXT,
        next_preempt=(text(fungibility.get("whenCanPreempt")) or _NEXT) == _NEXT,
        stopped=(text(spec.get("stopPolicy")) or "None") != "None",
        spaces=None if selector is None else settled(mapping(selector)),
    )


def cohort(resource: Resource, cluster: str, _: str) -> Cohort:
    """Make a cohort."""
    spec = mapping(resource.properties.get("spec"))
    return Cohort(
        name=str(resource.object_name),
        cohort=text(spec.get("parentName")),
        groups=_groups(spec),
        urn=resource.urn,
        cluster=cluster,
    )


def flavor(resource: Resource, cluster: str, _: str) -> Flavor:
    """Make a flavor."""
    spec = mapping(resource.properties.get("spec"))
    taints = (mapping(each) for each in sequence(spec.get("nodeTaints")))
    return Flavor(
        name=str(resource.object_name),
        labels={str(key): str(value) for key, value in mapping(spec.get("nodeLabels")).items()},
        taints=tuple(
            Taint(text(each.get("key")), text(each.get("value")), text(each.get("effect"))) for each in taints
        ),
        tolerations=tuple(settled(mapping(each)) for each in sequence(spec.get("tolerations"))),
        urn=resource.urn,
        cluster=cluster,
    )


def local_queue(resource: Resource, cluster: str, namespace: str) -> LocalQueue:
    """Make the door of a namespace to a queue."""
    spec = mapping(resource.properties.get("spec"))
    name = str(resource.object_name)
    return LocalQueue(name, namespace, text(spec.get("clusterQueue")), resource.urn, cluster)


OBJECTS: Mapping[str, Callable[[Resource, str, str], QueueObject]] = {
    "ClusterQueue": cluster_queue,
    "Cohort": cohort,
    "ResourceFlavor": flavor,
    "LocalQueue": local_queue,
}


def _groups(spec: Mapping[str, Any]) -> tuple[ResourceGroup, ...]:
    return tuple(
        ResourceGroup(
            resources=tuple(str(each) for each in sequence(group.get("coveredResources"))),
            flavors={
                str(each.get("name")): {
                    str(quota.get("name")): _share(quota, f"{at}.flavors[{number}].resources[{position}]")
                    for position, quota in enumerate(map(mapping, sequence(each.get("resources"))))
                }
                for number, each in enumerate(map(mapping, sequence(group.get("flavors"))))
            },
        )
        for index, group in enumerate(map(mapping, sequence(spec.get("resourceGroups"))))
        for at in (join("spec.resourceGroups", index),)
    )


def _share(quota: Mapping[str, Any], path: str) -> Share:
    nominal, borrowing, lending = (
        _amount(str(quota.get("name")), quota.get(field), f"{path}.{field}")
        for field in ("nominalQuota", "borrowingLimit", "lendingLimit")
    )
    if nominal is None:
        raise ValueError(f"{path}.nominalQuota is not given")
    return Share(nominal, borrowing, lending)


def _amount(resource: str, value: Any, path: str) -> int | None:
    if value is None:
        return None
    try:
        return min(MAX, amount(resource, value))
    except QuantityError as error:
        raise ValueError(f"{path} {error}") from error
