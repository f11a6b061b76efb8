"""Every row of the preconditions is reached by what somebody may write of a pool, or of its cluster: none is idle."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from pulumi_kubeml.nodes import (
    CapacityBlock,
    FlexStart,
    NodePoolSpec,
    OnDemand,
    Queued,
    Reservation,
    Spot,
    preconditions,
    resolve,
)
from pulumi_kubeml.problems import ConfigurationError

CR = "cr-0a1b2c3d4e5f67890"
ONE, THREE = ("us-east-1a",), ("us-east-1a", "us-east-1b", "us-east-1c")
HERE = ("us-central1-a",)


def h100(**more):
    return NodePoolSpec("p", accelerator="h100", accelerators_per_node=8, **{"max": 4, **more})


def machine(name, **more):
    return NodePoolSpec("p", machine=name, **{"max": 4, **more})


def reserved(**details):
    """A cluster that knows this of the reservation of its pools."""
    return {"reservations": {"train": details, CR: details}}


HELD = (
    "/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourceGroups/ml"
    "/providers/Microsoft.Compute/capacityReservationGroups/h100"
)
TRAIN, BLOCK = [Reservation("train")], [CapacityBlock(CR)]

# What is written of the pool, the zones of the cluster, and what is known of the cluster.
WRITTEN = {
    "compact-one-zone": (h100(compact=True), ("us-central1-a", "us-central1-b"), {}),
    "compact-no-blue-green": (h100(compact=True, upgrade="blue-green"), HERE, {}),
    "compact-not-queued": (h100(compact=True, capacity=[Queued()]), HERE, {}),
    "queued-from-zero": (h100(min=1, capacity=[Queued()]), HERE, {}),
    "flex-start-no-auto-repair": (h100(auto_repair=True, capacity=[FlexStart()]), HERE, {}),
    "flex-start-no-static-count": (h100(min=4, capacity=[FlexStart()]), HERE, {}),
    "flex-start-compact-machines": (h100(compact=True, capacity=[FlexStart()]), HERE, {}),
    "reservation-same-project": (h100(capacity=TRAIN), HERE, {"project": "ml", **reserved(project="other")}),
    "reservation-same-zone": (h100(capacity=TRAIN), HERE, reserved(zone="us-central1-b")),
    "reservation-consumption-specific": (h100(capacity=TRAIN), HERE, reserved(consumption="any")),
    "reservation-same-machine": (h100(capacity=TRAIN), HERE, reserved(machine="a3-megagpu-8g")),
    "reservation-block-has-zone": (h100(capacity=[Reservation("train/reservationBlocks/b1")]), HERE, {}),
    "provision-only-is-reserved": (h100(), HERE, {"topology_mode": "PROVISION_ONLY"}),
    "inactive-reservation-starts-empty": (h100(min=1, capacity=TRAIN), HERE, reserved(active=False)),
    "max-pods-vpc-native": (h100(max_pods=64), HERE, {"vpc_native": False}),
    "a3-high-networks": (h100(fabric="required"), HERE, {"extra_networks": 3}),
    "a3-mega-networks": (machine("a3-megagpu-8g", fabric="required"), HERE, {"extra_networks": 4}),
    "multi-network-dataplane": (h100(fabric="required"), HERE, {"dataplane_v2": False}),
    "fqdn-policy-dataplane": (machine("e2-standard-4"), HERE, {"fqdn_policy": True, "dataplane_v2": False}),
    "roce-metal-no-subnets": (machine("a4x-maxgpu-4g-metal", fabric="required"), HERE, {"rdma_subnets": 8}),
    "slice-controller-version": (
        machine("ct6e-standard-4t"),
        HERE,
        {"slice_controller": True, "kubernetes_version": "1.34.1-gke.1"},
    ),
    "dranet-version": (
        machine("a4x-highgpu-4g", fabric="required"),
        HERE,
        {"kubernetes_version": "1.33.2-gke.1", "dataplane_v2": True},
    ),
    "efa-one-zone": (h100(fabric="required", compact=False), THREE, {}),
    "efa-self-rule": (h100(fabric="required"), ONE, {"security_group_self_rule": False}),
    "efa-not-spot": (h100(fabric="required", capacity=[Spot()]), ONE, {}),
    "efa-dra-version": (h100(), ONE, {"efa_by_dra": True, "kubernetes_version": "1.33"}),
    "capacity-block-one-zone": (h100(capacity=BLOCK), THREE, {}),
    "capacity-block-machines": (machine("m7i.large", capacity=BLOCK), ONE, {}),
    "eks-one-set-of-nodes": (h100(upgrade="blue-green"), ONE, {}),
    "raw-disks-need-nothing": (h100(local_disks="block"), ONE, {}),
    "eks-compact-one-zone": (machine("m7i.large", compact=True), THREE, {}),
    "eks-reservation-same-zone": (h100(capacity=[Reservation(CR)]), ONE, reserved(zone="us-east-1b")),
    "eks-reservation-one-zone": (h100(capacity=[Reservation(CR)]), THREE, {}),
    "eks-reservation-same-machine": (h100(capacity=BLOCK), ONE, reserved(machine="p5e.48xlarge")),
    "eks-reservation-starts-empty": (h100(min=1, capacity=BLOCK), ONE, reserved(active=False)),
    "managed-gpu-no-autoscaler": (h100(driver="managed"), (), {}),
    "spot-not-system": (machine("Standard_D4s_v5", purpose="system", capacity=[Spot()]), (), {}),
    "aks-one-set-of-nodes": (h100(upgrade="blue-green"), (), {}),
    "repair-is-always-on": (h100(auto_repair=False), (), {}),
    "no-artifact-streaming": (h100(image_streaming=True), (), {}),
    "no-managed-gpus": (h100(min=4, driver="managed"), (), {}),
    "aks-compact-one-zone": (h100(compact=True), ("1", "2"), {}),
    "aks-least-pods": (h100(max_pods=8), (), {}),
    "azure-no-reservation-of-these": (h100(capacity=[Reservation(HELD)]), (), {}),
}
# What no pool can say, and why.
CANNOT_BE_SAID = {
    "static-xor-autoscaling": "a pool has one pair of bounds; equal ones fix the number",
    "initial-within-bounds": "refused with the bounds themselves, on every cloud",
    "queued-no-reservation": "a rung is bought in one way",
    "queued-not-spot": "a rung is bought in one way",
    "flex-start-no-reservation": "a rung is bought in one way",
    "flex-start-not-spot": "a rung is bought in one way",
    "spot-no-reservation": "a rung is bought in one way",
    "capacity-group-not-spot": "a rung is bought in one way",
    "specific-reservation-is-one": "a rung names one reservation",
    "local-ssd-one-use": "local disks have one use",
    "managed-gpu-has-driver": "one word says who installs the driver",
}
ROWS = {row.id: row for cloud in ("aws", "gcp", "azure") for row in preconditions(cloud)}


def reasons(spec: NodePoolSpec, cloud: str, zones, cluster) -> dict[str, str]:
    try:
        resolve(spec, cloud, zones=zones, cluster=cluster)
    except ConfigurationError as error:
        return {problem.message: problem.path for problem in error.problems}
    return {}


def test_every_row_is_reached_or_there_is_a_reason():
    assert set(WRITTEN) | set(CANNOT_BE_SAID) == set(ROWS)
    assert not set(WRITTEN) & set(CANNOT_BE_SAID)


@pytest.mark.parametrize("row", WRITTEN)
def test_what_is_written_is_refused_by_the_row_where_it_is_written(row):
    spec, zones, cluster = WRITTEN[row]
    found = reasons(spec, ROWS[row].cloud, zones, cluster)
    ((message, path),) = [(text, at) for text, at in found.items() if text.endswith(ROWS[row].why)]
    assert path.partition("[")[0] == ROWS[row].path, message


def test_refusals_read_as_they_did(snapshot):
    said = {}
    for row, (spec, zones, cluster) in WRITTEN.items():
        found = reasons(spec, ROWS[row].cloud, zones, cluster)
        said[f"{ROWS[row].cloud} {row}"] = sorted(f"{path}  {message}" for message, path in found.items())
    assert said == snapshot


def test_bounds_hold_the_nodes_to_begin_with_on_every_cloud():
    for cloud, name in (("aws", "m7i.large"), ("gcp", "e2-standard-4"), ("azure", "Standard_D4s_v5")):
        ladder = [OnDemand(), Spot()]
        for capacity in ([OnDemand()], ladder):
            spec = machine(name, min=1, initial=5, capacity=capacity)
            assert reasons(spec, cloud, (), {}) == {
                "5; allowed: 1 to 4: the nodes to begin with are within min and max": "initial"
            }
            assert sum(rung.initial for rung in resolve(machine(name, initial=3, capacity=capacity), cloud).rungs) == 3


yes = st.none() | st.booleans()
drawn = st.builds(
    NodePoolSpec,
    st.just("p"),
    machine=st.sampled_from(
        ["p5.48xlarge", "g6.xlarge", "a3-highgpu-8g", "ct6e-standard-4t", "Standard_ND96isr_H100_v5", "Standard_D4s_v5"]
    ),
    min=st.integers(0, 3),
    max=st.integers(1, 4),
    initial=st.none() | st.integers(0, 4),
    capacity=st.lists(
        st.sampled_from([OnDemand(), Spot(), Reservation(CR), *TRAIN, *BLOCK, FlexStart(), Queued()]),
        min_size=1,
        max_size=2,
    ),
    fabric=st.sampled_from(["none", "required"]),
    compact=yes,
    local_disks=st.sampled_from(["none", "ephemeral", "block"]),
    driver=st.sampled_from([None, "cloud", "operator", "none", "image", "managed", "latest"]),
    upgrade=st.sampled_from(["surge", "blue-green"]),
    auto_repair=yes,
    max_pods=st.none() | st.integers(8, 250),
)


@given(drawn, st.sampled_from(["aws", "gcp", "azure"]), st.sampled_from([(), ONE, THREE]))
def test_what_cannot_be_said_is_the_reason_of_no_refusal(spec, cloud, zones):
    whys = tuple(ROWS[row].why for row in CANNOT_BE_SAID if row != "initial-within-bounds")
    for message in reasons(spec, cloud, zones, {}):
        assert not message.endswith(whys), message
