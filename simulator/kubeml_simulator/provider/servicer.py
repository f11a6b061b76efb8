"""One provider for two callers: Pulumi's ResourceProvider servicer over hooks that see plain dictionaries.

The embedded engine calls its methods directly, a plugin process serves the same object on a port. A provider of a cloud overrides the
hooks (`check`, `outputs`, `forces`, `invoke`, ...) and never meets a protobuf message, a secret's wrapper or a duplicate rule about
unknowns: hooks see secrets revealed, and the base wraps again what was secret. Nothing sleeps; time is `latency`'s figure.
"""

# ruff: noqa: ARG002 (hooks and protocol methods have the arguments of their interface)

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any, ClassVar, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from .difference import Change, Difference, compare, without
from .failures import Failure, FailurePlan
from .latency import UNMEASURED
from .values import UNKNOWN, keep_secrets, mask, overlap, plain, reveal, secret_paths, secret_words, struct
from .world import Existing, World

Context = Any  # grpc.ServicerContext, or the engine's stand-in with the same abort
KINDS = {
    "add": provider_pb2.PropertyDiff.ADD,
    "add-replace": provider_pb2.PropertyDiff.ADD_REPLACE,
    "delete": provider_pb2.PropertyDiff.DELETE,
    "delete-replace": provider_pb2.PropertyDiff.DELETE_REPLACE,
    "update": provider_pb2.PropertyDiff.UPDATE,
    "update-replace": provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


class Refused(Exception):  # noqa: N818 (reads as what happened)
    """Raised by a hook when an operation or an invoke cannot be done; the message is shown to the user as it is."""


class SimulatedProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The whole protocol over overridable hooks; on its own it accepts anything and computes nothing.

    Args:
        failures: the operations that shall fail (`--fail TYPE::NAME`).
        world: what exists; give several instances of one provider the same world, since they stand for one account.
    """

    package: ClassVar[str] = ""
    distribution: ClassVar[str] = "pulumi"

    def __init__(self, failures: FailurePlan | Iterable[str] | None = None, world: World | None = None) -> None:
        self.failures = failures if isinstance(failures, FailurePlan) else FailurePlan(failures or ())
        self.world = World() if world is None else world
        self.config: dict[str, Any] = {}

    def learn_graph(self, resources: Sequence[Mapping[str, Any]]) -> None:
        """Records what another stack has made in the same account."""
        self.world.learn_graph(resources)

    # Hooks: what a cloud overrides.

    def token(self, urn: str) -> str:
        """The type of a resource by which its tables and the world know it."""
        return token_of(urn)

    def check_config(self, config: dict[str, Any]) -> Iterable[Failure]:
        """What is wrong with the provider's own configuration."""
        return ()

    def forces_config(self, change: Change) -> bool:
        """Whether a change of the provider's configuration replaces the provider (and so everything it made)."""
        return False

    def complete(self, token: str, urn: str, inputs: dict[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs with the defaults that the provider fills in at check time (an automatic name); `old` is empty for a new one.

        Secrets are still wrapped here.
        """
        return inputs

    def check(self, token: str, urn: str, inputs: dict[str, Any]) -> Iterable[Failure]:
        """What is wrong with the inputs; an unknown value must never be judged."""
        return ()

    def forces(self, token: str, change: Change, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """Whether this change of this type forces a replacement."""
        return False

    def diff(
        self, token: str, urn: str, old: dict[str, Any], new: dict[str, Any], state: Mapping[str, Any]
    ) -> Difference:
        """The difference between old and new inputs (secrets revealed, ignored changes already undone); `state` is the old outputs."""
        return compare(old, new, lambda change: self.forces(token, change, old, new))

    def outputs(
        self,
        token: str,
        urn: str,
        inputs: dict[str, Any],
        *,
        preview: bool,
        identity: str,
        old: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The state of a resource; `old` is its last state in an update and empty in a creation, where a preview has no `identity` yet."""
        return {**old, **inputs}

    def identify(self, token: str, urn: str, inputs: dict[str, Any]) -> str:
        """The id that a new resource gets; it must differ from that of a living resource of the same URN."""
        name = urn.rsplit("::", 1)[-1]
        return f"{name}-{len(self.world.of_urn(urn))}"

    def change(
        self,
        token: str,
        urn: str,
        identity: str,
        *,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        state: Mapping[str, Any],
    ) -> None:
        """Called before an update in place, with the inputs before and after and the last state; raise `Refused` when it cannot be."""

    def remove(self, token: str, urn: str, identity: str, state: dict[str, Any]) -> None:
        """Called before a resource goes; raise `Refused` when something still depends on it."""

    def read(self, token: str, urn: str, identity: str, state: dict[str, Any]) -> dict[str, Any] | None:
        """The state of an existing resource, or None when there is none; by default what the engine (or this world) remembers."""
        known = self.world.find(token, id=identity)
        return (
            state
            or (dict(known.state) if known else {})
            or self.outputs(token, urn, {}, preview=False, identity=identity, old={})
        )

    def invoke(self, token: str, args: dict[str, Any], *, preview: bool) -> dict[str, Any]:
        """The answer of a function; raise `Refused` for one that is not simulated."""
        raise Refused(f"{token} is not simulated")

    def failure_message(self, token: str, urn: str, operation: str, inputs: Mapping[str, Any]) -> str:
        """What the API says when an injected failure strikes."""
        return f"{operation} of {urn} failed: InternalFailure: the service failed as asked by --fail"

    def latency(self, token: str, op: str, properties: Mapping[str, Any]) -> tuple[float, bool]:
        """Virtual seconds of an operation ("create", "update", "delete"), and whether they were measured."""
        return UNMEASURED

    # The protocol.

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: Context
    ) -> provider_pb2.ProviderHandshakeResponse:
        """What this provider understands: secrets, and neither resource references nor output values."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=False, accept_outputs=False)

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        """The version of the installed SDK, which the simulation follows."""
        return plugin_pb2.PluginInfo(version=version(self.distribution))

    def Attach(self, request: plugin_pb2.PluginAttach, context: Context) -> empty_pb2.Empty:
        """An engine that was told of the port joins; there is nothing to prepare."""
        return empty_pb2.Empty()

    def GetSchema(self, request: provider_pb2.GetSchemaRequest, context: Context) -> NoReturn:
        """Refused: the installed SDK is the schema."""
        self._abort(
            context,
            f"{self.package}: the simulated provider has no schema document; the installed SDK is its schema",
            grpc.StatusCode.UNIMPLEMENTED,
        )

    def GetMapping(self, request: provider_pb2.GetMappingRequest, context: Context) -> provider_pb2.GetMappingResponse:
        """No mapping for converters."""
        return provider_pb2.GetMappingResponse()

    def CheckConfig(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """The provider's configuration, or all that is wrong with it."""
        wrapped = plain(request.news)
        return self._checked(wrapped, self.check_config(reveal(wrapped)))

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """The change of the provider's configuration."""
        old = reveal(plain(request.old_inputs if request.HasField("old_inputs") else request.olds))
        return _answer(compare(old, reveal(plain(request.news)), self.forces_config))

    def Configure(self, request: provider_pb2.ConfigureRequest, context: Context) -> provider_pb2.ConfigureResponse:
        """Takes the configuration; it opens no connection."""
        named = {key.split(":")[-1]: value for key, value in request.variables.items()}
        self.config = reveal(plain(request.args)) or named
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=False, acceptOutputs=False
        )

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        """The inputs with the provider's defaults, or everything that is wrong with them at once."""
        self.failures.hits(request.urn)
        token = self.token(request.urn)
        wrapped = self.complete(token, request.urn, plain(request.news), reveal(plain(request.olds)))
        return self._checked(wrapped, self.check(token, request.urn, reveal(wrapped)))

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        """The change from the old inputs to the new ones; the old state is remembered as existing."""
        token = self.token(request.urn)
        state = reveal(plain(request.olds))
        old = reveal(plain(request.old_inputs)) if request.HasField("old_inputs") else state
        self.world.learn(Existing(request.urn, token, request.id, {**old, **state}))
        new = without(reveal(plain(request.news)), old, list(request.ignoreChanges))
        return _answer(self.diff(token, request.urn, old, new, state))

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        """A new resource: its id and state; in a preview no id, and unknowns where the cloud would decide."""
        token, wrapped = self.token(request.urn), plain(request.properties)
        inputs = reveal(wrapped)
        if request.preview:
            state = self.outputs(token, request.urn, inputs, preview=True, identity="", old={})
            self.world.plan(Existing(request.urn, token, UNKNOWN, {**inputs, **state}))
            return provider_pb2.CreateResponse(id="", properties=struct(keep_secrets(state, wrapped)))
        self._strike(context, request.urn, "create", wrapped)
        try:
            identity = self.identify(token, request.urn, inputs)
            state = self.outputs(token, request.urn, inputs, preview=False, identity=identity, old={})
        except Refused as refused:
            self._abort(context, mask(str(refused), secret_words(wrapped)))
        self.world.learn(Existing(request.urn, token, identity, {**inputs, **state}))
        return provider_pb2.CreateResponse(id=identity, properties=struct(keep_secrets(state, wrapped)))

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        """The state of a resource that exists; an empty answer when there is none."""
        token, wrapped = self.token(request.urn), plain(request.properties)
        try:
            state = self.read(token, request.urn, request.id, reveal(wrapped))
        except Refused as refused:
            self._abort(context, mask(str(refused), secret_words(wrapped)))
        if state is None:
            return provider_pb2.ReadResponse()
        self.world.learn(Existing(request.urn, token, request.id, state))
        inputs = plain(request.inputs) or {key: value for key, value in state.items() if key in reveal(wrapped)}
        return provider_pb2.ReadResponse(
            id=request.id, properties=struct(keep_secrets(state, wrapped)), inputs=struct(inputs)
        )

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        """The state after a change in place."""
        token, wrapped = self.token(request.urn), plain(request.news)
        inputs, old = reveal(wrapped), reveal(plain(request.olds))
        before = reveal(plain(request.old_inputs))
        kept = {key: value for key, value in old.items() if key not in before or key in inputs}
        if not request.preview:
            self._strike(context, request.urn, "update", wrapped)
        try:
            self.change(token, request.urn, request.id, old=before or old, new=inputs, state=old)
            state = self.outputs(token, request.urn, inputs, preview=request.preview, identity=request.id, old=kept)
        except Refused as refused:
            self._abort(context, mask(str(refused), secret_words(wrapped)))
        # In a preview too: what refers to the resource is judged by what it will be.
        self.world.learn(Existing(request.urn, token, request.id, {**inputs, **state}))
        return provider_pb2.UpdateResponse(properties=struct(keep_secrets(state, wrapped)))

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> empty_pb2.Empty:
        """Nothing is left of the resource."""
        token, wrapped = self.token(request.urn), plain(request.properties)
        self._strike(context, request.urn, "delete", wrapped)
        try:
            self.remove(token, request.urn, request.id, reveal(wrapped))
        except Refused as refused:
            self._abort(context, mask(str(refused), secret_words(wrapped)))
        self.world.forget(token, request.id)
        return empty_pb2.Empty()

    def Invoke(self, request: provider_pb2.InvokeRequest, context: Context) -> provider_pb2.InvokeResponse:
        """The answer of a function of the SDK, or a refusal by name."""
        args = plain(request.args)
        try:
            answer = self.invoke(request.tok, reveal(args), preview=request.preview)
        except Refused as refused:
            self._abort(context, mask(str(refused), secret_words(args)), grpc.StatusCode.UNIMPLEMENTED)
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(struct(keep_secrets(answer, args)))
        return response

    def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        """Nothing is ever under way for longer than a call."""
        return empty_pb2.Empty()

    # Shared by the methods above.

    def _checked(self, wrapped: dict[str, Any], failures: Iterable[Failure]) -> provider_pb2.CheckResponse:
        found = list(failures)
        hidden = tuple(secret_paths(wrapped)) if found else ()
        words = tuple(secret_words(wrapped)) if found else ()
        found = [
            provider_pb2.CheckFailure(
                property=failure.path,
                reason=mask(failure.reason(hidden=any(overlap(failure.path, path) for path in hidden)), words),
            )
            for failure in found
        ]
        return provider_pb2.CheckResponse(inputs=struct(wrapped), failures=found)

    def _strike(self, context: Context, urn: str, operation: str, wrapped: Mapping[str, Any]) -> None:
        if self.failures.hits(urn):
            message = self.failure_message(self.token(urn), urn, operation, reveal(wrapped))
            self._abort(context, mask(message, secret_words(wrapped)))

    def _abort(self, context: Context, message: str, code: grpc.StatusCode = grpc.StatusCode.INTERNAL) -> NoReturn:
        context.abort(code, message)
        raise Refused(message)


def token_of(urn: str) -> str:
    """The type of a URN, without the types of its parents.

    >>> token_of("urn:pulumi:dev::kubeml::kubeml:eks:Cluster$aws:eks/cluster:Cluster::main")
    'aws:eks/cluster:Cluster'
    """
    return urn.split("::", 3)[2].rsplit("$", 1)[-1]


def _answer(difference: Difference) -> provider_pb2.DiffResponse:
    some = provider_pb2.DiffResponse.DIFF_SOME if difference.changes else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some,
        diffs=difference.changed,
        replaces=difference.replacing,
        deleteBeforeReplace=difference.delete_before_replace,
        detailedDiff={
            c.path: provider_pb2.PropertyDiff(kind=KINDS[c.kind], inputDiff=True) for c in difference.changes
        },
        hasDetailedDiff=True,
    )


__all__ = ["UNKNOWN", "Refused", "SimulatedProvider", "token_of"]
