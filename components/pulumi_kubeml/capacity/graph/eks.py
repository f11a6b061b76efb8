"""EKS: managed node groups and their launch templates read back into pools, add-ons into the pods that they run."""

import base64
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from pulumi_kubeml import catalog
from pulumi_kubeml.capacity.allocatable import machine_allocatable, pods_disk
from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.rungs import merged
from pulumi_kubeml.capacity.graph.values import Undetermined, dig, mapping, sequence
from pulumi_kubeml.capacity.model import Pod, Pool, Taint
from pulumi_kubeml.capacity.quantity import MI

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
CLUSTER = "aws:eks/cluster:Cluster"
ADDON = "aws:eks/addon:Addon"
SUBNET = "aws:ec2/subnet:Subnet"
POOL_LABEL = "kubeml.io/pool"

EFA_KEY = "vpc.amazonaws.com/efa"

_MAX_PODS = re.compile(r"maxPods: *([0-9]+)|--max-pods[= ]([0-9]+)|^max-pods *= *([0-9]+)", re.MULTILINE)
_LOCAL_DISKS = re.compile(r"strategy\W+RAID|ephemeral-storage\W+init")
_HUGEPAGES = re.compile(r'^"?vm\.nr_hugepages"? *= *"?([0-9]+)', re.MULTILINE)
_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}


def pools(
    groups: Iterable[Resource], find: Callable[[str], Resource | None], subnets: Iterable[Resource] = ()
) -> Iterator[Pool]:
    """Yield the pools of some node groups; those that differ only in how they are bought are one pool.

    `find` gives the resource of a URN, for the launch template that a group names; `subnets` tell the zones. A group of which
    a deciding property is not known, or whose machine the catalog does not know, raises Undetermined.
    """
    places = _places(subnets)
    yield from merged(replace(_pool(group, find), zones=_zones(group, places)) for group in groups)


def cluster_of(resource: Resource) -> str:
    """Make what tells the cluster of a node group or add-on: the URN it depends on, else the name it gives."""
    urns = resource.dependencies("clusterName")
    if urns:
        return urns[0]
    named = resource.properties.get("clusterName")
    return named if isinstance(named, str) else ""


def addon_pods(addon: Resource) -> Iterator[Pod]:
    """Yield the pods that an EKS add-on runs, as `data/eks_addons.csv` has them; none for one that it does not list."""
    name = addon.properties.get("addonName")
    for row in _addons().get(name, ()) if isinstance(name, str) else ():
        requests = {"cpu": int(row["cpu_millicores"]), "memory": int(row["memory_mib"]) * MI}
        everything = row["tolerates"] == "*"
        yield Pod(
            name=row["workload"],
            namespace="kube-system",
            replicas=1 if row["replicas"] == "node" else int(row["replicas"]),
            requests={key: value for key, value in requests.items() if value},
            tolerations=({"operator": "Exists"} if everything else {"key": row["tolerates"], "operator": "Exists"},),
            daemon=row["replicas"] == "node",
            kind="Addon",
            urn=addon.urn,
            cluster=cluster_of(addon),
        )


def _pool(group: Resource, find: Callable[[str], Resource | None]) -> Pool:
    values = group.properties
    template = _launch_template(group, find)
    machine_name = _machine_name(group, template)
    machine = catalog.machines("aws").get(machine_name)
    if machine is None:
        raise Undetermined(f"{group.name}.instanceTypes", f'names "{machine_name}", which the catalog does not know')
    scaling = mapping(values.get("scalingConfig"))
    labels = {str(key): str(value) for key, value in mapping(values.get("labels")).items()}
    named = labels.get(POOL_LABEL) or values.get("nodeGroupName") or group.name
    return Pool(
        name=str(named),
        max=int(scaling.get("maxSize") or 0),
        min=int(scaling.get("minSize") or 0),
        labels={
            **labels,
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": machine.arch,
            "node.kubernetes.io/instance-type": machine.name,
            "eks.amazonaws.com/nodegroup": str(values.get("nodeGroupName") or group.name),
            "eks.amazonaws.com/capacityType": str(values.get("capacityType") or "ON_DEMAND"),
        },
        taints=tuple(_taint(entry) for entry in sequence(values.get("taints"))),
        allocatable=_allocatable(machine, template, group),
        machine=machine.name,
        cluster=cluster_of(group),
        urn=group.urn,
    )


