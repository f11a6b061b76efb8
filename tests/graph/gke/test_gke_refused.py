"""What cannot be said of a cluster on Google Cloud is refused at once, each with its path and its reason, before anything is made."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from pulumi_kubeml import GkeClusterArgs, InvalidArgs, NodePoolSpec, OnDemand, Reservation, Spot
from pulumi_kubeml.clusters.gke import ExistingNetwork, KnownReservation, MaintenanceExclusion
from pulumi_kubeml.clusters.gke.check import check, check_room, facts, resolve_pools
from pulumi_kubeml.nodes import FlexStart, Queued

NETWORK = "projects/net-host/global/networks/shared"
WHOLE = "projects/net-host/regions/us-central1/subnetworks/shared"


NOT_HERE = {"image_id": "the image is not one of your own"}
"""What GKE has not, and what it says then."""


def said(**more):
    given = {"kubernetes_version": "1.35", "endpoint_access": ["203.0.113.0/24"], "node_pools": []}
    return GkeClusterArgs(**{**given, **more})


def problems(name="ml", **more):
    with pytest.raises(InvalidArgs) as raised:
        check(name, said(**more))
    return {problem.path: problem.message for problem in raised.value.problems}


def test_what_gke_has_not_is_refused_with_its_reason():
    for argument, words in NOT_HERE.items():
        found = problems(node_pools=[NodePoolSpec("p", machine="n2-standard-8", **{argument: "x"})])
        assert words in found[f"node_pools[0].{argument}"]


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        ({"kubernetes_version": "1.12"}, "kubernetes_version", "is not offered by GKE; allowed: 1.35"),
        ({"environment": "stagin"}, "environment", "did you mean staging?"),
        ({"release_channel": "extended"}, "release_channel", "rapid, regular, stable"),
        ({"endpoint_access": ["0.0.0.0/0"]}, "endpoint_access[0]", "anyone"),
        ({"endpoint_access": ["203.0.113.7/24"]}, "endpoint_access[0]", "no bit beyond its prefix"),
        ({"endpoint_access": "203.0.113.0/24"}, "endpoint_access", "a list of them"),
        ({"endpoint_access": [f"203.0.{n}.0/24" for n in range(51)]}, "endpoint_access", "50 at most"),
        ({"node_cidr": "10.0.0.0/28"}, "node_cidr", "/16 to /24"),
        ({"pod_cidr": "10.0.0.0/8"}, "pod_cidr", "/9 to /21"),
        ({"control_plane_cidr": "172.16.0.0/27"}, "control_plane_cidr", "of /28"),
        ({"service_cidr": "10.4.0.0/20"}, "service_cidr", "overlaps pod_cidr"),
        ({"zones": ["us-central1-a"]}, "zones", "3 different zones"),
        (
            {"network": ExistingNetwork(network="shared", subnetwork=WHOLE)},
            "network.network",
            "of the form projects/.../global/networks/...",
        ),
        (
            {"network": ExistingNetwork(network=NETWORK, subnetwork=WHOLE), "node_cidr": "10.16.0.0/20"},
            "node_cidr",
            "leave one of the two out",
        ),
        ({"cluster_name": "Ml"}, "cluster_name", "at most 40"),
        ({"security_group": "admins@example.com"}, "security_group", "gke-security-groups@DOMAIN"),
        ({"admins": ["ann@example.com"]}, "admins[0]", "user:ADDRESS"),
        ({"admins": ["user:ann@example.com"] * 2}, "admins[1]", "twice"),
        ({"maintenance_days": ["saturday", "sunnday"]}, "maintenance_days[1]", "did you mean sunday?"),
        ({"maintenance_days": ["sunday"]}, "maintenance_days", "27 hours in 32 days; GKE demands 48"),
        ({"maintenance_start": "2am"}, "maintenance_start", "such as 02:00"),
        ({"maintenance_hours": 3}, "maintenance_hours", "4 to 24"),
        (
            {"maintenance_exclusions": [MaintenanceExclusion("x", "tomorrow")]},
            "maintenance_exclusions[0].start",
            "is not a time",
        ),
        (
            {"maintenance_exclusions": [MaintenanceExclusion("x", "2026-11-20T00:00:00Z", scope="no-upgrades")]},
            "maintenance_exclusions[0].end",
            "30 days after the start",
        ),
        ({"shared_files": "none"}, "shared_files", "shares, instance"),
        ({"tags": {"owner": "x"}}, "tags.owner", "its own argument"),
        ({"tags": {"Project": "x"}}, "tags.Project", "no label that Google Cloud takes"),
        ({"owner": "ML Platform"}, "owner", "lower-case letters"),
        (
            {"system_pool": NodePoolSpec("system", machine="e2-standard-4", purpose="system")},
            "system_pool.min",
            "1 or more",
        ),
        ({"node_pools": [NodePoolSpec("system", machine="e2-standard-4")]}, "node_pools[0].name", "own pool"),
        ({"node_pools": [NodePoolSpec("a", accelerator="a10g", max=1)]}, "node_pools[0].accelerator", "on gcp: "),
    ],
)
def test_what_cannot_be_is_refused_with_path_and_reason(more, path, words):
    found = problems(**more)
    assert list(found) == [path], found
    assert words in found[path]


A = ["us-central1-a"]
KNOWN = {"zone": "us-central1-b", "machine": "a3-highgpu-8g", "consumption": "any", "active": False}


@pytest.mark.parametrize(
    ("pool", "field", "words"),
    [
        ({"machine": "a3-highgpu-8g", "compact": True, "zones": [*A, "us-central1-b"]}, "zones", "in one zone"),
        ({"machine": "n2-standard-8", "compact": True, "zones": A, "upgrade": "blue-green"}, "upgrade", "second set"),
        (
            {"accelerator": "l4", "compact": True, "zones": A, "capacity": [Queued()]},
            "capacity[0]",
            "places nodes itself",
        ),
        ({"accelerator": "l4", "min": 1, "capacity": [Queued()]}, "min", "takes them away after it"),
        (
            {"accelerator": "l4", "capacity": [FlexStart()], "auto_repair": True},
            "auto_repair",
            "wait for capacity again",
        ),
        ({"accelerator": "l4", "min": 2, "capacity": [FlexStart()]}, "min", "their number cannot be fixed"),
        (
            {"accelerator": "l4", "capacity": [FlexStart()], "compact": True, "zones": A},
            "compact",
            "for these machines only",
        ),
        (
            {"accelerator": "l4", "capacity": [Reservation("train/reservationBlocks/b1")]},
            "zones",
            "in one zone, which the pool must name",
        ),
        ({"machine": "a3-ultragpu-8g", "fabric": "required"}, "zones", "name that one"),
        ({"machine": "a4x-maxgpu-4g-metal", "fabric": "required", "zones": A}, "fabric", "no networks for bare metal"),
        ({"accelerator": "l4", "fabric": "required"}, "fabric", "g2-standard-4 has none; machine types with one"),
    ],
)
def test_what_google_cloud_cannot_have_together_is_refused_before_anything_is_made(pool, field, words):
    found = problems(node_pools=[NodePoolSpec("p", max=2, **pool)])
    assert words in found.get(f"node_pools[0].{field}", ""), found


@pytest.mark.parametrize(
    ("fact", "field", "words"),
    [
        ({"zone": "us-central1-b"}, "zones", "nodes are in the zone of their reservation"),
        ({"machine": "a3-highgpu-4g"}, "machine", "a reservation holds machines of one type"),
        ({"consumption": "any"}, "capacity[0]", "cannot be named"),
        ({"active": False}, "min", "no nodes before the reservation begins"),
        ({"project": "other-shop"}, "capacity[0]", "belongs to the project of the cluster"),
    ],
)
def test_what_is_known_of_a_reservation_is_held_against_its_pool(fact, field, words):
    pool = NodePoolSpec("p", machine="a3-highgpu-8g", min=1, max=2, zones=A, capacity=[Reservation("train")])
    args = said(node_pools=[pool], reservations={"train": KnownReservation(**fact)})
    with pytest.raises(InvalidArgs) as raised:
        resolve_pools(args, ("us-central1-a", "us-central1-b", "us-central1-c"), "ml-dev")
    found = {problem.path: problem.message for problem in raised.value.problems}
    assert words in found.get(f"node_pools[0].{field}", ""), found


def test_a_cluster_says_of_itself_what_pools_may_count_on():
    assert facts(said(), "ml-dev") == {
        "kubernetes_version": "1.35",
        "vpc_native": True,
        "dataplane_v2": True,
        "reservations": {},
        "project": "ml-dev",
    }


def test_two_rdma_pools_are_in_one_zone():
    rdma = {"machine": "a4-highgpu-8g", "max": 1, "fabric": "required"}
    two = [NodePoolSpec("a", zones=A, **rdma), NodePoolSpec("b", zones=["us-central1-b"], **rdma)]
    assert "RDMA network of the cluster is in us-central1-a" in problems(node_pools=two)["node_pools[1].zones"]


def test_ranges_hold_every_node_and_every_pod_that_may_be():
    many = [NodePoolSpec("many", machine="n2-standard-8", max=400)]
    found = problems(node_cidr="10.0.0.0/24", pod_cidr="10.64.0.0/16", node_pools=many)
    assert "has addresses for 252 nodes, and the pools may have 406" in found["node_cidr"]
    assert "take 103936 " in found["pod_cidr"]
    check("ml", said(node_pools=many))


def test_an_api_for_everyone_must_be_meant():
    check("ml", said(endpoint_access=["0.0.0.0/0"], i_know_this_is_public=True))


def test_a_private_block_may_reach_the_api():
    """Unlike on EKS: an authorised network may be one that is peered."""
    check("ml", said(endpoint_access=["10.200.0.0/16"]))


def test_everything_wrong_is_said_at_once():
    found = problems(
        "X" * 40,
        kubernetes_version="1.12",
        endpoint_access=["nowhere"],
        owner="",
        node_pools=[NodePoolSpec("a", machine="e2-standard-4", min=2, max=1), NodePoolSpec("b", accelerator="l4")],
    )
    assert set(found) == {
        "name",
        "kubernetes_version",
        "endpoint_access[0]",
        "owner",
        "node_pools[0].min",
        "node_pools[1].max",
    }


texts = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["1.35", "prod", "10.0.0.0/20", "0.0.0.0/0", "sunday", "02:00", "user:ann@example.com"]),
)
anything = st.fixed_dictionaries(
    {},
    optional={
        "kubernetes_version": texts,
        "endpoint_access": st.lists(texts, max_size=3),
        "environment": texts,
        "owner": texts,
        "tags": st.dictionaries(texts, texts, max_size=2),
        "admins": st.lists(texts, max_size=3),
        "node_cidr": texts,
        "pod_cidr": texts,
        "zones": st.lists(texts, max_size=3),
        "cluster_name": st.none() | texts,
        "maintenance_days": st.lists(texts, max_size=3),
        "maintenance_start": texts,
        "maintenance_hours": st.integers(-1, 30),
        "maintenance_exclusions": st.lists(
            st.builds(MaintenanceExclusion, texts, texts, end=st.none() | texts, scope=texts), max_size=2
        ),
        "node_pools": st.lists(
            st.builds(
                NodePoolSpec,
                texts,
                machine=texts,
                accelerator=st.none() | texts,
                capacity=st.lists(st.sampled_from([OnDemand(), Spot(), FlexStart(), Queued()]), max_size=2),
            ),
            max_size=2,
        ),
    },
)


@given(anything)
def test_whatever_is_said_the_answer_is_yes_or_every_problem_with_its_path(more):
    try:
        check("ml", said(**more))
    except InvalidArgs as error:
        wrong = error.problems
    else:
        wrong = ()
    assert all(problem.path and problem.message for problem in wrong)


def test_room_is_only_judged_where_the_ranges_are_known():
    from pulumi_kubeml.problems import Problems

    found = Problems()
    check_room(resolve_pools(said(), ()), {}, found)
    assert len(found) == 0
