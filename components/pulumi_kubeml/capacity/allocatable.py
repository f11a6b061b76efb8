"""What the pods of a node may use: the machine minus what the node image keeps for kubelet, eviction and the kernel.

Every figure is a row of `data/kubelet.csv` with its source. Amounts are integers: millicores, bytes, pods, devices.

>>> allocatable(8, 32, "aws")
{'cpu': 7910, 'memory': 30141317120, 'pods': 110}
"""

import csv
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from importlib.resources import files
from math import ceil

from pulumi_kubeml.capacity.quantity import GI, MI

Rows = dict[str, list[tuple[int, Fraction]]]


def allocatable(
    vcpus: int,
    memory_gib: float,
    cloud: str,
    *,
    devices: Mapping[str, int] | None = None,
    max_pods: int | None = None,
) -> dict[str, int]:
    """Make the allocatable resources of one node of a machine type.

    Args:
        vcpus: Logical CPUs of the machine.
        memory_gib: Memory of the machine in GiB, as the cloud lists it.
        cloud: "aws"; a cloud without rows raises ValueError with those that have some.
        devices: Whole devices a node advertises, by resource key ({"nvidia.com/gpu": 4}); taken over unchanged.
        max_pods: Pods a node may run; by default what the cloud sets for that many vCPUs with prefix delegation.

    >>> allocatable(48, 192, "aws", devices={"nvidia.com/gpu": 4})["nvidia.com/gpu"]
    4
    """
    pods = default_max_pods(vcpus, cloud) if max_pods is None else max_pods
    kept = reserved(vcpus, cloud, max_pods=pods)
    seen = Fraction(memory_gib) * GI * (1 - _value(cloud, "memory_hidden") / 100)
    return {
        "cpu": vcpus * 1000 - kept["cpu"],
        "memory": (int(seen) - kept["memory"]) // MI * MI,
        "pods": pods,
        **(devices or {}),
    }


def reserved(vcpus: int, cloud: str, *, max_pods: int) -> dict[str, int]:
    """Make what the node keeps for itself: millicores, and bytes with the eviction threshold included.

    >>> reserved(2, "aws", max_pods=29)
    {'cpu': 70, 'memory': 706740224}
    """
    total = vcpus * 1000
    tiers = _rows(cloud)["cpu_reserved"]
    ends = [start for start, _ in tiers[1:]] + [total]
    cpu = sum(
        max(0, min(end, total) - start) * percent / 100 for (start, percent), end in zip(tiers, ends, strict=True)
    )
    mebibytes = (
        _value(cloud, "memory_reserved")
        + _value(cloud, "memory_reserved_per_pod") * max_pods
        + _value(cloud, "memory_eviction")
    )
    return {"cpu": ceil(cpu), "memory": ceil(mebibytes * MI)}


def default_max_pods(vcpus: int, cloud: str) -> int:
    """Make the number of pods that a node of this many vCPUs may run, addresses handed out by prefix.

    >>> default_max_pods(8, "aws"), default_max_pods(48, "aws")
    (110, 250)
    """
    return int(max(value for start, value in _rows(cloud)["max_pods"] if start <= vcpus))


def _value(cloud: str, fact: str) -> Fraction:
    return _rows(cloud)[fact][0][1]


def _rows(cloud: str) -> Rows:
    table = _table()
    if cloud not in table:
        raise ValueError(f'cloud "{cloud}" has no kubelet reservations; known: {", ".join(sorted(table))}')
    return table[cloud]


@cache
def _table() -> dict[str, Rows]:
    table: dict[str, Rows] = {}
    text = (files("pulumi_kubeml.capacity") / "data" / "kubelet.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        facts = table.setdefault(row["cloud"], {})
        facts.setdefault(row["fact"], []).append((int(row["from"]), Fraction(row["value"])))
    return table
