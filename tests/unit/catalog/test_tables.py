"""The tables hold together: every row has its source, every key that a row names exists, nothing is guessed."""

import csv
import json
import re
from importlib.resources import files

import pytest

from pulumi_kubeml import catalog
from pulumi_kubeml.catalog import sharing
from pulumi_kubeml.catalog.rows import read, read_lines

DATA = files("pulumi_kubeml.catalog") / "data"
TABLES = sorted(each.name.removesuffix(".csv") for each in DATA.iterdir() if each.name.endswith(".csv"))
KEYS = {
    "attachable_gcp": 4,
    "capacity_kinds": 2,
    "collective_floors": 3,
    "driver_modes": 3,
    "eks_addons": 2,
    "fabrics": 2,
    "images_aws": 4,
    "images_azure": 4,
    "images_gcp": 4,
    "machines_unknown": 2,
    "mig_offers": 3,
    "mig_places": 3,
    "mig_profiles": 2,
    "node_limits": 2,
    "sharing": 2,
    "tpu_topologies": 3,
}
"""How many of the first columns tell a row from every other; one where it is not said."""


def rows(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / f"{table}.csv").read_text(encoding="utf-8").splitlines()))


def sourced(row: dict) -> bool:
    opens = re.search(r"(^|[ ;])(github\.com/[\w.-]+/[\w.-]+|https://[\w.-]+/)", row["source"])
    return bool(opens) and re.fullmatch(r"20\d\d-\d\d(-\d\d)?", row["date"]) is not None


def test_the_tables_are_all_here():
    assert {"accelerators", "machines_aws", "machines_gcp", "machines_azure", "fabrics", "mig_profiles"} <= set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_every_row_names_where_it_comes_from_and_when(table):
    found = rows(table)
    assert found
    for number, row in enumerate(found, start=2):
        assert sourced(row), f"{table}.csv line {number}: {row['source']!r} {row['date']!r}"
        assert not re.search("skypilot", str(row), re.IGNORECASE), f"{table}.csv line {number}: no known licence"


@pytest.mark.parametrize("table", ["preconditions", "charts"])
def test_every_row_of_a_table_of_lines_has_them_too(table):
    found = [json.loads(line) for line in (DATA / f"{table}.jsonl").read_text(encoding="utf-8").splitlines()]
    assert found
    assert all(row["source"] and row["date"] for row in found)


def test_every_precondition_can_be_looked_up_where_it_is_said():
    assert [row["id"] for row in read_lines("preconditions") if not sourced(row)] == []


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_there_twice(table):
    keys = [tuple(row.values())[: KEYS.get(table, 1)] for row in rows(table)]
    assert len(keys) == len(set(keys)), f"{table}.csv says something twice"


@pytest.mark.parametrize("cloud", catalog.CLOUDS)
def test_a_machine_names_only_accelerators_that_are_known(cloud):
    for machine in [*catalog.machines(cloud).values(), *catalog.unknown_machines(cloud).values()]:
        assert machine.accelerator is None or machine.accelerator in catalog.accelerators(), machine.name
    for machine in catalog.machines(cloud).values():
        assert bool(machine.accelerator) == (machine.count > 0), (
            f"{machine.name}: an accelerator has a count, and the reverse"
        )
        assert machine.vcpus > 0
        assert machine.memory_gib > 0
        assert machine.arch in {"amd64", "arm64"}


@pytest.mark.parametrize("cloud", catalog.CLOUDS)
def test_a_machine_is_known_or_unknown_never_both(cloud):
    assert set(catalog.machines(cloud)).isdisjoint(catalog.unknown_machines(cloud))


@pytest.mark.parametrize("cloud", catalog.CLOUDS)
def test_what_a_machine_showed_is_less_than_it_has(cloud):
    seen = [machine for machine in catalog.machines(cloud).values() if machine.visible_mib is not None]
    for machine in seen:
        assert 0.92 < machine.visible_mib / (machine.memory_gib * 1024) < 1, machine.name
    assert bool(seen) == (cloud == "aws")


