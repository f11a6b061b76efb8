"""From a graph to the rows that say where its pods land."""

from kubeml_simulator.preview.placement import capacity, misfit

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
GPU = "nvidia.com/gpu"


def urn(token, name):
    return f"urn:pulumi:dev::shop::{token}::{name}"


def pool(name, machine, most, *, instance=None):
    inputs = {
        "clusterName": "ml", "instanceTypes": [instance or machine], "scalingConfig": {"minSize": 0, "maxSize": most, "desiredSize": 0},
        "labels": {"kubeml.io/pool": name}, "taints": [], "subnetIds": [], "diskSize": 100,
    }  # fmt: skip
    return {
        "urn": urn("aws:eks/nodeGroup:NodeGroup", name),
        "type": "aws:eks/nodeGroup:NodeGroup",
        "custom": True,
        "inputs": inputs,
    }


def deployment(name, replicas, gpus):
    limits = {"cpu": "1", "memory": "1Gi", GPU: str(gpus)}
    inputs = {
        "metadata": {"name": name, "namespace": "research"},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "main", "resources": {"requests": limits, "limits": limits}}]}}},
    }  # fmt: skip
    token = "kubernetes:apps/v1:Deployment"
    return {"urn": urn(token, name), "type": token, "custom": True, "inputs": inputs}


def test_a_group_lands_in_the_pool_with_its_devices_on_as_many_nodes_as_it_needs():
    found = capacity([pool("train", "g6.12xlarge", 4), deployment("job", 3, 2)])
    [group] = found.groups
    [landing] = group.landings
    assert (landing.pool, landing.pods, landing.nodes) == ("train", 3, 2), "two devices each, four a node: two nodes"
    [use] = found.pools
    assert (use.taken, use.devices) == ({GPU: 6}, {GPU: 16})
    assert (use.min, use.needed, use.max) == (0, 2, 4)
    assert group.waiting == 3, "no node is there before one is added"


def test_other_numbers_of_nodes_bound_what_a_pool_has_at_least_and_at_most():
    found = capacity([pool("train", "g6.12xlarge", 4), deployment("job", 3, 2)], {"train": 1})
    [group], [use] = found.groups, found.pools
    assert (use.min, use.needed, use.max, group.missing, group.waiting) == (0, 1, 1, 1, 2)


def test_a_group_that_fits_nowhere_says_why():
    [group] = capacity([pool("serve", "g6.xlarge", 4), deployment("huge", 1, 8)]).groups
    assert group.landings == ()
    assert misfit(group).startswith("1 of 1 find no node")
    assert "needs 8 nvidia.com/gpu, a node has 1" in misfit(group)


def test_a_pool_that_is_not_known_yet_is_named_instead_of_left_out():
    found = capacity([pool("serve", "g6.xlarge", 4, instance=UNKNOWN)])
    [use] = found.pools
    assert use.name == "serve"
    assert use.undetermined
