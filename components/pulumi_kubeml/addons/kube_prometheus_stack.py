"""Prometheus, Alertmanager, the operator, and exporters of nodes and objects."""

from pulumi_kubeml.addons.contract import Addon
from pulumi_kubeml.observability import values

ADDON = Addon(
    name="kube-prometheus-stack",
    requires=("prometheus-operator-crds", "cert-manager"),
    values=lambda cluster, spec: values.prometheus(
        cluster.system,
        cluster.storage["block"],
        replicas=spec.metrics_replicas,
        retention_days=spec.metrics_retention_days,
        storage_gib=spec.metrics_storage_gib,
    ),
    defines=False,  # prometheus-operator-crds does
    webhook_ports=(10250,),
    timeout_seconds=900,
)
