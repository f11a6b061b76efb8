"""A pool of every accelerator that AWS offers previews clean, with its inputs in a golden file; EFA exactly by its layout."""

import base64
import json

import pytest

from pulumi_kubeml import catalog
from pulumi_kubeml.nodes import NodePoolSpec, resolve
from pulumi_kubeml.nodes.choose import usable
from pulumi_kubeml.nodes.options import with_fabric

OFFERED = sorted(usable(catalog.machines("aws")))
GROUP, TEMPLATE = "aws:eks/nodeGroup:NodeGroup", "aws:ec2/launchTemplate:LaunchTemplate"
ZONE = "us-east-1a"


def pool(accelerator):
    """The pool that a team would train on: joined by a fabric where there is one."""
    fabric = "required" if with_fabric("aws", accelerator) else "none"
    return NodePoolSpec(
        f"of-{accelerator}", accelerator=accelerator, max=2, purpose="training", zones=[ZONE], fabric=fabric
    )


@pytest.fixture(scope="module")
def made(make_graph):
    pools = ", ".join(repr(pool(each)) for each in OFFERED)
    return make_graph(f"from pulumi_kubeml.nodes import *\nEksCluster('ml', args(node_pools=[{pools}]))\n")


def spans(interfaces):
    """One line for interfaces of consecutive cards, so that 32 of them can be read."""
    lines, last = [], None
    for each in interfaces:
        card, device, kind = each["networkCardIndex"], each["deviceIndex"], each["interfaceType"]
        if last and last[2:] == [device, kind] and last[1] + 1 == card:
            last[1] = card
        else:
            last = [card, card, device, kind]
            lines.append(last)
        assert len(each["securityGroups"]) == 2
    return [f"cards {first} to {end}, device {device}: {kind}" for first, end, device, kind in lines]


@pytest.mark.parametrize("accelerator", OFFERED)
def test_what_a_pool_of_an_accelerator_asks_for_is_what_it_was(made, accelerator, snapshot):
    name = f"ml-of-{accelerator}"
    group, template = made.inputs(GROUP, name), made.inputs(TEMPLATE, name)
    asked = {
        "group": {
            key: json.dumps(group.get(key), sort_keys=True)
            for key in (
                "amiType",
                "capacityType",
                "instanceTypes",
                "labels",
                "nodeRepairConfig",
                "taints",
                "updateConfig",
            )
        },
        "interfaces": spans(template.get("networkInterfaces", [])),
        "close together": bool(template.get("placement")),
        "disks": [f"{each['deviceName']} {each['ebs']['volumeSize']} GiB" for each in template["blockDeviceMappings"]],
        "reads": base64.b64decode(template["userData"]).decode().split("spec:\n", 1)[1].splitlines()[:-1],
    }
    assert asked == snapshot


@pytest.mark.parametrize(
    ("machine", "devices", "layout"),
    [
        ("p4d.24xlarge", 4, ["cards 0 to 0, device 1: efa-only", "cards 1 to 3, device 0: efa-only"]),
        ("p4de.24xlarge", 4, ["cards 0 to 0, device 1: efa-only", "cards 1 to 3, device 0: efa-only"]),
        ("p5.48xlarge", 32, ["cards 0 to 0, device 1: efa-only", "cards 1 to 31, device 0: efa-only"]),
        ("p5e.48xlarge", 32, ["cards 0 to 0, device 1: efa-only", "cards 1 to 31, device 0: efa-only"]),
        ("p5en.48xlarge", 16, ["cards 0 to 0, device 1: efa-only", "cards 1 to 15, device 0: efa-only"]),
        ("p6-b200.48xlarge", 8, ["cards 0 to 0, device 1: efa-only", "cards 1 to 7, device 0: efa-only"]),
        ("p6-b300.48xlarge", 16, ["cards 1 to 16, device 0: efa-only"]),
        ("g6.48xlarge", 1, ["cards 0 to 0, device 1: efa-only"]),
        ("trn1.32xlarge", 8, ["cards 0 to 0, device 1: efa-only", "cards 1 to 7, device 0: efa-only"]),
    ],
)
def test_interfaces_are_those_of_the_ec2_guide(machine, devices, layout):
    made = resolve(NodePoolSpec("p", machine=machine, max=1, zones=[ZONE], fabric="required"), "aws")
    keys = ("networkCardIndex", "deviceIndex", "interfaceType")
    asked = [dict(zip(keys, each, strict=True), securityGroups="ab") for each in made.fabric.interfaces]
    assert spans(asked) == ["cards 0 to 0, device 0: interface", *layout]
    assert made.allocatable["vpc.amazonaws.com/efa"] == devices


def test_the_group_of_efa_is_open_to_itself_both_ways_and_to_nothing_else(made):
    group = made.of("aws:ec2/securityGroup:SecurityGroup")["ml-fabric"]
    rules = [
        made.of(f"aws:vpc/securityGroup{way}Rule:SecurityGroup{way}Rule")["ml-fabric"]["inputs"]
        for way in ("Ingress", "Egress")
    ]
    for rule in rules:
        assert (rule["securityGroupId"], rule["referencedSecurityGroupId"]) == (group["id"], group["id"])
        assert rule["ipProtocol"] == "-1"
        assert not {"cidrIpv4", "cidrIpv6", "fromPort"} & set(rule)
    assert not group["inputs"].get("ingress"), "rules stand by themselves"


def test_nodes_of_a_fabric_wait_for_its_rules_and_stand_in_one_zone(made):
    control = made.of("aws:eks/cluster:Cluster")["ml"]["outputs"]["vpcConfig"]["clusterSecurityGroupId"]
    rules = {
        each["urn"]
        for way in ("Ingress", "Egress")
        for name, each in made.of(f"aws:vpc/securityGroup{way}Rule:SecurityGroup{way}Rule").items()
        if name == "ml-fabric"
    }
    for accelerator in OFFERED:
        group = made.of(GROUP)[f"ml-of-{accelerator}"]
        assert len(group["inputs"]["subnetIds"]) == 1
        interfaces = made.inputs(TEMPLATE, f"ml-of-{accelerator}").get("networkInterfaces", [])
        if interfaces:
            assert made.needs(group) >= rules
            assert all(control in each["securityGroups"] for each in interfaces), "the cluster's own is listed too"
            assert not any("subnetId" in each for each in interfaces), "a managed group refuses it"


def test_the_autoscaler_is_told_what_a_node_offers_that_it_cannot_know_before_there_is_one(made):
    tags = made.of("aws:autoscaling/tag:Tag")
    prefix = "k8s.io/cluster-autoscaler/node-template/resources/"
    for accelerator in OFFERED:
        (behind,) = made.of(GROUP)[f"ml-of-{accelerator}"]["outputs"]["resources"][0]["autoscalingGroups"]
        told = {
            each["inputs"]["tag"]["key"].removeprefix(prefix): each["inputs"]["tag"]["value"]
            for each in tags.values()
            if each["inputs"]["autoscalingGroupName"] == behind["name"]
        }
        put = resolve(pool(accelerator), "aws")
        assert set(told) == set(put.allocatable) - {"cpu", "memory", "pods"}
        assert told[put.resource_key] == str(put.accelerators_per_node)
        assert 150 * 2**30 < int(told["ephemeral-storage"]) < 200 * 2**30
    assert not [name for name in tags if name.startswith("ml-system")], "a node that is always there shows it all"
