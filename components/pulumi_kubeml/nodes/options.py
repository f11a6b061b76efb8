"""What a pool decides beside machine, bounds and ladder: fabric, placement, disks, image, driver, pods, CPUs, repair.

Whatever a cloud has not is refused here, or by a row of the preconditions, with the reason: nothing is passed over.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from pulumi_kubeml import catalog
from pulumi_kubeml.catalog import Accelerator, DriverMode, Fabric, Image, Machine
from pulumi_kubeml.nodes.capacity import Capacity, CapacityBlock, FlexStart, Queued, Reservation
from pulumi_kubeml.nodes.spec import LocalDisks, Needed, NodePoolSpec, Upgrade
from pulumi_kubeml.problems import Problems, listed, suggestion

CUSTOM = "custom"
"""The short name of an image of one's own."""
ALONE: Mapping[str, tuple[type[Capacity], ...]] = {"aws": (CapacityBlock, Reservation), "azure": (Reservation,)}
"""Capacity whose machines stand where it was made: no placement group of a pool's own can hold them
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/cr-cpg.html, capacity-blocks-mng.html of the EKS guide, 2026-09;
github.com/MicrosoftDocs/azure-compute-docs@05a44856413d articles/virtual-machines/capacity-reservation-overview.md)."""
IMAGE_IDS: Mapping[str, str] = {"aws": "ami-[0-9a-f]{8,17}"}
"""Ids of images of one's own, on the clouds that take some
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html, 2026-09)."""
LEAST_PODS, MOST_PODS = 8, 250
"""What each cloud takes: GKE from 8 on, AKS and EKS up to 250 (cloud.google.com/kubernetes-engine/docs/how-to/flexible-pod-cidr,
learn.microsoft.com/azure/aks/quotas-skus-regions, docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html, 2026-09)."""


@dataclass(frozen=True)
class Options:
    """Everything that a pool decides beside what it is made of, each a field of `NodePool`."""

    fabric: Fabric | None
    compact: bool
    local_disks: LocalDisks
    driver: DriverMode | None
    image_streaming: bool
    exclusive_cpus: bool
    auto_repair: bool
    hugepages: int


def decide(
    spec: NodePoolSpec, machine: Machine, image: Image, accelerator: Accelerator | None, problems: Problems
) -> Options:
    """Make the options of a pool, or add what stands against them."""
    fabric = _fabric(spec, machine, problems)
    _local_disks(spec, machine, problems)
    _words(spec, problems)
    if spec.max_pods is not None and not (_whole(spec.max_pods) and LEAST_PODS <= spec.max_pods <= MOST_PODS):
        problems.add("max_pods", f"{spec.max_pods!r} pods; allowed: {LEAST_PODS} to {MOST_PODS}")
    return Options(
        fabric=fabric,
        compact=_compact(spec, machine.cloud, fabric, problems),
        local_disks=spec.local_disks,
        driver=_driver(spec, machine, image, accelerator, problems),
        image_streaming=_or(spec.image_streaming, machine.cloud == "gcp"),
        exclusive_cpus=_or(spec.exclusive_cpus, machine.devices > 1 and spec.purpose == "training"),
        auto_repair=_or(spec.auto_repair, not any(isinstance(rung, FlexStart) for rung in spec.capacity)),
        hugepages=(fabric.hugepages_2mi or 0) if fabric else 0,
    )


def with_fabric(cloud: str, accelerator: str | None) -> list[str]:
    """Make the names of a cloud's machines that have a fabric, of an accelerator where one is named, smallest first.

    >>> with_fabric("gcp", "h100")
    ['a3-highgpu-8g', 'a3-megagpu-8g']
    """
    having = [
        machine
        for machine in catalog.machines(cloud).values()
        if catalog.fabric(machine) and accelerator in {None, machine.accelerator} and catalog.image(machine)
    ]
    return [machine.name for machine in sorted(having, key=lambda each: (each.devices, each.vcpus, each.name))]


def _fabric(spec: NodePoolSpec, machine: Machine, problems: Problems) -> Fabric | None:
    if spec.fabric not in get_args(Needed):
        problems.add("fabric", f'"{spec.fabric}" is not one of {listed(get_args(Needed))}')
    if spec.fabric != "required":
        return None
    found = catalog.fabric(machine)
    if found is None:
        same = with_fabric(machine.cloud, machine.accelerator) if machine.accelerator else []
        of = f" of {machine.accelerator}" if same else ""
        near = listed(same or with_fabric(machine.cloud, None))
        problems.add("fabric", f'"required", but {machine.name} has none; machine types{of} with one: {near}')
    return found


