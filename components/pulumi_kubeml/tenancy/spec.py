"""What a user says of a team."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, Literal

from pulumi_kubeml.catalog import accelerators
from pulumi_kubeml.specs import IN_STACK_FILES


@dataclass(frozen=True)
class TeamSpec:
    """A tenant: who they are and how much they may use.

    >>> TeamSpec("research", serving_gpus={"l4": 12}, training_gpus={"a10g": 8}).devices()
    {'nvidia.com/gpu': 20}
    """

    name: str
    """Name of the team and of its namespace."""
    _: KW_ONLY
    members: Sequence[str] = ()
    """Groups that run jobs (role scientist)."""
    viewers: Sequence[str] = ()
    """Groups that only look."""
    operators: Sequence[str] = ()
    """Groups that also serve models and hold secrets."""

    # How much
    serving_gpus: Mapping[str, int] = field(default_factory=dict[str, int])
    """Devices that model servers may hold at once, by accelerator."""
    training_gpus: Mapping[str, int] = field(default_factory=dict[str, int])
    """Devices that jobs may hold at once, by accelerator."""
    gpu_shares: Mapping[str, int] = field(default_factory=dict[str, int])
    """Shares of devices that pods may hold at once, by the pool that shares them."""
    cpu: str | int = "32"
    """CPU that all pods together may request, in cores."""
    memory: str | int = "128Gi"
    """Memory that all pods together may request."""
    storage: str | int = "1Ti"
    """Size of all volume claims together."""
    claims: int = 20
    """Volume claims at most."""
    load_balancers: int = 2
    """Services with a load balancer of their own at most."""

    # Whose
    owner: str | None = None
    """Who answers for it; by default the first group of members."""
    cost_center: str | None = None
    """Who pays; by default whoever pays for the cluster."""
    pod_security: Literal["restricted", "baseline"] = "restricted"
    """Pod Security level of the namespace; "restricted" wants pods that are no root and give up every capability."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES

    def gpus(self) -> dict[str, int]:
        """Make the devices of the team by accelerator, serving and training together."""
        keys = sorted({*self.serving_gpus, *self.training_gpus})
        return {key: self.serving_gpus.get(key, 0) + self.training_gpus.get(key, 0) for key in keys}

    def devices(self) -> dict[str, int]:
        """Make the devices of the team by resource key, which is all that a quota can tell apart."""
        total: dict[str, int] = {}
        for key, count in self.gpus().items():
            resource = accelerators()[key].resource_key
            total[resource] = total.get(resource, 0) + count
        return total
