"""Machine types of a cloud, and the node image that each needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pulumi_kubeml.catalog.accelerators import accelerators
from pulumi_kubeml.catalog.rows import exists, number, read


@dataclass(frozen=True)
class Machine:
    """One machine type, as its cloud lists it."""

    cloud: str
    name: str
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

    @property
    def family(self) -> str:
        """The part of the name that says which kind of machine it is ("g6")."""
        return self.name.partition(".")[0]

    @property
    def devices(self) -> int:
        """Whole devices; 0 for a machine with a part of one."""
        return int(self.count)


@dataclass(frozen=True)
class Image:
    """A node image: the cloud's name of it, and who owns the accelerator's driver on it."""

    name: str
    driver_owner: str | None
    source: str
    date: str


@cache
def machines(cloud: str) -> Mapping[str, Machine]:
    """Make the machine types that the catalog knows of a cloud, by name; KeyError for a cloud without a table.

    >>> machines("aws")["g6.12xlarge"].devices, machines("aws")["g6f.large"].count
    (4, 0.125)
    """
    table = f"machines_{cloud}"
    if not exists(table):
        raise KeyError(cloud)
    return MappingProxyType({row["name"]: _machine(cloud, row) for row in read(table)})


def image(machine: Machine) -> Image | None:
    """Make the node image that a machine type needs; None when the cloud has none with a driver for its accelerator.

    >>> image(machines("aws")["g6.xlarge"]).name, image(machines("aws")["m7g.large"]).name
    ('AL2023_x86_64_NVIDIA', 'AL2023_ARM_64_STANDARD')
    >>> image(machines("aws")["g4ad.xlarge"]) is None
    True
    """
    vendor = accelerators()[machine.accelerator].vendor if machine.accelerator else ""
    table = _images(machine.cloud)
    return table.get((machine.family, machine.arch, vendor)) or table.get(("*", machine.arch, vendor))


@cache
def _images(cloud: str) -> dict[tuple[str, str, str], Image]:
    return {
        (row["family"], row["arch"], row["vendor"]): Image(
            name=row["image"], driver_owner=row["driver_owner"] or None, source=row["source"], date=row["date"]
        )
        for row in read(f"images_{cloud}")
    }


def _machine(cloud: str, row: Mapping[str, str]) -> Machine:
    return Machine(
        cloud=cloud,
        name=row["name"],
        vcpus=int(row["vcpus"]),
        memory_gib=float(row["memory_gib"]),
        arch=row["arch"],
        accelerator=row["accelerator"] or None,
        count=float(row["count"]),
        usd_per_hour=number(row["usd_per_hour"]),
        price_region=row["price_region"] or None,
        price_date=row["price_date"] or None,
        source=row["source"],
        date=row["date"],
    )
