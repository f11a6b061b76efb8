"""TPU slices: the shape of a slice decides the machine type of its nodes and how many of them there are."""

from collections.abc import Mapping

from pulumi_kubeml import catalog
from pulumi_kubeml.catalog import Machine, Topology
from pulumi_kubeml.nodes.spec import NodePoolSpec
from pulumi_kubeml.problems import Problems, listed


def hosting(spec: NodePoolSpec, machines: Mapping[str, Machine], problems: Problems) -> Mapping[str, Machine] | None:
    """Make the machines among which a pool may choose: with a topology, those of its slices; None where there are none.

    Where several machine types make one shape, those with the fewest nodes are left, unless devices or machine are named.
    """
    if spec.topology is None:
        return machines
    key = spec.accelerator
    if key is None and spec.machine is not None and spec.machine in machines:
        key = machines[spec.machine].accelerator
    shapes = catalog.topologies(key or "")
    if not shapes:
        problems.add("topology", f'"{spec.topology}", but {key or "a machine without accelerator"} comes in no slices')
        return None
    fitting = [shape for shape in shapes if shape.topology == spec.topology and _named(spec, shape, machines)]
    if not fitting:
        having = [shape for shape in shapes if _named(spec, shape, machines)] or shapes
        known = listed(dict.fromkeys(shape.topology for shape in having))
        problems.add("topology", f'"{spec.topology}" is no shape of {_what(spec, key)}; allowed: {known}')
        return None
    fewest = min(shape.hosts for shape in fitting)
    left = {shape.machine for shape in fitting if shape.hosts == fewest}
    return {name: machine for name, machine in machines.items() if machine.machine_type in left}


def slice_of(spec: NodePoolSpec, machine: Machine) -> Topology | None:
    """Make the slice that a pool of a machine holds: the one asked for, else that of one node; None for what is no TPU.

    >>> from pulumi_kubeml.catalog import machines
    >>> pool = NodePoolSpec("tpu", accelerator="tpu-v6e", topology="4x4")
    >>> slice_of(pool, machines("gcp")["ct6e-standard-4t"]).hosts
    4
    """
    shapes = [shape for shape in catalog.topologies(machine.accelerator or "") if shape.machine == machine.machine_type]
    if spec.topology is None:
        return next((shape for shape in shapes if shape.hosts == 1), None)
    return next((shape for shape in shapes if shape.topology == spec.topology), None)


def check_slice(spec: NodePoolSpec, shape: Topology, problems: Problems) -> None:
    """Add what is wrong with the bounds of a slice of several nodes: it comes as a whole, and goes as a whole."""
    if shape.hosts == 1:
        return
    what = f"a {shape.topology} slice has {shape.hosts} nodes, and comes and goes as a whole"
    if spec.max not in {None, shape.hosts}:
        problems.add("max", f"{spec.max}, but {what}; leave it out, or make more pools for more slices")
    if spec.min not in {0, shape.hosts}:
        problems.add("min", f"{spec.min}, but {what}; allowed: 0, {shape.hosts}")
    if len(spec.capacity) > 1:
        problems.add("capacity", f"{len(spec.capacity)} rungs, but {what}; allowed: one")


def _named(spec: NodePoolSpec, shape: Topology, machines: Mapping[str, Machine]) -> bool:
    """Whether a shape is of the machine, or of a machine with the number of devices, that a pool names."""
    if spec.machine is not None and shape.machine != spec.machine:
        return False
    machine = machines.get(shape.machine)
    return machine is not None and spec.accelerators_per_node in {None, machine.devices}


def _what(spec: NodePoolSpec, key: str | None) -> str:
    if spec.machine is not None:
        return spec.machine
    return f"{key} x {spec.accelerators_per_node}" if spec.accelerators_per_node else str(key)
