"""Loads every service module; what they registered is then complete."""

from . import answers, clusters, compute, identities, networks, permissions, pools, storage, vaults
from .behaviours import BEHAVIOURS

MODULES = (answers, clusters, compute, identities, networks, permissions, pools, storage, vaults)

__all__ = ["BEHAVIOURS", "MODULES"]
