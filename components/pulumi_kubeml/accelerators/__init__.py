"""Devices made visible: to the scheduler, and to Prometheus."""

from pulumi_kubeml.accelerators.values import dcgm_exporter, device_plugin, tolerations, with_devices

__all__ = ["dcgm_exporter", "device_plugin", "tolerations", "with_devices"]