def _places(subnets: Iterable[Resource]) -> dict[str, str]:
    """Make the zone of each subnet of which it is known, by its URN and by its identifier."""
    found: dict[str, str] = {}
    for subnet in subnets:
        zone = subnet.properties.get("availabilityZone")
        if isinstance(zone, str) and zone:
            found[subnet.urn] = zone
            if subnet.raw.get("id"):
                found[str(subnet.raw["id"])] = zone
    return found


def _zones(group: Resource, places: Mapping[str, str]) -> tuple[str, ...]:
    """Make the zones of a group's subnets in the order of their names; none while that of one subnet is not known.

    While the subnets have no identifiers yet they are those that the property depends on.
    """
    named = group.properties.get("subnetIds")
    known = isinstance(named, list) and all(isinstance(each, str) for each in named)
    listed = [places.get(each, "") for each in sequence(named)] if known else []
    if not all(listed) or not listed:
        listed = [places.get(urn, "") for urn in group.dependencies("subnetIds")]
    return tuple(sorted(set(listed))) if all(listed) else ()


def _machine_name(group: Resource, template: Resource | None) -> str:
    listed = sequence(group.properties.get("instanceTypes"))
    if listed:
        return str(listed[0])
    if template is not None and template.properties.get("instanceType"):
        return str(template.properties["instanceType"])
    raise Undetermined(f"{group.name}.instanceTypes", "is not given, nor a launch template with an instance type")


def _launch_template(group: Resource, find: Callable[[str], Resource | None]) -> Resource | None:
    found = (find(urn) for urn in group.dependencies("launchTemplate"))
    return next((template for template in found if template is not None and template.type == LAUNCH_TEMPLATE), None)


def _allocatable(machine: catalog.Machine, template: Resource | None, group: Resource) -> dict[str, int]:
    """Make what a node leaves to its pods: what it is told when it starts counts, and the interfaces that it has."""
    text = _user_data(template)
    pods = _MAX_PODS.search(text)
    efa = _efa(template)
    made = machine_allocatable(
        machine,
        max_pods=int(pods[1] or pods[2] or pods[3]) if pods else None,
        hugepages_2mi=_hugepages(machine, text, efa, str(group.properties.get("amiType") or "")),
        disk_gib=pods_disk(_disk_gib(group, template), machine.local_nvme_gb if _LOCAL_DISKS.search(text) else None),
    )
    return {**made, **({EFA_KEY: efa} if efa else {})}


def _efa(template: Resource | None) -> int:
    """Make the number of EFA devices of a machine of a launch template."""
    named = sequence(template.properties.get("networkInterfaces")) if template is not None else None
    return sum(mapping(each).get("interfaceType") in {"efa", "efa-only"} for each in named or ())


def _hugepages(machine: catalog.Machine, text: str, efa: int, image: str) -> int:
    """Make the pages of 2 MiB that a node sets aside: what it is told to; an image of Amazon Linux does it for EFA by itself."""
    told = _HUGEPAGES.search(text)
    if told:
        return int(told[1])
    fabric = catalog.fabric(machine) if efa and not image.startswith("BOTTLEROCKET") else None
    return (fabric.hugepages_2mi or 0) if fabric else 0


def _disk_gib(group: Resource, template: Resource | None) -> int | None:
    """Make the size of the disk that pods write to: the last that the launch template lists, Bottlerocket's second; else the group's own."""
    listed = sequence(template.properties.get("blockDeviceMappings")) if template is not None else []
    sizes = [size for each in listed if (size := dig(each, "ebs", "volumeSize"))]
    size = sizes[-1] if sizes else None if template is not None else group.properties.get("diskSize")
    return None if size is None else int(size)


def _user_data(template: Resource | None) -> str:
    """Make the text that nodes read when they start; empty where it is not known or not there."""
    given = template.properties.get("userData") if template is not None else None
    if not isinstance(given, str):
        return ""
    try:
        return base64.b64decode(given, validate=True).decode()
    except ValueError:
        return ""


def _taint(entry: Any) -> Taint:
    values: Mapping[str, Any] = mapping(entry)
    effect = str(values.get("effect") or "")
    return Taint(str(values.get("key") or ""), str(dig(values, "value") or ""), _EFFECTS.get(effect, effect))


@cache
def _addons() -> dict[str, tuple[dict[str, str], ...]]:
    text = (files("pulumi_kubeml.capacity") / "data" / "eks_addons.csv").read_text(encoding="utf-8")
    found: dict[str, tuple[dict[str, str], ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        found[row["addon"]] = (*found.get(row["addon"], ()), row)
    return found
