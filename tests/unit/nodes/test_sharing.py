"""Pools whose devices are shared: what is allowed on each cloud, what nodes then offer, and what pods are told."""

import pytest

from pulumi_kubeml import catalog
from pulumi_kubeml.catalog.sharing import mig_settings, sharing_offers
from pulumi_kubeml.nodes import Mig, Mps, NodePoolSpec, TimeSlicing, read_sharing, resolve
from pulumi_kubeml.nodes.shares import shares
from pulumi_kubeml.problems import ConfigurationError

L4, H100, A100 = {"accelerator": "l4"}, {"accelerator": "h100"}, {"accelerator": "a100-80gb"}


def pool(cloud, sharing, **more):
    return resolve(NodePoolSpec("p", max=2, sharing=sharing, **more), cloud)


def refused(cloud, sharing, **more):
    with pytest.raises(ConfigurationError) as error:
        pool(cloud, sharing, **more)
    return str(error.value)


def test_without_sharing_a_pod_gets_whole_devices():
    whole = pool("aws", None, **L4)
    assert whole.shares is None
    assert whole.resource_keys == ("nvidia.com/gpu",)


@pytest.mark.parametrize("sharing", [TimeSlicing(4), Mps(4)])
@pytest.mark.parametrize("cloud", ["aws", "azure"])
def test_shares_of_the_device_plugin_have_a_name_of_their_own(cloud, sharing):
    found = pool(cloud, sharing, accelerator="t4", accelerators_per_node=4)
    assert {key: count for key, count in found.allocatable.items() if "/" in key} == {"nvidia.com/gpu.shared": 16}
    assert found.placement(1).resources == {"nvidia.com/gpu.shared": "1"}
    assert found.labels["nvidia.com/device-plugin.config"] == found.labels["kubeml.io/sharing"]
    assert ("nvidia.com/mps.capable" in found.labels) == (sharing.kind == "mps")
    assert found.own_labels == found.labels
    assert found.taints == pool(cloud, None, accelerator="t4", accelerators_per_node=4).taints


@pytest.mark.parametrize(("sharing", "strategy"), [(TimeSlicing(3), "time-sharing"), (Mps(3), "mps")])
def test_gke_shares_under_the_name_of_whole_devices_so_pods_select_its_labels(sharing, strategy):
    found = pool("gcp", sharing, accelerators_per_node=2, **L4)
    assert found.allocatable["nvidia.com/gpu"] == 6
    given = {
        "cloud.google.com/gke-gpu-sharing-strategy": strategy,
        "cloud.google.com/gke-max-shared-clients-per-gpu": "3",
    }
    assert found.placement(1).node_selector == {"kubeml.io/pool": "p", **given}
    assert found.placement().node_selector == {"kubeml.io/pool": "p"}
    assert given.items() <= found.labels.items()
    assert given.keys().isdisjoint(found.own_labels), "GKE gives them by itself"


@pytest.mark.parametrize(
    ("cloud", "sharing", "per_node"),
    [
        ("aws", TimeSlicing(4), 1),
        ("aws", Mps(4), 1),
        ("gcp", TimeSlicing(4), 1),
        ("gcp", TimeSlicing(4), 2),
        ("gcp", Mps(4), 2),
    ],
)
def test_a_container_gets_one_share_at_most_where_more_is_refused(cloud, sharing, per_node):
    more = {"machine": "g6.xlarge"} if cloud == "aws" else {**L4, "accelerators_per_node": per_node}
    found = pool(cloud, sharing, **more)
    with pytest.raises(ConfigurationError, match=r"more than 1 share is refused to a container.*allowed: 0 to 1"):
        found.placement(2)


def test_gke_gives_a_container_several_parts_of_the_only_device_under_mps():
    assert pool("gcp", Mps(4), **L4).placement(4).resources == {"nvidia.com/gpu": "4"}
    with pytest.raises(ConfigurationError, match="allowed: 0 to 4"):
        pool("gcp", Mps(4), **L4).placement(5)


def test_instances_of_one_size_are_counted_under_the_name_of_whole_devices():
    found = pool("gcp", Mig("2g.20gb"), accelerators_per_node=2, **H100)
    assert found.allocatable["nvidia.com/gpu"] == 6
    assert found.shares.setting == "2g.20gb"
    assert found.placement(1).node_selector["cloud.google.com/gke-gpu-partition-size"] == "2g.20gb"


def test_aks_calls_a_size_by_its_compute_and_each_strategy_has_its_names():
    single = pool("azure", Mig("1g.10gb"), **A100)
    assert (single.shares.setting, single.allocatable["nvidia.com/gpu"]) == ("MIG1g", 7)
    mixed = pool("azure", Mig("1g.10gb", "mixed"), **A100)
    assert mixed.allocatable["nvidia.com/mig-1g.10gb"] == 7
    assert "nvidia.com/gpu" not in mixed.allocatable
    assert mixed.placement(2).resources == {"nvidia.com/mig-1g.10gb": "2"}
    assert mixed.placement(1, size="1g.10gb").resources == {"nvidia.com/mig-1g.10gb": "1"}
    with pytest.raises(ConfigurationError, match=r'size  "3g.40gb"; sizes of pool "p": 1g.10gb'):
        mixed.placement(1, size="3g.40gb")