def _local_disks(spec: NodePoolSpec, machine: Machine, problems: Problems) -> None:
    if spec.local_disks not in get_args(LocalDisks):
        known = get_args(LocalDisks)
        problems.add("local_disks", f'"{spec.local_disks}" is not one of {listed(known)}')
    elif spec.local_disks != "none" and not machine.local_nvme_gb:
        why = "has no local NVMe disk" if machine.local_nvme_gb == 0 else "has none that the catalog knows of"
        having = (
            other
            for other in catalog.machines(machine.cloud).values()
            if other.local_nvme_gb and other.accelerator == machine.accelerator and catalog.image(other)
        )
        near = listed(other.name for other in having)
        problems.add("local_disks", f'"{spec.local_disks}", but {machine.name} {why}; with some: {near or "none"}')


def _words(spec: NodePoolSpec, problems: Problems) -> None:
    if spec.upgrade not in get_args(Upgrade):
        problems.add("upgrade", f'"{spec.upgrade}" is not one of {listed(get_args(Upgrade))}')
    for name in ("compact", "image_streaming", "exclusive_cpus", "auto_repair"):
        value = getattr(spec, name)
        if value is not None and not isinstance(value, bool):
            problems.add(name, f"{value!r}, but true or false is needed")


def _driver(
    spec: NodePoolSpec, machine: Machine, image: Image, accelerator: Accelerator | None, problems: Problems
) -> DriverMode | None:
    """Make the way in which the driver gets onto the nodes; None where the table has no way but the image's own."""
    modes: Sequence[DriverMode] = ()
    if accelerator is not None and accelerator.vendor in {"nvidia", "aws"}:
        modes = catalog.driver_modes(machine.cloud, image.name)
    if spec.driver is None:
        return next((mode for mode in modes if mode.owner == image.driver_owner), None)
    named = [mode for mode in modes if spec.driver in _names(mode)]
    if not named:
        words = list(dict.fromkeys(name for mode in modes for name in _names(mode)))
        choice = f"allowed: {listed(words)}" if words else f"{machine.name} leaves no choice"
        problems.add("driver", f'"{spec.driver}" is no way to install a driver on {image.name}; {choice}')
        return None
    return next((mode for mode in named if mode.owner == spec.driver and mode.default), named[0])


def _names(mode: DriverMode) -> tuple[str, ...]:
    """Make the words for a mode: its owner, and the cloud's own setting where it says more."""
    own = mode.setting.lower()
    return (
        (mode.owner,)
        if own in {"", "none", "own", "install", "default", "installation_disabled"}
        else (mode.owner, own)
    )


def stands_together(cloud: str, capacity: Capacity) -> bool:
    """Whether a pool may decide that the nodes of this capacity stand close together.

    >>> stands_together("aws", Reservation("cr-0a1b2c3d4e5f67890")), stands_together("gcp", Reservation("train"))
    (False, True)
    """
    return not isinstance(capacity, ALONE.get(cloud, ()))


def _compact(spec: NodePoolSpec, cloud: str, fabric: Fabric | None, problems: Problems) -> bool:
    able = [rung for rung in spec.capacity if stands_together(cloud, rung)]
    if spec.compact and not able and spec.capacity:
        kinds = listed(dict.fromkeys(getattr(rung, "kind", "") for rung in spec.capacity))
        problems.add("compact", f"true, but where nodes of {kinds} stand is decided when that is made; leave it out")
    waiting = any(isinstance(rung, FlexStart | Queued) for rung in spec.capacity)
    return _or(spec.compact, fabric is not None and bool(able) and not waiting)


def _or(given: bool | None, otherwise: bool) -> bool:
    return otherwise if given is None else given


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def image_of(spec: NodePoolSpec, machine: Machine, problems: Problems) -> Image | None:
    """Make the node image that a spec asks for, or the machine's own; what cannot be is added."""
    if spec.image is None:
        if spec.image_id is not None:
            problems.add(
                "image_id", f'"{spec.image_id}", but the image is not one of your own; give image="custom" too'
            )
        return catalog.image(machine)
    found = catalog.image(machine, spec.image)
    if found is None:
        choices = [each.choice for each in catalog.images(machine)]
        problems.add(
            "image",
            f'"{spec.image}" is no node image for {machine.name}; allowed: {listed(choices)}'
            + suggestion(spec.image, choices),
        )
    elif (spec.image == CUSTOM) != (spec.image_id is not None):
        problems.add(
            "image_id",
            f'"{spec.image_id}", but the image is {spec.image}; it goes with image="{CUSTOM}"'
            if spec.image_id is not None
            else 'not given, but image="custom" is an image of your own; give its id',
        )
    elif spec.image_id is not None and not re.fullmatch(IMAGE_IDS[machine.cloud], spec.image_id, re.ASCII):
        problems.add("image_id", f'"{spec.image_id}" is not the id of an image: ami- and 8 to 17 hexadecimal digits')
    return found
