"""Pools read out of AKS clusters: agent pools, the cluster's own pool, and what AKS gives to nodes by itself."""

import json
from typing import Any

import pytest

from pulumi_kubeml.capacity.graph import UNKNOWN, Graph, pools

GPU = "nvidia.com/gpu"
CLUSTER = "urn:pulumi:dev::test::azure-native:containerservice:ManagedCluster::ml"
SPOT = "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"


def agents(name: str = "serve1a2b3c", **inputs: Any) -> dict[str, Any]:
    kind = "azure-native:containerservice:AgentPool"
    base = {
        "agentPoolName": name,
        "resourceName": "ml",
        "vmSize": "Standard_NC64as_T4_v3",
        "enableAutoScaling": True,
        "minCount": 1,
        "maxCount": 4,
        "maxPods": 110,
        "availabilityZones": ["2", "1"],
    }
    return {
        "urn": f"urn:pulumi:dev::test::{kind}::{name}",
        "type": kind,
        "inputs": {**base, **inputs},
        "propertyDependencies": {"resourceName": [CLUSTER]},
    }


def cluster(*own: dict[str, Any], location: str = "eastus") -> dict[str, Any]:
    return {
        "urn": CLUSTER,
        "type": CLUSTER.split("::")[2],
        "inputs": {"resourceName": "ml", "location": location, "agentPoolProfiles": list(own)},
    }


def test_an_agent_pool_is_a_pool() -> None:
    taints = [f"{GPU}=present:NoSchedule", "slow:PreferNoSchedule"]
    (pool,) = pools([cluster(), agents(nodeLabels={"a": "b"}, nodeTaints=taints)])
    assert (pool.name, pool.min, pool.max, pool.machine, pool.cluster) == (
        "serve1a2b3c",
        1,
        4,
        "Standard_NC64as_T4_v3",
        CLUSTER,
    )
    assert [str(taint) for taint in pool.taints] == taints
    assert pool.labels == {
        "a": "b",
        "agentpool": "serve1a2b3c",
        "kubernetes.azure.com/agentpool": "serve1a2b3c",
        "kubernetes.azure.com/mode": "user",
        "kubernetes.azure.com/priority": "regular",
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": "Standard_NC64as_T4_v3",
    }
    assert (pool.allocatable[GPU], pool.allocatable["pods"]) == (4, 110)
    assert pool.zones == ("eastus-1", "eastus-2")


def test_a_pool_that_does_not_scale_has_its_number_of_nodes() -> None:
    (pool,) = pools([agents(enableAutoScaling=False, count=3)])
    assert (pool.min, pool.max) == (3, 3)


def test_zones_are_not_known_before_the_region_is() -> None:
    (pool,) = pools([cluster(location=UNKNOWN), agents()])
    assert pool.zones == ()


def test_the_pools_that_are_part_of_a_cluster_are_read_too() -> None:
    own = {"name": "system", "mode": "System", "vmSize": "Standard_D4ds_v5", "count": 2}
    (pool,) = pools([cluster(own)])
    assert (pool.name, pool.max, pool.cluster, pool.labels["kubernetes.azure.com/mode"]) == (
        "system",
        2,
        CLUSTER,
        "system",
    )


def test_spot_nodes_have_the_taint_and_the_labels_that_aks_gives_them() -> None:
    (pool,) = pools([agents(scaleSetPriority="Spot")])
    assert [str(taint) for taint in pool.taints] == [SPOT]
    assert pool.labels["kubernetes.azure.com/scalesetpriority"] == "spot"
    assert pool.labels["kubernetes.azure.com/priority"] == "spot"


def test_a_pool_that_is_bought_in_two_ways_is_one_pool_with_the_taint_of_either() -> None:
    labels = {"kubeml.io/pool": "serve"}
    (pool,) = pools([agents("one", nodeLabels=labels), agents("two", nodeLabels=labels, scaleSetPriority="Spot")])
    assert (pool.name, pool.min, pool.max) == ("serve", 2, 8)
    assert [str(taint) for taint in pool.taints] == [SPOT]
    assert not {"agentpool", "kubernetes.azure.com/priority"} & set(pool.labels), "their nodes differ in these"


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"vmSize": UNKNOWN}, "vmSize is not known yet"),
        ({"nodeLabels": UNKNOWN}, "nodeLabels is not known yet"),
        ({"nodeTaints": [UNKNOWN]}, "nodeTaints[0] is not known yet"),
        ({"maxCount": UNKNOWN}, "maxCount is not known yet"),
        ({"vmSize": "Standard_X1"}, 'names "Standard_X1", which the catalog does not know'),
    ],
)
def test_an_agent_pool_not_known_yet_is_no_pool_and_says_why(inputs: dict[str, Any], reason: str) -> None:
    graph = Graph([agents(**inputs)])
    assert graph.pools == []
    (said,) = graph.unread_pools.values()
    assert said.endswith(reason)


def test_a_cluster_whose_own_pool_is_not_known_yet_says_which() -> None:
    graph = Graph([cluster({"name": "system", "vmSize": "Standard_X1"})])
    assert list(graph.unread_pools.values()) == [
        'ml.agentPoolProfiles[0].vmSize names "Standard_X1", which the catalog does not know'
    ]


def plugin(name: str = "mig-single", strategy: str = "single") -> dict[str, Any]:
    kind = "kubernetes:helm.sh/v3:Release"
    config = {"version": "v1", "flags": {"migStrategy": strategy}}
    return {
        "urn": f"urn:pulumi:dev::test::{kind}::plugin",
        "type": kind,
        "inputs": {
            "chart": "nvidia-device-plugin",
            "repositoryOpts": {"repo": "https://nvidia.github.io/k8s-device-plugin"},
            "values": {"config": {"map": {name: json.dumps(config)}}},
        },
    }


@pytest.mark.parametrize(
    ("strategy", "offered"),
    [("single", {GPU: 56}), ("mixed", {"nvidia.com/mig-1g.10gb": 56})],
)
@pytest.mark.parametrize("installed", [True, False])
def test_devices_that_aks_cuts_are_offered_as_the_device_plugin_calls_them(
    strategy: str, offered: dict[str, int], installed: bool
) -> None:
    name = f"mig-{strategy}"
    labels = {"nvidia.com/device-plugin.config": name, "kubeml.io/sharing": name}
    cut = agents(vmSize="Standard_ND96isr_H100_v5", gpuInstanceProfile="MIG1g", nodeLabels=labels)
    (pool,) = pools([cut, *([plugin(name, strategy)] if installed else [])])
    assert {key: amount for key, amount in pool.allocatable.items() if key.startswith("nvidia")} == offered
