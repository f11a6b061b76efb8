"""What a platform installs unless it is told otherwise."""

from pulumi_kubeml.addons import (
    aws_efa_k8s_device_plugin,
    aws_load_balancer_controller,
    cert_manager,
    cluster_autoscaler,
    dcgm_exporter,
    kube_prometheus_stack,
    metrics_server,
    nvidia_device_plugin,
    prometheus_adapter,
    prometheus_operator_crds,
    training_operator,
)

STANDARD = tuple(
    module.ADDON
    for module in (
        prometheus_operator_crds,
        cert_manager,
        aws_load_balancer_controller,
        cluster_autoscaler,
        metrics_server,
        nvidia_device_plugin,
        aws_efa_k8s_device_plugin,
        kube_prometheus_stack,
        dcgm_exporter,
        prometheus_adapter,
        training_operator,
    )
)
