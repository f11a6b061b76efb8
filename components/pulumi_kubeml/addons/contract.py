"""What an add-on is: a row of the chart table, what it needs beside it, and its values for a cluster.

>>> dns = Addon(name="external-dns", requires=("cert-manager",), values=lambda _cluster, _spec: {"policy": "upsert-only"})
>>> dns.row.version, dns.row.namespace
('1.21.1', 'external-dns')
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pulumi_kubeml.catalog.charts import Chart, chart
from pulumi_kubeml.clusters.contract import Cluster, Policy
from pulumi_kubeml.observability.metrics import REQUESTS_PER_SECOND, ExternalMetric
from pulumi_kubeml.specs import IN_STACK_FILES

Values = Callable[[Cluster, "PlatformSpec"], Mapping[str, Any]]
Permissions = Callable[[Cluster], Policy]


@dataclass(frozen=True, kw_only=True)
class PlatformSpec:
    """What a user says of the platform as a whole; plain data, so that a stack file can hold it."""

    metrics_retention_days: int = 15
    """Days that Prometheus keeps its samples."""
    metrics_storage_gib: int = 100
    """Volume of each Prometheus replica, in GiB; nine tenths of it are used before old samples go."""
    metrics_replicas: int = 2
    """Prometheus servers that scrape the same targets, on different nodes."""
    external_metrics: Sequence[ExternalMetric] = (REQUESTS_PER_SECOND,)
    """Metrics that autoscalers may use beside CPU and memory."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES


@dataclass(frozen=True, kw_only=True)
class Addon:
    """One thing that the platform installs; required first: its name."""

    name: str
    """Key of its row in the chart table, unless `chart` is given."""
    values: Values = lambda _cluster, _spec: {}
    """The chart's values for a cluster; called once, before the release is registered."""
    requires: tuple[str, ...] = ()
    """Add-ons that must be there before it."""
    conflicts: tuple[str, ...] = ()
    """Add-ons that must not be there beside it."""
    clouds: tuple[str, ...] = ()
    """Clouds that it is for, by the catalog's names; empty: all of them."""
    wanted: Callable[[Cluster], bool] = lambda _cluster: True
    """Whether a cluster has a use for it (a device plugin: a pool with devices)."""
    permissions: Mapping[str, Permissions] = field(default_factory=dict[str, Permissions])
    """By cloud, what its service account may do there: statements on AWS, roles on named resources elsewhere."""
    service_account: str | None = None
    """Name of that service account; by default the add-on's name."""
    account_values: tuple[str, ...] = ("serviceAccount",)
    """Where the chart's values speak of that service account."""
    defines: bool = True
    """Whether the kinds of its row come with it; not where another add-on installs them first."""
    webhook_ports: tuple[int, ...] = ()
    """Ports of its pods that the API server calls; every other way in is closed but scrapes."""
    timeout_seconds: int = 600
    """How long a release may take before it is rolled back."""
    chart: Chart | None = None
    """A row of one's own, for what the chart table does not know."""

    @property
    def row(self) -> Chart:
        """What is installed, and what is inside it."""
        return self.chart or chart(self.name)

    def gives(self, group: str, kind: str) -> bool:
        """Whether it is the add-on of this name (without a group), or the one that defines a kind of this group.

        >>> Addon(name="training-operator").gives("kubeflow.org", "TFJob"), Addon(name="keda").gives("", "keda")
        (True, True)
        """
        return (self.defines and (group, kind) in self.row.kinds) if group else self.name == kind


def on_system(cluster: Cluster) -> dict[str, Any]:
    """Make the values that put pods on the nodes of the platform."""
    return {"nodeSelector": cluster.system.node_selector, "tolerations": cluster.system.tolerations}
