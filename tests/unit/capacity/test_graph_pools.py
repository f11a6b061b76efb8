"""Pools read out of a graph: node groups with their launch templates, and which pods belong to which cluster's pools."""

import base64
from typing import Any

import pytest

from pulumi_kubeml.capacity.allocatable import disk_allocatable
from pulumi_kubeml.capacity.graph import UNKNOWN, Graph, landing, pools

GPU = "nvidia.com/gpu"


def deployment(name: str, **more: Any) -> dict[str, Any]:
    """One pod that asks for a device."""
    container = {"name": "main", "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {GPU: 1}}}
    kind = "kubernetes:apps/v1:Deployment"
    return {
        "urn": f"urn:pulumi:dev::test::{kind}::{name}",
        "type": kind,
        "inputs": {
            "metadata": {"name": name, "namespace": "research"},
            "spec": {"replicas": 1, "template": {"spec": {"containers": [container]}}},
        },
        **more,
    }


def group(**inputs: Any) -> dict[str, Any]:
    kind = "aws:eks/nodeGroup:NodeGroup"
    base = {
        "nodeGroupName": "g",
        "clusterName": "ml",
        "instanceTypes": ["g6.12xlarge"],
        "scalingConfig": {"minSize": 1, "maxSize": 4},
    }
    return {"urn": f"urn:pulumi:dev::test::{kind}::g", "type": kind, "inputs": {**base, **inputs}}


def test_a_node_group_is_a_pool() -> None:
    taints = [{"key": GPU, "value": "present", "effect": "NO_SCHEDULE"}, {"key": "x", "effect": "NO_EXECUTE"}]
    (pool,) = pools([group(labels={"a": "b"}, taints=taints, capacityType="SPOT")])
    assert (pool.name, pool.min, pool.max, pool.machine, pool.cluster) == ("g", 1, 4, "g6.12xlarge", "ml")
    assert [str(taint) for taint in pool.taints] == ["nvidia.com/gpu=present:NoSchedule", "x:NoExecute"]
    assert pool.labels == {
        "a": "b",
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": "g6.12xlarge",
        "eks.amazonaws.com/nodegroup": "g",
        "eks.amazonaws.com/capacityType": "SPOT",
    }
    assert pool.allocatable[GPU] == 4


def test_the_machine_may_stand_in_the_launch_template() -> None:
    kind = "aws:ec2/launchTemplate:LaunchTemplate"
    template = {"urn": f"urn:pulumi:dev::test::{kind}::t", "type": kind, "inputs": {"instanceType": "g6.xlarge"}}
    bare = {
        **group(instanceTypes=None, launchTemplate={"id": UNKNOWN}),
        "propertyDependencies": {"launchTemplate": [template["urn"]]},
    }
    assert [pool.machine for pool in pools([template, bare])] == ["g6.xlarge"]
    assert list(Graph([bare]).unread_pools.values()) == [
        "g.instanceTypes is not given, nor a launch template with an instance type"
    ]


@pytest.mark.parametrize(
    "said",
    ["spec:\n  kubelet:\n    config:\n      maxPods: 58\n", "bootstrap.sh ml --kubelet-extra-args '--max-pods=58'"],
)
def test_the_launch_template_says_how_many_pods_a_node_runs(said: str) -> None:
    kind = "aws:ec2/launchTemplate:LaunchTemplate"
    data = base64.b64encode(said.encode()).decode()
    template = {"urn": f"urn:pulumi:dev::test::{kind}::t", "type": kind, "inputs": {"userData": data}}
    with_template = {**group(), "propertyDependencies": {"launchTemplate": [template["urn"]]}}
    (pool,), (bare,) = pools([template, with_template]), pools([group()])
    assert (pool.allocatable["pods"], bare.allocatable["pods"]) == (58, 250)
    assert pool.allocatable["memory"] - bare.allocatable["memory"] == (250 - 58) * 11 * 2**20


def test_the_launch_template_says_how_large_the_disk_of_pods_is_else_the_group_does() -> None:
    kind = "aws:ec2/launchTemplate:LaunchTemplate"
    disks = [{"deviceName": name, "ebs": {"volumeSize": size}} for name, size in (("/dev/xvda", 4), ("/dev/xvdb", 100))]
    template = {"urn": f"urn:pulumi:dev::test::{kind}::t", "type": kind, "inputs": {"blockDeviceMappings": disks}}
    with_template = {**group(), "propertyDependencies": {"launchTemplate": [template["urn"]]}}
    (pool,), (own,), (bare,) = pools([template, with_template]), pools([group(diskSize=100)]), pools([group()])
    assert pool.allocatable["ephemeral-storage"] == own.allocatable["ephemeral-storage"] == disk_allocatable(100, "aws")
    assert "ephemeral-storage" not in bare.allocatable


def subnet(name: str, zone: Any) -> dict[str, Any]:
    kind = "aws:ec2/subnet:Subnet"
    inputs = {"availabilityZone": zone}
    return {"urn": f"urn:pulumi:dev::test::{kind}::{name}", "type": kind, "id": f"subnet-{name}", "inputs": inputs}


@pytest.mark.parametrize("known", [True, False])
def test_the_zones_of_a_pool_are_those_of_its_subnets_even_while_their_identifiers_are_not_known(known: bool) -> None:
    subnets = [subnet("one", "us-east-1b"), subnet("two", "us-east-1a"), subnet("other", "us-east-1c")]
    mine = {
        **group(subnetIds=["subnet-one", "subnet-two"] if known else [UNKNOWN, UNKNOWN]),
        "propertyDependencies": {"subnetIds": [each["urn"] for each in subnets[:2]]},
    }
    assert [pool.zones for pool in pools([*subnets, mine])] == [("us-east-1a", "us-east-1b")]


def test_a_pool_has_no_zones_while_that_of_one_subnet_is_not_known() -> None:
    subnets = [subnet("one", "us-east-1b"), subnet("two", UNKNOWN)]
    (pool,) = pools([*subnets, group(subnetIds=["subnet-one", "subnet-two"])])
    (foreign,) = pools([*subnets, group(subnetIds=["subnet-one", "subnet-of-another-stack"])])
    assert (pool.zones, foreign.zones) == ((), ())


@pytest.mark.parametrize(
    "inputs",
    [{"labels": UNKNOWN}, {"taints": [UNKNOWN]}, {"scalingConfig": {"maxSize": UNKNOWN}}, {"instanceTypes": UNKNOWN}],
)
def test_a_node_group_not_known_yet_is_no_pool_and_says_why(inputs: dict[str, Any]) -> None:
    graph = Graph([group(**inputs)])
    assert graph.pools == []
    assert [reason.endswith("is not known yet") for reason in graph.unread_pools.values()] == [True]


def test_outputs_complete_inputs_that_are_not_known() -> None:
    resource = group(scalingConfig=UNKNOWN)
    resource["outputs"] = {**resource["inputs"], "scalingConfig": {"minSize": 0, "maxSize": 9}, "arn": "a"}
    assert [pool.max for pool in pools([resource])] == [9]


def test_pods_land_on_the_pools_of_their_own_cluster() -> None:
    stack: list[dict[str, Any]] = []
    for name, machine in (("one", "g6.xlarge"), ("two", "m7i.large")):
        kind = "aws:eks/cluster:Cluster"
        cluster = {"urn": f"urn:pulumi:dev::test::{kind}::{name}", "type": kind, "inputs": {"name": name}}
        kind = "pulumi:providers:kubernetes"
        provider = {
            "urn": f"urn:pulumi:dev::test::{kind}::{name}",
            "type": kind,
            "inputs": {"kubeconfig": name},
            "dependencies": [cluster["urn"]],
        }
        pool = {
            **group(instanceTypes=[machine], nodeGroupName=f"pool-{name}"),
            "propertyDependencies": {"clusterName": [cluster["urn"]]},
        }
        pool["urn"] += name
        stack += [
            cluster,
            provider,
            pool,
            deployment(f"web-{name}", provider=f"{provider['urn']}::id"),
        ]
    lost = deployment("lost")
    placed = {str(each.pod): (dict(each.pools), each.reason) for each in landing(Graph([*stack, lost]))}
    assert placed["web-one"] == ({"pool-one": 1}, "")
    assert placed["web-two"] == ({}, "0 of 1 pools: pool-two: needs 1 nvidia.com/gpu, a node has 0")
    assert placed["lost"] == ({}, "the cluster of lost cannot be told from its provider")
    assert [dict(each.pools) for each in landing(Graph([group(), lost]))] == [{"g": 1}], (
        "with one cluster there is nothing to tell"
    )


def test_a_term_that_selects_namespaces_by_label_finds_the_pods_of_those_that_the_graph_labels() -> None:
    def space(name: str, **labels: str) -> dict[str, Any]:
        kind = "kubernetes:core/v1:Namespace"
        inputs = {"metadata": {"name": name, "labels": labels}}
        return {"urn": f"urn:pulumi:dev::test::{kind}::{name}", "type": kind, "inputs": inputs}

    def beside(name: str, **selected: str) -> dict[str, Any]:
        made = deployment(name)
        made["inputs"]["metadata"]["namespace"] = "vision"
        term = {
            "topologyKey": "kubernetes.io/hostname",
            "labelSelector": {"matchLabels": {"app": "chat"}},
            "namespaceSelector": {"matchLabels": selected},
        }
        rule = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
        made["inputs"]["spec"]["template"]["spec"]["affinity"] = rule
        return made

    chat = deployment("chat")
    chat["inputs"]["spec"]["template"]["metadata"] = {"labels": {"app": "chat"}}
    stack = [
        group(),
        chat,
        space("research", kind="ml", stage=UNKNOWN),
        beside("by-label", kind="ml"),
        beside("by-name", **{"kubernetes.io/metadata.name": "research"}),
        beside("by-unknown", stage="prod"),
        beside("by-another", kind="web"),
    ]
    placed = {str(each.pod): dict(each.pools) for each in landing(Graph(stack))}
    assert placed == {"chat": {"g": 1}, "by-label": {"g": 1}, "by-name": {"g": 1}, "by-unknown": {}, "by-another": {}}
    placed = {
        str(each.pod): dict(each.pools)
        for each in landing(Graph([each for each in stack if each["type"] != "kubernetes:core/v1:Namespace"]))
    }
    assert (placed["by-name"], placed["by-label"]) == ({"g": 1}, {}), (
        "the API server gives every namespace its name as a label"
    )
