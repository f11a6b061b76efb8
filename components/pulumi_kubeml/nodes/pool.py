"""A node pool as the catalog resolved it, and what a pod needs to land there."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi_kubeml.catalog import Accelerator, Machine
from pulumi_kubeml.nodes.capacity import Capacity
from pulumi_kubeml.nodes.spec import NodePoolSpec, Taint
from pulumi_kubeml.problems import ConfigurationError, Problem

POOL_LABEL = "kubeml.io/pool"
PURPOSE_LABEL = "kubeml.io/purpose"
ACCELERATOR_LABEL = "kubeml.io/accelerator"
GPU_PRESENT_LABEL = "nvidia.com/gpu.present"
SYSTEM_TAINT = Taint("CriticalAddonsOnly", "true")


@dataclass(frozen=True)
class Placement:
    """What a pod template needs to land on a pool, in a pod's own words (wire names)."""

    node_selector: dict[str, str]
    """Labels that the node must have."""
    tolerations: list[dict[str, str]]
    """One for each taint of the pool."""
    resources: dict[str, str]
    """Requests and limits of the devices, to merge into those of the container."""
    environment: dict[str, str]
    """Variables of the container."""


@dataclass(frozen=True)
class Rung:
    """One node group of a pool: how its nodes are bought, and its share of the bounds."""

    suffix: str
    """Empty for the first rung; else what tells its name from the pool's."""
    capacity: Capacity
    min: int
    max: int


@dataclass(frozen=True)
class NodePool:
    """A node pool with everything decided: what the nodes are, what they are called, what they leave to pods."""

    name: str
    spec: NodePoolSpec
    cloud: str
    machine: Machine
    accelerator: Accelerator | None
    accelerators_per_node: int
    """Whole devices of each node; 0 without."""
    resource_key: str | None
    """The name under which pods ask for a device ("nvidia.com/gpu")."""
    min: int
    max: int
    labels: dict[str, str]
    taints: tuple[Taint, ...]
    allocatable: dict[str, int]
    """What one node leaves to its pods: millicores, bytes, pods, devices."""
    driver_owner: str | None
    """Who installs the accelerator's driver: "image", "cloud" or "operator"; None without accelerator."""
    image: str
    """The cloud's name of the node image (EKS: the AMI type)."""
    disk_gib: int
    rungs: tuple[Rung, ...]
    zones: tuple[str, ...]
    """Availability zones; empty: all that the cluster has."""
    reason: str = ""
    """Why this machine, in words that a preview can print."""

    def placement(self, accelerators: int = 0) -> Placement:
        """Make what a pod needs to land here, with that many devices for its container.

        A pod that asks for no device on nodes with NVIDIA devices is told to see none: their container runtime
        otherwise shows all of them to an image that asks in its own environment
        (https://github.com/NVIDIA/nvidia-container-toolkit, NVIDIA_VISIBLE_DEVICES).
        Raises ConfigurationError when a node has fewer devices.
        """
        if not 0 <= accelerators <= self.accelerators_per_node:
            raise ConfigurationError([Problem("accelerators", self._too_many(accelerators))])
        hidden = self.accelerator is not None and self.accelerator.vendor == "nvidia" and accelerators == 0
        return Placement(
            node_selector={POOL_LABEL: self.name},
            tolerations=[taint.toleration() for taint in self.taints],
            resources={self.resource_key: str(accelerators)} if self.resource_key and accelerators else {},
            environment={"NVIDIA_VISIBLE_DEVICES": "void"} if hidden else {},
        )

    def capacity(self) -> Mapping[str, int]:
        """Make what the whole pool gives at its maximum, in the units of `allocatable`."""
        return {key: amount * self.max for key, amount in self.allocatable.items()}

    def _too_many(self, accelerators: int) -> str:
        if self.accelerator is None:
            return f'{accelerators}, but the nodes of pool "{self.name}" ({self.machine.name}) have no accelerator'
        return (
            f'{accelerators}, but a node of pool "{self.name}" ({self.machine.name}) has {self.accelerators_per_node}; '
            f"allowed: 0 to {self.accelerators_per_node}"
        )