def test_several_sizes_each_have_a_name():
    layout = Mig(layout={"3g.40gb": 1, "1g.10gb": 3}, strategy="mixed")
    machine = catalog.machines("azure")["Standard_NC48ads_A100_v4"]
    found = shares(layout, machine, catalog.accelerators()["a100-80gb"])
    assert dict(found.resources) == {"nvidia.com/mig-3g.40gb": 2, "nvidia.com/mig-1g.10gb": 6}


@pytest.mark.parametrize(
    ("cloud", "sharing", "more", "words"),
    [
        ("aws", TimeSlicing(2), {"machine": "m7i.large"}, "sharing  timeSlicing, but m7i.large has no accelerator"),
        ("aws", Mps(2), {"accelerator": "trainium"}, "trainium is no device of NVIDIA's"),
        ("gcp", TimeSlicing(2), {"accelerator": "tpu-v6e"}, "tpu-v6e is no device of NVIDIA's"),
        ("aws", TimeSlicing(1), L4, "sharing.replicas  1 pods to a device; allowed: 2 or more"),
        ("aws", TimeSlicing(True), L4, "sharing.replicas  True pods to a device"),
        ("gcp", TimeSlicing(49), L4, "sharing.replicas  49 pods to a device; allowed on gcp: 2 to 48"),
        ("aws", Mig("1g.10gb"), H100, "the MIG manager of the GPU operator would have to"),
        ("gcp", Mig("1g.10gb"), L4, "l4 cannot be cut into instances; these can: a100-40gb, a100-80gb"),
        ("gcp", Mig("1g.9gb"), H100, 'sharing.profile  "1g.9gb" is no size of h100; allowed: 1g.10gb,'),
        ("gcp", Mig("4g.40gb"), H100, 'sharing.profile  "4g.40gb" is no size that gcp cuts; allowed: 1g.10gb'),
        ("gcp", Mig("1g.10gb", "mixed"), H100, "GKE calls every instance nvidia.com/gpu; allowed: single"),
        ("azure", Mig(), A100, "sharing.profile  profile or layout, but neither is given"),
        ("azure", Mig("1g.10gb", layout={"1g.10gb": 7}), A100, "sharing.profile  profile or layout, but both are given"),
        ("azure", Mig("1g.10gb", "many"), A100, 'sharing.strategy  "many" is no strategy; allowed: single, mixed'),
        ("azure", Mig(layout={"1g.10gb": 7}), A100, 'sharing.strategy  "single" calls all instances alike'),
        ("azure", Mig(layout={"1g.10gb": 0}, strategy="mixed"), A100, "sharing.layout.1g.10gb  0 instances"),
        ("azure", Mig(layout={"1g.10gb": 6}, strategy="mixed"), A100, "6, but azure cuts a device into as many as it holds, 7"),
        ("azure", read_sharing("mig:3g.40gb=1,1g.10gb=3"), A100, "azure cuts all devices of a pool into one size"),
        ("azure", read_sharing("mig:3g.40gb=2,1g.10gb=1"), A100, "take 9 of the 8 memory slices of a100-80gb"),
        ("azure", read_sharing("mig:4g.40gb=1,2g.20gb=1,1g.20gb=2"), A100, "take 10 of the 8 memory slices"),
        ("aws", "half", L4, "'half' is not a way to share devices; allowed: TimeSlicing, Mps, Mig"),
    ],
)  # fmt: skip
def test_what_cannot_be_shared_is_refused_with_the_reason(cloud, sharing, more, words):
    assert words in refused(cloud, sharing, **more)


def test_all_that_is_wrong_with_a_sharing_is_said_at_once():
    said = refused("gcp", Mig(layout={"3g.40gb": 2, "1g.10gb": 1}), **H100)
    assert [line.partition("  ")[0] for line in said.splitlines()] == [
        "sharing.strategy",
        "sharing.layout",
        "sharing.layout",
    ]


@pytest.mark.parametrize("cloud", catalog.CLOUDS)
def test_every_size_that_a_cloud_cuts_can_be_asked_for(cloud):
    if sharing_offers(cloud)["mig"].missing:
        return
    for machine in catalog.machines(cloud).values():
        if not (machine.accelerator and machine.is_whole and catalog.image(machine)):
            continue
        for size in mig_settings(cloud, machine.accelerator):
            found = pool(cloud, Mig(size), machine=machine.name)
            instances = {each.profile: each.instances for each in catalog.mig_profiles(machine.accelerator)}[size]
            assert found.allocatable["nvidia.com/gpu"] == machine.devices * instances


@pytest.mark.parametrize(
    "text", ["timeSlicing:0x2", "mps:-1", "mig:", "mig:1g.10gb=", "mig:=2", "mig:a=1,a=2", "timeSlicing: 4", ""]
)
def test_a_short_form_that_is_none_is_refused_with_those_that_are(text):
    with pytest.raises(ValueError, match="allowed: timeSlicing:N, mps:N, mig:PROFILE, mig:PROFILE=N,PROFILE=N"):
        read_sharing(text)
