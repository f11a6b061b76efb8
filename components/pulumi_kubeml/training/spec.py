"""What a user says of a training job."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, Literal

from pulumi_kubeml.pods import Quantities
from pulumi_kubeml.specs import IN_STACK_FILES
from pulumi_kubeml.storage.claims import ClaimSpec


@dataclass(frozen=True, kw_only=True)
class RoleSpec:
    """Equal pods of a job."""

    pool: str
    """Where they run."""
    replicas: int = 1
    """How many there are."""
    limits: Quantities
    """CPU and memory that one may use."""
    requests: Quantities = field(default_factory=dict[str, str | int])
    """CPU and memory that one is sure of; by default its limits, so that no neighbour slows the others' step."""
    accelerators: int = 0
    """Whole devices of the pool for each."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES


@dataclass(frozen=True)
class TFJobSpec:
    """A TensorFlow job over several pods.

    >>> role = RoleSpec(pool="train", limits={"cpu": 4, "memory": "8Gi"}, accelerators=2)
    >>> job = TFJobSpec("mnist", team="research", image="registry.example.com/mnist:v1", command=["python"], worker=role)
    >>> sorted(job.roles)
    ['Worker']
    """

    name: str
    """Name of the job."""
    _: KW_ONLY
    team: str
    """Whose it is."""
    image: str
    """Image of all roles, with a tag or a digest."""
    command: Sequence[str]
    """What every pod runs; the operator tells each its role in TF_CONFIG."""

    # Roles
    worker: RoleSpec
    """Pods that train."""
    chief: RoleSpec | None = None
    """The pod that also writes checkpoints and decides when the job is done."""
    parameter_server: RoleSpec | None = None
    """Pods that hold the parameters; they mount no volume."""

    # What is in it
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    """Variables of every pod; nothing secret belongs here."""
    claims: Sequence[ClaimSpec] = ()
    """Volumes of chief and workers."""
    user: int = 1000
    """User that the containers run as; root is not allowed."""

    # How it ends
    restart_policy: Literal["OnFailure", "Never", "ExitCode"] = "OnFailure"
    """What happens to a container that fails."""
    backoff_limit: int = 3
    """Restarts before the job counts as failed."""
    clean_pod_policy: Literal["Running", "All", "None"] = "Running"
    """Which pods go when the job is done: those still running (parameter servers), all, or none."""
    deadline_hours: int = 72
    """How long the job may hold its devices."""
    keep_hours: int = 168
    """How long a finished job can still be looked at; a refresh after that finds it gone, and the next `up` runs it again."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES

    @property
    def roles(self) -> dict[str, RoleSpec]:
        """The roles that the job has, by the operator's names."""
        named = {"Chief": self.chief, "Worker": self.worker, "PS": self.parameter_server}
        return {name: role for name, role in named.items() if role is not None}
