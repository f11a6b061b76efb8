"""Claims of devices: what a selector decides, what a node gives, and where pods with claims land."""

from fractions import Fraction

import pytest

from pulumi_kubeml.capacity.cel import Facts, UndecidableError, selector
from pulumi_kubeml.capacity.claims import (
    BROKEN,
    ELSEWHERE,
    UNAVAILABLE,
    Choice,
    Claim,
    Constraint,
    Device,
    DeviceClass,
    Request,
    allocate,
)
from pulumi_kubeml.capacity.decide import decide
from pulumi_kubeml.capacity.fits import fits, obstacles
from pulumi_kubeml.capacity.model import Pod, Pool
from pulumi_kubeml.capacity.node import Node
from pulumi_kubeml.capacity.placement import predict

GPU = DeviceClass("gpu", ('device.driver == "d"',), "example.com/gpu")
ROOM = {"cpu": 8000, "memory": 2**34, "pods": 20}


def device(number, **attributes):
    return Device(f"d/{number}", Facts("d", {f"d/{key}": value for key, value in attributes.items()}, complete=True))


def claim(*counts, name="c", key="", constraints=(), selectors=()):
    requests = (Request(f"r{index}", (Choice("gpu", GPU, count, selectors),)) for index, count in enumerate(counts))
    return Claim(name, tuple(requests), tuple(constraints), key)


def got(claims, devices, taken=()):
    found = allocate(claims, devices, taken)
    return None if found is None else [each.name for each in found.devices]


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        ('device.driver == "d"', True),
        ('device.attributes["d"].model == "a" && device.attributes["d"]["index"] < 2', True),
        ('!(device.attributes["d"].healthy)', False),
        ('device.capacity["d"].memory.compareTo(quantity("40Gi")) > 0', True),
        ('device.capacity["d"].memory.isLessThan(quantity("80Gi"))', False),
        ('"model" in device.attributes["d"] && !("x" in device.attributes["d"])', True),
        ('"e" in device.attributes', False),
        ('device.attributes["d"].absent == "a"', None),
        ('device.driver == "e" && device.attributes["d"].absent == "a"', False),
        ('device.attributes["d"].model < 3', None),
        ('device.attributes["d"].model != 3', True),
        ("true", True),
        ('"text"', None),
    ],
)
def test_a_selector_decides_by_known_attributes_or_says_that_it_cannot(expression, verdict):
    facts = Facts(
        "d", {"d/model": "a", "d/index": 1, "d/healthy": True}, {"d/memory": Fraction(80 * 2**30)}, complete=True
    )
    assert selector(expression)(facts) is verdict


def test_an_attribute_that_nobody_told_is_in_doubt_and_not_absent():
    assert selector('"x" in device.attributes["d"]')(Facts("d")) is None


@pytest.mark.parametrize(
    "expression",
    [
        'device.driver == "d" || true',
        'device.attributes["d"].version.isGreaterThan(semver("1.0.0"))',
        'device.driver.startsWith("d")',
        "has(device.driver)",
        "device.name",
        'device.driver == "d" &&',
        'device.driver == "unended',
        'quantity("1GB")',
        "device.driver in [1]",
        "",
    ],
)
def test_what_is_not_read_of_a_selector_is_refused_and_never_taken_as_met(expression):
    with pytest.raises(UndecidableError):
        selector(expression)
    assert got([claim(1, selectors=(expression,))], [device(0)]) is None


def test_no_device_is_given_twice():
    assert got([claim(1), claim(1)], [device(0), device(1)]) == ["d/0", "d/1"]
    assert got([claim(2), claim(1)], [device(0), device(1)]) is None
    assert got([claim(1)], [device(0), device(1)], [device(0)]) == ["d/1"]


def test_all_devices_are_all_or_none_and_at_least_one():
    assert got([claim(None)], [device(0), device(1)]) == ["d/0", "d/1"]
    assert got([claim(None)], [device(0), device(1)], [device(1)]) is None
    assert got([claim(None)], []) is None


def test_requests_go_back_where_the_rest_cannot_be_met():
    picky = Request("picky", (Choice("gpu", GPU, 1, ('device.attributes["d"].model == "a"',)),))
    both = Claim("c", (Request("any", (Choice("gpu", GPU),)), picky))
    assert got([both], [device(0, model="a"), device(1, model="b")]) == ["d/1", "d/0"]


