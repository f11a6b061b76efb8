"""The chart table: what can be installed, at which pinned version, which kinds it defines and what its pods ask for.

One line a chart in `data/charts.jsonl`, read on first use. What is inside a Helm release is invisible in a graph of resources;
the definitions and the footprint of this table stand in for it wherever capacity, quotas and policies count.

>>> chart("cert-manager").version
'v1.21.1'
>>> sorted(defining("kubeflow.org", "TFJob"))
['training-operator']
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from pulumi_kubeml.problems import suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """Kinds of one API group that a chart defines; the first version is the stored one."""

    group: str
    versions: tuple[str, ...]
    kinds: tuple[str, ...]
    cluster: bool = False
    """Objects of these kinds have no namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Pods that a release keeps running: `replicas` of them, or one a node where that is None.

    `cpu` (millicores) and `memory` (bytes) are the requests of one pod; zero means that the chart asks for none, not that it is free.
    """

    kind: str
    name: str
    replicas: int | None
    cpu: int
    memory: int
    namespace: str | None = None
    """Where it differs from the chart's."""
    runs_on: str = "linux"
    """For one a node: "linux" is every Linux node, "gpu" those with a device, else as said."""
    gpu_taint: bool | str = False
    """The taint `nvidia.com/gpu` is tolerated: always, never, or with this value only."""
    selector: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Volumes that a release claims: `count` of `bytes` each."""

    name: str
    bytes: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One row: a Helm chart, or a kustomization where `chart` is empty."""

    key: str
    chart: str
    repository: str
    """The address of a Helm repository, the whole address of an OCI chart, or a folder in a git repository."""
    version: str
    app_version: str
    namespace: str
    pod_security: str
    """The strictest Pod Security level that its namespace may enforce; "privileged" wherever an agent runs on each node."""
    definitions: tuple[Definition, ...]
    footprint: tuple[Workload, ...]
    claims: tuple[Claim, ...]
    values: str
    """What the footprint was rendered with: "production", "minimal", "platform" (parts that the platform leaves out are left out)."""
    source: str
    date: str

    @property
    def kinds(self) -> frozenset[tuple[str, str]]:
        """Every (group, kind) that the chart defines.

        >>> ("cert-manager.io", "Certificate") in chart("cert-manager").kinds
        True
        """
        return frozenset((each.group, kind) for each in self.definitions for kind in each.kinds)

    @property
    def reference(self) -> tuple[str, str | None]:
        """What a Helm release names: the chart, and its repository unless the chart's own address says it.

        >>> chart("metrics-server").reference
        ('metrics-server', 'https://kubernetes-sigs.github.io/metrics-server/')
        >>> chart("cert-manager").reference
        ('oci://quay.io/jetstack/charts/cert-manager', None)
        """
        return (self.repository, None) if self.repository.startswith("oci://") else (self.chart, self.repository)


def chart(key: str) -> Chart:
    """Look one chart up; KeyError names the nearest key.

    >>> chart("cert-manger")
    Traceback (most recent call last):
    KeyError: '"cert-manger" is not in the chart table; did you mean cert-manager?'
    """
    rows = charts()
    if key not in rows:
        raise KeyError(f'"{key}" is not in the chart table{suggestion(key, rows)}')
    return rows[key]


def defining(group: str, kind: str) -> frozenset[str]:
    """The keys of all charts that define a kind."""
    return _defining().get((group, kind), frozenset())


def released(name: str, repository: str | None = None) -> Chart | None:
    """The row of a Helm release, by the chart and repository that it names; None when the table does not know it.

    >>> released("metrics-server").key, released("oci://quay.io/jetstack/charts/cert-manager").key, released("nginx")
    ('metrics-server', 'cert-manager', None)
    """
    for row in charts().values():
        wanted, at = row.reference
        if name == wanted and (repository is None or at is None or repository.rstrip("/") == at.rstrip("/")):
            return row
    return None


@cache
def charts() -> Mapping[str, Chart]:
    """The whole table by key."""
    text = (files("pulumi_kubeml.catalog") / "data" / "charts.jsonl").read_text(encoding="utf-8")
    return MappingProxyType({row.key: row for row in map(_row, text.splitlines())})


@cache
def _defining() -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], frozenset[str]] = {}
    for row in charts().values():
        for kind in row.kinds:
            found[kind] = found.get(kind, frozenset()) | {row.key}
    return found


def _row(line: str) -> Chart:
    row: dict[str, Any] = json.loads(line)
    for each in row["definitions"]:
        each.update({"versions": tuple(each["versions"]), "kinds": tuple(each["kinds"])})
    row["definitions"] = tuple(Definition(**each) for each in row["definitions"])
    row["footprint"] = tuple(Workload(**each) for each in row["footprint"])
    row["claims"] = tuple(Claim(**each) for each in row["claims"])
    return Chart(**row)
