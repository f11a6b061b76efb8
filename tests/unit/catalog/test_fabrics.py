"""What a launch template or a node pool must name so that accelerators of several nodes reach each other."""

import pytest

from pulumi_kubeml import catalog
from pulumi_kubeml.catalog.rows import read


@pytest.mark.parametrize(
    ("machine", "devices", "cards"),
    [
        ("p4d.24xlarge", 4, 4),
        ("p4de.24xlarge", 4, 4),
        ("p5.48xlarge", 32, 32),
        ("p5e.48xlarge", 32, 32),
        ("p5en.48xlarge", 16, 16),
        ("p6-b200.48xlarge", 8, 8),
        ("p6-b300.48xlarge", 16, 17),
        ("g6.48xlarge", 1, 1),
    ],
)
def test_a_machine_has_as_many_efa_devices_as_its_cards_allow(machine, devices, cards):
    fabric = catalog.fabric(catalog.machines("aws")[machine])
    assert (len(fabric.efa_cards), fabric.network_cards) == (devices, cards)


EFA = [row["machine"] for row in read("fabrics") if row["kind"] == "efa"]


@pytest.mark.parametrize("machine", EFA)
def test_the_first_interface_is_plain_and_every_other_is_efa_only_on_a_card_of_its_own(machine):
    first, *others = catalog.fabric(catalog.machines("aws")[machine]).interfaces
    assert first == (0, 0, "interface")
    assert {kind for _, _, kind in others} == {"efa-only"}
    assert len({card for card, _, _ in others}) == len(others) >= 1
    assert all(device == (1 if card == 0 else 0) for card, device, _ in others)


def test_the_card_that_has_no_efa_gets_none():
    assert catalog.fabric(catalog.machines("aws")["p6-b300.48xlarge"]).interfaces[1] == (1, 0, "efa-only")


@pytest.mark.parametrize(
    ("machine", "kind", "networks", "mtu"),
    [
        ("a3-highgpu-8g", "tcpx", 4, 8244),
        ("a3-megagpu-8g", "tcpxo", 8, 8244),
        ("a3-ultragpu-8g", "roce", 9, None),
        ("a4-highgpu-8g", "roce", 9, None),
        ("a4x-highgpu-4g", "roce", None, None),
    ],
)
def test_a_gke_pool_is_attached_to_so_many_networks_more(machine, kind, networks, mtu):
    fabric = catalog.fabric(catalog.machines("gcp")[machine])
    assert (fabric.kind, fabric.extra_networks, fabric.mtu, fabric.interfaces) == (kind, networks, mtu, ())


def test_infiniband_is_there_where_the_name_says_rdma():
    for name, machine in catalog.machines("azure").items():
        size = name.split("_")[1]
        assert (catalog.fabric(machine) is not None) == ("r" in size.lower() and size.startswith("ND")), name


def test_a_fabric_belongs_to_a_machine_that_is_known():
    for row in read("fabrics"):
        assert row["machine"] in catalog.machines(row["cloud"])
