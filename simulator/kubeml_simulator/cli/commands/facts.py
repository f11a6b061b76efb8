"""The rows of the catalog as `kubeml catalog` shows them: plain values, one shape a table, filtered."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, NamedTuple

GIB = 2**30

Row = dict[str, Any]

KUBERNETES = {"aws": "eks", "gcp": "gke", "azure": "aks"}


class Wanted(NamedTuple):
    """What the rows are filtered by; None takes all."""

    cloud: str | None = None
    accelerator: str | None = None
    devices: float | None = None


def accelerators(wanted: Wanted) -> Iterator[Row]:
    """Yield the accelerators, each with its parts and shapes and the machine types that have it."""
    from pulumi_kubeml import catalog

    clouds = [wanted.cloud] if wanted.cloud else list(catalog.CLOUDS)
    for key, found in catalog.accelerators().items():
        had = {cloud: catalog.offers(key, cloud) for cloud in clouds}
        if wanted.accelerator not in {None, key} or (wanted.cloud and set(had.values()) == {"not offered"}):
            continue
        floors = [catalog.collective_floor(key, cloud) for cloud in clouds]
        yield {
            **plain(found),
            "mig_profiles": plain(catalog.mig_profiles(key)),
            "topologies": plain(catalog.topologies(key)),
            "collective_floors": plain([floor for floor in floors if floor]),
            "machine_types": plain(had),
        }


def machines(wanted: Wanted) -> Iterator[Row]:
    """Yield the machine types; what is not known of one is None, and nothing is computed from it."""
    from pulumi_kubeml import catalog

    for cloud in [wanted.cloud] if wanted.cloud else catalog.CLOUDS:
        rows = [
            *map(_machine, catalog.machines(cloud).values()),
            *map(_unknown, catalog.unknown_machines(cloud).values()),
        ]
        for row in rows:
            if wanted.accelerator in {None, row["accelerator"]} and wanted.devices in {None, row["accelerators"]}:
                yield row


def is_estimated(row: Row) -> bool:
    """Whether the memory that a row of `machines` leaves to pods is an estimate, because nobody published it."""
    from pulumi_kubeml.capacity.allocatable import is_estimate
    from pulumi_kubeml.catalog import machines as table

    return is_estimate(table(row["cloud"])[row["machine_type"]])


def versions(wanted: Wanted) -> Iterator[Row]:
    """Yield the Kubernetes versions of each cloud, newest first."""
    from pulumi_kubeml.catalog import kubernetes_versions

    for cloud, kind in KUBERNETES.items():
        if wanted.cloud in {None, cloud}:
            yield from ({"cloud": cloud, "kind": kind, **plain(row)} for row in kubernetes_versions(kind).values())


def charts(_wanted: Wanted) -> Iterator[Row]:
    """Yield the charts."""
    from pulumi_kubeml.catalog.charts import charts as table

    yield from map(plain, table().values())


def plain(value: Any) -> Any:
    """Make a row as plain data; what it holds may be rows again.

    >>> from datetime import date
    >>> plain({"until": date(2027, 3, 1), "kinds": ("a",)})
    {'until': '2027-03-01', 'kinds': ['a']}
    """
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _machine(found: Any) -> Row:
    from pulumi_kubeml.capacity.allocatable import machine_allocatable

    left = machine_allocatable(found)
    return {
        "cloud": found.cloud,
        "machine_type": found.name,
        "architecture": found.arch,
        "vcpus": found.vcpus,
        "memory_bytes": int(found.memory_gib * GIB),
        "accelerator": found.accelerator,
        "accelerators": _count(found.count),
        "allocatable": {
            "cpu_millicores": left["cpu"],
            "memory_bytes": left["memory"],
            "pods": left["pods"],
            "resources": dict(found.resources),
        },
        "price": _price(found),
        "source": found.source,
    }


def _unknown(found: Any) -> Row:
    return {
        "cloud": found.cloud,
        "machine_type": found.name,
        "architecture": found.arch,
        "vcpus": found.vcpus,
        "memory_bytes": None if found.memory_gib is None else int(found.memory_gib * GIB),
        "accelerator": found.accelerator,
        "accelerators": None if found.count is None else _count(found.count),
        "allocatable": None,
        "price": _price(found),
        "source": found.source,
    }


def _count(count: float) -> int | float:
    return int(count) if count == int(count) else count


def _price(found: Any) -> Row | None:
    if found.usd_per_hour is None:
        return None
    return {
        "amount": found.usd_per_hour,
        "currency": "USD",
        "region": found.price_region,
        "date": found.price_date,
    }
