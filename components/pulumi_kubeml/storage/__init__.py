"""Storage classes by purpose."""

from pulumi_kubeml.storage.classes import StorageClasses, StorageClassesArgs, StorageClassSpec

__all__ = ["StorageClassSpec", "StorageClasses", "StorageClassesArgs"]
