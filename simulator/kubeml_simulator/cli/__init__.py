"""The command `kubeml`: previews, brings up and takes down whole Pulumi stacks without a cloud, and checks what they would be."""

from kubeml_simulator.cli.app import main

__all__ = ["main"]
