"""AKS: agent pools, and the pools that are part of a cluster, read back into pools."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pulumi_kubeml import catalog
from pulumi_kubeml.capacity.allocatable import machine_allocatable
from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.rungs import merged
from pulumi_kubeml.capacity.graph.values import Undetermined, join, mapping, sequence, text
from pulumi_kubeml.capacity.model import Pool, Taint
from pulumi_kubeml.catalog.sharing import mig_settings

AGENT_POOL = "azure-native:containerservice:AgentPool"
CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL_LABEL = "kubeml.io/pool"
SPOT = Taint("kubernetes.azure.com/scalesetpriority", "spot", "NoSchedule")
"""What AKS taints spot nodes with (github.com/MicrosoftDocs/azure-aks-docs@fb060abe6a8f articles/aks/spot-node-pool.md)."""

Find = Callable[[str], Resource | None]


def pools(groups: Iterable[Resource], find: Find, _places: Iterable[Resource] = ()) -> Iterator[Pool]:
    """Yield the pools of some agent pools; those that differ only in how they are bought are one pool.

    Where some nodes of a pool are spot and others are not, the pool has the taint of spot nodes: whoever is to land there has to
    tolerate it. An agent pool of which a deciding property is not known, or whose machine the catalog does not know, raises Undetermined.
    """
    yield from merged((_pool(group, group.properties, "", cluster_of(group), find) for group in groups), [SPOT])


def own_pools(clusters: Iterable[Resource], find: Find, _places: Iterable[Resource] = ()) -> Iterator[Pool]:
    """Yield the pools that are part of some clusters."""
    return (
        _pool(cluster, mapping(each), f"agentPoolProfiles[{index}]", cluster.urn, find)
        for cluster in clusters
        for index, each in enumerate(sequence(cluster.properties.get("agentPoolProfiles")))
    )


def cluster_of(group: Resource) -> str:
    """Make what tells the cluster of an agent pool: the URN it depends on, else the name it gives."""
    urns = group.dependencies("resourceName")
    return urns[0] if urns else text(group.properties.get("resourceName"))


def _pool(resource: Resource, values: Mapping[str, Any], path: str, cluster: str, find: Find) -> Pool:
    size = text(values.get("vmSize"))
    machine = catalog.machines("azure").get(size)
    if machine is None:
        said = f'names "{size}", which the catalog does not know' if size else "is not given"
        raise Undetermined(f"{resource.name}.{join(path, 'vmSize')}", said)
    labels = {str(key): str(value) for key, value in mapping(values.get("nodeLabels")).items()}
    called = text(values.get("agentPoolName")) or text(values.get("name")) or resource.name
    spot = text(values.get("scaleSetPriority")) == "Spot"
    scaled = bool(values.get("enableAutoScaling"))
    taints = tuple(_taint(str(each)) for each in sequence(values.get("nodeTaints")))
    pods = values.get("maxPods")
    return Pool(
        name=labels.get(POOL_LABEL) or called,
        max=int((values.get("maxCount") if scaled else values.get("count")) or 0),
        min=int((values.get("minCount") if scaled else values.get("count")) or 0),
        labels={
            **labels,
            "kubernetes.io/os": text(values.get("osType")).lower() or "linux",
            "kubernetes.io/arch": machine.arch,
            "node.kubernetes.io/instance-type": machine.machine_type,
            "agentpool": called,
            "kubernetes.azure.com/agentpool": called,
            "kubernetes.azure.com/mode": text(values.get("mode")).lower() or "user",
            "kubernetes.azure.com/priority": "spot" if spot else "regular",
            **({SPOT.key: SPOT.value} if spot else {}),
        },
        taints=(*taints, SPOT) if spot and SPOT not in taints else taints,
        allocatable=_cut(
            machine_allocatable(
                machine,
                max_pods=int(pods) if pods is not None else None,
                disk_gib=int(size) if (size := values.get("osDiskSizeGB")) else None,
            ),
            machine,
            text(values.get("gpuInstanceProfile")),
        ),
        machine=machine.name,
        cluster=cluster,
        urn=resource.urn,
        zones=_zones(values, find(cluster) or resource),
    )


def _cut(allocatable: Mapping[str, int], machine: catalog.Machine, setting: str) -> dict[str, int]:
    """Make what a node has once AKS has cut its devices: instances by the name of their size.

    >>> _cut({"nvidia.com/gpu": 8}, catalog.machines("azure")["Standard_ND96isr_H100_v5"], "MIG1g")
    {'nvidia.com/mig-1g.10gb': 56}
    """
    sizes = mig_settings("azure", machine.accelerator or "")
    rows = {each.profile: each for each in catalog.mig_profiles(machine.accelerator or "")}
    found = [rows[profile] for profile, called in sizes.items() if called == setting]
    if not found:
        return dict(allocatable)
    whole = {key: amount for key, amount in allocatable.items() if key not in machine.resources}
    return {**whole, found[0].resource_key: machine.devices * found[0].instances}


def _zones(values: Mapping[str, Any], cluster: Resource) -> tuple[str, ...]:
    """Make the zones as nodes are labelled with them ("eastus-1"); none while the region is not known."""
    region = cluster.properties.get("location")
    if not isinstance(region, str) or not region:
        return ()
    return tuple(f"{region}-{zone}" for zone in sorted(map(str, sequence(values.get("availabilityZones")))))


def _taint(written: str) -> Taint:
    """Make a taint of its text.

    >>> _taint("nvidia.com/gpu=present:NoSchedule"), _taint("slow:PreferNoSchedule").value
    (Taint(key='nvidia.com/gpu', value='present', effect='NoSchedule'), '')
    """
    named, _, effect = written.rpartition(":")
    key, _, value = named.partition("=")
    return Taint(key, value, effect)
