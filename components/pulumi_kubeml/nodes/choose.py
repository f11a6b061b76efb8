"""Which machine type a pool gets: the one asked for, or the cheapest with the accelerator."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pulumi_kubeml import catalog
from pulumi_kubeml.catalog import CLOUDS, Image, Machine
from pulumi_kubeml.nodes.options import image_of
from pulumi_kubeml.nodes.slices import hosting
from pulumi_kubeml.nodes.spec import NodePoolSpec
from pulumi_kubeml.problems import Problems, listed, suggestion


class Choice(NamedTuple):
    """A machine type, its node image, and why it was taken."""

    machine: Machine
    image: Image
    reason: str


def choose(spec: NodePoolSpec, cloud: str, problems: Problems) -> Choice | None:
    """Make the choice for a spec, or add what stands against any."""
    if cloud not in CLOUDS:
        problems.add("", f'cloud "{cloud}" has no table of machine types; allowed: {listed(CLOUDS)}')
        return None
    machines = catalog.machines(cloud)
    asked = spec.accelerators_per_node
    if asked is not None and (isinstance(asked, bool) or not isinstance(asked, int) or asked < 1):
        problems.add("accelerators_per_node", f"{asked!r}, but a node has whole devices; allowed: 1 or more")
        return None
    if asked is not None and spec.accelerator is None and spec.machine is None:
        problems.add("accelerators_per_node", f"{asked}, but no accelerator is named; give accelerator or machine too")
        return None
    machines = hosting(spec, machines, problems)
    if machines is None:
        return None
    if spec.machine is not None:
        return _named(spec, spec.machine, machines, cloud, problems)
    if spec.accelerator is not None:
        return _cheapest(spec, spec.accelerator, machines, cloud, problems)
    problems.add("machine", "not given, and no accelerator either; one of the two decides what the nodes are")
    return None


def usable(machines: Mapping[str, Machine], image: str | None = None) -> dict[str, list[Machine]]:
    """Make the machines by accelerator that have whole devices and a node image with their driver, cheapest first.

    With the short name of an image, those that can have it.

    >>> [machine.name for machine in usable(catalog.machines("aws"))["h100"]]
    ['p5.4xlarge', 'p5.48xlarge']
    """
    found: dict[str, list[Machine]] = {}
    for machine in machines.values():
        if machine.accelerator and machine.is_whole and catalog.image(machine, image):
            found.setdefault(machine.accelerator, []).append(machine)
    return {key: sorted(found[key], key=_price) for key in sorted(found)}


def _price(machine: Machine) -> tuple[bool, float, int, str]:
    return (machine.usd_per_hour is None, machine.usd_per_hour or 0, machine.vcpus, machine.name)


def _cheapest(
    spec: NodePoolSpec, key: str, machines: Mapping[str, Machine], cloud: str, problems: Problems
) -> Choice | None:
    asked = spec.accelerators_per_node
    named = any(each.choice == spec.image for each in _images(key, machines))
    offers = usable(machines, spec.image if named else None)
    if key not in offers:
        problems.add("accelerator", _unknown(key, machines, offers, cloud))
        return None
    fitting = [machine for machine in offers[key] if asked in {None, machine.devices}]
    if not fitting:
        assert asked is not None, "any number fits where none is asked for"
        near = listed(f"{machine.machine_type} has {machine.devices}" for machine in _nearest(asked, offers[key]))
        problems.add("accelerators_per_node", f"{key} x {asked} on {cloud}: no machine type; {near}")
        return None
    fitting = [machine for machine in fitting if _suits(spec, machine)] or fitting
    machine = fitting[0]
    image = image_of(spec, machine, problems)
    if image is None:
        return None
    price = "price not known" if machine.usd_per_hour is None else f"{machine.usd_per_hour:g} USD an hour"
    what = key if asked is None else f"{asked} {key}"
    what += _beside(spec)
    reason = f"{machine.name}: cheapest of {len(fitting)} machine types with {what} ({price})"
    return Choice(machine, image, reason)


def _images(key: str, machines: Mapping[str, Machine]) -> list[Image]:
    return [image for machine in machines.values() if machine.accelerator == key for image in catalog.images(machine)]


def _suits(spec: NodePoolSpec, machine: Machine) -> bool:
    """Whether a machine has what a pool needs beside its accelerators."""
    has_fabric = spec.fabric != "required" or catalog.fabric(machine) is not None
    return has_fabric and (spec.local_disks == "none" or bool(machine.local_nvme_gb))


def _beside(spec: NodePoolSpec) -> str:
    fabric = ["a fabric"] if spec.fabric == "required" else []
    wanted = [*fabric, *(["local disks"] if spec.local_disks != "none" else [])]
    return "".join(f" and {each}" for each in wanted)


def _nearest(asked: int, offers: Sequence[Machine]) -> list[Machine]:
    """Make the cheapest machine with the next fewer devices, and that with the next more."""
    fewer = max((machine.devices for machine in offers if machine.devices < asked), default=None)
    more = min((machine.devices for machine in offers if machine.devices > asked), default=None)
    return [
        next(machine for machine in offers if machine.devices == count) for count in (fewer, more) if count is not None
    ]


def _named(
    spec: NodePoolSpec, name: str, machines: Mapping[str, Machine], cloud: str, problems: Problems
) -> Choice | None:
    machine = machines.get(name)
    if machine is None:
        unknown = catalog.unknown_machines(cloud).get(name)
        if unknown is not None:
            problems.add("machine", f'"{name}" cannot be used: of it is not known: {unknown.missing}')
            return None
        problems.add(
            "machine",
            f'"{name}" is not in the catalog of {cloud}, which has {len(machines)} machine types'
            + suggestion(name, machines),
        )
        return None
    machine = _given(spec, machine, machines)
    image = image_of(spec, machine, problems)
    if image is None:
        if spec.image is not None:
            return None
        problems.add("machine", f'"{name}" has {machine.accelerator}, and no node image of {cloud} has a driver for it')
        return None
    if machine.accelerator and not machine.devices:
        whole = usable(machines).get(machine.accelerator, [])
        problems.add(
            "machine",
            f'"{name}" has {machine.count:g} of one {machine.accelerator}, which pods cannot ask for; '
            f"with whole devices: {listed(other.name for other in whole)}",
        )
        return None
    agreed = len(problems)
    if spec.accelerator is not None and spec.accelerator != machine.accelerator:
        has = machine.accelerator or "no accelerator"
        problems.add("accelerator", f'"{spec.accelerator}", but machine {name} has {has}; give one of the two')
    if spec.accelerators_per_node not in {None, machine.devices}:
        problems.add("accelerators_per_node", f"{spec.accelerators_per_node}, but machine {name} has {machine.devices}")
    return Choice(machine, image, f"{name}: asked for") if len(problems) == agreed else None


def _given(spec: NodePoolSpec, host: Machine, machines: Mapping[str, Machine]) -> Machine:
    """Make the machine that a host becomes when it is given the devices that a spec asks for; else the host."""
    if host.accelerator is not None or spec.accelerator is None:
        return host
    fitting = [
        machine
        for machine in machines.values()
        if machine.machine_type == host.name
        and machine.accelerator == spec.accelerator
        and spec.accelerators_per_node in {None, machine.devices}
    ]
    return min(fitting, key=lambda machine: machine.devices, default=host)


def _unknown(key: str, machines: Mapping[str, Machine], offers: Mapping[str, list[Machine]], cloud: str) -> str:
    choices = f"on {cloud}: {listed(offers)}"
    having = sorted(machine.name for machine in machines.values() if machine.accelerator == key)
    if having:
        return f'"{key}" has no node image on {cloud} with a driver for it ({listed(having)}); {choices}'
    if catalog.offers(key, cloud) == "unknown":
        unknown = [machine for machine in catalog.unknown_machines(cloud).values() if machine.accelerator == key]
        missing = listed(f"{machine.name} (not known: {machine.missing})" for machine in unknown)
        return f'"{key}" is on machines of {cloud} of which too little is known: {missing}; {choices}'
    if key in catalog.accelerators():
        return f'"{key}" is on no machine of {cloud}; {choices}'
    return f'"{key}" is not in the catalog; {choices}' + suggestion(key, offers)
