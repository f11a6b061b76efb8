"""Values of the charts that measure: Prometheus and its operator, and the adapter that hands metrics to autoscalers."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_kubeml.nodes import Placement
from pulumi_kubeml.observability.metrics import ExternalMetric

NAMESPACE = "monitoring"
PROMETHEUS = "kube-prometheus-stack-prometheus"
"""Service of Prometheus; its port is 9090."""
PROMETHEUS_PODS: Mapping[str, str] = {"app.kubernetes.io/name": "prometheus"}
"""Labels of the pods that scrape (set by the operator)."""
ALERTMANAGERS = 3


def prometheus(
    system: Placement, storage_class: str, *, replicas: int, retention_days: int, storage_gib: int
) -> dict[str, Any]:
    """Make the values of kube-prometheus-stack for a managed control plane.

    Definitions come from prometheus-operator-crds, certificates of the webhooks from cert-manager. Grafana is left out:
    the chart would draw a new password at each rendering, and so change at every `up`; a data source without a viewer costs nothing.
    """
    pods = {"nodeSelector": system.node_selector, "tolerations": system.tolerations}
    unseen = {"enabled": False}  # parts of a managed control plane cannot be scraped
    return {
        "crds": {"enabled": False},
        "cleanPrometheusOperatorObjectNames": True,
        "grafana": {"enabled": False},
        "prometheus": {
            "prometheusSpec": {
                **pods,
                "replicas": replicas,
                "podAntiAffinity": "hard" if replicas > 1 else "soft",
                "retention": f"{retention_days}d",
                "retentionSize": f"{storage_gib * 9 // 10}GiB",
                **{
                    f"{kind}SelectorNilUsesHelmValues": False  # every team's monitors and rules count, not the release's alone
                    for kind in ("serviceMonitor", "podMonitor", "probe", "rule", "scrapeConfig")
                },
                "resources": {"requests": {"cpu": "1", "memory": "4Gi"}, "limits": {"memory": "8Gi"}},
                "storageSpec": _volume(storage_class, storage_gib),
            },
            "podDisruptionBudget": {"enabled": replicas > 1},
        },
        "alertmanager": {
            "alertmanagerSpec": {**pods, "replicas": ALERTMANAGERS, "storage": _volume(storage_class, 10)},
            "podDisruptionBudget": {"enabled": True},
        },
        "kube-state-metrics": pods,
        "prometheusOperator": {**pods, "admissionWebhooks": {"certManager": {"enabled": True}}},
        **dict.fromkeys(("kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy"), unseen),
    }


def adapter(system: Placement, metrics: Sequence[ExternalMetric]) -> dict[str, Any]:
    """Make the values of prometheus-adapter: the external metrics and nothing else."""
    return {
        "prometheus": {"url": f"http://{PROMETHEUS}.{NAMESPACE}.svc", "port": 9090},
        "replicas": 2,
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
        "certManager": {"enabled": True},
        "nodeSelector": system.node_selector,
        "tolerations": system.tolerations,
        "rules": {"default": False, "external": [metric.rule for metric in metrics]},
    }


def _volume(storage_class: str, gib: int) -> dict[str, Any]:
    return {
        "volumeClaimTemplate": {
            "spec": {
                "storageClassName": storage_class,
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": f"{gib}Gi"}},
            }
        }
    }
