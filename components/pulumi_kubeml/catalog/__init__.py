"""Facts as data: accelerators, machine types, fabrics, node images, versions, prices, charts.

Each table is a file in `data/` with a source and a date on every row, read when it is first asked for, and so is the code
that reads it: importing this package loads nothing else. Nothing here imports pulumi, a cloud SDK or pydantic. A fact that no
source gives is empty, and None here: it is never guessed.

>>> sorted(key for key, accelerator in accelerators().items() if accelerator.vendor == "aws")
['inferentia', 'inferentia2', 'trainium', 'trainium2']
"""

import sys
from importlib import import_module
from types import ModuleType

TYPE_CHECKING = False  # typing itself is slower to load than all of this
if TYPE_CHECKING:
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
    from pulumi_kubeml.catalog.distributions import Distribution, distribution_of, distributions
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
    "Distribution",
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
    "distribution_of",
    "distributions",
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

_HOMES = {
    "accelerators": (
        "Accelerator",
        "CollectiveFloor",
        "DeviceKind",
        "MigProfile",
        "Topology",
        "accelerators",
        "collective_floor",
        "device_classes",
        "mig_profiles",
        "topologies",
    ),
    "distributions": ("Distribution", "distribution_of", "distributions"),
    "fabrics": ("Fabric", "Interface", "fabric"),
    "images": ("DriverMode", "Image", "driver_modes", "image", "images"),
    "machines": ("CLOUDS", "Machine", "UnknownMachine", "machines", "unknown_machines"),
    "offers": ("offers",),
    "versions": ("KubernetesVersion", "addon_releases", "kubernetes_versions"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


class _Catalog(ModuleType):
    """The package itself: where a module has the name of its function, the name is the function's."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME_OF and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Catalog


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
