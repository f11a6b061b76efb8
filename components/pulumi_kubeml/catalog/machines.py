"""Machine types of a cloud: what each is, what it costs, and which accelerators it has or can be given."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from pulumi_kubeml.catalog.accelerators import accelerators
from pulumi_kubeml.catalog.rows import exists, number, read, whole

CLOUDS = ("aws", "gcp", "azure")


@dataclass(frozen=True)
class Machine:
    """One machine type, as its cloud lists it."""

    cloud: str
    name: str
    """The cloud's name; for a machine that is given devices, `HOST+ACCELERATOR` and their number ("n1-standard-4+t4x2")."""
    vcpus: int
    memory_gib: float
    arch: str
    """"amd64" or "arm64", the words of Kubernetes."""
    accelerator: str | None
    """Key of the accelerator; None without."""
    count: float
    """Devices; below 1 for a machine with a part of one."""
    usd_per_hour: float | None
    """List price of the whole machine on demand; None where no source with a known licence has it."""
    price_region: str | None
    price_date: str | None
    source: str
    date: str
    spot_usd_per_hour: float | None = None
    shown_devices: int | None = None
    """Devices that Kubernetes shows where that is not the whole part of `count`."""
    visible_mib: int | None = None
    """Memory that a booted machine showed, in MiB; None where nobody published it."""
    local_nvme_gb: int | None = None
    """Local NVMe in GB, 0 without; None where it is not known."""
    cloud_accelerator: str | None = None
    """The cloud's own name of the accelerator, where a node pool must give it (GKE)."""

    @property
    def machine_type(self) -> str:
        """The name that the cloud's API takes.

        >>> machines("gcp")["n1-standard-4+t4x2"].machine_type
        'n1-standard-4'
        """
        return self.name.partition("+")[0]

    @property
    def family(self) -> str:
        """The part of the name that says which kind of machine it is ("g6", "a3-highgpu").

        >>> [machines(cloud)[name].family for cloud, name in (("aws", "g6.xlarge"), ("gcp", "a3-highgpu-8g"))]
        ['g6', 'a3-highgpu']
        """
        if self.cloud == "gcp":
            return "-".join(self.machine_type.split("-")[:2])
        return self.name.partition(".")[0]

    @property
    def devices(self) -> int:
        """Devices that a pod can ask for. A part of one is one device, on AWS none."""
        return int(self.count) if self.shown_devices is None else self.shown_devices

    @property
    def is_whole(self) -> bool:
        """Whether its devices are whole ones."""
        return self.count >= 1

    @property
    def resources(self) -> dict[str, int]:
        """What its device plugin advertises, by resource key.

        >>> machines("aws")["g6.12xlarge"].resources, machines("aws")["m7i.large"].resources
        ({'nvidia.com/gpu': 4}, {})
        """
        return (
            {accelerators()[self.accelerator].resource_key: self.devices} if self.accelerator and self.devices else {}
        )


@dataclass(frozen=True)
class UnknownMachine:
    """A machine type that exists, but of which no source that was read says all: nothing is computed with it."""

    cloud: str
    name: str
    vcpus: int | None
    memory_gib: float | None
    arch: str
    accelerator: str
    count: float | None
    missing: str
    """What is not known ("vcpus, memory")."""
    usd_per_hour: float | None
    price_region: str | None
    price_date: str | None
    source: str
    date: str


@cache
def machines(cloud: str) -> Mapping[str, Machine]:
    """Make the machine types that the catalog knows of a cloud, by name; KeyError for a cloud without a table.

    >>> machines("aws")["g6.12xlarge"].devices, machines("aws")["g6f.large"].count
    (4, 0.125)
    >>> machines("azure")["Standard_ND96isr_H100_v5"].accelerator
    'h100'
    """
    table = f"machines_{cloud}"
    if not exists(table):
        raise KeyError(cloud)
    known = {row["name"]: machine(cloud, row) for row in read(table)}
    given = attach(known.values(), read(f"attachable_{cloud}")) if exists(f"attachable_{cloud}") else ()
    return MappingProxyType({**known, **{each.name: each for each in given}})


@cache
def unknown_machines(cloud: str) -> Mapping[str, UnknownMachine]:
    """Make the machine types of a cloud of which too little is known, by name.

    >>> unknown_machines("aws")["p6e-gb200.36xlarge"].missing
    'vcpus, memory'
    """
    return MappingProxyType(
        {
            row["name"]: UnknownMachine(
                cloud=cloud,
                name=row["name"],
                vcpus=whole(row["vcpus"]),
                memory_gib=number(row["memory_gib"]),
                arch=row["arch"],
                accelerator=row["accelerator"],
                count=number(row["count"]),
                missing=row["missing"],
                usd_per_hour=number(row["usd_per_hour"]),
                price_region=row["price_region"] or None,
                price_date=row["price_date"] or None,
                source=row["source"],
                date=row["date"],
            )
            for row in read("machines_unknown")
            if row["cloud"] == cloud
        }
    )


def machine(cloud: str, row: Mapping[str, str]) -> Machine:
    """Make a machine type of one row of a table; columns that a table need not have may be left out.

    >>> machine("aws", {"name": "x9.large", "vcpus": "2", "memory_gib": "8", "arch": "amd64"}).devices
    0
    """
    return Machine(
        cloud=cloud,
        name=row["name"],
        vcpus=int(row["vcpus"]),
        memory_gib=float(row["memory_gib"]),
        arch=row["arch"],
        accelerator=row.get("accelerator") or None,
        count=float(row.get("count") or 0),
        usd_per_hour=number(row.get("usd_per_hour", "")),
        price_region=row.get("price_region") or None,
        price_date=row.get("price_date") or None,
        source=row.get("source", ""),
        date=row.get("date", ""),
        spot_usd_per_hour=number(row.get("spot_usd_per_hour", "")),
        shown_devices=whole(row.get("devices", "")),
        visible_mib=whole(row.get("visible_mib", "")),
        local_nvme_gb=whole(row.get("local_nvme_gb", "")),
        cloud_accelerator=row.get("cloud_accelerator") or None,
    )


def attach(hosts: Iterable[Machine], offers: Iterable[Mapping[str, str]]) -> Iterator[Machine]:
    """Yield the machines that hosts become when they are given devices; their price is the sum, if both are known.

    >>> [(each.name, each.usd_per_hour) for each in machines("gcp").values() if each.name == "n1-standard-4+t4x1"]
    [('n1-standard-4+t4x1', 0.539999)]
    """
    plain = [each for each in hosts if each.accelerator is None]
    for offer in offers:
        price = number(offer["usd_per_hour"])
        for host in plain:
            if host.family != offer["family"] or host.vcpus > int(offer["max_vcpus"]):
                continue
            known = host.usd_per_hour is not None and price is not None and host.price_region == offer["price_region"]
            yield replace(
                host,
                name=f"{host.name}+{offer['accelerator']}x{offer['count']}",
                accelerator=offer["accelerator"],
                count=float(offer["count"]),
                cloud_accelerator=offer["cloud_accelerator"],
                usd_per_hour=round((host.usd_per_hour or 0) + (price or 0), 6) if known else None,
                spot_usd_per_hour=None,
                price_region=host.price_region if known else None,
                price_date=min(host.price_date or "", offer["price_date"]) if known else None,
                source=f"{host.source}; accelerator {offer['source']}",
            )
