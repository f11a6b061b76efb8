"""Accelerators of nodes: a machine type has its own, or can be given some, or none."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from kubeml_simulator.provider import Failure

from .behaviours import checks
from .case import Case
from .clusters import CLUSTER, bad
from .node_pools import POOL

ACCELERATORS = "nodeConfig.guestAccelerators"


@checks(POOL, CLUSTER)
def accelerators_fit_the_machine(case: Case) -> Iterator[Failure]:
    """The accelerators of nodes are those of their machine type, or ones that it can be given; what the catalogue does not know passes."""
    yield from _of_all_nodes(case, _fit_the_machine)


@checks(POOL, CLUSTER)
def a_part_is_one_of_the_device(case: Case) -> Iterator[Failure]:
    """A GPU is cut in the ways that its model has."""
    yield from _of_all_nodes(case, _parts_of_the_device)


def _of_all_nodes(case: Case, judge: Callable[[Case], Iterator[Failure]]) -> Iterator[Failure]:
    """What is wrong with the nodes of a pool, with the first ones of a cluster, and with those of pools inside it."""
    yield from judge(case)
    pools = case.inputs.get("nodePools") if case.token == CLUSTER else None
    for index, pool in enumerate(pools if isinstance(pools, list) else ()):
        if isinstance(pool, Mapping):
            for failure in judge(replace(case, inputs=pool)):
                yield replace(failure, path=f"nodePools[{index}].{failure.path}")


def _fit_the_machine(case: Case) -> Iterator[Failure]:
    from pulumi_kubeml.catalog import machines

    name, given = case.known("nodeConfig.machineType") or "e2-medium", case.known(ACCELERATORS)
    if case.unknown("nodeConfig.machineType") or not isinstance(given, list) or not given:
        return
    known = machines("gcp")
    machine = known.get(str(name))
    attachable = [each for key, each in known.items() if key.startswith(f"{name}+")]
    if machine is None:
        return
    for index, each in enumerate(given):
        kind, count = each.get("type"), each.get("count")
        path = f"{ACCELERATORS}[{index}]"
        if machine.cloud_accelerator is not None:
            if kind != machine.cloud_accelerator:
                why = bad(f"Accelerator type {kind} is not supported on the machine type {name}")
                yield Failure(f"{path}.type", kind, machine.cloud_accelerator, why)
            elif count != machine.devices and machine.devices:
                why = bad(f"the machine type {name} has {machine.devices} of them")
                yield Failure(f"{path}.count", count, str(machine.devices), why)
            continue
        fitting = [one for one in attachable if one.cloud_accelerator == kind]
        if not fitting:
            types = sorted({str(one.cloud_accelerator) for one in attachable})
            why = bad(f"Accelerator type {kind} is not supported on the machine type {name}")
            allowed = ", ".join(types) or "none; machine types with one: a2, a3, a4, g2, g4, n1 with one attached"
            yield Failure(f"{path}.type", kind, allowed, why)
        elif count not in [one.devices for one in fitting]:
            counts = ", ".join(str(number) for number in sorted({one.devices or 0 for one in fitting}))
            why = bad(f"Invalid accelerator count of {kind} for the machine type {name}")
            yield Failure(f"{path}.count", count, counts, why)


def _parts_of_the_device(case: Case) -> Iterator[Failure]:
    from pulumi_kubeml.catalog import machines
    from pulumi_kubeml.catalog.accelerators import mig_profiles

    keys: Mapping[str, str] = {
        str(machine.cloud_accelerator): machine.accelerator
        for machine in machines("gcp").values()
        if machine.cloud_accelerator and machine.accelerator
    }
    given: Any = case.known(ACCELERATORS)
    for index, each in enumerate(given if isinstance(given, list) else ()):
        part, key = each.get("gpuPartitionSize"), keys.get(str(each.get("type")))
        profiles = mig_profiles(key) if key else ()
        names = sorted({profile.profile for profile in profiles})
        if part and key and part not in names:
            why = bad(f"gpu_partition_size {part} is no part of {each['type']}")
            yield Failure(f"{ACCELERATORS}[{index}].gpuPartitionSize", part, ", ".join(names) or "none", why)
