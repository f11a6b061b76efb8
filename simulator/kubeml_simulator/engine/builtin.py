# ruff: noqa: ARG002 - the signatures are the protocol's
"""The engine's own provider, `pulumi`: stack references."""

from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from kubeml_simulator.engine import wire
from kubeml_simulator.engine.events import Resource
from kubeml_simulator.engine.urns import STACK, STACK_REFERENCE, type_of


class Builtin:
    """Answers for `pulumi:pulumi:StackReference`; `stack` gives the resources of a stack by its qualified name.

    `stack` raises LookupError with the reason where there is no such stack. What was read is told to `learn`: it exists, for all
    who ask a cloud or a cluster that it is in.
    """

    def __init__(self, stack: Callable[[str], list[Resource]]) -> None:
        self._stack = stack
        self.learn: Callable[[list[Resource]], None] = lambda _: None

    def Handshake(self, request: Any, context: Any) -> pb.ProviderHandshakeResponse:
        """Accepts secrets."""
        return pb.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True)

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        """Has no version of its own."""
        return plugin_pb2.PluginInfo()

    def CheckConfig(self, request: pb.CheckRequest, context: Any) -> pb.CheckResponse:
        """Takes any configuration."""
        return pb.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:
        """Never changes."""
        return pb.DiffResponse(changes=pb.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> pb.ConfigureResponse:
        """Accepts secrets, answers previews."""
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    def Read(self, request: pb.ReadRequest, context: Any) -> pb.ReadResponse:
        """Reads another stack's outputs."""
        if type_of(request.urn) != STACK_REFERENCE:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{type_of(request.urn)} is not a type that the engine has")
        name = wire.properties(request.inputs).get("name") or request.id
        try:
            resources = self._stack(name)
        except LookupError as error:
            context.abort(grpc.StatusCode.NOT_FOUND, str(error.args[0]))
            raise
        outputs = next((each.get("outputs") or {} for each in resources if type_of(each["urn"]) == STACK), {})
        self.learn(resources)
        secrets = sorted(key for key, value in outputs.items() if wire.has_secret(value))
        found = {"name": name, "outputs": outputs, "secretOutputNames": secrets}
        return pb.ReadResponse(id=request.id, properties=wire.struct(found), inputs=request.inputs)

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        """Has nothing to stop."""
        return empty_pb2.Empty()