def test_the_first_choice_that_can_be_had_is_taken():
    none = DeviceClass("none", ('device.driver == "other"',))
    request = Request("r", (Choice("none", none, 1, name="best"), Choice("gpu", GPU, 2, name="else")))
    assert got([Claim("c", (request,))], [device(0), device(1)]) == ["d/0", "d/1"]


def test_devices_under_a_constraint_have_the_same_attribute():
    same = Constraint("d/numa")
    devices = [device(0, numa=0), device(1, numa=1), device(2, numa=1)]
    assert got([claim(2, constraints=[same])], devices) == ["d/1", "d/2"]
    assert got([claim(1, 1, constraints=[same])], devices) == ["d/1", "d/2"]
    assert got([claim(1, 1, constraints=[Constraint("d/numa", frozenset({"r0"}))])], devices) == ["d/0", "d/1"]
    assert got([claim(2, constraints=[Constraint("d/absent")])], devices) is None
    assert got([claim(2, constraints=[same])], [device(0, numa=1), device(1, numa=True)]) is None


def test_all_devices_that_break_a_constraint_end_the_search_for_every_node():
    pod = Pod("p", claims=(claim(None, constraints=[Constraint("d/numa")]),))
    nodes = [
        Node("a", allocatable=ROOM, devices=(device(0, numa=0), device(1, numa=1))),
        Node("b", allocatable=ROOM, devices=(device(0, numa=0),)),
    ]
    assert decide(pod, nodes).conflict == BROKEN


def test_a_class_that_does_not_exist_stops_a_pod_before_any_node_is_asked():
    pod = Pod("p", claims=(Claim("c", (Request("r", (Choice("absent", None, name="one"),)),)),))
    assert str(decide(pod, [Node("a", allocatable=ROOM)])) == (
        "0/1 nodes are available: request r/one: device class absent does not exist."
    )


def test_a_claim_that_pods_share_keeps_them_on_one_node():
    nodes = [Node(name, allocatable=ROOM, devices=(device(0),)) for name in "ab"]
    pod = Pod("p", claims=(claim(1, key="team/shared"),))
    nodes[0].take(pod)
    found = decide(pod, nodes)
    assert found.nodes == ("a",)
    nodes[0].unschedulable = True
    assert decide(pod, nodes).reasons[ELSEWHERE] == 1


def test_an_extended_resource_is_a_claim_only_where_the_node_has_none():
    pod = Pod("p", requests={"example.com/gpu": 2}, mapped={"example.com/gpu": GPU})
    nodes = [
        Node("plugin", allocatable={**ROOM, "example.com/gpu": 1}, devices=(device(0), device(1))),
        Node("driver", allocatable=ROOM, devices=(device(0), device(1))),
        Node("small", allocatable=ROOM, devices=(device(0),)),
    ]
    assert decide(pod, nodes).nodes == ("driver",)
    nodes[1].take(pod)
    assert dict(decide(pod, nodes).reasons) == {"Insufficient example.com/gpu": 1, UNAVAILABLE: 2}


def test_pods_are_placed_by_the_devices_of_each_node():
    pools = [Pool("serve", 3, {}, (), ROOM, devices=(device(0), device(1)))]
    (placed,) = predict(pools, [Pod("p", replicas=7, claims=(claim(1),))])
    assert (dict(placed.pools), dict(placed.nodes), placed.missing) == ({"serve": 6}, {"serve": 3}, 1)
    assert dict(placed.words) == {"serve": UNAVAILABLE}
    (large,) = predict(pools, [Pod("p", claims=(claim(3),))])
    assert large.missing == 1
    assert large.reason == "0 of 1 pools: serve: claims 3 gpu, which its devices do not meet"


def test_pods_of_a_shared_claim_are_placed_on_its_node():
    pools = [Pool("serve", 3, {}, (), {**ROOM, "pods": 4}, devices=(device(0),))]
    (placed,) = predict(pools, [Pod("p", replicas=5, claims=(claim(1, key="team/shared"),))])
    assert (dict(placed.pools), dict(placed.nodes), placed.missing) == ({"serve": 4}, {"serve": 1}, 1)


def test_what_cannot_be_decided_of_a_device_is_said_beside_what_is_missing():
    pool = Pool("serve", 1, {}, (), ROOM, devices=(Device("d/0", Facts("d")),))
    pod = Pod("p", claims=(claim(1, selectors=('device.attributes["d"].model == "a"',)),))
    assert obstacles(pod, pool) == (
        "claims 1 gpu, which its devices do not meet",
        "claim c, request r0: what its selectors ask of a device is not known",
    )
    assert fits(Pod("p", claims=(claim(1),)), pool)
