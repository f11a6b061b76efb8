"""Node images: which one a machine type needs, and who may own the accelerator's driver on it."""

from dataclasses import dataclass
from functools import cache

from pulumi_kubeml.catalog.accelerators import accelerators
from pulumi_kubeml.catalog.machines import Machine
from pulumi_kubeml.catalog.rows import read


@dataclass(frozen=True)
class Image:
    """A node image: the cloud's name of it, and who owns the accelerator's driver on it."""

    name: str
    driver_owner: str | None
    """"image", "cloud" or "operator"; None for an image without accelerators."""
    choice: str
    """The short name by which a pool asks for it ("al2023", "bottlerocket")."""
    default: bool
    """Whether a machine type of this kind has it unless another is asked for."""
    source: str
    date: str


@dataclass(frozen=True)
class DriverMode:
    """One way in which the NVIDIA driver gets onto an image, and what is left to the GPU operator."""

    cloud: str
    image: str
    setting: str
    """The value of the cloud's own setting (GKE `gpu_driver_version`, AKS `gpuProfile`); empty where there is none."""
    owner: str
    """"image", "cloud", "operator" or "none" (somebody else's installer)."""
    operator_driver: bool | None
    """Whether the GPU operator installs the driver; None where it does not run on such nodes."""
    operator_toolkit: bool | None
    operator_device_plugin: bool | None
    default: bool
    source: str
    date: str


def image(machine: Machine, choice: str | None = None) -> Image | None:
    """Make the node image of a machine type: the one that is asked for by its short name, else the default.

    None when the cloud has none with a driver for the accelerator, or none of that name.

    >>> from pulumi_kubeml.catalog import machines
    >>> image(machines("aws")["g6.xlarge"]).name, image(machines("gcp")["a3-highgpu-8g"]).driver_owner
    ('AL2023_x86_64_NVIDIA', 'cloud')
    >>> image(machines("aws")["g4ad.xlarge"]) is None
    True
    >>> image(machines("aws")["g6.xlarge"], "bottlerocket").name
    'BOTTLEROCKET_x86_64_NVIDIA'
    """
    for each in images(machine):
        if each.default if choice is None else each.choice == choice:
            return each
    return None


def images(machine: Machine) -> tuple[Image, ...]:
    """Make all node images of a machine type, those for its family before those for any.

    >>> from pulumi_kubeml.catalog import machines
    >>> [each.choice for each in images(machines("aws")["g5g.xlarge"])]
    ['al2023', 'bottlerocket', 'custom']
    """
    vendor = accelerators()[machine.accelerator].vendor if machine.accelerator else ""
    table = _images(machine.cloud)
    return (*table.get((machine.family, machine.arch, vendor), ()), *table.get(("*", machine.arch, vendor), ()))


@cache
def driver_modes(cloud: str, image_name: str) -> tuple[DriverMode, ...]:
    """Make the ways to own the driver on an image, the default first; empty where the image has none.

    >>> [(mode.setting, mode.owner) for mode in driver_modes("azure", "Ubuntu")]
    [('Install', 'cloud'), ('Managed', 'cloud'), ('None', 'operator')]
    """
    modes = [
        DriverMode(
            cloud=cloud,
            image=image_name,
            setting=row["setting"],
            owner=row["owner"],
            operator_driver=_yes(row["operator_driver"]),
            operator_toolkit=_yes(row["operator_toolkit"]),
            operator_device_plugin=_yes(row["operator_device_plugin"]),
            default=row["default"] == "yes",
            source=row["source"],
            date=row["date"],
        )
        for row in read("driver_modes")
        if (row["cloud"], row["image"]) == (cloud, image_name)
    ]
    return tuple(sorted(modes, key=lambda mode: not mode.default))


@cache
def _images(cloud: str) -> dict[tuple[str, str, str], tuple[Image, ...]]:
    found: dict[tuple[str, str, str], tuple[Image, ...]] = {}
    for row in read(f"images_{cloud}"):
        key = (row["family"], row["arch"], row["vendor"])
        made = Image(
            name=row["image"],
            driver_owner=row["driver_owner"] or None,
            choice=row["choice"],
            default=row["default"] == "yes",
            source=row["source"],
            date=row["date"],
        )
        found[key] = (*found.get(key, ()), made)
    return found


def _yes(text: str) -> bool | None:
    return text == "yes" if text else None
