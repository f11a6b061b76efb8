"""Jobs that train."""

from typing import TYPE_CHECKING

from pulumi_kubeml.training.spec import RoleSpec, TFJobSpec

if TYPE_CHECKING:
    from pulumi_kubeml.training.tfjob import TFJob, TFJobArgs

__all__ = ["RoleSpec", "TFJob", "TFJobArgs", "TFJobSpec"]


def __getattr__(name: str) -> object:
    if name in {"TFJob", "TFJobArgs"}:
        from pulumi_kubeml.training import tfjob

        return getattr(tfjob, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
