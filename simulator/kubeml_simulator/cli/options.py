"""The options that several commands share, each written once."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

Cwd = Annotated[Path, Parameter(name=["--cwd", "-C"])]
HERE = Path()
Many = Parameter(negative=(), show_default=False)
Fail = Annotated[tuple[str, ...], Parameter(name="--fail", negative=(), show_default=False)]
Kubernetes = Literal["embedded", "control-plane"]
Profile = Literal["dev", "staging", "prod"]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Target:
    """Which stack of which project."""

    stack: Annotated[str | None, Parameter(name=["--stack", "-s"])] = None
    """The stack; not needed where a project has only one."""
    cwd: Cwd = HERE
    """The folder of the project, or one below it."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Checks:
    """Which checks, how strict, and as of when."""

    policy_pack: Annotated[tuple[Path, ...], Many] = ()
    """Folder of a CrossGuard policy pack to run besides the built-in checks; may be given again."""
    policy_config: Annotated[tuple[Path, ...], Many] = ()
    """Configuration (JSON or YAML) of the packs, in their order; one more than there are packs is that of the built-in checks."""
    profile: Profile | None = None
    """How strict the built-in checks are; by default what the stack says in kubeml:environment, else dev."""
    as_of: Annotated[datetime | None, Parameter(negative=())] = None
    """Date by which waivers and ends of support are judged (YYYY-MM-DD); by default that of the head commit."""

    @property
    def day(self) -> date | None:
        """The date given with --as-of."""
        return self.as_of.date() if self.as_of else None


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What stands for the Kubernetes cluster."""

    kubernetes: Kubernetes = "embedded"
    """Embedded: objects are kept in memory, pods land as predicted. Control-plane: a real API server and scheduler, started for this run only; the recorded state is left alone."""
    nodes: Annotated[tuple[str, ...], Many] = ()
    """POOL=N: how many nodes a pool has on the control plane, instead of the most it may have; may be given again for another pool."""
    crds: Annotated[Path | None, Parameter(negative=(), show_default=False)] = None
    """Folder with definitions of custom kinds (YAML, or tgz of YAML) for the control plane, instead of ones that take any content."""