def test_every_accelerator_is_on_some_machine():
    used = {machine.accelerator for cloud in catalog.CLOUDS for machine in catalog.machines(cloud).values()}
    assert used >= set(catalog.accelerators()), "a row that no machine uses is a row that nobody checks"


@pytest.mark.parametrize("cloud", catalog.CLOUDS)
def test_a_price_has_its_region_and_date_and_is_never_zero(cloud):
    for machine in catalog.machines(cloud).values():
        priced = machine.usd_per_hour is not None
        assert priced == (machine.price_date is not None) == (machine.price_region is not None), machine.name
        assert machine.usd_per_hour is None or machine.usd_per_hour > 0, machine.name
        assert machine.spot_usd_per_hour is None or 0 < machine.spot_usd_per_hour < machine.usd_per_hour, machine.name


@pytest.mark.parametrize("cloud", catalog.CLOUDS)
def test_an_image_with_an_accelerator_says_who_owns_the_driver(cloud):
    for machine in catalog.machines(cloud).values():
        image = catalog.image(machine)
        if image is not None:
            assert (image.driver_owner is not None) == (machine.accelerator is not None), machine.name
            assert image.driver_owner in {None, "image", "cloud", "operator"}


@pytest.mark.parametrize(
    ("cloud", "machine", "image", "owner"),
    [
        ("aws", "m7i.2xlarge", "AL2023_x86_64_STANDARD", None),
        ("aws", "m7g.2xlarge", "AL2023_ARM_64_STANDARD", None),
        ("aws", "g6.xlarge", "AL2023_x86_64_NVIDIA", "image"),
        ("aws", "p5.48xlarge", "AL2023_x86_64_NVIDIA", "image"),
        ("aws", "g5g.xlarge", "AL2023_ARM_64_NVIDIA", "image"),
        ("aws", "trn2.48xlarge", "AL2023_x86_64_NEURON", "image"),
        ("gcp", "e2-standard-4", "COS_CONTAINERD", None),
        ("gcp", "a3-megagpu-8g", "COS_CONTAINERD", "cloud"),
        ("gcp", "a4x-highgpu-4g", "COS_CONTAINERD", "cloud"),
        ("gcp", "ct6e-standard-4t", "COS_CONTAINERD", "cloud"),
        ("azure", "Standard_D4s_v5", "Ubuntu", None),
        ("azure", "Standard_ND96isr_H100_v5", "Ubuntu", "cloud"),
        ("azure", "Standard_ND96isr_MI300X_v5", "Ubuntu", "operator"),
        ("azure", "Standard_ND128isr_GB300_v6", "Ubuntu", "operator"),
    ],
)
def test_the_image_follows_cloud_architecture_and_accelerator(cloud, machine, image, owner):
    found = catalog.image(catalog.machines(cloud)[machine])
    assert found is not None
    assert (found.name, found.driver_owner) == (image, owner)


@pytest.mark.parametrize(
    ("cloud", "machine"),
    [
        ("aws", "g7.2xlarge"),
        ("aws", "p3.2xlarge"),
        ("aws", "g4ad.xlarge"),
        ("aws", "inf1.xlarge"),
        ("aws", "g2.2xlarge"),
        ("azure", "Standard_ND96is_MI300X_v5"),
    ],
)
def test_a_machine_without_a_driver_in_any_image_has_no_image(cloud, machine):
    assert catalog.image(catalog.machines(cloud)[machine]) is None


def test_one_mode_of_owning_the_driver_is_the_default_of_each_image_that_a_pool_gets():
    for cloud in catalog.CLOUDS:
        named = {catalog.image(each) for each in catalog.machines(cloud).values() if each.accelerator}
        for image in filter(None, named):
            modes = catalog.driver_modes(cloud, image.name)
            assert [mode.default for mode in modes] == [True, *[False] * (len(modes) - 1)], image
            if image.driver_owner != "operator":
                assert modes[0].owner == image.driver_owner, image


def test_never_two_install_the_driver():
    for row in read("driver_modes"):
        assert (row["operator_driver"] == "yes") == (row["owner"] == "operator"), row


