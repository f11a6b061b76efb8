"""GKE: node pools read back into pools, with the labels and taints that GKE adds to what the program says."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pulumi_kubeml import catalog
from pulumi_kubeml.capacity.allocatable import machine_allocatable, pods_disk
from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.rungs import merged
from pulumi_kubeml.capacity.graph.values import Undetermined, dig, is_unknown, mapping, sequence, text
from pulumi_kubeml.capacity.model import Pool, Taint
from pulumi_kubeml.catalog import Machine
from pulumi_kubeml.catalog.sharing import mig_settings

NODE_POOL = "gcp:container/nodePool:NodePool"
CLUSTER = "gcp:container/cluster:Cluster"
POOL_LABEL = "kubeml.io/pool"
LABEL = "cloud.google.com/gke-"
GPU_TAINT = Taint("nvidia.com/gpu", "present", "NoSchedule")
"""What GKE adds to nodes with GPUs (https://cloud.google.com/kubernetes-engine/docs/how-to/gpus, 2026-09)."""
QUEUED_TAINT = Taint("cloud.google.com/gke-queued", "true", "NoSchedule")
"""What GKE adds to nodes that come for a request that waits (https://cloud.google.com/kubernetes-engine/docs/how-to/provisioningrequest, 2026-09)."""

_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
_STRATEGIES = {"TIME_SHARING": "time-sharing", "MPS": "mps"}


def pools(
    groups: Iterable[Resource], find: Callable[[str], Resource | None], _places: Iterable[Resource] = ()
) -> Iterator[Pool]:
    """Yield the pools of some node pools; those that differ only in how they are bought are one pool.

    `find` gives the resource of a URN, for the cluster whose zones a node pool has that names none. A node pool of which a
    deciding property is not known, or whose machine the catalog does not know, raises Undetermined.
    """
    yield from merged((_pool(group, find) for group in groups), given=(QUEUED_TAINT,))


def cluster_of(resource: Resource) -> str:
    """Make what tells the cluster of a node pool: the URN it depends on, else the name it gives."""
    urns = resource.dependencies("cluster")
    if urns:
        return urns[0]
    named = resource.properties.get("cluster")
    return named if isinstance(named, str) else ""


def _pool(group: Resource, find: Callable[[str], Resource | None]) -> Pool:
    values = group.properties
    config = mapping(values.get("nodeConfig"))
    machine = _machine(group, config)
    zones = _zones(group, find)
    low, high = _bounds(group, len(zones))
    labels = {str(key): str(value) for key, value in mapping(config.get("labels")).items()}
    named = values.get("name")
    called = group.name if named is None or is_unknown(named) else str(named)
    taints = tuple(_taint(entry) for entry in sequence(config.get("taints")))
    if machine.resources.get(GPU_TAINT.key) and not any(taint.key == GPU_TAINT.key for taint in taints):
        taints = (*taints, GPU_TAINT)
    if dig(values, "queuedProvisioning", "enabled") and QUEUED_TAINT not in taints:
        taints = (*taints, QUEUED_TAINT)
    most = values.get("maxPodsPerNode")
    size = config.get("diskSizeGb")
    local = machine.local_nvme_gb if dig(config, "ephemeralStorageLocalSsdConfig", "localSsdCount") else None
    disk = pods_disk(int(size) if size else None, local)
    allocatable = machine_allocatable(machine, max_pods=int(most) if most else None, disk_gib=disk)
    shared, sharing_labels = _sharing(config, machine)
    return Pool(
        name=labels.get(POOL_LABEL) or called,
        max=high,
        min=low,
        labels={
            **labels,
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": machine.arch,
            "node.kubernetes.io/instance-type": machine.machine_type,
            f"{LABEL}nodepool": called,
            **_bought(config),
            **_devices(values, machine),
            **sharing_labels,
        },
        taints=taints,
        allocatable={**allocatable, **shared},
        machine=machine.name,
        cluster=cluster_of(group),
        urn=group.urn,
        zones=zones,
    )


def _machine(group: Resource, config: Mapping[str, Any]) -> Machine:
    """Make the machine type, with the devices that it was given where it has none of its own."""
    named = config.get("machineType")
    if not named:
        raise Undetermined(f"{group.name}.nodeConfig.machineType", "is not given")
    known = catalog.machines("gcp")
    given = sequence(config.get("guestAccelerators"))
    if given:
        kind, count = text(given[0].get("type")), int(given[0].get("count") or 0)
        for machine in known.values():
            same = (machine.machine_type, machine.cloud_accelerator, machine.devices) == (str(named), kind, count)
            if same:
                return machine
        raise Undetermined(
            f"{group.name}.nodeConfig.guestAccelerators",
            f'gives "{named}" {count} x {kind}, which the catalog does not know',
        )
    if str(named) not in known:
        raise Undetermined(f"{group.name}.nodeConfig.machineType", f'is "{named}", which the catalog does not know')
    return known[str(named)]


def _zones(group: Resource, find: Callable[[str], Resource | None]) -> tuple[str, ...]:
    """Make the zones of a node pool: its own, else its cluster's; none while they are not known."""
    own = group.properties.get("nodeLocations")
    if not is_unknown(own) and own:
        return tuple(sorted(str(zone) for zone in sequence(own)))
    found = (find(urn) for urn in group.dependencies("cluster"))
    cluster = next((each for each in found if each is not None and each.type == CLUSTER), None)
    theirs = cluster.properties.get("nodeLocations") if cluster is not None else None
    return () if theirs is None or is_unknown(theirs) else tuple(sorted(str(zone) for zone in sequence(theirs)))


def _bounds(group: Resource, zones: int) -> tuple[int, int]:
    """Make the fewest and the most nodes of the whole node pool; bounds of one zone count for each of them."""
    scaling = mapping(group.properties.get("autoscaling"))
    total = scaling.get("totalMaxNodeCount")
    if total:
        return int(scaling.get("totalMinNodeCount") or 0), int(total)
    most = scaling.get("maxNodeCount")
    if most:
        return int(scaling.get("minNodeCount") or 0) * max(zones, 1), int(most) * max(zones, 1)
    fixed = group.properties.get("nodeCount")
    if fixed is None:
        fixed = group.properties.get("initialNodeCount") or 0
    return int(fixed) * max(zones, 1), int(fixed) * max(zones, 1)


def _bought(config: Mapping[str, Any]) -> dict[str, str]:
    """The labels that tell how a node is bought (https://cloud.google.com/kubernetes-engine/docs/concepts/spot-vms, 2026-09)."""
    found: dict[str, str] = {}
    if config.get("spot"):
        found[f"{LABEL}spot"] = "true"
    if config.get("flexStart"):
        found[f"{LABEL}flex-start"] = "true"
    return found


def _devices(values: Mapping[str, Any], machine: Machine) -> dict[str, str]:
    """The labels that tell the devices of a node.

    (https://cloud.google.com/kubernetes-engine/docs/how-to/gpus and .../how-to/tpus, 2026-09.)
    """
    if machine.accelerator is None:
        return {}
    count = {f"{LABEL}accelerator-count": str(machine.devices)}
    if machine.cloud_accelerator is not None and "google.com/tpu" not in machine.resources:
        return {f"{LABEL}accelerator": machine.cloud_accelerator, **count}
    topology = dig(values, "placementPolicy", "tpuTopology")
    return {**count, **({f"{LABEL}tpu-topology": str(topology)} if topology else {})}


def _sharing(config: Mapping[str, Any], machine: Machine) -> tuple[dict[str, int], dict[str, str]]:
    """Make what the devices of a node become where GKE shares or cuts them, and the labels that tell so."""
    given = sequence(config.get("guestAccelerators"))
    if not given or machine.accelerator is None:
        return {}, {}
    key, labels, each = next(iter(machine.resources)), dict[str, str](), 1
    size = given[0].get("gpuPartitionSize")
    if size:
        labels[f"{LABEL}gpu-partition-size"] = str(size)
        each = _instances(machine.accelerator, str(size))
    rules = mapping(given[0].get("gpuSharingConfig"))
    clients = rules.get("maxSharedClientsPerGpu")
    if clients:
        labels[f"{LABEL}gpu-sharing-strategy"] = _STRATEGIES[str(rules.get("gpuSharingStrategy") or "TIME_SHARING")]
        labels[f"{LABEL}max-shared-clients-per-gpu"] = str(int(clients))
        each *= int(clients)
    return {key: machine.devices * each}, labels


def _instances(accelerator: str, size: str) -> int:
    """Make the number of instances into which GKE cuts a device.

    >>> _instances("h100", "1g.10gb")
    7
    """
    sizes = {setting: profile for profile, setting in mig_settings("gcp", accelerator).items()}
    counts = {each.profile: each.instances for each in catalog.mig_profiles(accelerator)}
    if size not in sizes:
        raise Undetermined("nodeConfig.guestAccelerators", f'are cut into "{size}", which the catalog does not know')
    return counts[sizes[size]]


def _taint(entry: Any) -> Taint:
    values = mapping(entry)
    effect = str(values.get("effect") or "")
    return Taint(str(values.get("key") or ""), str(dig(values, "value") or ""), _EFFECTS.get(effect, effect))
