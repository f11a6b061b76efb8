"""Loads every service module; what they registered is then complete."""

from . import ec2, efs, eks, iam, kms, launch_templates, node_groups
from .behaviours import BEHAVIOURS

MODULES = (ec2, efs, eks, iam, kms, launch_templates, node_groups)

__all__ = ["BEHAVIOURS", "MODULES"]
