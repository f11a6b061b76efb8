"""Models behind a port."""

from typing import TYPE_CHECKING

from pulumi_kubeml.serving.spec import AutoscalingSpec, MetricTarget, ModelServerSpec

if TYPE_CHECKING:
    from pulumi_kubeml.serving.model_server import ModelServer, ModelServerArgs

__all__ = ["AutoscalingSpec", "MetricTarget", "ModelServer", "ModelServerArgs", "ModelServerSpec"]


def __getattr__(name: str) -> object:
    if name in {"ModelServer", "ModelServerArgs"}:
        from pulumi_kubeml.serving import model_server

        return getattr(model_server, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
