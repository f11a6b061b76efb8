"""One node with what runs on it, as the scheduler keeps it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pulumi_kubeml.capacity.claims import Choice, Claim, Device, Grant, Request, granted
from pulumi_kubeml.capacity.model import HostPort, Pod, TaintLike

HOSTNAME = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
REGION = "topology.kubernetes.io/region"

_LETTER = re.compile(r"-?[a-z0-9]$")


def zone_labels(zones: Sequence[str], number: int) -> dict[str, str]:
    """Make the labels of zone and region of a pool's node: a group keeps its zones even, so they take turns.

    >>> zone_labels(["us-east-1a", "us-east-1b"], 3)
    {'topology.kubernetes.io/zone': 'us-east-1b', 'topology.kubernetes.io/region': 'us-east-1'}
    >>> zone_labels(["us-central1-a"], 0)["topology.kubernetes.io/region"], zone_labels([], 0)
    ('us-central1', {})
    """
    if not zones:
        return {}
    zone = zones[number % len(zones)]
    return {ZONE: zone, REGION: _LETTER.sub("", zone)}


@dataclass
class Node:
    """A node: what it offers, and the pods on it; `allocatable` in the integers of `capacity.quantity`.

    >>> node = Node("n1", allocatable={"cpu": 4000, "pods": 2})
    >>> node.take(Pod("chat", requests={"cpu": 1500}))
    >>> node.free("cpu"), node.free("pods"), node.free("nvidia.com/gpu")
    (2500, 1, 0)
    """

    name: str
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    taints: tuple[TaintLike, ...] = ()
    allocatable: Mapping[str, int] = field(default_factory=dict[str, int])
    unschedulable: bool = False
    pods: list[Pod] = field(default_factory=list[Pod])
    used: dict[str, int] = field(default_factory=dict[str, int])
    devices: tuple[Device, ...] = ()
    taken: list[Device] = field(default_factory=list[Device])
    shared: dict[str, tuple[Device, ...]] = field(default_factory=dict[str, tuple[Device, ...]])
    """The claims that pods share and that got their devices here."""

    def __post_init__(self) -> None:
        held, self.pods = list(self.pods), []
        for pod in held:
            self.take(pod)

    def take(self, pod: Pod, count: int = 1, grant: Grant | None = None) -> None:
        """Put equal pods on the node, whether they fit or not; their claims get the devices of a grant, else any that meet them."""
        self.pods.extend([pod] * count)
        for key, amount in pod.requests.items():
            self.used[key] = self.used.get(key, 0) + amount * count
        if pod.claims or pod.mapped:
            for _ in range(count):
                given = grant or granted(self.open_claims(pod), self.devices, self.taken)
                if given is not None:
                    self.taken.extend(given.devices)
                    self.shared.update(given.shared)

    def open_claims(self, pod: Pod, held: Iterable[str] = ()) -> tuple[Claim, ...]:
        """Make the claims of a pod that still need devices: not those that have theirs, here or as `held` elsewhere.

        An extended resource that the node itself does not have is a claim too, where a class of devices stands for it.
        """
        found = [claim for claim in pod.claims if claim.key not in self.shared and claim.key not in set(held)]
        requests = tuple(
            Request(key, (Choice(each.name, each, pod.requests[key]),))
            for key, each in sorted(pod.mapped.items())
            if pod.requests.get(key) and not self.allocatable.get(key)
        )
        return (*found, Claim("", requests)) if requests else tuple(found)

    def free(self, resource: str) -> int:
        """Make what is left of a resource; below zero when more runs here than fits."""
        taken = len(self.pods) if resource == "pods" else self.used.get(resource, 0)
        return self.allocatable.get(resource, 0) - taken

    def room(self, pod: Pod, wanted: int) -> int:
        """Make how many more of equal pods the resources are enough for, at most `wanted`.

        >>> Node("n1", allocatable={"cpu": 4000, "pods": 9}).room(Pod("chat", requests={"cpu": 1500}), 5)
        2
        """
        found = min(wanted, self.free("pods"))
        for key, amount in pod.requests.items():
            if amount:
                found = min(found, self.free(key) // amount)
        return max(found, 0)

    def has_ports(self, wanted: Iterable[HostPort]) -> bool:
        """Whether none of the host ports is taken."""
        taken = [port for pod in self.pods for port in pod.ports]
        return not any(port.clashes(other) for port in wanted for other in taken)
