"""The same spec on each cloud: the machine that has what was asked for, or the nearest ones that have not."""

import pytest

from pulumi_kubeml import catalog
from pulumi_kubeml.nodes import (
    CapacityBlock,
    FlexStart,
    NodePoolSpec,
    OnDemand,
    Queued,
    Reservation,
    Spot,
    Taint,
    resolve,
)
from pulumi_kubeml.problems import ConfigurationError

GROUP = (
    "/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourceGroups/ml"
    "/providers/Microsoft.Compute/capacityReservationGroups/h100"
)


def refused(spec: NodePoolSpec, cloud: str, **more: object) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as raised:
        resolve(spec, cloud, **more)
    return {problem.path: problem.message for problem in raised.value.problems}


@pytest.mark.parametrize(
    ("cloud", "accelerator", "count", "machine"),
    [
        ("aws", "h100", 8, "p5.48xlarge"),
        ("gcp", "h100", 8, "a3-highgpu-8g"),
        ("azure", "h100", 8, "Standard_ND96isr_H100_v5"),
        ("aws", "h100", 1, "p5.4xlarge"),
        ("gcp", "h100", 2, "a3-highgpu-2g"),
        ("gcp", "l4", None, "g2-standard-4"),
        ("gcp", "t4", 1, "n1-standard-1+t4x1"),
        ("gcp", "tpu-v6e", 4, "ct6e-standard-4t"),
        ("gcp", "rtx-pro-6000", None, "g4-standard-48"),
        ("azure", "a10", 1, "Standard_NC8ads_A10_v4"),
        ("azure", "mi300x", 8, "Standard_ND96isr_MI300X_v5"),
        ("azure", "gb300", 4, "Standard_ND128isr_GB300_v6"),
        ("aws", "trainium2", None, "trn2.48xlarge"),
    ],
)
def test_an_accelerator_and_a_number_of_it_give_the_machine(cloud, accelerator, count, machine):
    pool = resolve(NodePoolSpec("p", accelerator=accelerator, accelerators_per_node=count, max=2), cloud)
    assert pool.machine.name == machine
    assert pool.cloud == cloud
    assert pool.allocatable[pool.resource_key] == pool.accelerators_per_node
    assert pool.taints == (Taint(pool.resource_key, "present"),)


@pytest.mark.parametrize(
    ("cloud", "accelerator", "count", "words"),
    [
        ("aws", "h100", 2, "h100 x 2 on aws: no machine type; p5.4xlarge has 1, p5.48xlarge has 8"),
        ("aws", "l4", 2, "l4 x 2 on aws: no machine type; g6.xlarge has 1, g6.12xlarge has 4"),
        ("aws", "h200", 1, "h200 x 1 on aws: no machine type; p5en.48xlarge has 8"),
        ("azure", "h100", 16, "h100 x 16 on azure: no machine type; Standard_ND96isr_H100_v5 has 8"),
        ("gcp", "t4", 3, "t4 x 3 on gcp: no machine type; n1-standard-1 has 2, n1-standard-1 has 4"),
    ],
)
def test_a_number_that_no_machine_has_is_refused_with_the_nearest_that_have(cloud, accelerator, count, words):
    spec = NodePoolSpec("p", accelerator=accelerator, accelerators_per_node=count, max=2)
    assert refused(spec, cloud) == {"accelerators_per_node": words}


@pytest.mark.parametrize(
    ("cloud", "spec", "path", "words"),
    [
        ("azure", NodePoolSpec("p", accelerator="l4", max=1), "accelerator", '"l4" is on no machine of azure'),
        ("aws", NodePoolSpec("p", accelerator="gb200", max=1), "accelerator", "p6e-gb200.36xlarge (not known: vcpus"),
        ("aws", NodePoolSpec("p", machine="p6e-gb200.36xlarge", max=1), "machine", "it is not known: vcpus, memory"),
        ("azure", NodePoolSpec("p", machine="Standard_ND96is_MI300X_v5", max=1), "machine", "no node image of azure"),
        ("gcp", NodePoolSpec("p", machine="n1-standard-8", accelerator="l4", max=1), "accelerator", "no accelerator"),
        ("gcp", NodePoolSpec("p", machine="e2-standard-4", max=1001), "max", "allowed: 1 to 1000"),
        ("azure", NodePoolSpec("p", machine="Standard_D4s_v5", disk_gib=20), "disk_gib", "allowed: 30 to 2048"),
    ],
)
def test_what_a_cloud_cannot_give_is_refused_with_its_reason(cloud, spec, path, words):
    found = refused(spec, cloud)
    assert list(found) == [path], found
    assert words in found[path]


def test_a_host_is_given_the_devices_that_are_asked_for():
    pool = resolve(NodePoolSpec("p", machine="n1-standard-8", accelerator="t4", accelerators_per_node=2, max=1), "gcp")
    assert (pool.machine.name, pool.machine.machine_type) == ("n1-standard-8+t4x2", "n1-standard-8")
    plain = resolve(NodePoolSpec("p", machine="n1-standard-8", max=1), "gcp")
    assert plain.accelerator is None


