# ruff: noqa: ARG002 - the signatures are the protocol's
"""Serves the program: Pulumi's ResourceMonitor and Engine services."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, resource_pb2_grpc
from pulumi.runtime.proto import resource_pb2 as pb

from kubeml_simulator.engine import urns, wire
from kubeml_simulator.engine.context import AbortError, Context, StepFailedError
from kubeml_simulator.engine.events import Severity
from kubeml_simulator.engine.goals import Goal, goal_of, options_of, position_in, position_of
from kubeml_simulator.engine.host import ProviderError, RefusalError
from kubeml_simulator.engine.planner import Planner, Registered
from kubeml_simulator.engine.remote import construct
from kubeml_simulator.engine.transforms import Transforms

_FEATURES = [
    value
    for name, value in pb.ResourceMonitorFeature.items()
    if name.removeprefix("RESOURCE_MONITOR_FEATURE_")
    in {
        "SECRETS", "RESOURCE_REFERENCES", "OUTPUT_VALUES", "ALIAS_SPECS", "DELETED_WITH", "REPLACE_WITH", "TRANSFORMS",
        "INVOKE_TRANSFORMS", "PARAMETERIZATION", "RESOURCE_HOOKS", "ERROR_HOOKS", "INVOKE_DEPENDS_ON", "INVOKE_PARENT",
    }
]  # fmt: skip
_SEVERITIES: tuple[Severity, ...] = ("debug", "info", "warning", "error")
_STATUS = {"made": pb.Result.SUCCESS, "failed": pb.Result.FAIL, "skipped": pb.Result.FAIL}


@dataclass(slots=True)
class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Turns the program's requests into goals; one at a time is planned and done."""

    context: Context
    planner: Planner
    config: dict[str, str]
    secret_keys: list[str]
    organization: str = "organization"
    transforms: Transforms = field(default_factory=Transforms)
    outputs: dict[str, wire.Properties] = field(default_factory=dict[str, wire.Properties])
    packages: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    def GetDeploymentInfo(self, request: Any, context: grpc.ServicerContext) -> pb.DeploymentInfo:
        """Says what is deployed, and what the evaluator can."""
        return pb.DeploymentInfo(
            project=self.context.project, stack=self.context.stack, organization=self.organization, config=self.config,
            configSecretKeys=self.secret_keys, dryRun=self.context.preview, parallel=16, supportedFeatures=_FEATURES,
        )  # fmt: skip

    def SupportsFeature(self, request: pb.SupportsFeatureRequest, context: Any) -> pb.SupportsFeatureResponse:
        """The older question about one feature."""
        known = {"secrets", "resourceReferences", "outputValues", "aliasSpecs", "deletedWith", "transforms"}
        known |= {"invokeTransforms", "parameterization", "replaceWith"}
        return pb.SupportsFeatureResponse(hasSupport=request.id in known)

    def RegisterResource(
        self, request: pb.RegisterResourceRequest, context: grpc.ServicerContext
    ) -> pb.RegisterResourceResponse:
        """Plans and makes a resource."""
        position = position_of(request, self.context.root)
        try:
            _refuse(request)
            options = options_of(request)
            transformed = self.transforms.apply(request, options, position, self.context)
            goal = goal_of(request, options, transformed=transformed)
            goal.position = position
            self._package(goal)
            with self.context.lock:
                self._running()
                done = construct(self.planner, goal) if goal.remote else self.planner.register(goal)
            if not goal.custom:
                self.transforms.keep(done.urn, request)
        except (AbortError, RefusalError, StepFailedError, KeyError, ValueError, ProviderError) as error:
            self._end(error, context, position)
        return pb.RegisterResourceResponse(
            urn=done.urn,
            id=done.id,
            object=self._outputs(done, request.acceptSecrets),
            result=_STATUS[done.status],
            unknown=done.status != "made",
        )

    def _outputs(self, done: Registered, secrets: bool) -> Any:
        return wire.struct(done.outputs if secrets else wire.reveal(done.outputs))

    def _running(self) -> None:
        if self.context.stopped or self.context.interrupted:
            raise AbortError("the run has ended")

    def _end(self, error: Exception, context: grpc.ServicerContext, position: str | None = None) -> NoReturn:
        """Answers that the monitor is gone, so that the program ends; what is wrong has been said."""
        if not isinstance(error, AbortError):
            self.context.abort(str(error), position=position)
        context.abort(grpc.StatusCode.UNAVAILABLE, "the run has ended")
        raise error

    def _package(self, goal: Goal) -> None:
        if goal.package and not goal.version:
            goal.version = self.packages[goal.package][1]

    def RegisterResourceOutputs(
        self, request: pb.RegisterResourceOutputsRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Gives a component its outputs; the stack's are kept until the end."""
        outputs = wire.properties(request.outputs)
        with self.context.lock:
            if urns.type_of(request.urn) == urns.STACK:
                self.outputs[request.urn] = outputs
            else:
                resource = self.context.journal.news.get(request.urn)
                if resource is not None:
                    resource.pop("outputs", None)
                    resource |= {"outputs": outputs} if outputs else {}
        return empty_pb2.Empty()

    def ReadResource(self, request: pb.ReadResourceRequest, context: grpc.ServicerContext) -> pb.ReadResourceResponse:
        """Reads a resource that exists elsewhere."""
        goal = Goal(
            request.type, request.name, custom=True, parent=request.parent, inputs=wire.properties(request.properties),
            dependencies=list(request.dependencies), provider=request.provider, version=request.version,
            package=request.packageRef, additional_secret_outputs=list(request.additionalSecretOutputs),
            import_id=request.id, position=position_of(request, self.context.root),
        )  # fmt: skip
        try:
            self._package(goal)
            with self.context.lock:
                self._running()
                done = self.planner.read(goal)
        except (AbortError, RefusalError, ValueError, ProviderError) as error:
            self._end(error, context, goal.position)
        return pb.ReadResourceResponse(
            urn=done.urn, properties=self._outputs(done, request.acceptSecrets), result=_STATUS[done.status]
        )

    def Invoke(self, request: pb.ResourceInvokeRequest, context: grpc.ServicerContext) -> pb.ResourceInvokeResponse:
        """Calls a function of a provider."""
        position = position_of(request, self.context.root)
        try:
            arguments, provider = self.transforms.apply_invoke(request)
            with self.context.lock:
                self._running()
                version = self.packages[request.packageRef][1] if request.packageRef else request.version
                answer = self.planner.invoke(request.tok, arguments, provider, version)
        except StepFailedError as error:
            if self.context.wrong:  # its provider was refused, which has been said: there is no value to go on with
                self.context.stopped = True
                self._end(AbortError(str(error)), context, position)
            return pb.ResourceInvokeResponse(unknown=True)
        except ProviderError as error:
            context.abort(grpc.StatusCode.UNKNOWN, f"{request.tok}: {error}")
            raise
        except (AbortError, RefusalError, ValueError) as error:
            self._end(error, context, position)
        if answer is None:
            return pb.ResourceInvokeResponse(unknown=True)
        returned, failures = answer
        failed = [provider_pb2.CheckFailure(property=item.property, reason=item.reason) for item in failures]
        response = pb.ResourceInvokeResponse(failures=failed)
        getattr(response, "return").CopyFrom(wire.struct(returned))
        return response

    def Call(self, request: pb.ResourceCallRequest, context: grpc.ServicerContext) -> Any:
        """Refuses methods of resources, by name."""
        self._end(
            RefusalError(f'the method "{request.tok}" is not supported: the evaluator calls no methods of resources'),
            context,
            position_of(request, self.context.root),
        )

    def RegisterPackage(self, request: pb.RegisterPackageRequest, context: grpc.ServicerContext) -> Any:
        """Names a package; a parameterized one is refused by name."""
        if request.HasField("parameterization") or request.HasField("extension"):
            self._end(RefusalError(f'the parameterized package "{request.name}" is not supported'), context)
        reference = f"{request.name}@{request.version}"
        self.packages[reference] = (request.name, request.version)
        return pb.RegisterPackageResponse(ref=reference)

    def RegisterStackTransform(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Adds a transform that reaches every resource from now on."""
        self.transforms.stack.append(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Adds a transform that reaches every function call from now on."""
        self.transforms.invokes.append(request)
        return empty_pb2.Empty()

    def RegisterResourceHook(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Refuses hooks, by name."""
        self._end(RefusalError(f'the resource hook "{request.name}" is not supported'), context)

    def RegisterErrorHook(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Refuses error hooks, by name."""
        self._end(RefusalError(f'the error hook "{request.name}" is not supported'), context)

    def SignalAndWaitForShutdown(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """The program has registered all it wants."""
        return empty_pb2.Empty()


def _refuse(request: pb.RegisterResourceRequest) -> None:
    """Refuses options that the evaluator does not know, by name."""
    given = {
        "replacement_trigger": request.HasField("replacement_trigger"),
        "env_var_mappings": bool(request.envVarMappings),
        "state_migrations": bool(request.state_migrations),
    }
    for name, asked in given.items():
        if asked:
            raise RefusalError(f'the option {name} of {request.type} "{request.name}" is not supported')


@dataclass(slots=True)
class EngineService(engine_pb2_grpc.EngineServicer):
    """Takes the program's messages."""

    context: Context
    root: str = ""

    def Log(self, request: engine_pb2.LogRequest, context: Any) -> empty_pb2.Empty:
        """Makes a diagnostic of a message; debug messages are dropped, and so is what follows an ended run."""
        severity = _SEVERITIES[request.severity]
        over = self.context.stopped or self.context.interrupted
        if severity != "debug" and not request.ephemeral and not (severity == "error" and over):
            with self.context.lock:
                if severity == "error":
                    self.context.wrong = True
                self.context.say(
                    severity, request.message, request.urn, position_in(request.message, self.context.root)
                )
        return empty_pb2.Empty()

    def GetRootResource(self, request: Any, context: Any) -> engine_pb2.GetRootResourceResponse:
        """The stack's URN."""
        return engine_pb2.GetRootResourceResponse(urn=self.root)

    def SetRootResource(self, request: Any, context: Any) -> engine_pb2.SetRootResourceResponse:
        """Keeps the stack's URN."""
        self.root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(self, request: Any, context: Any) -> engine_pb2.RequirePulumiVersionResponse:
        """Any version will do: this is not the Pulumi command."""
        return engine_pb2.RequirePulumiVersionResponse()


def serve(engine: EngineService, monitor: Monitor | None) -> tuple[grpc.Server, str]:
    """Starts a server on loopback: for plugins, and with a monitor for a program. Returns it and its address."""
    limit = 1024 * 1024 * 400
    server = grpc.server(
        ThreadPoolExecutor(80),
        options=[("grpc.max_receive_message_length", limit), ("grpc.max_send_message_length", limit)],
    )
    if monitor is not None:
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, f"127.0.0.1:{port}"
