"""Serves one simulated provider on a port of this machine, as Pulumi expects of a plugin."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import FrameType

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from kubeml_simulator.provider.failures import FailurePlan
from kubeml_simulator.provider.servicer import SimulatedProvider

# Where the provider of each package is; imported only when it is served.
PROVIDERS: Mapping[str, tuple[str, str]] = {
    "aws": ("kubeml_simulator.clouds.aws", "AwsProvider"),
    "azure-native": ("kubeml_simulator.clouds.azure", "AzureProvider"),
    "gcp": ("kubeml_simulator.clouds.gcp", "GcpProvider"),
    "kubernetes": ("kubeml_simulator.kubernetes", "KubernetesProvider"),
}
_THREADS = 16
_LOOK_SECONDS = 2.0  # how often to look whether the engine still lives
_OPTIONS = (("grpc.max_receive_message_length", 1 << 28), ("grpc.max_send_message_length", 1 << 28))


def provider(name: str) -> SimulatedProvider:
    """The simulated provider of a package, with the failures that the environment asks for.

    Raises:
        KeyError: for a package that is not simulated.

    >>> provider("kubernetes").package
    'kubernetes'
    """
    module, attribute = PROVIDERS[name]
    factory: Callable[..., SimulatedProvider] = getattr(import_module(module), attribute)
    return factory(failures=FailurePlan.from_environment())


def serve(servicer: SimulatedProvider) -> tuple[grpc.Server, int]:
    """A running server for the provider, and its port on the loopback interface."""
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def main(arguments: list[str]) -> int:
    """Serves the named provider until a signal comes or its engine is gone; the first line of output is the port."""
    name = arguments[0] if arguments else ""
    if name not in PROVIDERS:
        print(f'"{name}" is not simulated; simulated are {", ".join(sorted(PROVIDERS))}', file=sys.stderr)
        return 2
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 (the form of a signal handler)
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    server, port = serve(provider(name))
    print(port, flush=True)
    engine = os.getppid()
    while not ended.wait(_LOOK_SECONDS) and os.getppid() == engine:
        continue
    server.stop(grace=1).wait()
    return 0
