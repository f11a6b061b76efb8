"""Serves the checks to a Pulumi engine: `pulumi preview --policy-pack policies`."""

from kubeml_policies.serve.server import main

main()
