"""What a user writes of a node pool, independent of the cloud."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, Literal, get_args

from pulumi_kubeml.names import camel
from pulumi_kubeml.nodes.capacity import Capacity, OnDemand
from pulumi_kubeml.nodes.sharing import Sharing

Purpose = Literal["general", "serving", "training", "system"]
PURPOSES: tuple[str, ...] = get_args(Purpose)

Effect = Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]
Needed = Literal["none", "required"]
LocalDisks = Literal["none", "ephemeral", "block"]
Upgrade = Literal["surge", "blue-green"]
EFFECTS: tuple[str, ...] = get_args(Effect)


@dataclass(frozen=True)
class Taint:
    """What keeps pods off a node unless they tolerate it.

    >>> Taint("dedicated", "research").toleration()
    {'key': 'dedicated', 'operator': 'Equal', 'value': 'research', 'effect': 'NoSchedule'}
    """

    key: str
    value: str = ""
    effect: Effect = "NoSchedule"

    def toleration(self) -> dict[str, str]:
        """Make the toleration, in a pod's own words, that matches this taint and no other."""
        return {"key": self.key, "operator": "Equal", "value": self.value, "effect": self.effect}


@dataclass(frozen=True)
class NodePoolSpec:
    """A set of equal nodes with bounds. Give the accelerator or the machine type; the catalog decides the rest.

    >>> NodePoolSpec("serve", accelerator="l4", max=24).min
    0
    """

    name: str
    """Name of the pool: lower-case letters, digits and dashes, at most 30."""
    _: KW_ONLY
    machine: str | None = None
    """Machine type in the cloud's own words; without it the cheapest with the accelerator is taken."""
    accelerator: str | None = None
    """Key of the accelerator in the catalog ("l4", "h100"), whole devices."""
    accelerators_per_node: int | None = None
    """Devices that each node must have; by default what the machine has."""
    sharing: Sharing | None = None
    """How pods share the devices; by default each pod has whole ones."""
    min: int = 0
    """Nodes that are always there."""
    max: int | None = None
    """Nodes at most. Required for a pool with accelerators; else `min`, or 1."""
    capacity: Sequence[Capacity] = (OnDemand(),)
    """How nodes are bought, first choice first."""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    """Labels of the nodes, beside those that the pool gives itself."""
    taints: Sequence[Taint] = ()
    """Taints of the nodes, beside those that the pool gives itself."""
    disk_gib: int | None = None
    """Size of the root disk in GiB; by default what the purpose needs."""
    purpose: Purpose = "general"
    """What runs here; decides the default disk, and is a label of the nodes."""
    zones: Sequence[str] = ()
    """Availability zones of the nodes; by default all of the cluster's."""
    initial: int | None = None
    """Nodes to begin with, after which the autoscaler decides; by default `min`."""
    topology: str | None = None
    """Shape of a TPU slice ("4x4"), which decides the machine type and the number of nodes; by default that of one node."""
    fabric: Needed = "none"
    """ "required": the nodes are joined by the network between accelerators that their machine type must have."""
    compact: bool | None = None
    """Whether the nodes stand close together; by default where the fabric is required and the capacity allows it."""
    local_disks: LocalDisks = "none"
    """What local NVMe disks are used for: space of pods ("ephemeral"), or raw disks; the machine type must have some."""
    image: str | None = None
    """Node image by its short name ("bottlerocket"); by default the cloud's own with the accelerator's driver."""
    image_id: str | None = None
    """The cloud's id of an image of one's own, with `image="custom"`."""
    driver: str | None = None
    """Who installs the accelerator's driver, where the image leaves the choice: "image", "cloud", "operator" or "none",
    or the cloud's own word ("latest")."""
    image_streaming: bool | None = None
    """Whether containers start before the whole image is there, or images are pulled in parallel; by default where the
    cloud does it at no cost."""
    max_pods: int | None = None
    """Pods of one node at most; by default what the cloud sets for the machine type."""
    exclusive_cpus: bool | None = None
    """Whether containers with whole CPUs get them for themselves, next to their devices; by default on machines with
    several accelerators for training."""
    upgrade: Upgrade = "surge"
    """How nodes are replaced by newer ones: some at a time, or by a second set ("blue-green")."""
    auto_repair: bool | None = None
    """Whether the cloud replaces a node that it finds broken; by default wherever it can."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "alias_generator": camel,
        "extra": "forbid",
        "populate_by_name": True,
    }
