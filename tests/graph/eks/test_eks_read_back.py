"""What the resolver decided is what the graph says: pools read back are pools put in."""

import pytest

from pulumi_kubeml import NodePoolSpec, OnDemand, Spot
from pulumi_kubeml.capacity import graph
from pulumi_kubeml.nodes import CapacityBlock, Reservation, resolve_all

PUT_IN = [
    NodePoolSpec("system", machine="m7i.xlarge", min=2, max=6, purpose="system"),
    NodePoolSpec("general", machine="m7i.2xlarge", min=1, max=4),
    NodePoolSpec("serve", accelerator="l4", max=8, purpose="serving", capacity=[OnDemand(max=6), Spot()]),
]
ZONE = ["us-east-1a"]
CR = "cr-0a1b2c3d4e5f67890"
SPECIAL = [
    NodePoolSpec("block", accelerator="h200", max=2, zones=ZONE, fabric="required", capacity=[CapacityBlock(CR)]),
    NodePoolSpec(
        "reserved", accelerator="h100", accelerators_per_node=8, max=2, zones=ZONE, capacity=[Reservation(CR)]
    ),
    NodePoolSpec("efa", accelerator="a100-40gb", max=2, zones=ZONE, fabric="required"),
    NodePoolSpec("rocket", accelerator="l4", max=2, image="bottlerocket", max_pods=64, local_disks="ephemeral"),
    NodePoolSpec("rocket-efa", machine="g6.8xlarge", max=2, zones=ZONE, image="bottlerocket", fabric="required"),
    NodePoolSpec("own", accelerator="l4", max=2, image="custom", image_id="ami-0a1b2c3d4e5f67891", max_pods=30),
    NodePoolSpec("neuron", accelerator="trainium", max=1, zones=ZONE, machine="trn1.32xlarge", fabric="required"),
    NodePoolSpec("arm", accelerator="t4g", max=1),
]


def same(put, found):
    assert (found.min, found.max, found.machine) == (put.min, put.max, put.machine.name), put.name
    assert dict(found.allocatable) == put.allocatable, put.name
    assert [(each.key, each.value, each.effect) for each in found.taints] == [
        (each.key, each.value, each.effect) for each in put.taints
    ], put.name
    assert put.labels.items() <= found.labels.items(), put.name


def test_every_pool_comes_back_as_it_was_resolved(cluster):
    read = {pool.name: pool for pool in graph.pools(cluster.resources)}
    put = {pool.name: pool for pool in resolve_all(PUT_IN, "aws")}
    assert set(read) == set(put)
    for name, pool in put.items():
        same(pool, read[name])


@pytest.fixture(scope="module")
def special(make_graph):
    said = ", ".join(map(repr, SPECIAL)).replace("'required'", '"required"')
    given = "from pulumi_kubeml.nodes import *\n"
    return make_graph(f"{given}EksCluster('ml', args(node_pools=[{said}]))\n")


@pytest.mark.parametrize("spec", SPECIAL, ids=lambda spec: spec.name)
def test_blocks_images_fabrics_and_pods_of_a_node_come_back(special, spec):
    read = {pool.name: pool for pool in graph.pools(special.resources)}
    (put,) = resolve_all([spec], "aws")
    same(put, read[spec.name])
    assert put.zones in {(), read[spec.name].zones}
