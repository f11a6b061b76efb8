"""Teams: tenants of a cluster, each in a namespace of its own."""

from typing import TYPE_CHECKING

from pulumi_kubeml.tenancy.spec import TeamSpec

if TYPE_CHECKING:
    from pulumi_kubeml.tenancy.team import Team, TeamArgs

__all__ = ["Team", "TeamArgs", "TeamSpec"]


def __getattr__(name: str) -> object:
    if name in {"Team", "TeamArgs"}:
        from pulumi_kubeml.tenancy import team

        return getattr(team, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
