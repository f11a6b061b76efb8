"""File systems that several zones mount."""

import ipaddress
from collections.abc import Iterator
from typing import Any

from kubeml_simulator.provider import Failure

from .behaviours import checks, computes
from .case import Case

SUBNET = "aws:ec2/subnet:Subnet"
TARGET = "aws:efs/mountTarget:MountTarget"
FILE_SYSTEM = "aws:efs/fileSystem:FileSystem"


@checks(FILE_SYSTEM)
def throughput_fits_the_mode(case: Case) -> Iterator[Failure]:
    """Provisioned throughput has a figure, and only it; elastic throughput wants general purpose performance."""
    mode, figure = case.known("throughputMode"), case.given("provisionedThroughputInMibps")
    if mode == "provisioned" and not figure:
        yield Failure(
            "provisionedThroughputInMibps", why="missing: the throughput mode is provisioned", allowed="1 to 3414 MiB/s"
        )
    if figure and mode != "provisioned" and not case.unknown("throughputMode"):
        yield Failure("throughputMode", mode, "provisioned", "a provisioned throughput is given")
    if mode == "elastic" and case.known("performanceMode") == "maxIO":
        yield Failure("performanceMode", "maxIO", "generalPurpose", "elastic throughput does not go with maxIO")
    if case.given("kmsKeyId") and case.known("encrypted") is not True and not case.unknown("encrypted"):
        yield Failure("encrypted", case.known("encrypted"), "true", "a key is given")


@checks(TARGET)
def one_target_a_zone(case: Case) -> Iterator[Failure]:
    """A file system has one mount target in a zone, all of them in one VPC."""
    subnet = case.world.find(SUBNET, id=case.known("subnetId"))
    system = case.known("fileSystemId")
    if subnet is None or system is None:
        return
    for other in case.world.having(TARGET, "fileSystemId", system):
        theirs = case.world.find(SUBNET, id=other["subnetId"])
        if not case.rivals(other) or theirs is None:
            continue
        if theirs["availabilityZone"] == subnet["availabilityZone"]:
            why = f"MountTargetConflict: {other.urn} is in {subnet['availabilityZone']} already"
            yield Failure("subnetId", subnet.id, "a subnet of another zone", why)
        if theirs["vpcId"] != subnet["vpcId"]:
            yield Failure(
                "subnetId",
                subnet.id,
                f"a subnet of {theirs['vpcId']}",
                f"MountTargetConflict: {other.urn} is in another VPC",
            )


@computes(TARGET)
def target_address(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The address lies in the subnet, the zone is the subnet's."""
    subnet = case.world.find(SUBNET, id=state.get("subnetId"))
    if preview or subnet is None:
        return {}
    zone, name = subnet["availabilityZone"], state["dnsName"]
    found = {
        "availabilityZoneName": zone,
        "availabilityZoneId": subnet["availabilityZoneId"],
        "mountTargetDnsName": f"{zone}.{name}",
    }
    if not state.get("ipAddress"):
        block = ipaddress.IPv4Network(subnet["cidrBlock"])
        found["ipAddress"] = str(block[4 + int(case.digest("ip", 8), 16) % (block.num_addresses - 5)])
    return found


@computes(FILE_SYSTEM)
def file_system_key(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """Encryption without a key of one's own uses the account's key for EFS."""
    if state.get("encrypted") is not True or state.get("kmsKeyId") or preview:
        return {} if preview else {"encrypted": state.get("encrypted") is True}
    return {"kmsKeyId": f"arn:{case.partition}:kms:{case.region}:{case.account}:key/{case.uuid('efs')}"}
