"""An unknown value is never judged: whatever becomes unknown, no failure is added."""

import copy
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubeml_simulator.clouds.aws import AwsProvider
from kubeml_simulator.clouds.aws.tables import by_token
from kubeml_simulator.provider import UNKNOWN, Existing, World, secret
from kubeml_simulator.provider.sdk import Schema
from kubeml_simulator.provider.values import put

SCHEMA = Schema.for_package("pulumi_aws")
WORDS = ["", "a", "10.0.0.0/16", "10.0.0.1/8", "fd00::/64", "vpc-1", "tcp", "-1", "arn:aws:iam::123456789012:role/x", "{}", "us-east-1a", "1.35", "9", "CUSTOM", "AL2023_ARM_64_NVIDIA", "g6.12xlarge", "SPOT", "private", "cluster", "Interface"]  # fmt: skip
TOKENS = sorted(token for token in by_token("types.tsv") if SCHEMA.resource(token))


def world():
    """A world with something to refer to."""
    known = World()
    known.learn(
        Existing("urn:pulumi:s::p::aws:ec2/vpc:Vpc::main", "aws:ec2/vpc:Vpc", "vpc-1", {"cidrBlock": "10.0.0.0/16"})
    )
    known.learn(
        Existing(
            "urn:pulumi:s::p::aws:ec2/subnet:Subnet::one",
            "aws:ec2/subnet:Subnet",
            "a",
            {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/16", "availabilityZone": "us-east-1a"},
        )
    )
    known.learn(
        Existing(
            "urn:pulumi:s::p::aws:eks/cluster:Cluster::a",
            "aws:eks/cluster:Cluster",
            "a",
            {"name": "a", "version": "1.35"},
        )
    )
    return known


def of_type(kind, depth=0):
    """Values of a property's type, right and wrong."""
    match kind.kind:
        case "string":
            return st.sampled_from(WORDS)
        case "integer" | "number":
            return st.sampled_from([-1, 0, 1, 5, 443, 70000])
        case "boolean":
            return st.booleans()
        case "list":
            return st.lists(of_type(kind.item, depth + 1), max_size=2)
        case "map":
            return st.dictionaries(st.sampled_from(["a", "kubeml.io/pool"]), of_type(kind.item, depth + 1), max_size=2)
        case "object" if depth < 3:
            return objects(kind.properties, depth + 1)
        case "union":
            return of_type(kind.options[0], depth + 1)
        case _:
            return st.just("x")


def objects(properties, depth=0):
    chosen = {name: of_type(rule.type, depth) for name, rule in properties.items()}
    return st.fixed_dictionaries({}, optional=chosen)


@cache
def inputs_of(token):
    return objects(SCHEMA.resource(token).inputs)


def places(value, path=""):
    """Every path in a value."""
    from kubeml_simulator.provider import join

    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in children:
        yield join(path, key)
        yield from places(item, join(path, key))


@st.composite
def resources(draw):
    token = draw(st.sampled_from(TOKENS))
    return token, draw(inputs_of(token))


def paths_refused(token, inputs):
    provider = AwsProvider(world=world())
    provider.config = {"region": "us-east-1"}
    return [failure.path for failure in provider.check(token, f"urn:pulumi:s::p::{token}::x", inputs)]


@given(resource=resources(), data=st.data())
@settings(max_examples=120)
def test_making_an_input_unknown_never_adds_a_failure(resource, data):
    token, inputs = resource
    before = paths_refused(token, inputs)
    spots = list(places(inputs))
    if spots:
        spot = data.draw(st.sampled_from(spots))
        after = paths_refused(token, put(inputs, spot, UNKNOWN))
        assert set(after) <= set(before), f"{token}: {spot} became unknown"
        assert len(after) <= len(before)


@pytest.mark.parametrize("token", TOKENS)
def test_a_resource_of_which_nothing_is_known_is_not_refused(token):
    assert paths_refused(token, dict.fromkeys(SCHEMA.resource(token).inputs, UNKNOWN)) == []


@given(resource=resources())
def test_a_secret_is_judged_like_the_value_in_it_and_never_shown(resource):
    from pulumi.runtime.proto import provider_pb2 as pb

    from kubeml_simulator.provider.values import plain, struct

    token, inputs = resource
    hidden = {name: secret(copy.deepcopy(value)) for name, value in inputs.items()}
    urn = f"urn:pulumi:s::p::{token}::x"
    answers = []
    for given_inputs in (inputs, hidden):
        provider = AwsProvider(world=world())
        provider.config = {"region": "us-east-1"}
        answers.append(provider.Check(pb.CheckRequest(urn=urn, news=struct(given_inputs)), None))
    clear, sealed = ([failure.property for failure in answer.failures] for answer in answers)
    assert clear == sealed
    assert all(plain(answers[1].inputs)[name] == value for name, value in hidden.items()), "the wrapper comes back"
    shown = " ".join(failure.reason for failure in answers[1].failures)
    assert "arn:aws:iam::123456789012:role/x" not in shown
    assert "AL2023_ARM_64_NVIDIA is" not in shown
