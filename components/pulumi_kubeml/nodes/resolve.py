"""From what a user wrote to node pools with everything decided, or to all that is wrong with it, at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pulumi_kubeml import catalog
from pulumi_kubeml.capacity.allocatable import machine_allocatable, pods_disk
from pulumi_kubeml.catalog import CLOUDS, Accelerator, Machine
from pulumi_kubeml.nodes.capacity import offered
from pulumi_kubeml.nodes.check import check_spec
from pulumi_kubeml.nodes.choose import Choice, choose
from pulumi_kubeml.nodes.facts import ClusterFacts, check_preconditions
from pulumi_kubeml.nodes.ladder import rungs
from pulumi_kubeml.nodes.options import Options, decide
from pulumi_kubeml.nodes.pool import (
    ACCELERATOR_LABEL,
    EFA_KEY,
    GPU_PRESENT_LABEL,
    POOL_LABEL,
    PURPOSE_LABEL,
    SYSTEM_TAINT,
    NodePool,
)
from pulumi_kubeml.nodes.shares import Shares, check_sharing, shares
from pulumi_kubeml.nodes.slices import check_slice, slice_of
from pulumi_kubeml.nodes.spec import NodePoolSpec, Taint
from pulumi_kubeml.problems import Problems

NO_OPERATOR_DRIVER = "nvidia.com/gpu.deploy.driver"
DISK_GIB: Mapping[str, int] = {"general": 50, "system": 50, "serving": 200, "training": 200}
"""Root disks by purpose: a serving or training image alone takes 15 to 20 GB, unpacked twice that."""


def resolve(
    spec: NodePoolSpec, cloud: str, *, path: str = "", zones: Sequence[str] = (), cluster: ClusterFacts | None = None
) -> NodePool:
    """Make the node pool that a spec asks for on a cloud ("aws", "gcp" or "azure").

    Args:
        spec: What the user wrote.
        cloud: Whose machine types to choose from.
        path: Where the spec stands, for messages ("pools[1]").
        zones: The cluster's zones, if they are known; a pool's own must be among them.
        cluster: What is known of the cluster, in the words of the preconditions (`nodes/facts.py`).

    Raises ConfigurationError with everything that is wrong.

    >>> resolve(NodePoolSpec("train", accelerator="l4", accelerators_per_node=4, max=2), "aws").machine.name
    'g6.12xlarge'
    >>> [resolve(NodePoolSpec("train", accelerator="h100", accelerators_per_node=8, max=2), cloud).machine.name for cloud in catalog.CLOUDS]
    ['p5.48xlarge', 'a3-highgpu-8g', 'Standard_ND96isr_H100_v5']
    >>> resolve(NodePoolSpec("train", accelerator="h100", accelerators_per_node=2, max=2), "aws")
    Traceback (most recent call last):
        ...
    pulumi_kubeml.problems.ConfigurationError: accelerators_per_node  h100 x 2 on aws: no machine type; p5.4xlarge has 1, p5.48xlarge has 8
    """
    problems = Problems(path)
    pool = _resolve(spec, cloud, problems, zones, cluster)
    problems.raise_if_any()
    assert pool is not None, "there is a pool, or a problem"
    return pool


def resolve_all(
    specs: Iterable[NodePoolSpec],
    cloud: str,
    *,
    path: str = "pools",
    zones: Sequence[str] = (),
    cluster: ClusterFacts | None = None,
) -> tuple[NodePool, ...]:
    """Make all pools of a cluster; what is wrong with any of them is raised at once, each with its path.

    >>> resolve_all([NodePoolSpec("a", machine="m7i.large", min=2, max=1), NodePoolSpec("a", accelerator="h1000")], "aws")
    Traceback (most recent call last):
        ...
    pulumi_kubeml.problems.ConfigurationError: pools[0].min  2 is above max 1; allowed: 0 to 1
    pools[1].accelerator  "h1000" is not in the catalog; on aws: a100-40gb, a100-80gb, a10g, b200, b300, h100, h200, inferentia2, l4, l40s, rtx-pro-6000, t4, t4g, trainium, trainium2; did you mean h100?
    pools[1].max  not given, but a pool with accelerators must be bounded; give the nodes that it may hold at most
    pools[1].name  "a" is the name of pools[0] too; names of pools are unique
    """
    problems = Problems(path)
    pools: list[NodePool] = []
    first: dict[str, int] = {}
    for index, spec in enumerate(specs):
        at = problems.under(index)
        pool = _resolve(spec, cloud, at, zones, cluster)
        if spec.name in first:
            at.add("name", f'"{spec.name}" is the name of {path}[{first[spec.name]}] too; names of pools are unique')
        first.setdefault(spec.name, index)
        if pool is not None:
            pools.append(pool)
    _groups(pools, problems)
    problems.raise_if_any()
    return tuple(pools)


def _groups(pools: Sequence[NodePool], problems: Problems) -> None:
    """Refuse a pool that is called as a rung of another is: their node groups would have one name."""
    names = [pool.name for pool in pools]
    for pool in pools:
        for rung in pool.rungs:
            if rung.suffix and f"{pool.name}-{rung.suffix}" in names:
                index = names.index(f"{pool.name}-{rung.suffix}")
                why = f'"{names[index]}" is what the {rung.capacity.kind} nodes of pool "{pool.name}" are called'
                problems.add(f"[{index}].name", f"{why}; give one of the two another name")


def _resolve(
    spec: NodePoolSpec, cloud: str, problems: Problems, zones: Sequence[str], cluster: ClusterFacts | None
) -> NodePool | None:
    before = len(problems)
    chosen = choose(spec, cloud, problems)
    if cloud not in CLOUDS:
        return None
    accelerator = _accelerator(chosen.machine) if chosen else None
    shape = slice_of(spec, chosen.machine) if chosen else None
    hosts = shape.hosts if shape and shape.hosts > 1 else None
    accelerated = spec.accelerator is not None or accelerator is not None
    check_spec(spec, cloud, problems, accelerated=accelerated, hosts=hosts)
    if shape is not None:
        check_slice(spec, shape, problems)
    for index, zone in enumerate(spec.zones):
        if zones and zone not in zones:
            problems.add(f"zones[{index}]", f'"{zone}" is not a zone of the cluster; allowed: {", ".join(zones)}')
    if chosen is not None and spec.sharing is not None:
        check_sharing(spec.sharing, chosen.machine, accelerator, problems)
    if chosen is None:
        return None
    options = decide(spec, chosen.machine, chosen.image, accelerator, problems)
    if len(problems) > before:
        return None
    most = spec.max if spec.max is not None else max(spec.min, hosts or 1)
    pool = replace(_pool(spec, chosen, options, most), topology=shape, zones=tuple(spec.zones) or tuple(zones))
    check_preconditions(pool, problems, cluster)
    return pool if len(problems) == before else None


def _pool(spec: NodePoolSpec, chosen: Choice, options: Options, most: int) -> NodePool:
    machine = chosen.machine
    accelerator = _accelerator(machine)
    shared = shares(spec.sharing, machine, accelerator) if spec.sharing and accelerator else None
    return NodePool(
        name=spec.name,
        spec=spec,
        cloud=machine.cloud,
        machine=machine,
        accelerator=accelerator,
        accelerators_per_node=machine.devices,
        resource_key=next(iter(shared.resources)) if shared else accelerator.resource_key if accelerator else None,
        min=spec.min,
        max=most,
        labels={**spec.labels, **labels_of(spec, accelerator, shared), **_left_alone(spec, options)},
        taints=_taints(spec, accelerator, machine.cloud),
        allocatable=_allocatable(spec, machine, shared, options),
        driver_owner=options.driver.owner if options.driver else chosen.image.driver_owner,
        image=chosen.image.name,
        disk_gib=_disk_gib(spec),
        rungs=rungs(spec.capacity, spec.min, most, spec.initial),
        zones=(),
        reason=chosen.reason,
        shares=shared,
        fabric=options.fabric,
        compact=options.compact,
        local_disks=options.local_disks,
        driver=options.driver,
        image_streaming=options.image_streaming,
        exclusive_cpus=options.exclusive_cpus,
        upgrade=spec.upgrade,
        auto_repair=options.auto_repair,
        hugepages=options.hugepages,
    )


def _accelerator(machine: Machine) -> Accelerator | None:
    return catalog.accelerators()[machine.accelerator] if machine.accelerator else None


def _disk_gib(spec: NodePoolSpec) -> int:
    return spec.disk_gib if spec.disk_gib is not None else DISK_GIB[spec.purpose]


def _allocatable(spec: NodePoolSpec, machine: Machine, shared: Shares | None, options: Options) -> dict[str, int]:
    """What a node leaves to pods: its shares in place of its devices, and those of the fabric."""
    disk = pods_disk(_disk_gib(spec), machine.local_nvme_gb if options.local_disks == "ephemeral" else None)
    found = machine_allocatable(machine, max_pods=spec.max_pods, hugepages_2mi=options.hugepages, disk_gib=disk)
    efa = {EFA_KEY: len(options.fabric.efa_cards)} if options.fabric and options.fabric.efa_cards else {}
    if shared is None:
        return {**found, **efa}
    rest = {key: amount for key, amount in found.items() if key not in machine.resources}
    return {**rest, **shared.resources, **efa}


def labels_of(spec: NodePoolSpec, accelerator: Accelerator | None, shared: Shares | None = None) -> dict[str, str]:
    """Make the labels that a pool gives its nodes itself."""
    labels = {POOL_LABEL: spec.name, PURPOSE_LABEL: spec.purpose}
    if accelerator is not None:
        labels[ACCELERATOR_LABEL] = accelerator.key
        if accelerator.vendor == "nvidia":
            labels[GPU_PRESENT_LABEL] = "true"
    return {**labels, **shared.labels, **shared.given} if shared else labels


def _left_alone(spec: NodePoolSpec, options: Options) -> dict[str, str]:
    """Make the label by which the GPU operator installs no driver, where somebody else was chosen to.

    (https://docs.nvidia.com/datacenter/cloud-native/gpu-operator/latest/getting-started.html, 2026-09.)
    """
    chosen = spec.driver is not None and options.driver is not None and options.driver.owner != "operator"
    return {NO_OPERATOR_DRIVER: "false"} if chosen else {}


def _taints(spec: NodePoolSpec, accelerator: Accelerator | None, cloud: str) -> tuple[Taint, ...]:
    own = [SYSTEM_TAINT] if spec.purpose == "system" else []
    if accelerator is not None:
        own.append(Taint(accelerator.resource_key, "present"))
    # Whoever is to land on any rung of a pool has to tolerate what its cloud gives to that rung.
    given = [offered(cloud)[rung.kind].taint.partition("=") for rung in spec.capacity]
    return (*own, *spec.taints, *dict.fromkeys(Taint(key, value) for key, _, value in given if key))
