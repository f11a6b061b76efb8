"""An unknown value is never judged: whatever becomes unknown, no failure is added."""

import copy
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubeml_simulator.clouds.gcp import GcpProvider
from kubeml_simulator.clouds.gcp.tables import by_token
from kubeml_simulator.provider import UNKNOWN, Existing, World, secret
from kubeml_simulator.provider.sdk import Schema
from kubeml_simulator.provider.values import put

SCHEMA = Schema.for_package("pulumi_gcp")
WORDS = ["", "a", "main", "10.0.0.0/20", "10.0.0.1/8", "fd00::/64", "tcp", "projects/ml-dev/global/networks/main", "projects/other/global/networks/main", "us-central1", "us-central1-a", "mars", "1.35", "9", "e2-medium", "g2-standard-4", "nvidia-l4", "SPECIFIC_RESERVATION", "VPC_PEERING", "REGIONAL_MANAGED_PROXY", "EGRESS", "COMPACT", "SURGE", "ADVANCED_DATAPATH", "serviceAccount:x@ml-dev.iam.gserviceaccount.com", "serviceAccount:ml-dev.svc.id.goog[a/b]", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z", "FREQ=DAILY", "roles/viewer", "projects/ml-dev/locations/us-east1/keyRings/r/cryptoKeys/k", "a/b/c", "latest"]  # fmt: skip
TOKENS = sorted(token for token in by_token("types.tsv") if SCHEMA.resource(token))
MOST = ["gcp:container/cluster:Cluster", "gcp:container/nodePool:NodePool", "gcp:compute/subnetwork:Subnetwork"]


def world():
    """A world with something to refer to."""
    known = World()
    for token, name, state in (
        ("gcp:compute/network:Network", "main", {"autoCreateSubnetworks": True}),
        (
            "gcp:compute/subnetwork:Subnetwork",
            "a",
            {"network": "main", "ipCidrRange": "10.0.0.0/20", "region": "us-central1"},
        ),
        (
            "gcp:container/cluster:Cluster",
            "a",
            {"location": "us-central1", "masterVersion": "1.35.1-gke.1000000", "subnetwork": "a", "network": "main"},
        ),
        ("gcp:kms/cryptoKey:CryptoKey", "k", {"keyRing": "projects/ml-dev/locations/us-east1/keyRings/r"}),
        ("gcp:compute/reservation:Reservation", "a", {"zone": "us-central1-b", "specificReservationRequired": False}),
    ):
        path = f"projects/ml-dev/locations/us-east1/keyRings/r/cryptoKeys/{name}" if name == "k" else name
        known.learn(Existing(f"urn:pulumi:s::p::{token}::{name}", token, path, {"name": name, **state}))
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
        case "object" if depth < 4:
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
    token = draw(st.sampled_from([*TOKENS, *MOST * 6]))
    return token, draw(inputs_of(token))


def paths_refused(token, inputs):
    provider = GcpProvider(world=world())
    provider.config = {"project": "ml-dev", "region": "us-central1"}
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
        provider = GcpProvider(world=world())
        provider.config = {"project": "ml-dev", "region": "us-central1"}
        answers.append(provider.Check(pb.CheckRequest(urn=urn, news=struct(given_inputs)), None))
    clear, sealed = ([failure.property for failure in answer.failures] for answer in answers)
    assert clear == sealed
    assert all(plain(answers[1].inputs)[name] == value for name, value in hidden.items()), "the wrapper comes back"
    shown = " ".join(failure.reason for failure in answers[1].failures)
    assert "serviceAccount:x@ml-dev.iam.gserviceaccount.com" not in shown
    assert "projects/ml-dev/locations/us-east1/keyRings/r/cryptoKeys/k" not in shown
