"""Remote components of the Kubernetes package: a kustomization or a manifest as one node, without the objects inside.

Only the real provider can build a kustomization or read a manifest from the network; here the component keeps its inputs, so that
everything that looks at the graph knows what was applied, and its custom kinds count as defined (see `definitions`).
"""

from collections.abc import Mapping
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, resource_pb2, resource_pb2_grpc

from kubeml_simulator.kubernetes.definitions import SOURCES
from kubeml_simulator.provider.sdk import Schema

_OPTIONS = (("grpc.max_receive_message_length", 1 << 28), ("grpc.max_send_message_length", 1 << 28))


class UnsupportedError(ValueError):
    """Raised for a component that is not simulated, or inputs that it does not have."""


def constructed(token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of a component: the objects inside are not known one by one.

    Raises:
        UnsupportedError: for another component, or an input that it does not take.

    >>> constructed("kubernetes:yaml/v2:ConfigFile", {"file": "crds.yaml"})
    {'resources': []}
    """
    if token not in SOURCES:
        raise UnsupportedError(f"{token} is not simulated; simulated components are {', '.join(sorted(SOURCES))}")
    found = Schema.for_package("pulumi_kubernetes").failures(token, inputs)
    if found:
        raise UnsupportedError("; ".join(f"{token}: {failure.path} {failure.reason()}" for failure in found))
    return {"resources": []}


def register(request: provider_pb2.ConstructRequest, outputs: Any) -> provider_pb2.ConstructResponse:
    """Registers the component with the engine that asked for it, as the provider's own program would.

    Args:
        request: the engine's request; it names the resource monitor to talk to.
        outputs: the component's outputs as a protobuf Struct.
    """
    dependencies = sorted(
        {urn for entry in request.inputDependencies.values() for urn in entry.urns} | set(request.dependencies)
    )
    wanted = resource_pb2.RegisterResourceRequest(
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=False,
        object=request.inputs,
        dependencies=dependencies,
        propertyDependencies={
            key: resource_pb2.RegisterResourceRequest.PropertyDependencies(urns=entry.urns)
            for key, entry in request.inputDependencies.items()
        },
        aliases=request.aliases,
        providers=request.providers,
        deletedWith=request.deletedWith,
        acceptSecrets=True,
        acceptResources=True,
        supportsPartialValues=True,
    )
    if request.HasField("protect"):
        wanted.protect = request.protect
    if request.HasField("retainOnDelete"):
        wanted.retainOnDelete = request.retainOnDelete
    with grpc.insecure_channel(request.monitorEndpoint, options=_OPTIONS) as channel:
        monitor = resource_pb2_grpc.ResourceMonitorStub(channel)
        answer = monitor.RegisterResource(wanted)
        monitor.RegisterResourceOutputs(resource_pb2.RegisterResourceOutputsRequest(urn=answer.urn, outputs=outputs))
    return provider_pb2.ConstructResponse(urn=answer.urn, state=outputs)
