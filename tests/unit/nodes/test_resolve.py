"""From a spec to a pool: the cheapest machine that has what was asked for, or every reason why there is none."""

import re

import hypothesis.strategies as st
import pytest
from hypothesis import given

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
    resolve_all,
)
from pulumi_kubeml.problems import ConfigurationError

MACHINES = catalog.machines("aws")


def problems(*specs: NodePoolSpec, cloud: str = "aws", **more: object) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as raised:
        resolve_all(specs, cloud, **more)
    return {problem.path: problem.message for problem in raised.value.problems}


def usable(accelerator: str) -> list[catalog.Machine]:
    return [
        machine
        for machine in MACHINES.values()
        if machine.accelerator == accelerator and machine.count >= 1 and catalog.image(machine)
    ]


USABLE = sorted(key for key in catalog.accelerators() if usable(key))


@given(st.sampled_from(USABLE), st.data())
def test_the_machine_is_the_cheapest_with_the_count_and_a_price_nobody_knows_comes_last(accelerator, data):
    offers = usable(accelerator)
    count = data.draw(st.sampled_from([None, *sorted({int(machine.count) for machine in offers})]))
    pool = resolve(NodePoolSpec("p", accelerator=accelerator, accelerators_per_node=count, max=2), "aws")
    rivals = [machine for machine in offers if count in {None, int(machine.count)}]
    priced = [machine.usd_per_hour for machine in rivals if machine.usd_per_hour is not None]
    if priced:
        assert pool.machine.usd_per_hour == min(priced)
    assert pool.machine in rivals
    assert pool.accelerators_per_node == (count or int(pool.machine.count))


@given(st.sampled_from(USABLE), st.integers(0, 20))
def test_a_count_that_no_machine_has_is_refused_with_those_that_there_are(accelerator, count):
    counts = sorted({int(machine.count) for machine in usable(accelerator)})
    if count in counts:
        return
    found = problems(NodePoolSpec("p", accelerator=accelerator, accelerators_per_node=count, max=2))
    message = found["pools[0].accelerators_per_node"]
    assert str(count) in message
    if count:
        near = [
            max((each for each in counts if each < count), default=0),
            min((each for each in counts if each > count), default=0),
        ]
        assert re.findall(r"has (\d+)", message) == [str(each) for each in near if each]


ANY_MACHINE = sorted(
    name for cloud in catalog.CLOUDS for name in (*catalog.machines(cloud), *catalog.unknown_machines(cloud))
)
anything = st.one_of(st.none(), st.integers(-3, 600), st.text(max_size=5))
rung = st.one_of(
    st.builds(OnDemand, max=st.none() | st.integers(-1, 30)),
    st.builds(Spot, max=st.none() | st.integers(-1, 30)),
    st.builds(Reservation, st.sampled_from(["cr-0a1b2c3d4e5f67890", "", "cr-x"])),
    st.builds(CapacityBlock, st.sampled_from(["cr-0a1b2c3d4e5f67890", ""])),
    st.sampled_from([FlexStart(), Queued()]),
)
spec = st.builds(
    NodePoolSpec,
    st.sampled_from(["a", "serve", "", "Upper", "x" * 40, "a b"]),
    machine=st.one_of(st.none(), st.sampled_from(ANY_MACHINE), st.text(max_size=8)),
    accelerator=st.one_of(st.none(), st.sampled_from(sorted(catalog.accelerators())), st.text(max_size=8)),
    accelerators_per_node=anything,
    min=anything,
    max=anything,
    capacity=st.lists(rung, max_size=3),
    labels=st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=2),
    taints=st.lists(st.builds(Taint, st.text(max_size=6), st.text(max_size=6)), max_size=2),
    disk_gib=anything,
    purpose=st.sampled_from(["general", "serving", "training", "nothing"]),
    zones=st.lists(st.sampled_from(["us-east-1a", "us-east-1z"]), max_size=2),
)


