"""Loads every service module; what they registered is then complete."""

from . import answers, clusters, identities, networks, pools, storage, vaults
from .behaviours import BEHAVIOURS

MODULES = (answers, clusters, identities, networks, pools, storage, vaults)

__all__ = ["BEHAVIOURS", "MODULES"]
