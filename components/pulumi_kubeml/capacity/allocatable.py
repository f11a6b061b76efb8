"""What the pods of a node may use: the machine minus what the node image keeps for kubelet, eviction and the kernel.

Every figure is a row of `data/kubelet.csv` with its source. Amounts are integers: millicores, bytes, pods, devices. They
are never above what a node gives. Where somebody published what such a node shows or gives they are at most 3 % below it;
else they are estimates (`is_estimate`).

>>> allocatable(8, 32, "aws")
{'cpu': 7910, 'memory': 30141317120, 'pods': 110}
>>> allocatable(8, 32, "gcp"), allocatable(8, 32, "azure")
({'cpu': 7910, 'memory': 29438771200, 'pods': 110}, {'cpu': 7820, 'memory': 27999076352, 'pods': 250})
"""

import csv
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from importlib.resources import files
from math import ceil
from typing import NamedTuple, Protocol

from pulumi_kubeml.capacity.quantity import GI, MI

NEWEST = (9999,)
EPHEMERAL_STORAGE = "ephemeral-storage"
HUGEPAGES_2MI = "hugepages-2Mi"


class Row(NamedTuple):
    """One figure: it holds from a version of Kubernetes on, and in the tier that begins at `start`."""

    kubernetes: tuple[int, ...]
    start: int
    value: Fraction


class MachineType(Protocol):
    """What of a machine type is asked for here; the catalog's `Machine` has it."""

    @property
    def cloud(self) -> str:
        """Whose it is."""
        ...

    @property
    def machine_type(self) -> str:
        """What the cloud calls it."""
        ...

    @property
    def vcpus(self) -> int:
        """Logical CPUs."""
        ...

    @property
    def memory_gib(self) -> float:
        """Memory as the cloud lists it."""
        ...

    @property
    def visible_mib(self) -> int | None:
        """Memory that a booted machine showed."""
        ...

    @property
    def resources(self) -> Mapping[str, int]:
        """Devices by resource key."""
        ...


def machine_allocatable(
    machine: MachineType,
    *,
    max_pods: int | None = None,
    kubernetes: str | None = None,
    hugepages_2mi: int = 0,
    disk_gib: int | None = None,
) -> dict[str, int]:
    """Make the allocatable resources of one node of a machine type of the catalog, devices included.

    Pages that the node sets aside are no memory any more, and a resource of their own. What its disk leaves to pods is told
    where its size is.

    >>> from pulumi_kubeml.catalog import machines
    >>> machine_allocatable(machines("gcp")["a3-highgpu-8g"])["nvidia.com/gpu"]
    8
    >>> machine_allocatable(machines("aws")["p5.48xlarge"], hugepages_2mi=5128)["hugepages-2Mi"] // MI
    10256
    """
    made = allocatable(
        machine.vcpus,
        machine.memory_gib,
        machine.cloud,
        devices=machine.resources,
        max_pods=max_pods,
        visible_mib=machine.visible_mib,
        kubernetes=kubernetes,
    )
    if disk_gib is not None:
        made[EPHEMERAL_STORAGE] = disk_allocatable(disk_gib, machine.cloud)
    pages = hugepages_2mi * 2 * MI
    return {**made, "memory": max(0, made["memory"] - pages), HUGEPAGES_2MI: pages} if pages else made


def disk_allocatable(gib: int, cloud: str) -> int:
    """Make the bytes of a node's disk that its pods may ask for: what kubelet sees of it, less what it keeps free or for itself.

    >>> disk_allocatable(20, "aws") // MI, disk_allocatable(100, "gcp") // MI, disk_allocatable(128, "azure") // MI
    (17315, 44185, 113836)
    """
    disk = Fraction(gib) * 1024
    seen = disk * (1 - _value(cloud, "disk_hidden", NEWEST) / 100) - _value(cloud, "disk_hidden_fixed", NEWEST)
    kept = _value(cloud, "disk_reserved", NEWEST) + disk * _value(cloud, "disk_reserved_share", NEWEST) / 100
    for fact, whole in (("disk_reserved_at_most", disk / 100), ("disk_reserved_limit", Fraction(1))):
        most = _rows(cloud, fact, NEWEST)
        kept = min(kept, most[0].value * whole) if most else kept
    free = seen * (1 - _value(cloud, "disk_eviction", NEWEST) / 100) - kept
    return max(0, int(free * MI))


