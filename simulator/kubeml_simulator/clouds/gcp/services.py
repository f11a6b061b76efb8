"""Loads every service module; what they registered is then complete."""

from . import (
    accelerators,
    agents,
    blocks,
    cluster_outputs,
    clusters,
    connections,
    keys,
    maintenance,
    members,
    networks,
    node_pools,
    pool_rules,
    rdma,
    storage,
)
from .behaviours import BEHAVIOURS

MODULES = (
    accelerators,
    agents,
    blocks,
    cluster_outputs,
    clusters,
    connections,
    keys,
    maintenance,
    members,
    networks,
    node_pools,
    pool_rules,
    rdma,
    storage,
)

__all__ = ["BEHAVIOURS", "MODULES"]
