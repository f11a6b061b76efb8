"""The simulated providers as real Pulumi plugins, and the environment in which the real `pulumi` uses them."""

from kubeml_simulator.plugins.environment import ambient, exec_

__all__ = ["ambient", "exec_"]
