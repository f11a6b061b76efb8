"""prometheus-adapter: the external-metrics API, which autoscalers follow beside CPU and memory."""

from pulumi_kubeml.addons.contract import Addon
from pulumi_kubeml.observability import values

ADDON = Addon(
    name="prometheus-adapter",
    requires=("kube-prometheus-stack", "cert-manager"),
    conflicts=("keda",),  # one server of external.metrics.k8s.io a cluster
    values=lambda cluster, spec: values.adapter(cluster.system, spec.external_metrics),
    webhook_ports=(6443,),
)
