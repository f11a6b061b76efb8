"""What a cloud demands of a pool: every row of the table is broken by what it forbids, and by nothing else."""

import pytest

from pulumi_kubeml.nodes import (
    CapacityBlock,
    FlexStart,
    NodePoolSpec,
    Queued,
    Reservation,
    Spot,
    broken,
    facts,
    preconditions,
    resolve,
)
from pulumi_kubeml.problems import ConfigurationError

# One case a row: facts that break it, and the change that mends it.
CASES = {
    "static-xor-autoscaling": ({"static_count": 3, "autoscaling": True}, {"autoscaling": False}),
    "initial-within-bounds": ({"initial": 5, "min": 1, "max": 4}, {"initial": 4}),
    "compact-one-zone": ({"placement": "compact", "zones": 2}, {"zones": 1}),
    "compact-no-blue-green": ({"placement": "compact", "upgrade": "blue-green"}, {"upgrade": "surge"}),
    "compact-not-queued": ({"placement": "compact", "vendor": "nvidia", "queued": True}, {"vendor": "google"}),
    "queued-no-reservation": ({"queued": True, "reservation": "any"}, {"reservation": "none"}),
    "queued-from-zero": ({"queued": True, "min": 1}, {"min": 0}),
    "queued-not-spot": ({"queued": True, "spot": True}, {"spot": False}),
    "flex-start-no-auto-repair": ({"flex_start": True, "auto_repair": True}, {"auto_repair": False}),
    "flex-start-no-static-count": ({"flex_start": True, "static_count": 2}, {"static_count": None}),
    "flex-start-no-reservation": ({"flex_start": True, "reservation": "specific"}, {"reservation": "none"}),
    "flex-start-not-spot": ({"flex_start": True, "spot": True}, {"spot": False}),
    "flex-start-compact-machines": (
        {"flex_start": True, "placement": "compact", "family": "a3-megagpu"},
        {"family": "a4-highgpu"},
    ),
    "spot-no-reservation": ({"spot": True, "reservation": "any"}, {"reservation": "none"}),
    "specific-reservation-is-one": ({"reservation": "specific", "reservation_names": 2}, {"reservation_names": 1}),
    "reservation-same-project": (
        {"reservation": "specific", "reservation_project": "other", "project": "ml"},
        {"reservation_project": "ml"},
    ),
    "reservation-same-zone": (
        {"reservation": "specific", "reservation_zone": "a", "zone_names": ("b", "c")},
        {"zone_names": ("a",)},
    ),
    "reservation-consumption-specific": (
        {"reservation": "specific", "reservation_consumption": "any"},
        {"reservation_consumption": "specific"},
    ),
    "reservation-same-machine": (
        {"reservation": "specific", "reservation_machine": "a3-highgpu-8g", "machine": "a3-megagpu-8g"},
        {"machine": "a3-highgpu-8g"},
    ),
    "reservation-block-has-zone": ({"reservation_block": "b1", "zones_named": 0}, {"zones_named": 1}),
    "provision-only-is-reserved": (
        {"topology_mode": "PROVISION_ONLY", "reservation": "none"},
        {"reservation": "specific"},
    ),
    "inactive-reservation-starts-empty": ({"reservation_active": False, "min": 1}, {"min": 0}),
    "local-ssd-one-use": ({"ephemeral_local_ssd": 2, "block_local_ssd": 2}, {"block_local_ssd": 0}),
    "max-pods-vpc-native": ({"max_pods": 64, "vpc_native": False}, {"vpc_native": True}),
    "a3-high-networks": ({"family": "a3-highgpu", "fabric": "tcpx", "extra_networks": 3}, {"extra_networks": 4}),
    "a3-mega-networks": ({"family": "a3-megagpu", "fabric": "tcpxo", "extra_networks": 4}, {"extra_networks": 8}),
    "multi-network-dataplane": ({"extra_networks": 1, "dataplane_v2": False}, {"dataplane_v2": True}),
    "fqdn-policy-dataplane": ({"fqdn_policy": True, "dataplane_v2": False}, {"dataplane_v2": True}),
    "roce-metal-no-subnets": ({"network_profile": "vpc-roce-metal", "rdma_subnets": 8}, {"rdma_subnets": 0}),
    "slice-controller-version": (
        {"slice_controller": True, "kubernetes_version": "1.35.0-gke.274499"},
        {"kubernetes_version": "1.35.0-gke.274500"},
    ),
    "dranet-version": (
        {"network_profile": "auto", "kubernetes_version": "1.34.1-gke.1829000", "dataplane_v2": True},
        {"kubernetes_version": "1.35.0-gke.1"},
    ),
    "efa-one-zone": ({"fabric_required": True, "fabric": "efa", "zones": 3}, {"zones": 1}),
    "efa-self-rule": (
        {"fabric_required": True, "fabric": "efa", "security_group_self_rule": False},
        {"security_group_self_rule": True},
    ),
    "efa-not-spot": ({"fabric_required": True, "fabric": "efa", "spot": True}, {"spot": False}),
    "efa-dra-version": ({"efa_by_dra": True, "kubernetes_version": "1.33"}, {"kubernetes_version": "1.34"}),
    "capacity-block-one-zone": ({"capacity_block": True, "zones": 3}, {"zones": 1}),
    "capacity-block-machines": ({"capacity_block": True, "accelerators": 0}, {"accelerators": 8}),
    "managed-gpu-no-autoscaler": ({"gpu_management": "Managed", "autoscaling": True}, {"autoscaling": False}),
    "managed-gpu-has-driver": ({"gpu_management": "Managed", "gpu_driver": "None"}, {"gpu_driver": "Install"}),
    "eks-one-set-of-nodes": ({"upgrade": "blue-green"}, {"upgrade": "surge"}),
    "aks-one-set-of-nodes": ({"upgrade": "blue-green"}, {"upgrade": "surge"}),
    "raw-disks-need-nothing": ({"block_local_ssd": 1}, {"block_local_ssd": 0}),
    "eks-compact-one-zone": ({"placement": "compact", "zones": 3}, {"zones": 1}),
    "aks-compact-one-zone": ({"placement": "compact", "zones": 3}, {"zones": 1}),
    "azure-no-reservation-of-these": (
        {"machine": "Standard_ND96isr_H100_v5", "reservation": "specific"},
        {"reservation": "none"},
    ),
    "aks-least-pods": ({"max_pods": 8}, {"max_pods": 10}),
    "eks-reservation-same-zone": (
        {"reservation_zone": "a", "zone_names": ("b",)},
        {"zone_names": ("a",)},
    ),
    "eks-reservation-one-zone": ({"reservation": "specific", "zones": 3}, {"zones": 1}),
    "eks-reservation-same-machine": (
        {"reservation_machine": "p5.48xlarge", "machine": "p5e.48xlarge"},
        {"machine": "p5.48xlarge"},
    ),
    "eks-reservation-starts-empty": ({"reservation_active": False, "min": 1, "initial": 1}, {"min": 0, "initial": 0}),
    "repair-is-always-on": ({"auto_repair": False}, {"auto_repair": True}),
    "no-artifact-streaming": ({"image_streaming": True}, {"image_streaming": False}),
    "no-managed-gpus": ({"gpu_management": "Managed"}, {"gpu_management": None}),
    "capacity-group-not-spot": ({"reservation": "specific", "spot": True}, {"spot": False}),
    "spot-not-system": ({"purpose": "system", "spot": True}, {"purpose": "general"}),
}
ROWS = {row.id: row for cloud in ("aws", "gcp", "azure") for row in preconditions(cloud)}


