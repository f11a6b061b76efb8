"""What can be wrong with the settings of a platform."""

import re

from pulumi_kubeml.addons.contract import PlatformSpec
from pulumi_kubeml.problems import Problems

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)
_WINDOW = re.compile(r"[1-9][0-9]*[smh]", re.ASCII)


def check(spec: PlatformSpec, *, problems: Problems) -> None:
    """Note everything that is wrong.

    >>> problems = Problems("platform")
    >>> check(PlatformSpec(metrics_replicas=0), problems=problems)
    >>> print(*problems)
    platform.metrics_replicas  0; allowed: 1 or more
    """
    for field in ("metrics_retention_days", "metrics_storage_gib", "metrics_replicas"):
        if getattr(spec, field) < 1:
            problems.add(field, f"{getattr(spec, field)}; allowed: 1 or more")
    first: dict[str, int] = {}
    for index, metric in enumerate(spec.external_metrics):
        at = problems.under(f"external_metrics[{index}]")
        for field in ("name", "counter", "label"):
            if not _METRIC.fullmatch(getattr(metric, field)):
                at.add(
                    field, f'"{getattr(metric, field)}" is no name in Prometheus: letters, digits and _, no digit first'
                )
        if not _WINDOW.fullmatch(metric.window):
            at.add("window", f'"{metric.window}" is no duration, such as 2m')
        if first.setdefault(metric.name, index) != index:
            at.add(
                "name", f'"{metric.name}" is the name of external_metrics[{first[metric.name]}] too; names are unique'
            )
