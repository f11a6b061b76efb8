"""Metrics beside CPU and memory that an autoscaler may follow."""

from dataclasses import dataclass
from typing import Any, ClassVar

from pulumi_kubeml.specs import IN_STACK_FILES


@dataclass(frozen=True, kw_only=True)
class ExternalMetric:
    """A rate that the external-metrics API offers, made from a counter that pods export.

    The series must carry the labels `namespace` and `label`; a model server's monitor attaches both.

    >>> ExternalMetric(name="tokens_per_second", counter="tokens_total").query
    'sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) by (app)'
    """

    name: str
    """Name under which an autoscaler asks for it."""
    counter: str
    """Name of the counter, as pods export it."""
    label: str = "app"
    """The label that tells one workload's series from another's."""
    window: str = "2m"
    """Over how long the rate is taken; at least four scrapes."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES

    @property
    def query(self) -> str:
        """The adapter's query, with its own placeholders."""
        return f"sum(rate(<<.Series>>{{<<.LabelMatchers>>}}[{self.window}])) by ({self.label})"

    @property
    def rule(self) -> dict[str, Any]:
        """The adapter's rule (https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/externalmetrics.md)."""
        return {
            "seriesQuery": f'{self.counter}{{namespace!="",{self.label}!=""}}',
            "resources": {"overrides": {"namespace": {"resource": "namespace"}}},
            "name": {"matches": f"^{self.counter}$", "as": self.name},
            "metricsQuery": self.query,
        }


REQUESTS_PER_SECOND = ExternalMetric(name="requests_per_second", counter="http_requests_total")
"""Requests that the pods of a workload answer in a second, all of them together."""
