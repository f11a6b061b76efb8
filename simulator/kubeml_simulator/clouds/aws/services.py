"""Loads every service module; what they registered is then complete."""

from . import ec2, efs, eks, iam, kms, node_groups
from .behaviours import CHECKS, COMPUTES

MODULES = (ec2, efs, eks, iam, kms, node_groups)

__all__ = ["CHECKS", "COMPUTES", "MODULES"]
