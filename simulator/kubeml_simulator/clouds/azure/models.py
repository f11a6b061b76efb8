"""Azure's published values are the enum classes of the installed SDK, which the provider checks at every depth; there is no table of shapes."""

from collections.abc import Mapping

from kubeml_simulator.clouds import common
from kubeml_simulator.clouds.common.models import Shape

from .tables import TABLES


class Models(common.Models):
    """The shapes of Azure beyond the SDK's own types: none."""

    def shapes(  # pyright: ignore[reportIncompatibleVariableOverride] (the base caches it)
        self,
        token: str,  # noqa: ARG002 (none of any type)
    ) -> Mapping[str, Shape]:
        """No shape; names, types and values come with the SDK."""
        return {}


MODELS = Models(TABLES)
