"""What capacity arithmetic is about, as plain data: pools of nodes, groups of equal pods, quotas.

Amounts are the integers of `capacity.quantity`. Whatever has the same attributes will do where a `NodeLike` or
`PoolLike` is asked for; a resolved node pool does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from pulumi_kubeml.capacity.claims import Claim, Device, DeviceClass


class TaintLike(Protocol):
    """A taint of a node."""

    @property
    def key(self) -> str:
        """What it is about."""
        ...

    @property
    def value(self) -> str:
        """Its value, empty when it has none."""
        ...

    @property
    def effect(self) -> str:
        """NoSchedule, PreferNoSchedule or NoExecute."""
        ...


class NodeLike(Protocol):
    """What decides whether a pod can run on a node."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Labels of a node."""
        ...

    @property
    def taints(self) -> Sequence[TaintLike]:
        """Taints of a node."""
        ...

    @property
    def allocatable(self) -> Mapping[str, int]:
        """What its pods may use: millicores, bytes, pods, devices."""
        ...


class PoolLike(NodeLike, Protocol):
    """Equal nodes, at most `max` of them."""

    @property
    def name(self) -> str:
        """Name of the pool."""
        ...

    @property
    def max(self) -> int:
        """The most nodes it may have."""
        ...


@dataclass(frozen=True)
class Taint:
    """A taint: a pod that does not tolerate it stays away.

    >>> str(Taint("nvidia.com/gpu", "present", "NoSchedule"))
    'nvidia.com/gpu=present:NoSchedule'
    """

    key: str
    value: str
    effect: str

    def __str__(self) -> str:
        return f"{self.key}={self.value}:{self.effect}" if self.value else f"{self.key}:{self.effect}"


@dataclass(frozen=True)
class Pool:
    """A node pool as a graph shows it; `urn` is the resource that makes it, `zones` where its nodes are, empty while unknown."""

    name: str
    max: int
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    allocatable: Mapping[str, int]
    machine: str = ""
    min: int = 0
    cluster: str = ""
    urn: str = ""
    zones: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    """What the drivers of dynamic resource allocation tell of a node."""


class HostPort(NamedTuple):
    """A port of a node that a pod takes for itself; an empty address means every address of the node."""

    port: int
    protocol: str = "TCP"
    address: str = ""

    def clashes(self, other: "HostPort") -> bool:
        """Whether both cannot be on one node.

        >>> HostPort(80).clashes(HostPort(80, address="10.0.0.1")), HostPort(80).clashes(HostPort(80, "UDP"))
        (True, False)
        """
        same = self.port == other.port and self.protocol == other.protocol
        anywhere = {"", "0.0.0.0"}  # noqa: S104  compared, not bound
        return same and (self.address == other.address or not anywhere.isdisjoint((self.address, other.address)))


Terms = tuple[Mapping[str, Any], ...]
"""Node selector terms as Kubernetes writes them; for volumes, none of them: every node."""


@dataclass(frozen=True)
class Volume:
    """A volume that nobody has claimed; it can be used where one of the terms takes the node."""

    name: str
    bytes: int
    terms: Terms = ()


@dataclass(frozen=True)
class Mount:
    """A claim that a pod mounts, and what the scheduler minds of it.

    `problem` is why no node is asked. The volume of a bound claim can be used where one of `terms` takes the node and, by
    its labels, in `places` (key and allowed values). A claim that `waits` takes one of `choices`, or has a volume `made`
    where one of `terms` takes the node, for its zone only when the driver is `zonal`. `alone`: one pod at a time
    (ReadWriteOncePod). Without a name each of equal pods has a claim of its own.
    """

    claim: str
    problem: str = ""
    terms: Terms = ()
    places: tuple[tuple[str, frozenset[str]], ...] = ()
    waits: bool = False
    bytes: int = 0
    choices: tuple[Volume, ...] = ()
    made: bool = False
    zonal: bool = False
    alone: bool = False


@dataclass(frozen=True)
class Pod:
    """Equal pods of one template.

    `replicas` is the most that may run at once, an autoscaler's maximum included; a `daemon` runs one on each node that
    takes it. `requests` are the effective ones of a whole pod. `affinity` holds the required node selector terms as
    Kubernetes writes them, `near` and `apart` those of required pod affinity and anti-affinity, `spread` the topology
    spread constraints that forbid (not those that only prefer), `ports` the host ports. `alone`: required anti-affinity
    (or a host port) keeps two of them off one node.
    `gates` hold them back until somebody takes the gates away.
    `limits`, `priority_class`, `terminating` (it has a deadline), `best_effort` (no container says a thing of cpu or memory)
    and `unsaid` (compute keys of a quota that some container leaves open) are what quotas ask for.
    `claims` are those of devices; `mapped` are extended resources for which a class of devices stands where a node has none.
    `undetermined` says why a figure is not known yet; then the other fields hold what is known.
    """

    name: str
    namespace: str = "default"
    replicas: int = 1
    requests: Mapping[str, int] = field(default_factory=dict[str, int])
    node_selector: Mapping[str, str] = field(default_factory=dict[str, str])
    affinity: tuple[Mapping[str, Any], ...] = ()
    tolerations: tuple[Mapping[str, Any], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    daemon: bool = False
    alone: bool = False
    ports: tuple[HostPort, ...] = ()
    near: tuple[Mapping[str, Any], ...] = ()
    apart: tuple[Mapping[str, Any], ...] = ()
    spread: tuple[Mapping[str, Any], ...] = ()
    volumes: tuple[Mount, ...] = ()
    gates: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    priority_class: str = ""
    terminating: bool = False
    best_effort: bool = False
    unsaid: frozenset[str] = frozenset()
    claims: tuple[Claim, ...] = ()
    mapped: Mapping[str, DeviceClass] = field(default_factory=dict[str, DeviceClass])
    role: str = ""
    kind: str = ""
    path: str = ""
    urn: str = ""
    cluster: str = ""
    undetermined: str = ""

    def __str__(self) -> str:
        return f"{self.name}/{self.role}" if self.role else self.name


@dataclass(frozen=True)
class Quota:
    """A resource quota: `hard` by its key as written (`requests.nvidia.com/gpu`), `scoped` when it counts some pods only.

    `scopes` are the requirements that a pod must meet to be counted, as Kubernetes writes those of a scope selector.
    """

    namespace: str
    name: str
    hard: Mapping[str, int]
    scoped: bool = False
    urn: str = ""
    cluster: str = ""
    scopes: tuple[Mapping[str, Any], ...] = ()
