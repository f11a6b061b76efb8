"""Node groups: bounds, machines and images that fit together, launch templates."""

import itertools
from collections.abc import Iterator
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Existing, Failure

from .behaviours import checks, computes
from .case import Case
from .eks import CLUSTER, subnets
from .tables import rows

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"


@checks(NODE_GROUP)
def bounds_do_not_cross(case: Case) -> Iterator[Failure]:
    """The least number of nodes is at most the desired one, that at most the greatest."""
    scaling = {name: case.known(f"scalingConfig.{name}") for name in ("minSize", "desiredSize", "maxSize")}
    given = [(name, size) for name, size in scaling.items() if isinstance(size, int)]
    for (low, least), (high, most) in itertools.pairwise(given):
        if least > most:
            why = f"InvalidParameterException: {low} {least} is above {high} {most}"
            yield Failure(f"scalingConfig.{low}", least, f"at most {high}, {most}", why)


@checks(NODE_GROUP)
def subnets_are_the_clusters(case: Case) -> Iterator[Failure]:
    """Nodes stand in the VPC of their cluster."""
    name = case.known("clusterName")
    cluster = case.world.find(CLUSTER, name=name) if name else None
    vpc = cluster["vpcConfig.vpcId"] if cluster else None
    for index, subnet in enumerate(subnets(case, "subnetIds") or []):
        if vpc not in (None, "", UNKNOWN, subnet["vpcId"]):
            yield Failure(
                f"subnetIds[{index}]",
                subnet.id,
                f"a subnet of {vpc}",
                f"it is in {subnet['vpcId']}, the cluster in {vpc}",
            )


@checks(NODE_GROUP)
def image_fits_the_machines(case: Case) -> Iterator[Failure]:
    """An image runs on machines of its architecture, and one with drivers on machines with such accelerators.

    What the catalogue does not know is not judged.
    """
    from pulumi_kubeml.catalog import accelerators, machines

    image = case.known("amiType")
    row = next((row for row in rows("images.tsv") if row["image"] == image), None)
    template = template_of(case)
    chosen = list(case.each("instanceTypes[*]"))
    if template and template["instanceType"]:
        chosen.append(("launchTemplate", template["instanceType"]))
    for path, name in chosen if row else ():
        machine = machines("aws").get(name)
        if machine is None or row is None:
            continue
        if machine.arch != row["arch"]:
            why = f"{name} is {machine.arch}, the image {image} is {row['arch']}"
            yield Failure("amiType", image, f"an image for {machine.arch}: {_images(machine.arch)}", f"{why} ({path})")
        vendor = accelerators()[machine.accelerator].vendor if machine.accelerator else "none"
        if row["vendors"] and vendor not in row["vendors"].split(","):
            why = f"{name} has no accelerator of {row['vendors']}" if vendor != "none" else f"{name} has no accelerator"
            yield Failure(path, name, f"a machine with one, or another image than {image}", why)


def _images(arch: str) -> str:
    return ", ".join(row["image"] for row in rows("images.tsv") if row["arch"] == arch)


@checks(NODE_GROUP)
def template_and_group_do_not_repeat(case: Case) -> Iterator[Failure]:
    """What a launch template says, its node group must not say again; an own image is CUSTOM."""
    template = template_of(case)
    if template is None:
        return
    if case.known("diskSize") is not None:
        yield Failure("diskSize", case.known("diskSize"), "none", "the disk belongs into the launch template")
    if template["instanceType"] and case.known("instanceTypes"):
        why = f"the launch template says {template['instanceType']}"
        yield Failure("instanceTypes", case.known("instanceTypes"), "none", why)
    if template["imageId"] and case.known("amiType") not in (None, "CUSTOM"):
        yield Failure("amiType", case.known("amiType"), "CUSTOM, or none", "the launch template names an image")
    if not template["imageId"] and case.known("amiType") == "CUSTOM":
        yield Failure(
            "amiType",
            "CUSTOM",
            "an image of EKS, or a launch template with imageId",
            "the launch template names no image",
        )
    version, latest = case.known("launchTemplate.version"), template["latestVersion"]
    if str(version).isdigit() and isinstance(latest, int) and not 1 <= int(str(version)) <= latest:
        why = f"InvalidLaunchTemplateId.VersionNotFound: the latest of {template.id} is {latest}"
        yield Failure("launchTemplate.version", version, f"1 to {latest}, $Latest, $Default", why)
    market = template["instanceMarketOptions.marketType"]
    if case.known("capacityType") == "CAPACITY_BLOCK" and market not in ("capacity-block", UNKNOWN):
        why = "a capacity block is bought through the launch template"
        yield Failure("capacityType", "CAPACITY_BLOCK", "a launch template with marketType capacity-block", why)
    if market == "spot":
        yield Failure(
            "launchTemplate",
            template.id,
            "capacityType SPOT and no market options",
            "EKS refuses spot options in a template",
        )


@checks(NODE_GROUP)
def taints_are_few(case: Case) -> Iterator[Failure]:
    """A node group has at most 50 taints, each once."""
    taints = case.known("taints")
    if isinstance(taints, list) and len(taints) > 50:
        yield Failure("taints", len(taints), "at most 50 taints", "InvalidParameterException")


def template_of(case: Case) -> Existing | None:
    """The launch template that a group names, or None."""
    identity, name = case.known("launchTemplate.id"), case.known("launchTemplate.name")
    if identity:
        return case.world.find(TEMPLATE, id=identity)
    return case.world.find(TEMPLATE, name=name) if name else None


@computes(NODE_GROUP)
def group_defaults(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """Image, machine, disk and version where the program leaves them to EKS; both names of the launch template."""
    template = template_of(case)
    cluster = case.world.find(CLUSTER, name=state.get("clusterName"))
    own_image = template["imageId"] if template else None
    own_machine = template["instanceType"] if template else None
    defaults = {
        "amiType": "CUSTOM" if own_image else "AL2023_x86_64_STANDARD",
        "instanceTypes": [] if own_machine else ["t3.medium"],
        "diskSize": 0 if template else 20,
        "version": cluster["version"] if cluster else None,
    }
    made = {
        name: UNKNOWN if preview else value for name, value in defaults.items() if state.get(name) in (None, UNKNOWN)
    }
    given = state.get("launchTemplate")
    if template and isinstance(given, dict) and not preview:
        made["launchTemplate"] = {**given, "id": template.id, "name": template["name"]}
    return made
