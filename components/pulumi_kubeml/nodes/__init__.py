"""Node pools as plain data: what a user writes, how nodes are bought, and what the catalog makes of it.

>>> pool = resolve(NodePoolSpec("serve", accelerator="l4", max=24), "aws")
>>> pool.machine.name, pool.placement(1).resources
('g6.xlarge', {'nvidia.com/gpu': '1'})
"""

from pulumi_kubeml.nodes.capacity import (
    Capacity,
    CapacityBlock,
    FlexStart,
    OnDemand,
    Queued,
    Reservation,
    Spot,
    read_capacity,
)
from pulumi_kubeml.nodes.document import document
from pulumi_kubeml.nodes.facts import ClusterFacts, facts, local_ssds
from pulumi_kubeml.nodes.local import LOCAL, LocalPool, resolve_local, resolve_locals
from pulumi_kubeml.nodes.options import stands_together
from pulumi_kubeml.nodes.pool import (
    ACCELERATOR_LABEL,
    EFA_KEY,
    GPU_PRESENT_LABEL,
    POOL_LABEL,
    PURPOSE_LABEL,
    SYSTEM_TAINT,
    NodePool,
    Placement,
    Rung,
)
from pulumi_kubeml.nodes.preconditions import Precondition, broken, preconditions
from pulumi_kubeml.nodes.resolve import resolve, resolve_all
from pulumi_kubeml.nodes.shares import Shares
from pulumi_kubeml.nodes.sharing import Mig, Mps, Sharing, TimeSlicing, read_sharing
from pulumi_kubeml.nodes.spec import EFFECTS, PURPOSES, Effect, NodePoolSpec, Purpose, Taint

__all__ = [
    "ACCELERATOR_LABEL",
    "EFA_KEY",
    "EFFECTS",
    "GPU_PRESENT_LABEL",
    "LOCAL",
    "POOL_LABEL",
    "PURPOSES",
    "PURPOSE_LABEL",
    "SYSTEM_TAINT",
    "Capacity",
    "CapacityBlock",
    "ClusterFacts",
    "Effect",
    "FlexStart",
    "LocalPool",
    "Mig",
    "Mps",
    "NodePool",
    "NodePoolSpec",
    "OnDemand",
    "Placement",
    "Precondition",
    "Purpose",
    "Queued",
    "Reservation",
    "Rung",
    "Shares",
    "Sharing",
    "Spot",
    "Taint",
    "TimeSlicing",
    "broken",
    "document",
    "facts",
    "local_ssds",
    "preconditions",
    "read_capacity",
    "read_sharing",
    "resolve",
    "resolve_all",
    "resolve_local",
    "resolve_locals",
    "stands_together",
]
