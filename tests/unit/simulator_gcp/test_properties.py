"""What holds of the simulated Google Cloud whatever names, ranges and windows are given."""

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeml_simulator.clouds.gcp import GcpProvider
from kubeml_simulator.clouds.gcp.identity import PLACE, Identity
from kubeml_simulator.clouds.gcp.tables import TABLES, rows
from kubeml_simulator.provider import Existing

WHOLE = ipaddress.IPv4Network("10.0.0.0/8")
NAMES = st.from_regex(r"[a-z]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)
BLOCKS = st.integers(12, 28).flatmap(
    lambda prefix: st.integers(0, 2 ** (prefix - 8) - 1).map(
        lambda n: ipaddress.IPv4Network((int(WHOLE[0]) + n * 2 ** (32 - prefix), prefix))
    )
)
NETWORK, SUBNET, CLUSTER = "gcp:compute/network:Network", "gcp:compute/subnetwork:Subnetwork", "gcp:container/cluster:Cluster"  # fmt: skip


def provider():
    made = GcpProvider()
    made.config = {"project": "ml-dev", "region": "us-central1"}
    return made


@pytest.mark.parametrize("row", [row for row in rows("types.tsv") if row["autoname"]], ids=lambda row: row["token"])
@given(data=st.data())
def test_an_id_says_again_of_what_it_was_made(row, data):
    places = {"project": "ml-dev", "location": "us-east1", "region": "us-east1", "zone": "us-east1-b", "keyRing": "projects/ml-dev/locations/us/keyRings/r"}  # fmt: skip
    named = {place: places.get(place) or data.draw(NAMES) for place in PLACE.findall(row["id"])}
    made = provider()
    identity = Identity(TABLES).new_id(made.case(row["token"], f"urn:pulumi:s::p::{row['token']}::x", named))
    assert Identity(TABLES).parts(row["token"], identity) == named


@given(first=BLOCKS, second=BLOCKS)
def test_two_subnetworks_are_taken_just_when_their_ranges_are_apart(first, second):
    made = provider()
    urn = f"urn:pulumi:s::p::{SUBNET}::"

    def refused(name, block):
        inputs = {"network": "projects/ml-dev/global/networks/main", "ipCidrRange": str(block), "region": "us-central1"}
        return list(made.check(SUBNET, urn + name, inputs)), inputs

    made.world.learn(Existing("urn:n", NETWORK, "projects/ml-dev/global/networks/main", {"name": "main"}))
    found, inputs = refused("first", first)
    assert found == []
    made.world.learn(Existing(urn + "first", SUBNET, "first", inputs))
    assert bool(refused("second", second)[0]) is first.overlaps(second)


@given(hours=st.integers(1, 24), more=st.integers(0, 23), days=st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, unique=True))  # fmt: skip
def test_a_longer_window_on_more_days_is_never_the_worse_one(hours, more, days):
    made = provider()

    def refused(length, given_days):
        window = {
            "startTime": "2026-01-01T00:00:00Z",
            "endTime": f"2026-01-{1 + length // 24:02}T{length % 24:02}:00:00Z",
            "recurrence": f"FREQ=WEEKLY;BYDAY={','.join(given_days)}",
        }
        inputs = {"location": "us-central1", "initialNodeCount": 1, "maintenancePolicy": {"recurringWindow": window}}
        return [failure.path for failure in made.check(CLUSTER, f"urn:pulumi:s::p::{CLUSTER}::x", inputs)]

    if not refused(hours, days):
        assert not refused(min(hours + more, 47), days)
        assert not refused(hours, ["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
    assert bool(refused(hours, days)) is (hours < 4 or hours * len(days) * 4 < 48), (
        "48 hours of the four weeks in 32 days"
    )


@given(NAMES)
def test_an_automatic_name_fits_the_type_and_is_known_again(name):
    made = provider()
    for row in rows("types.tsv"):
        if not row["autoname"] or row["autoname"] == "roleId":
            continue
        urn = f"urn:pulumi:s::p::{row['token']}::{name.upper()}-{'x' * 60}"
        given_name = made.complete(row["token"], urn, {}, {})[row["autoname"]]
        assert len(given_name) <= int(row["longest"])
        assert re.fullmatch(r"[a-z][-a-z0-9]*", given_name)
        assert made.complete(row["token"], urn, {}, {row["autoname"]: given_name})[row["autoname"]] == given_name
