"""Accelerators, independent of the cloud that has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pulumi_kubeml.catalog.rows import number, read


@dataclass(frozen=True)
class Accelerator:
    """One model of GPU or other accelerator."""

    key: str
    """How users write it ("l4", "a100-80gb")."""
    vendor: str
    """Who makes it and its driver: "nvidia", "amd" or "aws"."""
    name: str
    memory_gib: float | None
    """Nominal memory of one whole device; None where the source has none."""
    resource_key: str
    """The name under which a pod asks for one ("nvidia.com/gpu")."""
    exporter: str | None
    """The chart that exports its metrics; None where none is in the chart table."""
    source: str
    date: str


@cache
def accelerators() -> Mapping[str, Accelerator]:
    """Make the accelerators that the catalog knows, by key.

    >>> accelerators()["l4"].resource_key, accelerators()["h200"].memory_gib
    ('nvidia.com/gpu', 141.0)
    """
    return MappingProxyType({row["key"]: _accelerator(row) for row in read("accelerators")})


def _accelerator(row: Mapping[str, str]) -> Accelerator:
    return Accelerator(
        key=row["key"],
        vendor=row["vendor"],
        name=row["name"],
        memory_gib=number(row["memory_gib"]),
        resource_key=row["resource_key"],
        exporter=row["exporter"] or None,
        source=row["source"],
        date=row["date"],
    )
