"""Which accelerator can be had on which cloud: the machine types, or that there are none, or that too little is known."""

from typing import Literal

from pulumi_kubeml.catalog.machines import machines, unknown_machines

Missing = Literal["not offered", "unknown"]


def offers(accelerator: str, cloud: str) -> tuple[str, ...] | Missing:
    """Make the names of a cloud's machine types with an accelerator, fewest devices first.

    "unknown" where the cloud has one, but of none is enough known to compute with; "not offered" where no source that was
    read has one.

    >>> offers("h100", "aws"), offers("gb200", "aws"), offers("tpu-v6e", "aws")
    (('p5.4xlarge', 'p5.48xlarge'), 'unknown', 'not offered')
    """
    having = [machine for machine in machines(cloud).values() if machine.accelerator == accelerator]
    if having:
        return tuple(each.name for each in sorted(having, key=lambda each: (each.count, each.vcpus, each.name)))
    if any(machine.accelerator == accelerator for machine in unknown_machines(cloud).values()):
        return "unknown"
    return "not offered"
