"""What a node leaves to its pods, against numbers that nodes and vendors publish."""

import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_kubeml import catalog
from pulumi_kubeml.capacity.allocatable import (
    allocatable,
    default_max_pods,
    disk_allocatable,
    is_estimate,
    machine_allocatable,
    reserved,
)
from pulumi_kubeml.capacity.quantity import GI, MI


@pytest.mark.parametrize(
    ("vcpus", "millicores"),
    [(1, 60), (2, 70), (4, 80), (8, 90), (16, 110), (48, 190), (96, 310), (192, 550)],
)
def test_cpu_is_kept_by_tiers(vcpus: int, millicores: int) -> None:
    assert reserved(vcpus, "aws", max_pods=110)["cpu"] == millicores


M5 = [
    (2, 8, 29, 1830, 6803),
    (4, 16, 58, 3820, 14062),
    (8, 32, 58, 7810, 29217),
    (16, 64, 234, 15790, 57591),
    (32, 128, 234, 31750, 118212),
    (48, 192, 234, 47710, 178833),
    (64, 256, 737, 63670, 233921),
    (96, 384, 737, 95590, 355162),
]
"""vCPUs, GiB, pods, millicores and MiB of the m5 machines, large to 24xlarge, as Karpenter worked them out for EKS nodes; it kept
100m and 100Mi for the system besides (https://github.com/aws/karpenter-provider-aws/issues/2158, 2022-07-20)."""


