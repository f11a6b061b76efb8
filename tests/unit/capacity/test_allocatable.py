"""What a node leaves to its pods, against numbers that nodes and vendors publish."""

import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_kubeml.capacity.allocatable import allocatable, default_max_pods, reserved
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


def test_devices_are_taken_over_and_a_given_number_of_pods_counts() -> None:
    node = allocatable(48, 192, "aws", devices={"nvidia.com/gpu": 4}, max_pods=20)
    assert node["nvidia.com/gpu"] == 4
    assert node["pods"] == 20
    assert node["cpu"] == 48000 - 190
    assert node["memory"] == (192 * GI * 925 // 1000 - (255 + 11 * 20 + 100) * MI) // MI * MI


@given(st.integers(1, 448), st.integers(4, 24576), st.integers(8, 737))
def test_a_node_leaves_less_than_the_machine_has_and_more_to_fewer_pods(vcpus: int, memory: int, pods: int) -> None:
    node, fuller = (allocatable(vcpus, memory, "aws", max_pods=count) for count in (pods, pods + 1))
    assert 0 < node["cpu"] < vcpus * 1000
    assert node["memory"] < memory * GI
    assert node["memory"] - fuller["memory"] == 11 * MI


def test_a_cloud_without_rows_is_refused_with_those_that_have_some() -> None:
    with pytest.raises(ValueError, match=r'^cloud "nimbus" has no kubelet reservations; known: aws$'):
        allocatable(8, 32, "nimbus")


@pytest.mark.parametrize("table", ["kubelet", "device_keys", "eks_addons", "pod_kinds"])
def test_every_row_of_every_table_has_a_source_and_a_date(table: str) -> None:
    text = (files("pulumi_kubeml.capacity") / "data" / f"{table}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert rows
    assert all(row["source"].startswith(("https://", "github.com/")) and row["date"] >= "2026" for row in rows)
    assert len({tuple(row.values()) for row in rows}) == len(rows), "no row stands twice"
