"""What a user says of a model server."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, Literal

from pulumi_kubeml.pods import Quantities
from pulumi_kubeml.specs import IN_STACK_FILES
from pulumi_kubeml.storage.claims import ClaimSpec
from pulumi_kubeml.tenancy.isolation import PRIVATE


@dataclass(frozen=True)
class MetricTarget:
    """An external metric that an autoscaler follows."""

    name: str
    """Name under which the platform offers it."""
    average: str | int
    """Value a replica should have."""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    """Which series count; by default those of the server itself (label `app`)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES


@dataclass(frozen=True, kw_only=True)
class AutoscalingSpec:
    """Bounds of the replicas, and what they follow: whichever asks for most."""

    min: int
    """Replicas that are always there."""
    max: int
    """Replicas at most; the pool and the quota must hold all of them."""
    cpu: int | None = None
    """Percent of the requested CPU that replicas should use."""
    memory: int | None = None
    """Percent of the requested memory that replicas should use."""
    metrics: Sequence[MetricTarget] = ()
    """External metrics."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES


@dataclass(frozen=True)
class ModelServerSpec:
    """A model behind a port.

    >>> ModelServerSpec("chat", team="research", pool="serve", image="registry.example.com/chat:v1", port=8000).most_replicas
    2
    """

    name: str
    """Name of the deployment, of the service and of the label `app`."""
    _: KW_ONLY
    team: str
    """Whose it is."""
    pool: str
    """Where it runs."""
    image: str
    """Image, with a tag or a digest."""
    port: int
    """Port that the container listens on."""

    # How many
    replicas: int = 2
    """Replicas to begin with; later an autoscaler has the say, where there is one."""
    autoscaling: AutoscalingSpec | None = None
    """Bounds and targets; by default the replicas stay as they are."""

    # How big
    requests: Quantities = field(default_factory=dict[str, str | int])
    """CPU and memory that a replica is sure of; by default its limits."""
    limits: Quantities = field(default_factory=lambda: {"cpu": "2", "memory": "4Gi"})
    """CPU and memory that a replica may use."""
    accelerators: int = 0
    """Whole devices of the pool for each replica."""

    # What is in it
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    """Variables; nothing secret belongs here."""
    claims: Sequence[ClaimSpec] = ()
    """Volumes, shared by all replicas."""
    probe_path: str | None = None
    """Path that answers 200 when the model is ready; by default it is enough that the port accepts connections."""
    start_seconds: int = 600
    """How long a replica may take to load its model before it is started anew."""
    metrics_path: str = "/metrics"
    """Path on the same port where Prometheus scrapes."""
    user: int = 1000
    """User that the container runs as; root is not allowed."""

    # Who may call it
    service_port: int = 80
    """Port of the service."""
    exposure: Literal["cluster", "internal"] = "internal"
    """"internal": a load balancer inside the cluster's network; "cluster": callers in the cluster only. Never the internet."""
    callers: Sequence[str] = PRIVATE
    """Addresses (CIDR) that may call it; by default all private ones."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES

    @property
    def most_replicas(self) -> int:
        """Replicas that there can be at once, outside of an update."""
        return max(self.replicas, self.autoscaling.max if self.autoscaling else 0)
