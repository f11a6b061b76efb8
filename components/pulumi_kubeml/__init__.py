"""Managed Kubernetes with GPU node pools as Pulumi components."""
