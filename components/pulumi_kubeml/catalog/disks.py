"""Which kind of disk a machine type of Google Cloud starts from: newer ones take Hyperdisk only."""

from functools import cache

from pulumi_kubeml.catalog.machines import Machine
from pulumi_kubeml.catalog.rows import read


def boot_disk(machine: Machine) -> str:
    """Make the type of the disk that a machine type of Google Cloud starts from.

    >>> from pulumi_kubeml.catalog import machines
    >>> boot_disk(machines("gcp")["g2-standard-4"]), boot_disk(machines("gcp")["a4-highgpu-8g"])
    ('pd-balanced', 'hyperdisk-balanced')
    """
    types = _types()
    return types.get(machine.family, types["*"])


@cache
def _types() -> dict[str, str]:
    return {row["family"]: row["disk_type"] for row in read("boot_disks_gcp")}
