"""What goes wrong with a control plane, in words for the user."""


class ControlPlaneError(Exception):
    """A control plane cannot be built or started; `exit_code` is that of the command."""

    exit_code = 3

    @property
    def problems(self) -> list[tuple[str, str]]:
        """The message under the option that asked for a control plane."""
        return [("--kubernetes control-plane", str(self))]


class UnavailableError(ControlPlaneError):
    """The programs of a control plane are not there and cannot be built here: what is missing is said."""
