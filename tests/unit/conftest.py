"""A simulated account that tests talk to in plain dictionaries, over the same messages that an engine sends."""

from types import SimpleNamespace

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from kubeml_simulator.provider.values import plain, reveal, struct


class Aborted(Exception):  # noqa: N818 (reads as what happened)
    """What a context raises when a provider gives up."""


class Context:
    """The part of a gRPC context that a provider uses in process."""

    def abort(self, code, details):
        raise Aborted(f"{code.name}: {details}")


class Account:
    """One provider, spoken to like an engine does: check, then create, read, diff, update, delete; `types` are short words for tokens."""

    def __init__(self, provider, types, config):
        self.provider, self.types = provider, types
        self.context = Context()
        self.provider.Configure(pb.ConfigureRequest(args=struct(config)), self.context)

    def urn(self, kind, name):
        return f"urn:pulumi:test::kubeml::{self.types.get(kind, kind)}::{name}"

    def check(self, kind, name, inputs, olds=None):
        request = pb.CheckRequest(urn=self.urn(kind, name), news=struct(inputs), olds=struct(olds or {}))
        response = self.provider.Check(request, self.context)
        return SimpleNamespace(
            inputs=plain(response.inputs),
            count=len(response.failures),
            failures={failure.property: failure.reason for failure in response.failures},
        )

    def failures(self, kind, name, inputs):
        """Refused paths and why."""
        return self.check(kind, name, inputs).failures

    def only(self, kind, inputs, path, words):
        """The one refusal of a resource, which says what it says for."""
        failures = self.failures(kind, "x", inputs)
        assert list(failures) == [path]
        assert words in failures[path]

    def create(self, kind, name, inputs, *, preview=False):
        checked = self.check(kind, name, inputs)
        assert checked.failures == {}, "what a test creates must be acceptable"
        request = pb.CreateRequest(urn=self.urn(kind, name), properties=struct(checked.inputs), preview=preview)
        response = self.provider.Create(request, self.context)
        return SimpleNamespace(
            kind=kind,
            name=name,
            id=response.id,
            inputs=checked.inputs,
            state=plain(response.properties),
            out=reveal(plain(response.properties)),
        )

    def read(self, kind, name, identity):
        """The state of something that exists already."""
        answer = self.provider.Read(pb.ReadRequest(urn=self.urn(kind, name), id=identity), self.context)
        return reveal(plain(answer.properties))

    def diff(self, made, inputs, *, ignore=()):
        news = self.check(made.kind, made.name, inputs, made.inputs).inputs
        request = pb.DiffRequest(
            id=made.id,
            urn=self.urn(made.kind, made.name),
            olds=struct(made.state),
            old_inputs=struct(made.inputs),
            news=struct(news),
            ignoreChanges=ignore,
        )
        return self.provider.Diff(request, self.context)

    def update(self, made, inputs, *, preview=False):
        news = self.check(made.kind, made.name, inputs, made.inputs).inputs
        request = pb.UpdateRequest(
            id=made.id,
            urn=self.urn(made.kind, made.name),
            olds=struct(made.state),
            old_inputs=struct(made.inputs),
            news=struct(news),
            preview=preview,
        )
        return plain(self.provider.Update(request, self.context).properties)

    def delete(self, made):
        request = pb.DeleteRequest(id=made.id, urn=self.urn(made.kind, made.name), properties=struct(made.state))
        assert self.provider.Delete(request, self.context) == empty_pb2.Empty()

    def invoke(self, token, args):
        response = self.provider.Invoke(pb.InvokeRequest(tok=token, args=struct(args)), self.context)
        return plain(getattr(response, "return"))


@pytest.fixture
def account_of():
    """Makes an account of a provider, with short words for its types and its configuration."""
    return Account


@pytest.fixture
def aborted():
    return Aborted
