"""A node pool as the catalog resolved it, and what a pod needs to land there."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi_kubeml.catalog import Accelerator, DriverMode, Fabric, Machine, Topology
from pulumi_kubeml.nodes.capacity import Capacity
from pulumi_kubeml.nodes.shares import Shares
from pulumi_kubeml.nodes.spec import LocalDisks, NodePoolSpec, Taint, Upgrade
from pulumi_kubeml.problems import ConfigurationError, Problem, listed

POOL_LABEL = "kubeml.io/pool"
PURPOSE_LABEL = "kubeml.io/purpose"
ACCELERATOR_LABEL = "kubeml.io/accelerator"
GPU_PRESENT_LABEL = "nvidia.com/gpu.present"
EFA_KEY = "vpc.amazonaws.com/efa"
"""What the EFA device plugin calls a device (https://docs.aws.amazon.com/eks/latest/userguide/device-management-efa.html)."""
EFA_PAGES = 2560
"""Pages of 2 MiB that a job uses on a whole node."""
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
    initial: int
    """Nodes that it begins with."""


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
    """The name under which pods ask for a device or a share of one ("nvidia.com/gpu"); the first, where there are several."""
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
    shares: Shares | None = None
    """What a node offers in place of whole devices; None where pods get those."""
    fabric: Fabric | None = None
    """The network between the accelerators of several nodes, where the pool needs it; None where the machine only has it."""
    compact: bool = False
    """Whether nodes stand close together (rungs whose capacity decides that itself left out)."""
    local_disks: LocalDisks = "none"
    driver: DriverMode | None = None
    """How the driver gets onto the nodes; None without a choice in the table."""
    image_streaming: bool = False
    exclusive_cpus: bool = False
    upgrade: Upgrade = "surge"
    auto_repair: bool = True
    hugepages: int = 0
    """Pages of 2 MiB that each node sets aside for its fabric."""
    topology: Topology | None = None
    """The TPU slice that the pool holds; its `hosts` are the nodes of one slice."""

    @property
    def resource_keys(self) -> tuple[str, ...]:
        """All names under which pods ask for a device or a share of one."""
        return tuple(self.shares.resources) if self.shares else (self.resource_key,) if self.resource_key else ()

    @property
    def own_labels(self) -> dict[str, str]:
        """The labels to make nodes with: all but those that the cloud gives them by itself."""
        given = self.shares.given if self.shares else {}
        return {key: value for key, value in self.labels.items() if key not in given}

    def placement(self, accelerators: int = 0, *, size: str | None = None) -> Placement:
        """Make what a pod needs to land here, with that many devices for its container.

        Where devices are shared the number is one of shares, of instances of a `size` where they have several. Where the
        pool is joined by EFA a container has the same share of its devices as of the accelerators.

        A pod that asks for no device on nodes with NVIDIA devices is told to see none: their container runtime
        otherwise shows all of them to an image that asks in its own environment
        (https://github.com/NVIDIA/nvidia-container-toolkit, NVIDIA_VISIBLE_DEVICES).
        Raises ConfigurationError when a node has fewer devices, or when a container may not have as many shares.
        """
        key = self._key(size) if accelerators else self.resource_key
        if not 0 <= accelerators <= self._most(key):
            raise ConfigurationError([Problem("accelerators", self._too_many(accelerators, key))])
        hidden = self.accelerator is not None and self.accelerator.vendor == "nvidia" and accelerators == 0
        given = self.shares.given if self.shares and accelerators else {}
        return Placement(
            node_selector={POOL_LABEL: self.name, **given},
            tolerations=[taint.toleration() for taint in self._tolerated(accelerators)],
            resources={key: str(accelerators), **self._fabric(accelerators)} if key and accelerators else {},
            environment={"NVIDIA_VISIBLE_DEVICES": "void"} if hidden else {},
        )

    def _fabric(self, accelerators: int) -> dict[str, str]:
        """What a container with so many devices needs of the fabric: its share of EFA's devices, and pages for them.

        Without them it would be silently without the fabric
        (https://docs.aws.amazon.com/eks/latest/userguide/node-efa.html, 2026-09: its test asks for half of them on a whole node).
        """
        if self.fabric is None or self.fabric.kind != "efa" or self.shares is not None:
            return {}
        devices = len(self.fabric.efa_cards) * accelerators // self.accelerators_per_node
        pages = EFA_PAGES * accelerators // self.accelerators_per_node
        return {EFA_KEY: str(devices), "hugepages-2Mi": f"{pages * 2}Mi"} if devices else {}

    def capacity(self) -> Mapping[str, int]:
        """Make what the whole pool gives at its maximum, in the units of `allocatable`."""
        return {key: amount * self.max for key, amount in self.allocatable.items()}

    def _tolerated(self, accelerators: int) -> tuple[Taint, ...]:
        """Make what a pod tolerates: the taints of the nodes, and with devices that of their kind, even where no node has it."""
        own = Taint(self.accelerator.resource_key, "present") if self.accelerator and accelerators else None
        return self.taints if own is None or own in self.taints else (*self.taints, own)

    def _key(self, size: str | None) -> str | None:
        """Make the name under which a pod asks for a share of a size."""
        sizes = self.shares.sizes if self.shares else {}
        if size is None and len(sizes) < 2:
            return self.resource_key
        if size is None or size not in sizes:
            said = "not given" if size is None else f'"{size}"'
            allowed = listed(sizes) or "none, as its devices are not cut into sizes of their own"
            raise ConfigurationError([Problem("size", f'{said}; sizes of pool "{self.name}": {allowed}')])
        return sizes[size]

    def _most(self, key: str | None) -> int:
        """Make the most devices or shares that one container may have."""
        if self.shares is None:
            return self.accelerators_per_node
        there = self.shares.resources.get(key or "", 0)
        return there if self.shares.per_container is None else min(there, self.shares.per_container)

    def _too_many(self, accelerators: int, key: str | None) -> str:
        if self.accelerator is None:
            return f'{accelerators}, but the nodes of pool "{self.name}" ({self.machine.name}) have no accelerator'
        if self.shares is not None and self.shares.per_container is not None:
            return (
                f'{accelerators}, but pods share the devices of pool "{self.name}", and more than {self.shares.per_container} '
                f"share is refused to a container, as it would give no more of a device; allowed: 0 to {self._most(key)}"
            )
        return (
            f'{accelerators}, but a node of pool "{self.name}" ({self.machine.name}) has {self._most(key)}; '
            f"allowed: 0 to {self._most(key)}"
        )
