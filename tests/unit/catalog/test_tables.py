"""The tables hold together: every row has its source, every key that a row names exists, nothing unlicensed came in."""

import csv
import re
from importlib.resources import files

import pytest

from pulumi_kubeml import catalog

DATA = files("pulumi_kubeml.catalog") / "data"
TABLES = (
    "accelerators",
    "eks_addons",
    "eks_excluded_zones",
    "eks_versions",
    "images_aws",
    "machines_aws",
    "name_limits",
)
REQUIRED = {
    "t4",
    "l4",
    "a10g",
    "a100-40gb",
    "a100-80gb",
    "l40s",
    "h100",
    "h200",
    "b200",
    "b300",
    "rtx-pro-6000",
    "trainium",
    "inferentia2",
}


def rows(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / f"{table}.csv").read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("table", TABLES)
def test_every_row_names_where_it_comes_from_and_when(table):
    for number, row in enumerate(rows(table), start=2):
        place = re.search(r"github\.com/|https://", row["source"])
        assert place, f"{table}.csv line {number} has no source that a reader can open: {row['source']!r}"
        assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", row["date"]), f"{table}.csv line {number} has no date: {row}"


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_there_twice(table):
    keys = [tuple(row.values())[: 3 if table == "images_aws" else 2] for row in rows(table)]
    assert len(keys) == len(set(keys)), f"{table}.csv says something twice"


def test_the_accelerators_that_teams_ask_for_are_known():
    assert set(catalog.accelerators()) >= REQUIRED


def test_a_machine_names_only_accelerators_that_are_known():
    for machine in catalog.machines("aws").values():
        assert machine.accelerator is None or machine.accelerator in catalog.accelerators(), machine.name
        assert bool(machine.accelerator) == (machine.count > 0), (
            f"{machine.name}: an accelerator has a count, and the reverse"
        )


def test_every_accelerator_is_on_some_machine():
    used = {machine.accelerator for machine in catalog.machines("aws").values()}
    assert used >= set(catalog.accelerators()), "a row that no machine uses is a row that nobody checks"


def test_a_price_has_its_region_and_date():
    for machine in catalog.machines("aws").values():
        priced = machine.usd_per_hour is not None
        assert priced == (machine.price_date is not None) == (machine.price_region is not None), machine.name
        assert machine.usd_per_hour is None or machine.usd_per_hour > 0, machine.name


def test_an_image_with_a_driver_says_who_installed_it():
    for machine in catalog.machines("aws").values():
        image = catalog.image(machine)
        if image is not None:
            assert (image.driver_owner == "image") == (machine.accelerator is not None), machine.name


@pytest.mark.parametrize(
    ("machine", "image"),
    [
        ("m7i.2xlarge", "AL2023_x86_64_STANDARD"),
        ("m7g.2xlarge", "AL2023_ARM_64_STANDARD"),
        ("g6.xlarge", "AL2023_x86_64_NVIDIA"),
        ("p5.48xlarge", "AL2023_x86_64_NVIDIA"),
        ("g5g.xlarge", "AL2023_ARM_64_NVIDIA"),
        ("trn2.48xlarge", "AL2023_x86_64_NEURON"),
    ],
)
def test_the_image_follows_architecture_and_accelerator(machine, image):
    found = catalog.image(catalog.machines("aws")[machine])
    assert found is not None
    assert found.name == image


@pytest.mark.parametrize("machine", ["g7.2xlarge", "p3.2xlarge", "g4ad.xlarge", "inf1.xlarge", "g2.2xlarge"])
def test_a_machine_without_a_driver_in_any_image_has_no_image(machine):
    assert catalog.image(catalog.machines("aws")[machine]) is None


def test_the_machines_are_those_of_the_recorded_table_with_a_licensed_source(shared):
    recorded = {}
    for row in csv.DictReader((shared / "catalog" / "machines.csv").read_text(encoding="utf-8").splitlines()):
        if row["cloud"] == "aws":
            recorded[row["machine_type"]] = row
    carried = catalog.machines("aws")
    assert set(carried) <= set(recorded)
    left = {name: row["source"] + row["accelerator_name"] for name, row in recorded.items() if name not in carried}
    for name, why in left.items():
        assert re.search("SkyPilot|announcement|qualcomm", why), f"{name} was left out without a reason"
    for name, machine in carried.items():
        row = recorded[name]
        assert (machine.vcpus, machine.memory_gib, machine.arch) == (
            int(row["vcpus"]),
            float(row["memory_gib"]),
            row["arch"],
        ), name
        assert machine.count == float(row["accelerator_count"] or 0), name
        assert (machine.usd_per_hour or 0) == float(row["ondemand_usd_per_hour"] or 0), name


def test_a_cloud_without_a_table_is_a_key_error():
    with pytest.raises(KeyError, match="gcp"):
        catalog.machines("gcp")


def test_the_version_of_the_reference_stack_is_supported():
    version = catalog.kubernetes_versions("eks")["1.35"]
    assert version.standard_until is not None
    assert version.extended_until is not None
    assert version.standard_until < version.extended_until


def test_versions_are_listed_newest_first():
    minors = [int(version.partition(".")[2]) for version in catalog.kubernetes_versions("eks")]
    assert minors == sorted(minors, reverse=True)


def test_an_add_on_is_pinned_for_a_version_that_exists():
    assert {row["version"] for row in rows("eks_addons")} <= set(catalog.kubernetes_versions("eks"))
