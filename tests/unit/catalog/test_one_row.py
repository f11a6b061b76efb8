"""A machine type is one row: with it there is a pool, without it there is none."""

import csv
import io
import shutil
from importlib.resources import files

import pytest

from pulumi_kubeml import catalog
from pulumi_kubeml.catalog import rows
from pulumi_kubeml.nodes import NodePoolSpec, resolve
from pulumi_kubeml.problems import ConfigurationError

ROW = {
    "name": "g9.4xlarge",
    "vcpus": "16",
    "memory_gib": "64",
    "arch": "amd64",
    "accelerator": "l4",
    "count": "2",
    "usd_per_hour": "1.5",
    "price_region": "us-east-1",
    "price_date": "2026-09-01",
    "source": "https://example.com/",
    "date": "2026-09",
}


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """A copy of the tables that is read in place of the package's."""
    shutil.copytree(files("pulumi_kubeml.catalog") / "data", tmp_path / "data")
    monkeypatch.setattr(rows, "folder", lambda: tmp_path / "data")
    cached = [catalog.machines, catalog.image.__globals__["_images"]]
    for each in cached:
        each.cache_clear()
    yield tmp_path / "data"
    for each in cached:
        each.cache_clear()


def append(table, row):
    text = table.read_text(encoding="utf-8")
    line = io.StringIO()
    csv.DictWriter(line, text.splitlines()[0].split(","), lineterminator="\n").writerow(row)
    table.write_text(text + line.getvalue(), encoding="utf-8")


def test_a_row_makes_a_machine_type_that_a_pool_can_be_made_of(tables):
    spec = NodePoolSpec("serve", accelerator="l4", accelerators_per_node=2, max=3)
    with pytest.raises(ConfigurationError, match=r"l4 x 2 on aws: no machine type; g6.xlarge has 1, g6.12xlarge has 4"):
        resolve(spec, "aws")
    catalog.machines.cache_clear()
    append(tables / "machines_aws.csv", ROW)
    append(
        tables / "images_aws.csv",
        {
            "family": "g9",
            "arch": "amd64",
            "vendor": "nvidia",
            "choice": "al2023",
            "default": "yes",
            "image": "AL2023_x86_64_NVIDIA",
            "driver_owner": "image",
        },
    )
    catalog.image.__globals__["_images"].cache_clear()
    pool = resolve(spec, "aws")
    assert pool.machine.name == "g9.4xlarge"
    assert pool.reason == "g9.4xlarge: cheapest of 1 machine types with 2 l4 (1.5 USD an hour)"
    assert pool.allocatable["nvidia.com/gpu"] == 2
    assert 0 < pool.allocatable["memory"] < 64 * 2**30


def test_a_machine_of_a_family_with_an_image_needs_no_other_row(tables):
    append(tables / "machines_aws.csv", {**ROW, "name": "g6.3xlarge"})
    assert resolve(NodePoolSpec("serve", machine="g6.3xlarge", max=3), "aws").image == "AL2023_x86_64_NVIDIA"


def test_a_row_of_a_cloud_where_images_are_told_apart_by_vendor_is_enough_alone(tables):
    append(tables / "machines_gcp.csv", {**ROW, "name": "g9-standard-16", "price_region": "us-central1"})
    found = resolve(NodePoolSpec("serve", accelerator="l4", accelerators_per_node=2, max=3), "gcp")
    assert found.machine.name == "g9-standard-16"