def pods_disk(root_gib: int | None, local_gb: int | None) -> int | None:
    """Make the GiB that are sure to be there for pods: of the root disk and of the local disks, where pods get those, the smaller.

    >>> pods_disk(200, 125), pods_disk(50, 7600), pods_disk(50, None)
    (116, 50, 50)
    """
    return root_gib if root_gib is None or local_gb is None else min(root_gib, local_gb * 10**9 // GI)


def is_estimate(machine: MachineType) -> bool:
    """Whether nobody published what such a machine shows or gives, so that its memory was estimated (on the low side).

    >>> from pulumi_kubeml.catalog import machines
    >>> is_estimate(machines("aws")["g6.xlarge"]), is_estimate(machines("gcp")["n2-standard-16"])
    (False, False)
    >>> is_estimate(machines("aws")["g3.4xlarge"]), is_estimate(machines("gcp")["a3-highgpu-8g"])
    (True, True)
    """
    return machine.visible_mib is None and (machine.cloud, machine.machine_type) not in _published()


def allocatable(
    vcpus: int,
    memory_gib: float,
    cloud: str,
    *,
    devices: Mapping[str, int] | None = None,
    max_pods: int | None = None,
    visible_mib: int | None = None,
    kubernetes: str | None = None,
) -> dict[str, int]:
    """Make the allocatable resources of one node.

    Args:
        vcpus: Logical CPUs of the machine.
        memory_gib: Memory of the machine in GiB, as the cloud lists it.
        cloud: "aws", "gcp" or "azure"; a cloud without rows raises ValueError with those that have some.
        devices: Whole devices a node advertises, by resource key ({"nvidia.com/gpu": 4}); taken over unchanged.
        max_pods: Pods a node may run; by default what the cloud sets (on AWS with prefix delegation).
        visible_mib: Memory that such a machine showed when it was booted, in MiB; without it an upper bound of what the
            machine hides is taken off.
        kubernetes: Version of the node ("1.35"); by default one that the cloud supports today.

    >>> allocatable(48, 192, "aws", devices={"nvidia.com/gpu": 4})["nvidia.com/gpu"]
    4
    """
    pods = default_max_pods(vcpus, cloud) if max_pods is None else max_pods
    kept = reserved(vcpus, cloud, max_pods=pods, memory_gib=memory_gib, kubernetes=kubernetes)
    seen = _seen(memory_gib, cloud, visible_mib)
    return {
        "cpu": vcpus * 1000 - kept["cpu"],
        "memory": max(0, int(seen) - kept["memory"]) // MI * MI,
        "pods": pods,
        **(devices or {}),
    }


def reserved(
    vcpus: int, cloud: str, *, max_pods: int, memory_gib: float = 0, kubernetes: str | None = None
) -> dict[str, int]:
    """Make what the node keeps for itself: millicores, and bytes with the eviction threshold included.

    >>> reserved(2, "aws", max_pods=29)
    {'cpu': 70, 'memory': 706740224}
    >>> reserved(4, "gcp", max_pods=110, memory_gib=16)["memory"] // MI  # 25 % of 4 GiB, 20 % of 4, 10 % of 8, and 100 MiB
    2762
    >>> reserved(2, "azure", max_pods=30, memory_gib=8)["memory"] // MI  # 20 MiB a pod and 50, and 100 MiB
    750
    """
    version = tuple(map(int, kubernetes.split("."))) if kubernetes else NEWEST
    cpu = _tiers(_rows(cloud, "cpu_reserved", version), vcpus * 1000)
    rate = _value(cloud, "memory_reserved", version) + _value(cloud, "memory_reserved_per_pod", version) * max_pods
    most = _rows(cloud, "memory_reserved_at_most", version)
    if most:
        rate = min(rate, Fraction(memory_gib) * 1024 * most[0].value / 100)
    tiers = _tiers(_rows(cloud, "memory_tier", version), Fraction(memory_gib) * 1024)
    mebibytes = rate + tiers + _value(cloud, "memory_eviction", version)
    return {"cpu": ceil(cpu), "memory": ceil(mebibytes * MI)}


def default_max_pods(vcpus: int, cloud: str) -> int:
    """Make the number of pods that a node of this many vCPUs may run, addresses handed out by prefix on AWS.

    >>> default_max_pods(8, "aws"), default_max_pods(48, "aws"), default_max_pods(8, "gcp")
    (110, 250, 110)
    """
    return int(max(row.value for row in _rows(cloud, "max_pods", NEWEST) if row.start <= vcpus))


def _seen(memory_gib: float, cloud: str, visible_mib: int | None) -> Fraction:
    if visible_mib is not None:
        return visible_mib * MI * (1 - _value(cloud, "memory_margin", NEWEST) / 100)
    hidden = 1 - _value(cloud, "memory_hidden", NEWEST) / 100
    return Fraction(memory_gib) * GI * hidden - _value(cloud, "memory_hidden_fixed", NEWEST) * MI


def _tiers(rows: list[Row], total: Fraction | int) -> Fraction:
    """Sum up a percentage of each part of a total; nothing where there are no parts."""
    ends = [*(Fraction(row.start) for row in rows[1:]), Fraction(total)][: len(rows)]
    return sum(
        (
            max(Fraction(0), min(end, Fraction(total)) - row.start) * row.value / 100
            for row, end in zip(rows, ends, strict=True)
        ),
        Fraction(0),
    )


def _value(cloud: str, fact: str, version: tuple[int, ...]) -> Fraction:
    rows = _rows(cloud, fact, version)
    return rows[0].value if rows else Fraction(0)


def _rows(cloud: str, fact: str, version: tuple[int, ...]) -> list[Row]:
    """Make the rows of a fact that hold for a version: those of the newest version that is not newer; none where it says so."""
    table = _table()
    if cloud not in table:
        raise ValueError(f'cloud "{cloud}" has no kubelet reservations; known: {", ".join(sorted(table))}')
    holding = [row for row in table[cloud].get(fact, ()) if row.kubernetes <= version]
    newest = max((row.kubernetes for row in holding), default=())
    return [row for row in holding if row.kubernetes == newest]


@cache
def _published() -> frozenset[tuple[str, str]]:
    text = (files("pulumi_kubeml.capacity") / "data" / "published_nodes.csv").read_text(encoding="utf-8")
    return frozenset((row["cloud"], row["machine"]) for row in csv.DictReader(text.splitlines()))


@cache
def _table() -> dict[str, dict[str, list[Row]]]:
    table: dict[str, dict[str, list[Row]]] = {}
    text = (files("pulumi_kubeml.capacity") / "data" / "kubelet.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        facts = table.setdefault(row["cloud"], {})
        version = tuple(map(int, row["kubernetes"].split("."))) if row["kubernetes"] else ()
        facts.setdefault(row["fact"], []).append(Row(version, int(row["from"]), Fraction(row["value"])))
    return table