@pytest.mark.parametrize(("vcpus", "memory", "pods", "millicores", "mebibytes"), M5)
def test_nodes_leave_what_karpenter_says_they_leave(
    vcpus: int, memory: int, pods: int, millicores: int, mebibytes: int
) -> None:
    node = allocatable(vcpus, memory, "aws", max_pods=pods)
    assert (node["cpu"] - 100, node["memory"] // MI - 100, node["pods"]) == (millicores, mebibytes, pods)


def test_a_node_runs_110_pods_below_30_cpus_and_250_from_there() -> None:
    assert [default_max_pods(vcpus, "aws") for vcpus in (2, 29, 30, 192)] == [110, 110, 250, 250]


@pytest.mark.parametrize(
    ("cloud", "gib", "published"),
    [("aws", 20, 18181869946), ("aws", 20, 18242267924), ("gcp", 100, 47060071478), ("azure", 128, 119703055367)],
)
def test_a_disk_leaves_no_more_than_nodes_say_and_at_most_three_percent_less(
    cloud: str, gib: int, published: int
) -> None:
    """What nodes of AL2023, AL2, COS and Ubuntu give as allocatable; the sources are in data/kubelet.csv."""
    assert 0.97 * published <= disk_allocatable(gib, cloud) <= published


def test_google_cloud_keeps_no_more_than_half_of_a_small_disk_and_100_gib_of_a_large_one() -> None:
    small, large = disk_allocatable(20, "gcp") / GI, disk_allocatable(1000, "gcp") / GI
    assert 0 < small < 20 * 0.9 - 10
    assert 1000 * 0.85 - 100 < large < 1000 * 0.9 - 100


@given(st.sampled_from(["aws", "gcp", "azure"]), st.integers(1, 16384), st.integers(0, 100))
def test_a_larger_disk_leaves_no_less(cloud: str, gib: int, more: int) -> None:
    assert 0 <= disk_allocatable(gib, cloud) <= disk_allocatable(gib + more, cloud) <= (gib + more) * GI


def test_devices_are_taken_over_and_a_given_number_of_pods_counts() -> None:
    node = allocatable(48, 192, "aws", devices={"nvidia.com/gpu": 4}, max_pods=20)
    assert node["nvidia.com/gpu"] == 4
    assert node["pods"] == 20
    assert node["cpu"] == 48000 - 190
    assert node["memory"] == (192 * GI * 925 // 1000 - (255 + 11 * 20 + 100) * MI) // MI * MI


@given(st.integers(1, 448), st.integers(16, 24576), st.integers(8, 737))
def test_a_node_leaves_less_than_the_machine_has_and_more_to_fewer_pods(vcpus: int, memory: int, pods: int) -> None:
    node, fuller = (allocatable(vcpus, memory, "aws", max_pods=count) for count in (pods, pods + 1))
    assert 0 < node["cpu"] < vcpus * 1000
    assert node["memory"] < memory * GI
    assert node["memory"] - fuller["memory"] == 11 * MI


@pytest.mark.parametrize(
    ("cloud", "vcpus", "millicores"),
    [
        *(("gcp", vcpus, kept) for vcpus, kept in ((1, 60), (2, 70), (4, 80), (8, 90), (16, 110), (64, 230))),
        *(("azure", vcpus, kept) for vcpus, kept in ((1, 60), (2, 100), (4, 140), (8, 180), (16, 260), (64, 740))),
    ],
)
def test_cpu_is_kept_as_each_cloud_publishes(cloud: str, vcpus: int, millicores: int) -> None:
    assert reserved(vcpus, cloud, max_pods=110)["cpu"] == millicores


@pytest.mark.parametrize(
    ("memory", "mebibytes"),
    [(4, 1024), (8, 1024 + 819.2), (16, 1024 + 819.2 + 819.2), (128, 2662.4 + 6881.28), (256, 9543.68 + 2621.44)],
)
def test_gke_keeps_memory_by_tiers(memory: int, mebibytes: float) -> None:
    assert reserved(8, "gcp", max_pods=110, memory_gib=memory)["memory"] / MI == pytest.approx(
        mebibytes + 100, abs=0.01
    )


@pytest.mark.parametrize(
    ("memory", "pods", "version", "mebibytes"),
    [
        (8, 30, "1.29", 20 * 30 + 50 + 100),
        (8, 30, None, 20 * 30 + 50 + 100),
        (4, 70, "1.35", 1024 + 100),
        (7, 30, "1.28", 1024 + 3 * 1024 * 0.2 + 750),
    ],
)
def test_aks_keeps_memory_by_pods_since_1_29_and_by_tiers_before(
    memory: int, pods: int, version: str | None, mebibytes: float
) -> None:
    kept = reserved(2, "azure", max_pods=pods, memory_gib=memory, kubernetes=version)["memory"]
    assert kept / MI == pytest.approx(mebibytes, abs=0.01)


def published() -> list[dict[str, str]]:
    text = (files("pulumi_kubeml.capacity") / "data" / "published_nodes.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.parametrize("row", published(), ids=lambda row: f"{row['cloud']} {row['machine'] or row['memory_gib']}")
def test_a_node_gives_at_least_what_is_said_and_hardly_more_where_somebody_published_it(row: dict[str, str]) -> None:
    machine = catalog.machines(row["cloud"]).get(row["machine"])
    node = allocatable(
        int(row["vcpus"]),
        float(row["memory_gib"]),
        row["cloud"],
        max_pods=int(row["max_pods"]),
        kubernetes=row["kubernetes"] or None,
        visible_mib=machine.visible_mib if machine else None,
    )
    below = 1 - node["memory"] / int(row["allocatable_bytes"])
    assert node["cpu"] == int(row["allocatable_millicores"])
    # What AWS hides differs by generation; without a figure of that machine the upper bound of all is taken.
    assert 0 <= below <= (0.06 if row["cloud"] == "aws" and machine is None else 0.03)


SEEN = [machine for machine in catalog.machines("aws").values() if machine.visible_mib is not None]


def test_most_machines_of_aws_were_seen() -> None:
    assert len(SEEN) == 93


@pytest.mark.parametrize("machine", SEEN, ids=lambda machine: machine.name)
def test_a_machine_that_was_seen_gives_what_it_showed_minus_what_is_kept_and_at_most_3_percent_less(machine) -> None:
    node = machine_allocatable(machine)
    kept = reserved(machine.vcpus, "aws", max_pods=node["pods"])["memory"]
    true = machine.visible_mib * MI - kept
    assert not is_estimate(machine)
    assert 0.97 * true <= node["memory"] <= true


@pytest.mark.parametrize("cloud", catalog.CLOUDS)
def test_no_machine_gives_more_than_it_has(cloud: str) -> None:
    for machine in catalog.machines(cloud).values():
        node = machine_allocatable(machine)
        assert 0 < node["cpu"] < machine.vcpus * 1000, machine.name
        assert 0 < node["memory"] < machine.memory_gib * GI, machine.name
        assert node["pods"] in {110, 250}
        assert {key: node[key] for key in machine.resources} == machine.resources


def test_a_cloud_without_rows_is_refused_with_those_that_have_some() -> None:
    with pytest.raises(ValueError, match=r'^cloud "nimbus" has no kubelet reservations; known: aws, azure, gcp$'):
        allocatable(8, 32, "nimbus")


@pytest.mark.parametrize(
    "table", ["kubelet", "device_keys", "eks_addons", "pod_kinds", "published_nodes", "volume_drivers"]
)
def test_every_row_of_every_table_has_a_source_and_a_date(table: str) -> None:
    text = (files("pulumi_kubeml.capacity") / "data" / f"{table}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert rows
    assert all(row["source"].startswith(("https://", "github.com/")) and row["date"] >= "2023" for row in rows)
    assert len({tuple(row.values()) for row in rows}) == len(rows), "no row stands twice"
