"""Talks to one configured provider in plain values: check, diff, create, read, update, delete, invoke."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import grpc
from pulumi.runtime.proto import provider_pb2 as pb

from kubeml_simulator.engine import wire
from kubeml_simulator.engine.host import Provider, ProviderError
from kubeml_simulator.engine.urns import name_of, type_of
from kubeml_simulator.engine.wire import Properties

_KINDS = ("add", "add-replace", "delete", "delete-replace", "update", "update-replace")
_INTERNAL = ("version", "__internal", "pluginDownloadURL")


@dataclass(frozen=True, slots=True)
class CheckFailure:
    """An input that the provider refuses, and why."""

    property: str
    reason: str


@dataclass(frozen=True, slots=True)
class Diff:
    """What would change: `state` says whether anything does; keys and paths as the provider names them."""

    state: Literal["none", "some", "unknown"] = "unknown"
    changed: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()
    detail: Mapping[str, str] = field(default_factory=dict[str, str])
    delete_first: bool = False


class Configured:
    """One provider resource's provider, after Configure.

    What a provider does not accept (secrets) is unwrapped before it is sent and put back on what it returns.
    """

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.known = True
        self._secrets = False
        self._references = False
        self._previews = False

    @property
    def hooks(self) -> object | None:
        """The servicer, where it runs in this process."""
        return self._provider.hooks

    def handshake(self, root: str, program: str, engine_address: str) -> None:
        """Introduces the engine; a provider without Handshake is fine."""
        request = pb.ProviderHandshakeRequest(
            engine_address=engine_address, root_directory=root, program_directory=program, configure_with_urn=True,
            invoke_with_preview=True,
        )  # fmt: skip
        try:
            answer: pb.ProviderHandshakeResponse = self._provider.call("Handshake", request)
        except ProviderError as error:
            if error.code != grpc.StatusCode.UNIMPLEMENTED:
                raise
            return
        self._secrets, self._references = answer.accept_secrets, answer.accept_resources

    def configure(self, urn: str, id_: str, inputs: Properties) -> None:
        """Configures the provider; with an unknown input it stays unconfigured and answers previews with unknowns."""
        values = provider_inputs(inputs)
        self.known = not wire.has_unknown(values)
        if not self.known:
            return
        package = type_of(urn).rsplit(":", 1)[-1]
        variables = {f"{package}:config:{key}": _text(wire.reveal(value)) for key, value in values.items()}
        answer: pb.ConfigureResponse = self._provider.call(
            "Configure",
            pb.ConfigureRequest(
                variables=variables, args=self._out(values), acceptSecrets=True, acceptResources=True,
                sends_old_inputs=True, sends_old_inputs_to_delete=True, id=id_, urn=urn, name=name_of(urn), type=type_of(urn),
            ),
        )  # fmt: skip
        self._secrets = self._secrets or answer.acceptSecrets
        self._references = self._references or answer.acceptResources
        self._previews = answer.supportsPreview

    def _out(self, values: Properties) -> Any:
        ready: Properties = values if self._references else wire.references_as_ids(values)
        return wire.struct(ready if self._secrets else wire.reveal(ready))

    def _back(self, struct: Any, inputs: Properties) -> Properties:
        values = wire.properties(struct)
        return values if self._secrets else wire.like(values, inputs)

    def check(
        self, urn: str, olds: Properties, news: Properties, *, config: bool = False
    ) -> tuple[Properties, list[CheckFailure]]:
        """Lets the provider complete and refuse inputs. Returns the inputs and the failures."""
        if not config and not self.known:
            return news, []
        sent = provider_inputs(news) if config else news
        old = provider_inputs(olds) if config else olds
        request = pb.CheckRequest(
            urn=urn, olds=self._out(old), news=self._out(sent), name=name_of(urn), type=type_of(urn)
        )
        try:
            answer: pb.CheckResponse = self._provider.call("CheckConfig" if config else "Check", request)
        except ProviderError as error:
            if config and error.code == grpc.StatusCode.UNIMPLEMENTED:
                return news, []
            raise
        made = self._back(answer.inputs, sent)
        if config:
            made |= {key: news[key] for key in _INTERNAL if key in news}
        return made, [CheckFailure(failure.property, failure.reason) for failure in answer.failures]

    def diff(
        self, urn: str, old: Mapping[str, Any], news: Properties, ignored: Sequence[str] = (), *, config: bool = False
    ) -> Diff:
        """What the provider says would change from the old resource to the new inputs."""
        if not config and not self.known:
            return Diff()
        olds: Properties = old.get("inputs") or {}
        outputs: Properties = old.get("outputs") or {}
        if config:
            olds, news = provider_inputs(olds), provider_inputs(news)
        request = pb.DiffRequest(
            id=old.get("id", ""), urn=urn, olds=self._out(outputs), news=self._out(news), old_inputs=self._out(olds),
            ignoreChanges=ignored, name=name_of(urn), type=type_of(urn),
        )  # fmt: skip
        try:
            answer: pb.DiffResponse = self._provider.call("DiffConfig" if config else "Diff", request)
        except ProviderError as error:
            if error.code != grpc.StatusCode.UNIMPLEMENTED:
                raise
            return differ(olds, news)
        if answer.changes == pb.DiffResponse.DIFF_UNKNOWN and not answer.replaces and not answer.diffs:
            return differ(olds, news)
        detail = {path: _KINDS[item.kind] for path, item in answer.detailedDiff.items()}
        some = answer.changes == pb.DiffResponse.DIFF_SOME or bool(answer.replaces or answer.diffs)
        return Diff(
            "some" if some else "none", tuple(answer.diffs), tuple(answer.replaces), detail, answer.deleteBeforeReplace
        )

    def create(self, urn: str, inputs: Properties, timeout: float, *, preview: bool) -> tuple[str, Properties]:
        """Makes the resource. Returns its id (empty in a preview that does not know it) and outputs."""
        if preview and not (self.known and self._previews):
            return "", {}
        answer: pb.CreateResponse = self._provider.call(
            "Create",
            pb.CreateRequest(
                urn=urn,
                properties=self._out(inputs),
                timeout=timeout,
                preview=preview,
                name=name_of(urn),
                type=type_of(urn),
            ),
        )
        if not preview and not answer.id:
            raise ProviderError(f"the provider made {name_of(urn)} and returned no id")
        return answer.id, self._back(answer.properties, inputs)

    def read(self, urn: str, id_: str, inputs: Properties, outputs: Properties) -> tuple[str, Properties, Properties]:
        """Reads what exists. Returns id (empty where it does not exist), inputs and outputs."""
        answer: pb.ReadResponse = self._provider.call(
            "Read",
            pb.ReadRequest(
                id=id_,
                urn=urn,
                properties=self._out(outputs),
                inputs=self._out(inputs),
                name=name_of(urn),
                type=type_of(urn),
            ),
        )
        return answer.id, self._back(answer.inputs, inputs), self._back(answer.properties, inputs)

    def update(
        self,
        urn: str,
        old: Mapping[str, Any],
        news: Properties,
        ignored: Sequence[str],
        timeout: float,
        *,
        preview: bool,
    ) -> Properties:
        """Changes the resource. Returns its outputs."""
        if preview and not (self.known and self._previews):
            return {}
        answer: pb.UpdateResponse = self._provider.call(
            "Update",
            pb.UpdateRequest(
                id=old["id"], urn=urn, olds=self._out(old.get("outputs") or {}), news=self._out(news), timeout=timeout,
                ignoreChanges=ignored, preview=preview, old_inputs=self._out(old.get("inputs") or {}),
                name=name_of(urn), type=type_of(urn),
            ),
        )  # fmt: skip
        return self._back(answer.properties, news)

    def delete(self, urn: str, old: Mapping[str, Any], timeout: float) -> None:
        """Deletes the resource."""
        self._provider.call(
            "Delete",
            pb.DeleteRequest(
                id=old["id"], urn=urn, properties=self._out(old.get("outputs") or {}), timeout=timeout,
                old_inputs=self._out(old.get("inputs") or {}), name=name_of(urn), type=type_of(urn),
            ),
        )  # fmt: skip

    def invoke(self, token: str, arguments: Properties, *, preview: bool) -> tuple[Properties, list[CheckFailure]]:
        """Calls a function of the provider."""
        answer: pb.InvokeResponse = self._provider.call(
            "Invoke", pb.InvokeRequest(tok=token, args=self._out(arguments), preview=preview)
        )
        returned = getattr(answer, "return")
        return wire.properties(returned), [CheckFailure(item.property, item.reason) for item in answer.failures]

    def latency(self, token: str, op: str, inputs: Properties) -> tuple[float, bool]:
        """How long the operation takes in virtual seconds, and whether that has a source; one second where unknown."""
        tell = getattr(self._provider.hooks, "latency", None)
        return (1.0, False) if tell is None else tell(token, op, wire.reveal(inputs))


def provider_inputs(inputs: Properties) -> Properties:
    """Makes the configuration that a provider sees, without what is the engine's own."""
    return {key: value for key, value in inputs.items() if key not in _INTERNAL}


def differ(olds: Properties, news: Properties) -> Diff:
    """Makes a diff of inputs by comparing them, for a provider that cannot say.

    >>> differ({"a": 1, "b": 2}, {"a": 1, "b": 3}).changed
    ('b',)
    """
    detail: dict[str, str] = {}
    for key in sorted(olds.keys() | news.keys()):
        if wire.reveal(olds.get(key)) != wire.reveal(news.get(key)):
            detail[key] = "add" if key not in olds else "delete" if key not in news else "update"
    return Diff("some" if detail else "none", tuple(detail), (), detail)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
