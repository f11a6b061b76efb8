"""Kubernetes versions that a cloud offers, how long it supports them, and the add-on releases for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from pulumi_kubeml.catalog.rows import read

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class KubernetesVersion:
    """One minor version on one kind of cluster."""

    version: str
    standard_until: "date | None"
    """End of standard support; None where no source read has it."""
    extended_until: "date | None"
    """End of paid support, after which the cloud upgrades the cluster by itself."""
    source: str
    date: str


@cache
def kubernetes_versions(kind: str) -> Mapping[str, KubernetesVersion]:
    """Make the versions that a kind of cluster ("eks", "gke", "aks") offers, newest first.

    >>> str(kubernetes_versions("eks")["1.35"].standard_until)
    '2027-03-27'
    """
    return MappingProxyType(
        {
            row["version"]: KubernetesVersion(
                version=row["version"],
                standard_until=_day(row["standard_until"]),
                extended_until=_day(row["extended_until"]),
                source=row["source"],
                date=row["date"],
            )
            for row in read(f"{kind}_versions")
        }
    )


@cache
def addon_releases(kind: str, version: str) -> Mapping[str, str]:
    """Make the release of each managed add-on that is pinned for a Kubernetes version.

    An add-on without a row is left to the cloud, which then takes its default for the version. AWS documents the releases
    of three add-ons, and may cease to offer an old one: a cluster's own `addon_releases` come first.

    >>> addon_releases("eks", "1.35")["kube-proxy"]
    'v1.35.3-eksbuild.13'
    """
    return MappingProxyType(
        {row["addon"]: row["release"] for row in read(f"{kind}_addons") if row["version"] == version}
    )


def _day(text: str) -> "date | None":
    from datetime import date

    return date.fromisoformat(text) if text else None
