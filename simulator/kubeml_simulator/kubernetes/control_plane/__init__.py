"""The local control plane: a real API server, real controllers and the real scheduler over simulated nodes, on loopback."""

from kubeml_simulator.kubernetes.control_plane.client import ApiError, Client
from kubeml_simulator.kubernetes.control_plane.errors import ControlPlaneError, UnavailableError
from kubeml_simulator.kubernetes.control_plane.plane import ControlPlane

__all__ = ["ApiError", "Client", "ControlPlane", "ControlPlaneError", "UnavailableError"]
