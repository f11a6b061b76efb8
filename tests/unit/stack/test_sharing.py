"""What a stack file says of shared devices: short and long forms, and what teams may use of pools that share."""

import pytest

from pulumi_kubeml.nodes import Mps, TimeSlicing
from pulumi_kubeml.stack.read import read


def problems(config):
    return [str(each) for each in read(config)[1]]


def shared(config, sharing, **more):
    config["pools"].append({"name": "notebooks", "accelerator": "t4", "max": 2, "sharing": sharing, **more})
    return config


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("timeSlicing:4", TimeSlicing(4)),
        ({"kind": "mps", "replicas": 8}, Mps(8)),
        (None, None),
    ],
)
def test_a_sharing_is_written_short_or_as_a_map(config, written, meant):
    spec, found = read(shared(config, written))
    assert found == []
    assert spec.cluster.node_pools[-1].sharing == meant


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("half", 'pools[3].sharing  "half" is not a way to share devices; allowed: timeSlicing:N, mps:N, mig:PROFILE'),
        (4, "pools[3].sharing  4 is not a way to share devices"),
        ({"kind": "mps"}, "pools[3].sharing.replicas  missing, but needed"),
        ({"kind": "mps", "replicas": "2"}, 'pools[3].sharing.replicas  "2", but a whole number is needed'),
        ({"kind": "mps", "replica": 2}, "pools[3].sharing.replica  unknown key; did you mean replicas?"),
        ("timeSlicing:1", "pools[3].sharing.replicas  1 pods to a device; allowed: 2 or more"),
        ("mig:1g.5gb", "pools[3].sharing  mig cannot be had on aws: no node image of EKS cuts devices"),
    ],
)
def test_a_sharing_that_is_none_is_said_with_its_path(config, written, words):
    assert any(words in each for each in problems(shared(config, written))), problems(config)


def test_teams_use_shares_up_to_what_the_pool_has(config):
    config["teams"].append({"name": "vision", "gpuShares": {"notebooks": 6}})
    config["teams"].append({"name": "speech", "gpuShares": {"notebooks": 2}})
    assert problems(shared(config, "timeSlicing:4")) == []
    config["teams"][-1]["gpuShares"] = {"notebooks": 3, "serve": 1}
    said = problems(config)
    assert any(
        "gpuShares.notebooks  3, but pool notebooks has 8 shares at most, 2 of them left" in each for each in said
    )
    assert any(
        "gpuShares.serve  1, but no pool of that name shares its devices; pools that do: notebooks" in each
        for each in said
    )


def test_shares_are_no_whole_devices(config):
    config["teams"].append({"name": "vision", "servingGpus": {"t4": 1}})
    assert any("servingGpus.t4  1, but no pool has whole t4" in each for each in problems(shared(config, "mps:4")))


def test_workloads_on_shares_need_them_granted(config):
    config["serving"][0]["pool"] = "notebooks"
    shared(config, "timeSlicing:4", max=6)
    said = problems(config)
    assert any("gpuShares.notebooks  0, but the workloads run on" in each for each in said), said
    config["teams"][0]["gpuShares"] = {"notebooks": 24}
    assert not any("gpuShares" in each for each in problems(config))
