"""Pools as a document: what another stack, and whoever reads a graph, has to know of them."""

from collections.abc import Iterable
from typing import Any

from pulumi_kubeml.nodes.local import LOCAL
from pulumi_kubeml.nodes.pool import NodePool

INSTANCE_TYPE = "node.kubernetes.io/instance-type"


def document(pools: Iterable[NodePool]) -> list[dict[str, Any]]:
    """Make the document of some pools, in their order: bounds, machine, labels, taints and what one node leaves to pods.

    >>> from pulumi_kubeml.nodes import NodePoolSpec, resolve
    >>> made, = document([resolve(NodePoolSpec("serve", accelerator="l4", max=24), "aws")])
    >>> made["max"], made["machine"], made["allocatable"]["nvidia.com/gpu"], made["taints"][0]["key"]
    (24, 'g6.xlarge', 1, 'nvidia.com/gpu')
    """
    return [
        {
            "name": pool.name,
            "machine": pool.machine.name,
            "min": pool.min,
            "max": pool.max,
            "labels": {
                **pool.labels,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": pool.machine.arch,
                **({} if pool.cloud == LOCAL else {INSTANCE_TYPE: pool.machine.machine_type}),
            },
            "taints": [{"key": each.key, "value": each.value, "effect": each.effect} for each in pool.taints],
            "allocatable": dict(pool.allocatable),
            "zones": list(pool.zones),
        }
        for pool in pools
    ]