@given(st.lists(spec, max_size=3), st.sampled_from(["aws", "gcp", "azure", ""]))
def test_whatever_is_written_the_answer_is_pools_or_problems_with_their_paths(specs, cloud):
    try:
        pools = resolve_all(specs, cloud, zones=("us-east-1a", "us-east-1b"))
    except ConfigurationError as error:
        wrong = error.problems
    else:
        wrong = None
        for pool in pools:
            assert 0 <= pool.min <= pool.max
            assert sum(rung.max for rung in pool.rungs) == pool.max
            assert sum(rung.min for rung in pool.rungs) == pool.min
            assert all(0 <= rung.min <= rung.max and rung.max >= 1 for rung in pool.rungs)
    assert wrong is None or wrong, "an error names at least one problem"
    for problem in wrong or ():
        assert problem.path.startswith("pools["), problem
        assert problem.message


def test_everything_wrong_is_said_at_once_each_with_its_path():
    found = problems(
        NodePoolSpec("general", machine="m7i.2xlarge", min=3, max=2),
        NodePoolSpec("serve", accelerator="h1000", max=4),
        NodePoolSpec("serve", accelerator="l4"),
    )
    assert found["pools[0].min"] == "3 is above max 2; allowed: 0 to 2"
    assert found["pools[1].accelerator"].startswith('"h1000" is not in the catalog; on aws: a100-40gb,')
    assert found["pools[1].accelerator"].endswith("did you mean h100?")
    assert "must be bounded" in found["pools[2].max"]
    assert "name of pools[1] too" in found["pools[2].name"]
    assert len(found) == 4


@pytest.mark.parametrize(
    ("spec", "path", "words"),
    [
        (NodePoolSpec("p", max=1), "machine", "one of the two decides"),
        (NodePoolSpec("p", machine="p9.large", max=1), "machine", "not in the catalog of aws"),
        (NodePoolSpec("p", machine="m7i.larg", max=1), "machine", "did you mean m7i.large?"),
        (NodePoolSpec("p", machine="g6f.large", max=1), "machine", "0.125 of one l4"),
        (NodePoolSpec("p", machine="g4ad.xlarge", max=1), "machine", "no node image of aws has a driver"),
        (NodePoolSpec("p", accelerator="k80", max=1), "accelerator", "no node image on aws"),
        (NodePoolSpec("p", machine="g6.xlarge", accelerator="a10g", max=1), "accelerator", "g6.xlarge has l4"),
        (NodePoolSpec("p", machine="m7i.large", accelerator="l4", max=1), "accelerator", "has no accelerator"),
        (NodePoolSpec("p", machine="g6.xlarge", accelerators_per_node=4, max=1), "accelerators_per_node", "has 1"),
        (NodePoolSpec("p", accelerators_per_node=4, max=1), "accelerators_per_node", "no accelerator is named"),
        (NodePoolSpec("p", machine="g6.xlarge"), "max", "must be bounded"),
        (NodePoolSpec("p", machine="m7i.large", max=0), "max", "allowed: 1 to 450"),
        (NodePoolSpec("p", machine="m7i.large", max=451), "max", "allowed: 1 to 450"),
        (NodePoolSpec("p", machine="m7i.large", min=-1), "min", "allowed: 0 or more"),
        (NodePoolSpec("p", machine="m7i.large", disk_gib=8), "disk_gib", "20 to 16384"),
        (NodePoolSpec("p", machine="m7i.large", labels={"kubeml.io/pool": "x"}), "labels.kubeml.io/pool", "belongs to"),
        (NodePoolSpec("p", machine="m7i.large", labels={"a b": "x"}), "labels.a b", "not the key of a label"),
        (NodePoolSpec("p", machine="m7i.large", taints=[Taint("k", "v", "Never")]), "taints[0].effect", "NoSchedule"),
        (NodePoolSpec("p", machine="m7i.large", taints=[Taint("k"), Taint("k")]), "taints[1].key", "twice"),
        (NodePoolSpec("p", machine="m7i.large", capacity=[]), "capacity", "one or more of"),
        (NodePoolSpec("p", machine="m7i.large", capacity=["spot"]), "capacity[0]", "allowed: OnDemand(), Spot()"),
        (NodePoolSpec("p", machine="m7i.large", max=2, capacity=[Spot(max=3)]), "capacity[0].max", "1 to 2"),
        (NodePoolSpec("p", machine="m7i.large", max=4, capacity=[Spot(max=3)]), "capacity", "must make 4"),
        (NodePoolSpec("p", machine="m7i.large", max=1, capacity=[Spot(), OnDemand()]), "capacity", "at least 1 each"),
        (NodePoolSpec("p", machine="m7i.large", max=4, capacity=[Spot(), Spot()]), "capacity", "same rung twice"),
        (NodePoolSpec("p", machine="m7i.large", capacity=[Reservation("cr-1")]), "capacity[0].id", "17 hexadecimal"),
        (NodePoolSpec("p", machine="m7i.large", zones=["us-east-1q"]), "zones[0]", "allowed: us-east-1a"),
        (NodePoolSpec("Pool", machine="m7i.large"), "name", "lower-case letters"),
        (NodePoolSpec("p", machine="m7i.large", purpose="servin"), "purpose", "did you mean serving?"),
    ],
)
def test_a_combination_that_cannot_be_is_refused_with_its_reason(spec, path, words):
    found = problems(spec, zones=("us-east-1a",))
    assert list(found) == [f"pools[0].{path}"], found
    assert words in found[f"pools[0].{path}"]


