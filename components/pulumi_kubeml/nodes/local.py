"""Pools of machines that no catalog knows: what their nodes are and leave to pods, the user says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from math import ceil
from typing import Any, ClassVar, Literal, get_args

from pulumi_kubeml.capacity.quantity import GI, QuantityError, amount
from pulumi_kubeml.catalog import Accelerator, DriverMode, Machine, accelerators
from pulumi_kubeml.names import is_label
from pulumi_kubeml.nodes.capacity import OnDemand
from pulumi_kubeml.nodes.check import NAME_LIMIT
from pulumi_kubeml.nodes.pool import SYSTEM_TAINT, NodePool, Rung
from pulumi_kubeml.nodes.resolve import labels_of
from pulumi_kubeml.nodes.spec import EFFECTS, PURPOSES, NodePoolSpec, Purpose, Taint
from pulumi_kubeml.problems import Problems, listed, suggestion
from pulumi_kubeml.specs import IN_STACK_FILES

LOCAL = "local"
"""The cloud of machines that belong to none."""
RENTED = ("google", "aws")
"""Vendors whose accelerators are only in their own clouds."""
Arch = Literal["amd64", "arm64"]
ARCHES: tuple[str, ...] = get_args(Arch)


@dataclass(frozen=True)
class LocalPool:
    """A set of equal nodes that are there already; how many they are is how many there will be.

    Each node must have the label `kubeml.io/pool` with the pool's name, and those of its accelerator (`NodePool.labels`):
    `kubectl label node NAME kubeml.io/pool=general`. What a node leaves to pods is what `kubectl describe node` lists as Allocatable.

    >>> LocalPool("general", nodes=2, cpus=4, memory="8Gi").pods
    110
    """

    name: str
    """Name of the pool: lower-case letters, digits and dashes, at most 30."""
    _: KW_ONLY
    nodes: int
    """Nodes that there are."""
    cpus: str | int
    """CPU that one node leaves to pods."""
    memory: str | int
    """Memory that one node leaves to pods ("8Gi")."""
    storage: str | int | None = None
    """Disk that one node leaves to pods (`ephemeral-storage`); by default it is not counted."""
    pods: int = 110
    """Pods that one node takes; kubelet's own number by default."""
    accelerator: str | None = None
    """Key of the accelerator in the catalog ("t4"); its driver and container toolkit are on the nodes already."""
    accelerators_per_node: int = 1
    """Devices of each node, where there is an accelerator."""
    untainted: bool = False
    """Whether nodes with an accelerator lack its taint (`nvidia.com/gpu=present:NoSchedule`), so that any pod may take their room."""
    arch: Arch = "amd64"
    """Architecture of the nodes."""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    """More labels that the nodes have."""
    taints: Sequence[Taint] = ()
    """More taints that the nodes have."""
    purpose: Purpose = "general"
    """What runs here; a label of the nodes. "system": the platform's own pods and no others, by a taint."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES


def resolve_local(spec: LocalPool, *, path: str = "") -> NodePool:
    """Make the node pool of what somebody says of its nodes; ConfigurationError has everything that is wrong.

    >>> pool = resolve_local(LocalPool("gpu", nodes=1, cpus=8, memory="32Gi", accelerator="t4"))
    >>> pool.allocatable["nvidia.com/gpu"], str(pool.taints[0].key), pool.machine.name
    (1, 'nvidia.com/gpu', '8 CPU, 32Gi, 1 x t4')
    """
    problems = Problems(path)
    pool = _resolve(spec, problems)
    problems.raise_if_any()
    assert pool is not None, "there is a pool, or a problem"
    return pool


def resolve_locals(specs: Iterable[LocalPool], *, path: str = "node_pools") -> tuple[NodePool, ...]:
    """Make all pools of a cluster; what is wrong with any of them is raised at once.

    >>> resolve_locals([LocalPool("a", nodes=0, cpus="x", memory="1Gi")])
    Traceback (most recent call last):
        ...
    pulumi_kubeml.problems.ConfigurationError: node_pools[0].cpus  "x" is not a quantity: a number with one of n u m k M G T P E or Ki Mi Gi Ti Pi Ei, or an exponent such as e3
    node_pools[0].nodes  0; allowed: 1 or more
    """
    problems, pools = Problems(path), list[NodePool]()
    first: dict[str, int] = {}
    for index, spec in enumerate(specs):
        at = problems.under(index)
        pool = _resolve(spec, at)
        if first.setdefault(spec.name, index) != index:
            at.add("name", f'"{spec.name}" is the name of {path}[{first[spec.name]}] too; names of pools are unique')
        if pool is not None:
            pools.append(pool)
    problems.raise_if_any()
    return tuple(pools)


def _resolve(spec: LocalPool, problems: Problems) -> NodePool | None:
    before = len(problems)
    room, accelerator = _room(spec, problems), _accelerator(spec, problems)
    _check(spec, problems)
    return _pool(spec, room, accelerator) if len(problems) == before else None


def _room(spec: LocalPool, problems: Problems) -> dict[str, int]:
    """Make what one node leaves to pods, of what can be read."""
    found: dict[str, int] = {}
    asked = {"cpus": "cpu", "memory": "memory", **({} if spec.storage is None else {"storage": "ephemeral-storage"})}
    for name, key in asked.items():
        value = getattr(spec, name)
        try:
            found[key] = amount(key, value)
        except QuantityError as error:
            problems.add(name, str(error))
        else:
            if found[key] <= 0:
                problems.add(name, f"{value}; allowed: more than 0")
    return {**found, "pods": spec.pods}


def _accelerator(spec: LocalPool, problems: Problems) -> Accelerator | None:
    if spec.accelerator is None:
        if spec.untainted:
            problems.add("untainted", "is about nodes with an accelerator, and the pool has none; leave it out")
        return None
    known = {key: each for key, each in accelerators().items() if each.vendor not in RENTED}
    if spec.accelerator not in known:
        problems.add(
            "accelerator",
            f'"{spec.accelerator}" is no accelerator that machines of one\'s own have; allowed: {listed(known)}'
            + suggestion(spec.accelerator, known),
        )
    return known.get(spec.accelerator)


def _check(spec: LocalPool, problems: Problems) -> None:
    if not is_label(spec.name, longest=NAME_LIMIT):
        problems.add(
            "name", f'"{spec.name}" is not a name: lower-case letters, digits and dashes, at most {NAME_LIMIT}'
        )
    for name in ("nodes", "pods", "accelerators_per_node"):
        value = getattr(spec, name)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            problems.add(name, f"{value!r}; allowed: 1 or more")
    for name, value, allowed in (("arch", spec.arch, ARCHES), ("purpose", spec.purpose, PURPOSES)):
        if value not in allowed:
            problems.add(name, f'"{value}" is not one of {listed(allowed)}' + suggestion(value, allowed))
    for index, taint in enumerate(spec.taints):
        if taint.effect not in EFFECTS:
            problems.add(f"taints[{index}].effect", f'"{taint.effect}" is not one of {listed(EFFECTS)}')


def _pool(spec: LocalPool, room: Mapping[str, int], accelerator: Accelerator | None) -> NodePool:
    devices = spec.accelerators_per_node if accelerator else 0
    plain = NodePoolSpec(
        spec.name,
        accelerator=spec.accelerator,
        min=spec.nodes,
        max=spec.nodes,
        labels=spec.labels,
        taints=spec.taints,
        purpose=spec.purpose,
    )
    key = accelerator.resource_key if accelerator else None
    own = [Taint(key, "present")] if key and not spec.untainted else []
    system = [SYSTEM_TAINT] if spec.purpose == "system" else []
    nvidia = accelerator is not None and accelerator.vendor == "nvidia"
    return NodePool(
        name=spec.name,
        spec=plain,
        cloud=LOCAL,
        machine=_machine(spec, room, accelerator),
        accelerator=accelerator,
        accelerators_per_node=devices,
        resource_key=key,
        min=spec.nodes,
        max=spec.nodes,
        labels={**spec.labels, **labels_of(plain, accelerator)},
        taints=(*system, *own, *spec.taints),
        allocatable={**room, **({key: devices} if key else {})},
        driver_owner="image" if accelerator else None,
        image="",
        disk_gib=0,
        rungs=(Rung("", OnDemand(), spec.nodes, spec.nodes, spec.nodes),),
        zones=(),
        reason="its nodes are there already",
        driver=_DRIVER if nvidia else None,
    )


def _machine(spec: LocalPool, room: Mapping[str, int], accelerator: Accelerator | None) -> Machine:
    devices = f", {spec.accelerators_per_node} x {accelerator.key}" if accelerator else ""
    return Machine(
        cloud=LOCAL,
        name=f"{spec.cpus} CPU, {spec.memory}{devices}",
        vcpus=ceil(room["cpu"] / 1000),
        memory_gib=room["memory"] / GI,
        arch=spec.arch,
        accelerator=accelerator.key if accelerator else None,
        count=spec.accelerators_per_node if accelerator else 0,
        usd_per_hour=None,
        price_region=None,
        price_date=None,
        source="",
        date="",
    )


_DRIVER = DriverMode(
    cloud=LOCAL,
    image="",
    setting="",
    owner="image",
    operator_driver=False,
    operator_toolkit=False,
    operator_device_plugin=True,
    default=True,
    source="",
    date="",
)
"""Driver and toolkit are on the machines; the device plugin is the platform's, or an add-on that the cluster has."""
