"""The providers that run inside the evaluator, loaded when a stack asks for one of them.

A package that is not in the table is looked up as a plugin on PATH by the engine, or refused by it by name.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubeml_simulator.engine import Providers
    from kubeml_simulator.kubernetes.control_plane.cluster import LocalCluster
    from kubeml_simulator.provider.failures import FailurePlan

# package -> module and class of its simulated provider
_SIMULATED = {
    "aws": ("kubeml_simulator.clouds.aws", "AwsProvider"),
    "azure-native": ("kubeml_simulator.clouds.azure", "AzureProvider"),
    "gcp": ("kubeml_simulator.clouds.gcp", "GcpProvider"),
    "kubernetes": ("kubeml_simulator.kubernetes", "KubernetesProvider"),
}


def simulated(failures: "FailurePlan", cluster: "LocalCluster | None" = None) -> "Providers":
    """Makes the in-process providers of one run: they share the plan of failures; those of one package share their world.

    With a `cluster`, Kubernetes resources are applied to it.
    """
    from kubeml_simulator.engine import Providers

    made = {package: _factory(*where, failures) for package, where in _SIMULATED.items()}
    return Providers(in_process=made | ({"kubernetes": _applying(cluster, failures)} if cluster else {}))


def _applying(cluster: "LocalCluster", failures: "FailurePlan") -> Callable[[], object]:
    from kubeml_simulator.kubernetes.control_plane.provider import ControlPlaneProvider
    from kubeml_simulator.provider.world import World

    world = World()
    return lambda: ControlPlaneProvider(cluster, failures, world)


def _factory(module: str, name: str, failures: "FailurePlan") -> Callable[[], object]:
    from kubeml_simulator.provider.world import World

    world = World()
    return lambda: getattr(import_module(module), name)(failures=failures, world=world)
