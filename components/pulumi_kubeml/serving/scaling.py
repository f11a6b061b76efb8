"""The autoscaler of a model server: what it follows, and what must be there for it to see that."""

from typing import Any

from pulumi_kubeml.serving.spec import AutoscalingSpec, MetricTarget


def spec(name: str, autoscaling: AutoscalingSpec) -> Any:
    """Make the spec of a HorizontalPodAutoscaler (autoscaling/v2) for the Deployment of that name.

    >>> spec("chat", AutoscalingSpec(min=2, max=20, cpu=70))["metrics"]
    [{'type': 'Resource', 'resource': {'name': 'cpu', 'target': {'type': 'Utilization', 'averageUtilization': 70}}}]
    """
    percents = {"cpu": autoscaling.cpu, "memory": autoscaling.memory}
    return {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        "minReplicas": autoscaling.min,
        "maxReplicas": autoscaling.max,
        "metrics": [
            *(_resource(resource, percent) for resource, percent in percents.items() if percent is not None),
            *(_external(name, metric) for metric in autoscaling.metrics),
        ],
        # Loading a model takes minutes: replicas come at once and go slowly.
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}, "scaleUp": {"stabilizationWindowSeconds": 0}},
    }


def needs(autoscaling: AutoscalingSpec) -> list[str]:
    """Make the add-ons without which the autoscaler would be blind.

    >>> needs(AutoscalingSpec(min=2, max=20, metrics=[MetricTarget("requests_per_second", 1000)]))
    ['prometheus-adapter']
    """
    resource = ["metrics-server"] if (autoscaling.cpu, autoscaling.memory) != (None, None) else []
    return resource + (["prometheus-adapter"] if autoscaling.metrics else [])


def _resource(name: str, percent: int) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": name, "target": target}}


def _external(name: str, metric: MetricTarget) -> dict[str, Any]:
    selector = {"matchLabels": dict(metric.labels) or {"app": name}}
    target = {"type": "AverageValue", "averageValue": str(metric.average)}
    return {"type": "External", "external": {"metric": {"name": metric.name, "selector": selector}, "target": target}}
