"""Facts as data: accelerators, machine types, node images, versions, charts.

Each table is a file in `data/` with a source and a date on every row, read when it is first asked for. Nothing here
imports pulumi, a cloud SDK or pydantic.

>>> sorted(key for key, accelerator in accelerators().items() if accelerator.vendor == "aws")
['inferentia', 'inferentia2', 'trainium', 'trainium2']
"""

from pulumi_kubeml.catalog.accelerators import Accelerator, accelerators
from pulumi_kubeml.catalog.machines import Image, Machine, image, machines
from pulumi_kubeml.catalog.versions import KubernetesVersion, addon_releases, kubernetes_versions

__all__ = [
    "Accelerator",
    "Image",
    "KubernetesVersion",
    "Machine",
    "accelerators",
    "addon_releases",
    "image",
    "kubernetes_versions",
    "machines",
]