def test_a_part_of_a_device_is_given_only_by_the_name_of_its_machine():
    pool = resolve(NodePoolSpec("p", machine="g4-standard-12", max=1), "gcp")
    assert pool.allocatable["nvidia.com/gpu"] == 1
    assert pool.machine.count == 0.25


def test_a_price_that_nobody_knows_comes_last():
    pool = resolve(NodePoolSpec("p", accelerator="h200", max=1), "aws")
    assert pool.machine.name == "p5en.48xlarge"
    assert catalog.machines("aws")["p5e.48xlarge"].usd_per_hour is None


@pytest.mark.parametrize(
    ("cloud", "capacity", "taken"),
    [
        ("aws", OnDemand(), True),
        ("aws", Spot(), True),
        ("aws", Reservation("cr-0a1b2c3d4e5f67890"), True),
        ("aws", CapacityBlock("cr-0a1b2c3d4e5f67890"), True),
        ("aws", FlexStart(), False),
        ("aws", Queued(), False),
        ("gcp", OnDemand(), True),
        ("gcp", Spot(), True),
        ("gcp", Reservation("train"), True),
        ("gcp", Reservation("projects/ml-shared/reservations/train"), True),
        ("gcp", Reservation("Train"), False),
        ("gcp", CapacityBlock("cr-0a1b2c3d4e5f67890"), False),
        ("gcp", FlexStart(), True),
        ("gcp", Queued(), True),
        ("azure", OnDemand(), True),
        ("azure", Spot(), True),
        ("azure", Reservation(GROUP), True),
        ("azure", Reservation("h100"), False),
        ("azure", CapacityBlock("cr-0a1b2c3d4e5f67890"), False),
        ("azure", FlexStart(), False),
        ("azure", Queued(), False),
    ],
)
def test_each_cloud_takes_the_kinds_of_capacity_that_it_has(cloud, capacity, taken):
    # Azure reserves no machines with an H100.
    accelerator, count = ("a100-80gb", 4) if cloud == "azure" else ("h100", 8)
    spec = NodePoolSpec("p", accelerator=accelerator, accelerators_per_node=count, max=2, capacity=[capacity])
    zones = {"zones": ("z1",)}
    if taken:
        assert resolve(spec, cloud, **zones).rungs[0].capacity == capacity
    else:
        (path,) = refused(spec, cloud, **zones)
        assert path in {"capacity[0]", "capacity[0].id"}


def test_a_kind_that_a_cloud_has_not_is_refused_with_those_that_it_has():
    spec = NodePoolSpec("p", accelerator="h100", max=2, capacity=[Queued()])
    assert refused(spec, "aws") == {
        "capacity[0]": "Queued(max=None, kind='queued') is not offered on aws; "
        "allowed: OnDemand(), Spot(), Reservation(ID), CapacityBlock(ID)"
    }


def test_a_ladder_of_several_kinds_is_one_group_a_rung():
    ladder = [Reservation("train"), OnDemand(max=2), FlexStart(), Spot()]
    pool = resolve(NodePoolSpec("p", accelerator="h100", accelerators_per_node=8, max=8, capacity=ladder), "gcp")
    assert [(rung.suffix, rung.max) for rung in pool.rungs] == [("", 2), ("ondemand", 2), ("flexstart", 2), ("spot", 2)]


@pytest.mark.parametrize(("cloud", "least"), [("aws", 77), ("gcp", 90), ("azure", 36)])
def test_a_pool_can_be_made_of_every_machine_or_there_is_a_reason(cloud, least):
    made = 0
    for name, machine in catalog.machines(cloud).items():
        spec = NodePoolSpec("p", machine=name, max=1)
        if catalog.image(machine) is None or (machine.accelerator and not machine.devices):
            reason = refused(spec, cloud)
            assert list(reason) == ["machine"], name
            assert "no node image" in reason["machine"] or "pods cannot ask for" in reason["machine"]
            continue
        pool = resolve(spec, cloud)
        made += 1
        assert (pool.machine, pool.allocatable["pods"] > 0) == (machine, True)
        assert {key: pool.allocatable[key] for key in machine.resources} == machine.resources
    assert made >= least


@pytest.mark.parametrize("cloud", catalog.CLOUDS)
def test_what_is_offered_in_whole_devices_is_given_in_every_number_in_which_there_is_a_machine(cloud):
    for machine in catalog.machines(cloud).values():
        if machine.accelerator and machine.is_whole and catalog.image(machine):
            spec = NodePoolSpec("p", accelerator=machine.accelerator, accelerators_per_node=machine.devices, max=1)
            found = resolve(spec, cloud).machine
            assert (found.accelerator, found.count) == (machine.accelerator, machine.count)
            if machine.usd_per_hour is not None:
                assert found.usd_per_hour <= machine.usd_per_hour
