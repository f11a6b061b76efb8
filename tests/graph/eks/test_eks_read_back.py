"""What the resolver decided is what the graph says: pools read back are pools put in."""

from pulumi_kubeml import NodePoolSpec, OnDemand, Spot
from pulumi_kubeml.capacity import graph
from pulumi_kubeml.nodes import resolve_all

PUT_IN = [
    NodePoolSpec("system", machine="m7i.xlarge", min=2, max=6, purpose="system"),
    NodePoolSpec("general", machine="m7i.2xlarge", min=1, max=4),
    NodePoolSpec("serve", accelerator="l4", max=8, purpose="serving", capacity=[OnDemand(max=6), Spot()]),
]


def test_every_pool_comes_back_as_it_was_resolved(cluster):
    read = {pool.name: pool for pool in graph.pools(cluster.resources)}
    put = {pool.name: pool for pool in resolve_all(PUT_IN, "aws")}
    assert set(read) == set(put)
    for name, pool in put.items():
        found = read[name]
        assert (found.min, found.max, found.machine) == (pool.min, pool.max, pool.machine.name), name
        assert dict(found.allocatable) == pool.allocatable, name
        assert [(each.key, each.value, each.effect) for each in found.taints] == [
            (each.key, each.value, each.effect) for each in pool.taints
        ], name
        assert pool.labels.items() <= found.labels.items(), name
