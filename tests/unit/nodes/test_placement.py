"""What a pod is told, so that it lands on its pool and nowhere else."""

import pytest

from pulumi_kubeml.nodes import NodePoolSpec, Taint, read_capacity, resolve
from pulumi_kubeml.problems import ConfigurationError


def pool(**more):
    return resolve(NodePoolSpec("p", max=2, **more), "aws")


def test_a_pod_with_devices_asks_for_them_and_tolerates_every_taint():
    placement = pool(
        accelerator="l4", accelerators_per_node=4, taints=[Taint("dedicated", "a", "NoExecute")]
    ).placement(2)
    assert placement.node_selector == {"kubeml.io/pool": "p"}
    assert placement.resources == {"nvidia.com/gpu": "2"}
    assert placement.environment == {}
    assert placement.tolerations == [
        {"key": "nvidia.com/gpu", "operator": "Equal", "value": "present", "effect": "NoSchedule"},
        {"key": "dedicated", "operator": "Equal", "value": "a", "effect": "NoExecute"},
    ]


def test_a_pod_without_devices_on_gpu_nodes_is_told_to_see_none():
    placement = pool(accelerator="l4").placement()
    assert placement.resources == {}
    assert placement.environment == {"NVIDIA_VISIBLE_DEVICES": "void"}


@pytest.mark.parametrize(
    ("machine", "devices", "efa", "pages"),
    [
        ("p5.48xlarge", 8, "32", "5120Mi"),
        ("p5.48xlarge", 2, "8", "1280Mi"),
        ("p4d.24xlarge", 1, None, None),
        ("trn1.32xlarge", 16, "8", "5120Mi"),
    ],
)
def test_a_pod_has_the_same_share_of_the_fabric_as_of_the_devices(machine, devices, efa, pages):
    spec = NodePoolSpec("p", machine=machine, max=2, zones=["us-east-1a"], fabric="required")
    resources = resolve(spec, "aws").placement(devices).resources
    assert (resources.get("vpc.amazonaws.com/efa"), resources.get("hugepages-2Mi")) == (efa, pages)
    plain = pool(machine=machine).placement(devices).resources
    assert set(plain) == {resolve(spec, "aws").resource_key}, "nothing of a fabric that the pool does not need"


def test_a_pod_on_plain_nodes_is_told_nothing_more_than_where():
    placement = pool(machine="m7i.large").placement()
    assert (placement.resources, placement.environment, placement.tolerations) == ({}, {}, [])


@pytest.mark.parametrize(("devices", "words"), [(5, "allowed: 0 to 4"), (-1, "allowed: 0 to 4")])
def test_more_devices_than_a_node_has_are_refused(devices, words):
    with pytest.raises(ConfigurationError, match=words):
        pool(accelerator="l4", accelerators_per_node=4).placement(devices)


def test_devices_where_there_are_none_are_refused():
    with pytest.raises(ConfigurationError, match="have no accelerator"):
        pool(machine="m7i.large").placement(1)


def test_the_pool_gives_what_its_nodes_give_together():
    made = pool(accelerator="l4", accelerators_per_node=4)
    assert made.capacity()["nvidia.com/gpu"] == 8
    assert made.capacity()["cpu"] == 2 * made.allocatable["cpu"]


@pytest.mark.parametrize("text", ["onDemand", "spot", "flexStart", "queued", "reservation:r", "capacityBlock:b"])
def test_each_kind_has_a_short_form(text):
    kind, _, reservation = text.partition(":")
    made = read_capacity(text)
    assert made.kind == kind
    assert getattr(made, "id", "") == reservation


@pytest.mark.parametrize("text", ["", "cheap", "reservation:", "spot:3", "Spot", "queued:x", "capacityBlock"])
def test_a_short_form_that_is_none_says_what_is_allowed(text):
    with pytest.raises(
        ValueError, match="allowed: onDemand, spot, flexStart, queued, reservation:ID, capacityBlock:ID"
    ):
        read_capacity(text)
