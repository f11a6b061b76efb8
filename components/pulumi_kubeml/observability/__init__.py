"""What is measured, and which measures an autoscaler may follow."""

from pulumi_kubeml.observability.metrics import REQUESTS_PER_SECOND, ExternalMetric

__all__ = ["REQUESTS_PER_SECOND", "ExternalMetric"]
