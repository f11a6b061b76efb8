"""Facts as data: accelerators, machine types, fabrics, node images, versions, prices, charts.

Each table is a file in `data/` with a source and a date on every row, read when it is first asked for. Nothing here
imports pulumi, a cloud SDK or pydantic. A fact that no source gives is empty, and None here: it is never guessed.

>>> sorted(key for key, accelerator in accelerators().items() if accelerator.vendor == "aws")
['inferentia', 'inferentia2', 'trainium', 'trainium2']
"""

from pulumi_kubeml.catalog.accelerators import (
    Accelerator,
    CollectiveFloor,
    DeviceKind,
    MigProfile,
    Topology,
    accelerators,
    collective_floor,
    device_classes,
    mig_profiles,
    topologies,
)
from pulumi_kubeml.catalog.fabrics import Fabric, Interface, fabric
from pulumi_kubeml.catalog.images import DriverMode, Image, driver_modes, image, images
from pulumi_kubeml.catalog.machines import CLOUDS, Machine, UnknownMachine, machines, unknown_machines
from pulumi_kubeml.catalog.offers import offers
from pulumi_kubeml.catalog.versions import KubernetesVersion, addon_releases, kubernetes_versions

__all__ = [
    "CLOUDS",
    "Accelerator",
    "CollectiveFloor",
    "DeviceKind",
    "DriverMode",
    "Fabric",
    "Image",
    "Interface",
    "KubernetesVersion",
    "Machine",
    "MigProfile",
    "Topology",
    "UnknownMachine",
    "accelerators",
    "addon_releases",
    "collective_floor",
    "device_classes",
    "driver_modes",
    "fabric",
    "image",
    "images",
    "kubernetes_versions",
    "machines",
    "mig_profiles",
    "offers",
    "topologies",
    "unknown_machines",
]
