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

    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "alias_generator": camel,
        "extra": "forbid",
        "populate_by_name": True,
    }
