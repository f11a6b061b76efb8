"""Accelerators, independent of the cloud that has them: what they are called, how they are divided, how they are joined."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pulumi_kubeml.catalog.rows import number, read, whole


@dataclass(frozen=True)
class Accelerator:
    """One model of GPU or other accelerator."""

    key: str
    """How users write it ("l4", "a100-80gb")."""
    vendor: str
    """Who makes it and its driver: "nvidia", "amd", "aws" or "google"."""
    name: str
    memory_gib: float | None
    """Nominal memory of one whole device; None where no source has it."""
    reported_mib: int | None
    """Memory as a cloud's API reports it, which may be less; None where it is not known."""
    resource_key: str
    """The name under which a pod asks for one ("nvidia.com/gpu")."""
    exporter: str | None
    """What exports its metrics (`data/exporters.csv` says which chart of the table installs it, if one does)."""
    device_class: str | None
    """The DeviceClass of its driver for dynamic resource allocation; None where there is none."""
    source: str
    date: str


@dataclass(frozen=True)
class MigProfile:
    """One way to cut a device: how many such parts one device gives, and what a pod calls a part (with the mixed strategy)."""

    accelerator: str
    profile: str
    instances: int
    resource_key: str
    source: str
    date: str


@dataclass(frozen=True)
class Topology:
    """One shape of a TPU slice: its chips, and the hosts (nodes) of this machine type that hold them."""

    accelerator: str
    machine: str
    topology: str
    chips: int
    hosts: int
    source: str
    date: str


@dataclass(frozen=True)
class CollectiveFloor:
    """The bus bandwidth that somebody publishes as the least a healthy pair of nodes reaches, in GB/s."""

    accelerator: str
    cloud: str
    collective: str
    busbw_gb_per_s: float
    source: str
    date: str


@dataclass(frozen=True)
class DeviceKind:
    """A class of devices for dynamic resource allocation, and what its driver tells of a device; empty where no source says."""

    name: str
    vendor: str
    driver: str
    selector: str
    """The expression by which the class takes devices."""
    attributes: Mapping[str, str]
    """Attributes of every whole device, by full name; a device has others."""
    chart: str
    """Key of the chart that brings driver and class."""
    source: str
    date: str


@cache
def device_classes() -> tuple[DeviceKind, ...]:
    """Make the classes of devices that drivers bring with them.

    >>> [each.name for each in device_classes() if each.chart]
    ['gpu.nvidia.com']
    """
    return tuple(
        DeviceKind(
            name=row["device_class"],
            vendor=row["vendor"],
            driver=row["driver"],
            selector=row["selector"],
            attributes=dict([row["attributes"].split("=")]) if row["attributes"] else {},
            chart=row["chart"],
            source=row["source"],
            date=row["date"],
        )
        for row in read("device_classes")
    )


@cache
def accelerators() -> Mapping[str, Accelerator]:
    """Make the accelerators that the catalog knows, by key.

    >>> accelerators()["l4"].resource_key, accelerators()["l4"].memory_gib, accelerators()["l4"].reported_mib
    ('nvidia.com/gpu', 24.0, 22888)
    """
    return MappingProxyType({row["key"]: _accelerator(row) for row in read("accelerators")})


@cache
def mig_profiles(accelerator: str) -> tuple[MigProfile, ...]:
    """Make the MIG profiles of an accelerator, empty for one that cannot be cut.

    >>> [(each.profile, each.instances, each.resource_key) for each in mig_profiles("h100")][:2]
    [('1g.10gb', 7, 'nvidia.com/mig-1g.10gb'), ('1g.10gb+me', 1, 'nvidia.com/mig-1g.10gb.me')]
    """
    return tuple(
        MigProfile(accelerator, row["profile"], int(row["instances"]), row["resource_key"], row["source"], row["date"])
        for row in read("mig_profiles")
        if row["accelerator"] == accelerator
    )


@cache
def topologies(accelerator: str) -> tuple[Topology, ...]:
    """Make the shapes in which a TPU is offered, smallest first for each machine type; empty for what is no TPU.

    >>> [(each.machine, each.topology, each.hosts) for each in topologies("tpu-v6e")][:3]
    [('ct6e-standard-1t', '1x1', 1), ('ct6e-standard-4t', '2x2', 1), ('ct6e-standard-4t', '2x4', 2)]
    """
    return tuple(
        Topology(
            accelerator,
            row["machine"],
            row["topology"],
            int(row["chips"]),
            int(row["hosts"]),
            row["source"],
            row["date"],
        )
        for row in read("tpu_topologies")
        if row["accelerator"] == accelerator
    )


def collective_floor(accelerator: str, cloud: str, collective: str = "all_reduce") -> CollectiveFloor | None:
    """Make the published floor of a collective between nodes; None where none is published.

    >>> collective_floor("h100", "aws").busbw_gb_per_s, collective_floor("l4", "aws")
    (300.0, None)
    """
    return _floors().get((accelerator, cloud, collective))


@cache
def _floors() -> dict[tuple[str, str, str], CollectiveFloor]:
    return {
        (row["accelerator"], row["cloud"], row["collective"]): CollectiveFloor(
            row["accelerator"],
            row["cloud"],
            row["collective"],
            float(row["busbw_gb_per_s"]),
            row["source"],
            row["date"],
        )
        for row in read("collective_floors")
    }


def _accelerator(row: Mapping[str, str]) -> Accelerator:
    return Accelerator(
        key=row["key"],
        vendor=row["vendor"],
        name=row["name"],
        memory_gib=number(row["memory_gib"]),
        reported_mib=whole(row["reported_mib"]),
        resource_key=row["resource_key"],
        exporter=row["exporter"] or None,
        device_class=row["device_class"] or None,
        source=row["source"],
        date=row["date"],
    )