def test_parts_of_a_device_fit_into_it_and_are_called_as_the_device_plugin_calls_them():
    cut = [key for key in catalog.accelerators() if catalog.mig_profiles(key)]
    assert {"a100-40gb", "a100-80gb", "h100", "h100-nvl", "h200", "b200", "b300", "gb200", "gb300"} <= set(cut)
    for key in cut:
        memory = catalog.accelerators()[key].memory_gib
        for each in catalog.mig_profiles(key):
            slices, gigabytes = map(int, re.fullmatch(r"(\d)g\.(\d+)gb(?:\+me)?", each.profile).groups())
            assert each.instances * slices <= 7, each
            assert each.instances * gigabytes <= memory * 1.08, each
            assert each.resource_key == f"nvidia.com/mig-{each.profile.replace('+', '.')}"


def test_the_places_on_a_device_leave_room_for_as_many_instances_as_the_profiles_say():
    for key in catalog.accelerators():
        for each in catalog.mig_profiles(key):
            assert sharing.holds(key, [each.profile] * each.instances), each
            assert not sharing.holds(key, [each.profile] * (each.instances + 1)), each


@pytest.mark.parametrize("cloud", catalog.CLOUDS)
def test_a_cloud_cuts_devices_only_into_sizes_that_they_have(cloud):
    for row in rows("mig_offers"):
        assert row["profile"] in {each.profile for each in catalog.mig_profiles(row["accelerator"])}, row
    assert set(sharing.sharing_offers(cloud)) == {"timeSlicing", "mps", "mig"}


def test_the_hosts_of_a_slice_hold_its_chips():
    for key in ("tpu-v5e", "tpu-v5p", "tpu-v6e", "tpu-v7"):
        shapes = catalog.topologies(key)
        assert shapes, key
        for each in shapes:
            machine = catalog.machines("gcp")[each.machine]
            sides = [int(side) for side in each.topology.split("x")]
            product = 1
            for side in sides:
                product *= side
            assert machine.accelerator == key
            assert each.chips == product == each.hosts * machine.devices, each
    assert catalog.topologies("h100") == ()


def test_what_exports_metrics_and_what_claims_name_is_said_for_each_accelerator():
    exporters = {row["exporter"]: row["chart"] for row in read("exporters")}
    classes = {row["device_class"]: row["vendor"] for row in read("device_classes")}
    charts = {row["key"] for row in read_lines("charts")}
    assert set(filter(None, exporters.values())) <= charts
    for accelerator in catalog.accelerators().values():
        assert accelerator.exporter in {None, *exporters}
        assert accelerator.device_class is None or classes[accelerator.device_class] == accelerator.vendor


def test_a_floor_is_published_for_some_and_unknown_for_the_others():
    assert [catalog.collective_floor("h100", cloud).busbw_gb_per_s for cloud in catalog.CLOUDS] == [300, 250, 100]
    assert catalog.collective_floor("h200", "aws") is None


def test_a_cloud_without_a_table_is_a_key_error():
    with pytest.raises(KeyError, match="nimbus"):
        catalog.machines("nimbus")


def test_the_version_of_the_reference_stack_is_supported():
    version = catalog.kubernetes_versions("eks")["1.35"]
    assert version.standard_until is not None
    assert version.extended_until is not None
    assert version.standard_until < version.extended_until


@pytest.mark.parametrize("kind", ["eks", "gke", "aks"])
def test_versions_are_listed_newest_first_and_standard_support_ends_before_the_extended(kind):
    versions = catalog.kubernetes_versions(kind)
    minors = [int(version.partition(".")[2]) for version in versions]
    assert minors == sorted(minors, reverse=True)
    assert "1.35" in versions
    for version in versions.values():
        assert version.extended_until is None or version.standard_until < version.extended_until


def test_an_add_on_is_pinned_for_a_version_that_exists():
    assert {row["version"] for row in rows("eks_addons")} <= set(catalog.kubernetes_versions("eks"))
