"""Every accelerator on every cloud: the machine types, or that there are none, or that too little is known of them."""

import pytest

from pulumi_kubeml import catalog
from pulumi_kubeml.catalog.offers import offers

NONE, UNKNOWN = "not offered", "unknown"
TABLE = {
    # accelerator: (first machine type of) aws, gcp, azure
    "t4": ("g4dn.xlarge", "n1-standard-1+t4x1", "Standard_NC4as_T4_v3"),
    "l4": ("g6f.large", "g2-standard-4", NONE),
    "a10g": ("g5.xlarge", NONE, NONE),
    "a10": (NONE, NONE, "Standard_NV6ads_A10_v5"),
    "a100-40gb": ("p4d.24xlarge", "a2-highgpu-1g", "Standard_ND96asr_v4"),
    "a100-80gb": ("p4de.24xlarge", "a2-ultragpu-1g", "Standard_NC24ads_A100_v4"),
    "l40s": ("g6e.xlarge", NONE, NONE),
    "h100": ("p5.4xlarge", "a3-highgpu-1g", "Standard_ND96isr_H100_v5"),
    "h100-nvl": (NONE, NONE, "Standard_NC40ads_H100_v5"),
    "h200": ("p5e.48xlarge", "a3-ultragpu-8g", "Standard_ND96isr_H200_v5"),
    "b200": ("p6-b200.48xlarge", "a4-highgpu-8g", NONE),
    "b300": ("p6-b300.48xlarge", NONE, NONE),
    "gb200": (UNKNOWN, "a4x-highgpu-4g", "Standard_ND128isr_NDR_GB200_v6"),
    "gb300": (UNKNOWN, "a4x-maxgpu-4g-metal", "Standard_ND128isr_GB300_v6"),
    "rtx-pro-6000": ("g7e.2xlarge", "g4-standard-6", UNKNOWN),
    "mi300x": (NONE, NONE, "Standard_ND96is_MI300X_v5"),
    "trainium": ("trn1.2xlarge", NONE, NONE),
    "trainium2": ("trn2.48xlarge", NONE, NONE),
    "inferentia2": ("inf2.xlarge", NONE, NONE),
    "tpu-v5e": (NONE, "ct5l-hightpu-1t", NONE),
    "tpu-v5p": (NONE, "ct5p-hightpu-1t", NONE),
    "tpu-v6e": (NONE, "ct6e-standard-1t", NONE),
    "tpu-v7": (NONE, "tpu7x-standard-1t", NONE),
}


@pytest.mark.parametrize("accelerator", TABLE)
def test_each_cloud_has_it_or_has_it_not_or_is_unknown(accelerator):
    found = [offers(accelerator, cloud) for cloud in catalog.CLOUDS]
    assert tuple(each if isinstance(each, str) else each[0] for each in found) == TABLE[accelerator]


def test_every_accelerator_that_teams_ask_for_is_in_the_table_and_the_rest_is_older():
    rest = set(catalog.accelerators()) - set(TABLE)
    assert set(TABLE) <= set(catalog.accelerators())
    assert rest == {
        "t4g", "rtx-pro-4500", "inferentia", "v100-16gb", "v100-32gb", "m60", "k80", "k520", "radeon-pro-v520",
    }  # fmt: skip


def test_a_host_takes_only_as_many_devices_as_its_size_allows():
    machines = catalog.machines("gcp")
    assert "n1-standard-64+t4x4" in machines
    assert "n1-standard-64+t4x1" not in machines
    assert machines["n1-standard-8+t4x2"].machine_type == "n1-standard-8"
    assert machines["n1-standard-8+t4x2"].cloud_accelerator == "nvidia-tesla-t4"


def test_a_given_device_costs_what_host_and_device_cost():
    machines = catalog.machines("gcp")
    host, both = machines["n1-standard-8"], machines["n1-standard-8+t4x2"]
    assert both.usd_per_hour == pytest.approx(host.usd_per_hour + 0.7)
    assert both.price_date == min(host.price_date, "2026-06-23")
    assert both.spot_usd_per_hour is None


def test_a_part_of_a_device_is_one_device_where_kubernetes_shows_it():
    shown = {
        cloud: catalog.machines(cloud)[name].devices
        for cloud, name in (("aws", "g6f.large"), ("gcp", "g4-standard-12"), ("azure", "Standard_NV6ads_A10_v5"))
    }
    assert shown == {"aws": 0, "gcp": 1, "azure": 1}
