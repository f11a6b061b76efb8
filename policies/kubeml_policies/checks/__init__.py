"""The checks, one family a module, by id."""

from types import MappingProxyType
from typing import Any

from kubeml_policies.checks import gpus, network, pods, quotas, resources
from kubeml_policies.model import Check

CHECKS: MappingProxyType[str, Check[Any, Any]] = MappingProxyType(
    {check.id: check for family in (pods, resources, gpus, quotas, network) for check in family.CHECKS}
)
