"""What the resolver decided is what the graph says: pools read back are pools put in."""

import pytest

from pulumi_kubeml import NodePoolSpec, OnDemand, Spot
from pulumi_kubeml.capacity import graph
from pulumi_kubeml.nodes import Mig, resolve_all

PUT_IN = [
    NodePoolSpec("system", machine="Standard_D4ds_v5", min=2, max=6, purpose="system", max_pods=110),
    NodePoolSpec("general", machine="Standard_D8ds_v5", min=1, max=4),
    NodePoolSpec("serve", accelerator="t4", max=8, purpose="serving", capacity=[OnDemand(max=6), Spot()]),
]


def assert_same(found, pool):
    assert (found.min, found.max, found.machine) == (pool.min, pool.max, pool.machine.name), pool.name
    assert dict(found.allocatable) == pool.allocatable, pool.name
    assert [(each.key, each.value, each.effect) for each in found.taints] == [
        (each.key, each.value, each.effect) for each in pool.taints
    ], pool.name
    assert pool.labels.items() <= found.labels.items(), pool.name


def test_every_pool_comes_back_as_it_was_resolved(cluster):
    read = {pool.name: pool for pool in graph.pools(cluster.resources)}
    put = {pool.name: pool for pool in resolve_all(PUT_IN, "azure")}
    assert set(read) == set(put)
    for name, pool in put.items():
        assert_same(read[name], pool)
        assert read[name].zones == ("eastus-1", "eastus-2", "eastus-3")


@pytest.mark.parametrize("operation", ["up", "preview"])
def test_devices_that_are_cut_come_back_as_they_were_resolved(make_graph, operation):
    made = make_graph(
        """
        AksCluster("ml", args(node_pools=[
            NodePoolSpec("one", accelerator="h100", max=2, sharing=Mig("1g.10gb")),
            NodePoolSpec("many", accelerator="a100-80gb", max=2, sharing=Mig("2g.20gb", strategy="mixed")),
        ]))
        """,
        operation,
    )
    read = {pool.name: pool for pool in graph.pools(made.resources)}
    for pool in resolve_all(
        [
            NodePoolSpec("one", accelerator="h100", max=2, sharing=Mig("1g.10gb")),
            NodePoolSpec("many", accelerator="a100-80gb", max=2, sharing=Mig("2g.20gb", strategy="mixed")),
        ],
        "azure",
    ):
        assert_same(read[pool.name], pool)
