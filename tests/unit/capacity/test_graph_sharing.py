"""Pools that share their devices, read out of a graph: what the release of the device plugin says of the nodes' label."""

from typing import Any

import pytest

from pulumi_kubeml.accelerators import device_plugin
from pulumi_kubeml.capacity.graph import UNKNOWN, Graph
from pulumi_kubeml.nodes import Mps, NodePoolSpec, TimeSlicing, resolve_all

SPECS = [
    NodePoolSpec("whole", accelerator="l4", max=2),
    NodePoolSpec("turns", accelerator="l4", accelerators_per_node=4, max=2, sharing=TimeSlicing(4)),
    NodePoolSpec("beside", accelerator="l4", max=2, sharing=Mps(8)),
]
POOLS = {pool.name: pool for pool in resolve_all(SPECS, "aws")}


def group(name: str) -> dict[str, Any]:
    pool, kind = POOLS[name], "aws:eks/nodeGroup:NodeGroup"
    inputs = {
        "clusterName": "ml",
        "instanceTypes": [pool.machine.name],
        "scalingConfig": {"minSize": pool.min, "maxSize": pool.max},
        "labels": dict(pool.labels),
        "diskSize": pool.disk_gib,
    }
    return {"urn": f"urn:pulumi:dev::test::{kind}::{name}", "type": kind, "inputs": inputs}


def plugin(values: Any, name: str = "plugin") -> dict[str, Any]:
    kind = "kubernetes:helm.sh/v3:Release"
    repository = {"repo": "https://nvidia.github.io/k8s-device-plugin"}
    inputs = {"chart": "nvidia-device-plugin", "repositoryOpts": repository, "values": values}
    return {"urn": f"urn:pulumi:dev::test::{kind}::{name}", "type": kind, "inputs": inputs}


def devices(graph: Graph) -> dict[str, dict[str, int]]:
    return {pool.name: {key: count for key, count in pool.allocatable.items() if "/" in key} for pool in graph.pools}


def test_the_values_of_the_release_are_read_back_as_what_the_pools_offer() -> None:
    graph = Graph([*map(group, POOLS), plugin(device_plugin(POOLS.values()))])
    assert devices(graph) == {
        "whole": {"nvidia.com/gpu": 1},
        "turns": {"nvidia.com/gpu.shared": 16},
        "beside": {"nvidia.com/gpu.shared": 8},
    }
    assert {pool.name: dict(pool.allocatable) for pool in graph.pools} == {
        name: pool.allocatable for name, pool in POOLS.items()
    }


def test_without_the_release_the_pools_own_label_says_the_same() -> None:
    assert devices(Graph(map(group, POOLS)))["turns"] == {"nvidia.com/gpu.shared": 16}


def test_the_release_counts_more_than_the_label() -> None:
    values = {
        "config": {
            "map": {"time-slicing-4": "sharing: {timeSlicing: {resources: [{name: nvidia.com/gpu, replicas: 2}]}}"}
        }
    }
    assert devices(Graph([group("turns"), plugin(values)]))["turns"] == {"nvidia.com/gpu": 8}


@pytest.mark.parametrize(
    "config",
    [{"default": "all", "map": {"all": "", "b": ""}}, {"map": {"default": "", "b": ""}}, {"map": {"only": ""}}],
)
def test_a_node_without_the_label_takes_the_default(config: dict[str, Any]) -> None:
    chosen = config.get("default") or min(config["map"], key=lambda name: name != "default")
    rules = "{version: v1, sharing: {mps: {renameByDefault: true, resources: [{name: nvidia.com/gpu, replicas: 3}]}}}"
    config["map"][chosen] = rules
    assert devices(Graph([group("whole"), plugin({"config": config})]))["whole"] == {"nvidia.com/gpu.shared": 3}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"config": UNKNOWN}, "values.config is not known yet"),
        ({"config": {"map": {"time-slicing-4": UNKNOWN}}}, "values.config.map.time-slicing-4 is not known yet"),
        ({"config": {"map": {"time-slicing-4": "{"}}}, "is no configuration of the device plugin"),
        (
            {"config": {"map": {"time-slicing-4": "flags: {migStrategy: mixed}"}}},
            "into what the devices are cut is not told",
        ),
    ],
)
def test_what_is_not_known_of_a_configuration_leaves_the_pool_unread(values: Any, words: str) -> None:
    graph = Graph([group("turns"), plugin(values)])
    assert graph.pools == []
    (said,) = graph.unread_pools.values()
    assert words in said


def test_a_label_of_somebody_elses_plugin_is_not_guessed_at() -> None:
    foreign = group("whole")
    foreign["inputs"]["labels"]["nvidia.com/device-plugin.config"] = "time-slicing-4"
    (said,) = Graph([foreign]).unread_pools.values()
    assert 'names the configuration "time-slicing-4" of a device plugin that is not in this stack' in said


def test_releases_that_disagree_decide_nothing() -> None:
    other = device_plugin([*resolve_all([SPECS[1]], "aws")])
    other["config"]["map"]["time-slicing-4"] = other["config"]["map"]["time-slicing-4"].replace("4", "5")
    graph = Graph([group("turns"), plugin(device_plugin(POOLS.values())), plugin(other, "second")])
    (said,) = graph.unread_pools.values()
    assert "say different things" in said