def test_a_pool_may_not_be_called_as_the_spot_nodes_of_another_are():
    ladder = NodePoolSpec("serve", machine="m7i.large", max=4, capacity=[OnDemand(), Spot()])
    found = problems(NodePoolSpec("serve-spot", machine="m7i.large"), ladder)
    assert "what the spot nodes of pool" in found["pools[0].name"]


def test_a_cloud_without_machines_is_refused_by_name():
    found = problems(NodePoolSpec("p", machine="m7i.large"), cloud="nimbus")
    assert found == {"pools[0]": 'cloud "nimbus" has no table of machine types; allowed: aws, gcp, azure'}


def test_a_gpu_pool_is_tainted_labelled_and_says_who_installs_the_driver():
    pool = resolve(NodePoolSpec("serve", accelerator="l4", max=3, taints=[Taint("dedicated", "a")]), "aws")
    assert pool.taints == (Taint("nvidia.com/gpu", "present"), Taint("dedicated", "a"))
    assert pool.labels == {
        "kubeml.io/pool": "serve",
        "kubeml.io/purpose": "general",
        "kubeml.io/accelerator": "l4",
        "nvidia.com/gpu.present": "true",
    }
    assert pool.driver_owner == "image"
    assert pool.allocatable["nvidia.com/gpu"] == 1


def test_a_pool_without_accelerator_has_no_taint_and_no_driver():
    pool = resolve(NodePoolSpec("general", machine="m7i.2xlarge", min=2), "aws")
    assert (pool.taints, pool.driver_owner, pool.max) == ((), None, 2)
    assert set(pool.allocatable) == {"cpu", "memory", "pods", "ephemeral-storage"}


def test_neuron_devices_are_tainted_under_their_own_key():
    pool = resolve(NodePoolSpec("trn", accelerator="trainium", max=1), "aws")
    assert pool.taints == (Taint("aws.amazon.com/neuron", "present"),)
    assert "nvidia.com/gpu.present" not in pool.labels


def test_the_disk_follows_the_purpose_unless_given():
    def disk(**more):
        return resolve(NodePoolSpec("p", machine="m7i.large", **more), "aws").disk_gib

    assert disk(purpose="serving") > disk(purpose="general")
    assert disk(purpose="serving", disk_gib=500) == 500


def test_the_choice_is_told_with_its_price():
    assert resolve(NodePoolSpec("p", accelerator="l4", max=1), "aws").reason == (
        "g6.xlarge: cheapest of 10 machine types with l4 (0.8048 USD an hour)"
    )


def test_a_ladder_is_one_group_a_rung_and_the_first_keeps_the_minimum():
    rungs = resolve(
        NodePoolSpec("p", machine="m7i.large", min=2, max=9, capacity=[OnDemand(max=3), Spot()]), "aws"
    ).rungs
    assert [(rung.suffix, rung.min, rung.max) for rung in rungs] == [("", 2, 3), ("spot", 0, 6)]