def test_every_row_has_a_case():
    assert set(CASES) == set(ROWS)


@pytest.mark.parametrize("row", CASES)
def test_what_a_row_forbids_breaks_it_and_the_change_mends_it(row):
    wrong, change = CASES[row]
    reason = ROWS[row].broken(wrong)
    assert reason is not None
    assert reason.endswith(ROWS[row].why)
    assert ROWS[row].broken({**wrong, **change}) is None


@pytest.mark.parametrize("row", CASES)
def test_a_row_is_silent_where_what_it_is_about_is_not_known(row):
    wrong, _ = CASES[row]
    assert ROWS[row].broken({}) is None
    for fact in wrong:
        known = {key: value for key, value in wrong.items() if key != fact}
        if set(ROWS[row].when) & {fact} or set(ROWS[row].must) == {fact}:
            assert ROWS[row].broken(known) is None, fact


def test_none_is_a_value_that_is_in_no_list_and_bounds_nothing():
    assert broken("gcp", {"flex_start": True, "placement": "compact", "family": None})
    assert broken("gcp", {"initial": 5, "min": None, "max": None}) == []
    assert broken("gcp", {"slice_controller": True, "kubernetes_version": None}) == []
    assert broken("gcp", {"placement": "compact", "upgrade": None}) == []


