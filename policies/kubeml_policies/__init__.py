"""Checks of quotas, accelerators and network rules over a graph of resources, from one definition everywhere.

>>> sorted(CHECKS)[:3], Pack("prod").profile
(['GPU-01', 'GPU-02', 'NET-01'], 'prod')
"""

from kubeml_policies.checks import CHECKS
from kubeml_policies.model import PROFILES, Check, Finding
from kubeml_policies.pack import Pack

__all__ = ["CHECKS", "PROFILES", "Check", "Finding", "Pack"]
