"""The training operator: runs TFJob, PyTorchJob and the other kinds of kubeflow.org/v1; a pinned kustomization, for it has no chart."""

from pulumi_kubeml.addons.contract import Addon

ADDON = Addon(name="training-operator", webhook_ports=(9443,))