def test_a_reason_names_the_value_what_is_allowed_and_why():
    assert broken("gcp", {"initial": 5, "min": 1, "max": 4}) == [
        (
            "initial",
            "initial is 5, but must be at least 1 and be at most 4: the nodes to begin with are within min and max",
        )
    ]
    assert broken("gcp", {"flex_start": True, "placement": "compact", "family": "g2-standard"}) == [
        (
            "compact",
            (
                "family is g2-standard, but must be one of a3-ultragpu, a4-highgpu, h4d-standard, h4d-highmem: "
                "flex start with compact placement is offered for these machines only"
            ),
        )
    ]


def refused(spec: NodePoolSpec, cloud: str, **more: object) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as raised:
        resolve(spec, cloud, **more)
    return {problem.path: problem.message for problem in raised.value.problems}


def pool(**more):
    return NodePoolSpec("p", accelerator="h100", accelerators_per_node=8, max=4, **more)


@pytest.mark.parametrize(
    ("cloud", "spec", "zones", "path", "words"),
    [
        ("gcp", pool(min=1, capacity=[Queued()]), (), "min", "min is 1, but must be at most 0: queued provisioning"),
        ("gcp", pool(min=4, capacity=[FlexStart()]), (), "min", "static count is 4, but must not be given"),
        (
            "gcp",
            pool(capacity=[Reservation("train/reservationBlocks/b1")]),
            (),
            "zones",
            "a block of a reservation is in one zone",
        ),
        (
            "aws",
            pool(capacity=[CapacityBlock("cr-0a1b2c3d4e5f67890")]),
            ("us-east-1a", "us-east-1b"),
            "zones",
            "zones is 2, but must be at least 1 and be at most 1: a capacity block is in one zone",
        ),
        (
            "aws",
            NodePoolSpec("p", machine="m7i.large", max=2, capacity=[CapacityBlock("cr-0a1b2c3d4e5f67890")]),
            ("us-east-1a",),
            "machine",
            "capacity blocks hold machines with accelerators",
        ),
        (
            "azure",
            NodePoolSpec("p", machine="Standard_D4s_v5", max=2, purpose="system", capacity=[Spot()]),
            (),
            "capacity[0]",
            "a system pool cannot be made of spot nodes",
        ),
    ],
)
def test_a_pool_that_breaks_a_row_is_refused_before_anything_is_made(cloud, spec, zones, path, words):
    found = refused(spec, cloud, zones=zones)
    assert list(found) == [path], found
    assert words in found[path]


def test_a_pool_says_nothing_of_what_only_a_cluster_knows():
    made = resolve(pool(), "gcp")
    known = facts(made, made.rungs[0])
    assert known.keys().isdisjoint({"vpc_native", "dataplane_v2", "extra_networks", "kubernetes_version"})
    assert broken("gcp", {**known, "extra_networks": 2, "dataplane_v2": True}) == [
        ("extra_networks", "extra networks is 2, but must be at least 4: TCPX needs one network for each pair of GPUs")
    ]
