"""Lets the program change what it registers: transforms of a resource, of its parents, of the stack, of functions."""

from dataclasses import dataclass, field
from typing import Any

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc
from pulumi.runtime.proto import resource_pb2 as pb

from kubeml_simulator.engine import urns, wire
from kubeml_simulator.engine.context import AbortError, Context
from kubeml_simulator.engine.host import details_of


@dataclass(slots=True)
class Transforms:
    """The program's callbacks: `stack` for every resource, `invokes` for every function, one list for each component."""

    stack: list[callback_pb2.Callback] = field(default_factory=list[callback_pb2.Callback])
    invokes: list[callback_pb2.Callback] = field(default_factory=list[callback_pb2.Callback])
    _own: dict[str, list[callback_pb2.Callback]] = field(default_factory=dict[str, list[callback_pb2.Callback]])
    _parents: dict[str, str] = field(default_factory=dict[str, str])
    _stubs: dict[str, Any] = field(default_factory=dict[str, Any])

    def keep(self, urn: str, request: pb.RegisterResourceRequest) -> None:
        """Remembers a component's transforms, for its children."""
        self._parents[urn] = request.parent
        if request.transforms:
            self._own[urn] = list(request.transforms)

    def apply(
        self,
        request: pb.RegisterResourceRequest,
        options: pb.TransformResourceOptions,
        position: str | None,
        context: Context,
    ) -> bool:
        """Applies the resource's, its parents' and the stack's transforms, in this order, to request and options in place.

        Returns whether the resource's own changed anything about how dependencies are told. Raises AbortError where one fails.
        """
        chain = list(request.transforms)
        parent = request.parent
        while parent:
            chain += self._own.get(parent, ())
            parent = self._parents.get(parent, "")
        chain += self.stack
        for callback in chain:
            sent = pb.TransformRequest(
                type=request.type, name=request.name, custom=request.custom, parent=request.parent,
                properties=request.object, options=options,
            )  # fmt: skip
            try:
                answer = pb.TransformResponse.FromString(self._call(callback, sent))
            except grpc.RpcError as error:
                urn = urns.make(context.stack, context.project, request.parent, request.type, request.name)
                raise context.abort(f"a transform failed: {details_of(error)}", urn, position) from error
            if answer.HasField("properties"):
                request.object.CopyFrom(answer.properties)
            if answer.HasField("options"):
                options.CopyFrom(answer.options)
        return bool(request.transforms)

    def apply_invoke(self, request: pb.ResourceInvokeRequest) -> tuple[wire.Properties, str]:
        """Applies the function transforms. Returns arguments and provider. Raises AbortError where one fails."""
        options = pb.TransformInvokeOptions(provider=request.provider, version=request.version)
        arguments = request.args
        for callback in self.invokes:
            sent = pb.TransformInvokeRequest(token=request.tok, args=arguments, options=options)
            try:
                answer = pb.TransformInvokeResponse.FromString(self._call(callback, sent))
            except grpc.RpcError as error:
                raise AbortError(f"a transform of {request.tok} failed") from error
            arguments = answer.args if answer.HasField("args") else arguments
            options = answer.options if answer.HasField("options") else options
        return wire.properties(arguments), options.provider

    def _call(self, callback: callback_pb2.Callback, request: Any) -> bytes:
        stub = self._stubs.get(callback.target)
        if stub is None:
            channel = grpc.insecure_channel(callback.target)
            stub = self._stubs[callback.target] = callback_pb2_grpc.CallbacksStub(channel)
        sent = callback_pb2.CallbackInvokeRequest(token=callback.token, request=request.SerializeToString())
        return stub.Invoke(sent).response
