"""The kinds of the Prometheus operator, by themselves: first of all, so that every other chart finds them and Helm upgrades them."""

from pulumi_kubeml.addons.contract import Addon

ADDON = Addon(name="prometheus-operator-crds")
