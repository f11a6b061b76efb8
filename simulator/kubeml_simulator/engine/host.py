"""Reaches providers: objects in this process, or plugins found on PATH and spoken to over gRPC."""

import contextlib
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, Protocol

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

_LIMIT = [("grpc.max_receive_message_length", 1024 * 1024 * 400), ("grpc.max_send_message_length", 1024 * 1024 * 400)]
_START_SECONDS = 30.0


class RefusalError(Exception):
    """Something that the evaluator does not do, by name."""


class ProviderError(Exception):
    """A provider's answer that is an error; `code` is its gRPC status."""

    def __init__(self, message: str, code: grpc.StatusCode = grpc.StatusCode.UNKNOWN) -> None:
        self.code = code
        super().__init__(message)

    @property
    def message(self) -> str:
        """The text for the user."""
        return str(self)


class Provider(Protocol):
    """A provider's methods by name; raises ProviderError."""

    def call(self, method: str, request: Any) -> Any:
        """Calls one method of the ResourceProvider service."""
        ...

    def close(self) -> None:
        """Ends it."""
        ...

    @property
    def hooks(self) -> object | None:
        """The object itself where it runs in this process: it may offer `latency` and `construct`."""
        ...


class _Context:
    """What a servicer called directly gets in the place of a gRPC context."""

    def __init__(self) -> None:
        self.code: grpc.StatusCode | None = None
        self.details = ""

    def abort(self, code: grpc.StatusCode, details: str = "") -> NoReturn:
        raise ProviderError(details, code)

    def set_code(self, code: grpc.StatusCode) -> None:
        self.code = code

    def set_details(self, details: str) -> None:
        self.details = details


class InProcess:
    """A servicer object, called directly."""

    def __init__(self, servicer: object) -> None:
        self._servicer = servicer

    @property
    def hooks(self) -> object | None:
        """The servicer."""
        return self._servicer

    def call(self, method: str, request: Any) -> Any:
        """Calls the servicer's method; what it lacks is UNIMPLEMENTED, as over gRPC."""
        function = getattr(self._servicer, method, None)
        if function is None:
            raise ProviderError(f"{method} is not implemented", grpc.StatusCode.UNIMPLEMENTED)
        context = _Context()
        try:
            answer = function(request, context)
        except ProviderError:
            raise
        except NotImplementedError as error:
            raise ProviderError(context.details or str(error), grpc.StatusCode.UNIMPLEMENTED) from error
        except Exception as error:
            raise ProviderError(f"the provider failed in {method}: {type(error).__name__}: {error}") from error
        if context.code not in (None, grpc.StatusCode.OK):
            raise ProviderError(context.details, context.code)
        return answer

    def close(self) -> None:
        """Lets the servicer end what it started, if it can."""
        stop = getattr(self._servicer, "close", None)
        if stop is not None:
            stop()


class Plugin:
    """A plugin process; its first line of output is its port."""

    hooks: object | None = None

    def __init__(
        self,
        command: list[str],
        environment: Mapping[str, str],
        stub: Callable[[grpc.Channel], Any],
        directory: Path | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(environment), cwd=directory,
            start_new_session=True,
        )  # fmt: skip
        self._errors: list[str] = []
        self._readers: list[threading.Thread] = []
        self._drain(self._process.stderr, self._errors)
        port = self._port(command[0])
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=_LIMIT)
        self.stub = stub(self._channel)

    def _drain(self, stream: Any, into: list[str]) -> None:
        thread = threading.Thread(target=lambda: into.extend(stream), daemon=True)
        thread.start()
        self._readers.append(thread)

    def _port(self, name: str) -> str:
        guard = threading.Timer(_START_SECONDS, self._process.kill)
        guard.start()
        line = self._process.stdout.readline().strip() if self._process.stdout else ""
        guard.cancel()
        if not line.isdigit():
            self.close()
            said = "".join(self._errors[-5:]).strip() or f'it printed "{line}"'
            raise ProviderError(f"{name} did not start: its first line of output must be a port; {said}")
        self._drain(self._process.stdout, [])
        return line

    def call(self, method: str, request: Any) -> Any:
        """Calls the plugin over gRPC."""
        try:
            return getattr(self.stub, method)(request)
        except grpc.RpcError as error:
            raise ProviderError(details_of(error), _code(error)) from error

    def close(self) -> None:
        """Ends the process and what belongs to it."""
        if hasattr(self, "_channel"):
            self._channel.close()
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._readers:
            thread.join(1)
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()


def unimplemented(error: ProviderError) -> bool:
    """Whether the answer is that there is no such method."""
    return error.code == grpc.StatusCode.UNIMPLEMENTED


def details_of(error: grpc.RpcError) -> str:
    """The text of a gRPC error."""
    details = getattr(error, "details", None)
    return str(details() if callable(details) else error)


def _code(error: grpc.RpcError) -> grpc.StatusCode:
    code = getattr(error, "code", None)
    return code() if callable(code) else grpc.StatusCode.UNKNOWN  # pyright: ignore[reportReturnType]


@dataclass(slots=True)
class Providers:
    """Where providers come from: factories of servicers by package, then `pulumi-resource-NAME` on PATH.

    `environment` is the plugins' (default: this process's), `engine_address` is where they find the engine of a run. Every provider resource gets a servicer, or a process, of its
    own; a package that no resource uses is not loaded.
    """

    in_process: Mapping[str, Callable[[], object]] = field(default_factory=dict[str, Callable[[], object]])
    environment: Mapping[str, str] | None = None
    engine_address: str = "127.0.0.1:0"
    _started: list[Provider] = field(default_factory=list[Provider], init=False)

    def start(self, package: str) -> Provider:
        """Finds and starts a provider of a package. Raises RefusalError where there is none."""
        provider = self._find(package)
        self._started.append(provider)
        return provider

    def _find(self, package: str) -> Provider:
        factory = self.in_process.get(package)
        if factory is not None:
            return InProcess(factory())
        environment = dict(os.environ if self.environment is None else self.environment)
        name = f"pulumi-resource-{package}"
        command = shutil.which(name, path=environment.get("PATH", ""))
        if command is None:
            known = ", ".join(sorted(self.in_process)) or "none"
            raise RefusalError(
                f'the provider "{package}" is not simulated (simulated: {known}) and there is no {name} on PATH'
            )
        return Plugin([command, self.engine_address], environment, provider_pb2_grpc.ResourceProviderStub)

    def cancel(self) -> None:
        """Asks every started provider to stop what it is doing."""
        for provider in self._started:
            with contextlib.suppress(ProviderError):
                provider.call("Cancel", empty_pb2.Empty())

    def close(self) -> None:
        """Ends every started provider."""
        for provider in self._started:
            provider.close()
        self._started.clear()
