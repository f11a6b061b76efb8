"""The tables against the recorded table of machine types: they agree, or the difference is listed with its source."""

import csv
from pathlib import Path

import pytest

from pulumi_kubeml import catalog

NAMES = {"nvidia-a100": "a100-40gb", "nvidia-h100-mega": "h100", "google-tpu-v7x": "tpu-v7"}
"""What the record calls otherwise; a name that is not here is its vendor and our key."""
NOT_ASKED_FOR = {"habana-gaudi", "qualcomm-ai100", "google-tpu-v3", "google-tpu-v4", "amd-v620", "amd-v710", "amd-mi25"}
"""Accelerators without a table of ours, or (Gaudi, AI 100) without a source that has a licence."""


def lines(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@pytest.fixture(scope="module")
def recorded(shared) -> list[dict[str, str]]:
    return lines(shared / "catalog" / "machines.csv")


def key(row: dict[str, str]) -> str | None:
    """Our key of what the record calls an accelerator."""
    name = row["accelerator_name"]
    if name == "nvidia-v100":
        return "v100-32gb" if row["accelerator_memory_gib"] == "32" else "v100-16gb"
    return NAMES.get(name, name.partition("-")[2]) if name else None


def said(machine: catalog.Machine | catalog.UnknownMachine, row: dict[str, str]) -> dict[str, tuple[object, object]]:
    """What both say of one machine type: ours and the record's."""

    def number(text: str) -> float | None:
        return float(text) if text else None

    memory = number(row["accelerator_memory_gib"]) if (machine.count or 0) >= 1 else None
    return {
        "vcpus": (machine.vcpus, number(row["vcpus"])),
        "memory_gib": (machine.memory_gib, number(row["memory_gib"])),
        "arch": (machine.arch, row["arch"]),
        "accelerator_name": (machine.accelerator, key(row)),
        "accelerator_count": (machine.count or None, number(row["accelerator_count"])),
        "accelerator_memory_gib": (catalog.accelerators()[machine.accelerator].memory_gib, memory)
        if memory
        else (None, None),
        "ondemand_usd_per_hour": (machine.usd_per_hour, number(row["ondemand_usd_per_hour"])),
        "spot_usd_per_hour": (getattr(machine, "spot_usd_per_hour", None), number(row["spot_usd_per_hour"])),
        "price_region": (machine.price_region, row["price_region"] or None),
        "price_date": (machine.price_date, row["price_date"] or None),
    }


def test_what_is_in_both_agrees_or_is_listed(recorded):
    listed = {
        (row["cloud"], row["machine_type"], row["column"]): (row["ours"], row["recorded"])
        for row in lines(Path(__file__).with_name("differences.csv"))
    }
    found, compared = {}, 0
    for row in recorded:
        cloud, name = row["cloud"], row["machine_type"]
        machine = catalog.machines(cloud).get(name) or catalog.unknown_machines(cloud).get(name)
        if machine is None:
            continue
        compared += 1
        for column, (ours, theirs) in said(machine, row).items():
            if ours != theirs:
                found[row["cloud"], row["machine_type"], column] = ("" if ours is None else str(ours), row[column])
    assert compared == 240
    assert found == listed


def test_every_listed_difference_says_why_and_where():
    for row in lines(Path(__file__).with_name("differences.csv")):
        assert row["why"]
        assert row["source"].startswith(("github.com/", "https://"))


def test_what_is_left_out_is_unknown_or_was_not_asked_for(recorded):
    for row in recorded:
        cloud, name = row["cloud"], row["machine_type"]
        if name not in catalog.machines(cloud) and name not in catalog.unknown_machines(cloud):
            assert row["accelerator_name"] in NOT_ASKED_FOR, name


def test_the_devices_that_can_be_attached_are_those_of_the_record(shared):
    record = {row["gke_accelerator_type"]: row for row in lines(shared / "catalog" / "gcp-attachable-gpus.csv")}
    ours = {}
    for machine in catalog.machines("gcp").values():
        if "+" in machine.name:
            ours.setdefault(machine.cloud_accelerator, set()).add(int(machine.count))
    assert ours == {name: set(map(int, record[name]["counts"].split())) for name in ours}
    assert set(record) - set(ours) == {"nvidia-tesla-p100", "nvidia-tesla-p4"}


def test_what_a_cloud_reports_of_a_device_is_what_the_record_says(shared):
    text = (shared / "catalog" / "disagreements.md").read_text(encoding="utf-8")
    for accelerator, mebibytes in {"a10g": 22888, "l4": 22888, "l40s": 45776, "b200": 183359, "b300": 275040}.items():
        assert str(mebibytes) in text
        assert catalog.accelerators()[accelerator].reported_mib == mebibytes
