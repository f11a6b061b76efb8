"""Every accelerator that Google Cloud offers, every way to buy and share it and every fabric: asked for, and read back."""

import json

import pytest

from pulumi_kubeml import catalog
from pulumi_kubeml.capacity import graph as capacity
from pulumi_kubeml.clusters.gke.check import facts
from pulumi_kubeml.nodes import resolve_all
from pulumi_kubeml.nodes.choose import usable

POOL = "gcp:container/nodePool:NodePool"
ZONES = ("us-central1-a", "us-central1-b", "us-central1-c")
KEYS = sorted(usable(catalog.machines("gcp")))
EACH = [f'NodePoolSpec("{key}", accelerator="{key}", max=2)' for key in KEYS]
BLOCK = "projects/other-shop/reservations/train/reservationBlocks/b1"
SPECIAL = [
    f'NodePoolSpec("reserved", machine="a3-highgpu-8g", max=2, zones=["us-central1-a"], capacity=[Reservation("{BLOCK}")])',
    'NodePoolSpec("flex", accelerator="l4", max=4, capacity=[FlexStart()])',
    'NodePoolSpec("queued", accelerator="l4", max=4, capacity=[OnDemand(), Queued()])',
    'NodePoolSpec("turns", accelerator="l4", max=2, sharing=TimeSlicing(4))',
    'NodePoolSpec("side-by-side", accelerator="l4", max=2, sharing=Mps(8))',
    'NodePoolSpec("cut", accelerator="a100-40gb", max=2, sharing=Mig("1g.5gb"))',
    'NodePoolSpec("operated", accelerator="l4", max=2, driver="none")',
    'NodePoolSpec("newest", accelerator="l4", max=2, driver="latest")',
    'NodePoolSpec("slice", accelerator="tpu-v6e", topology="4x4", zones=["us-central1-b"])',
    'NodePoolSpec("scratch", machine="a3-megagpu-8g", max=2, local_disks="ephemeral", purpose="training")',
    'NodePoolSpec("dense", machine="n2-standard-8", max=2, max_pods=32, upgrade="blue-green")',
    'NodePoolSpec("tcpx", machine="a3-highgpu-8g", max=2, zones=["us-central1-a"], fabric="required")',
    'NodePoolSpec("tcpxo", machine="a3-megagpu-8g", max=2, zones=["us-central1-a"], fabric="required")',
    'NodePoolSpec("roce", machine="a4-highgpu-8g", max=2, zones=["us-central1-b"], fabric="required")',
    'NodePoolSpec("dranet", machine="a4x-highgpu-4g", max=2, zones=["us-central1-a"], fabric="required")',
]
SPECS = f"SPECS = [{', '.join([*EACH, *SPECIAL])}]"
IMPORTS = """
from pulumi_kubeml import NodePoolSpec, OnDemand, Reservation, Spot
from pulumi_kubeml.nodes import FlexStart, Mig, Mps, Queued, TimeSlicing
"""


@pytest.fixture(scope="module")
def previewed(laboratory):
    """A preview of one cluster with all of them: nothing of the cloud's is known in it."""
    return laboratory.graph(f"{SPECS}\nGkeCluster('ml', args(node_pools=SPECS))\n", "preview")


@pytest.fixture(scope="module")
def decided():
    names = {}
    exec(IMPORTS + SPECS, names)  # noqa: S102 - the same text as the program's
    args = type("Said", (), {"kubernetes_version": "1.35", "reservations": {}})
    return {pool.name: pool for pool in resolve_all(names["SPECS"], "gcp", zones=ZONES, cluster=facts(args))}


def asked(graph, name):
    inputs = graph.inputs(POOL, f"ml-{name}")
    config = inputs["nodeConfig"]
    shown = {key: config.get(key) for key in ("machineType", "diskType", "guestAccelerators", "taints")}
    labels = {key: value for key, value in config["labels"].items() if not key.startswith("kubeml.io/p")}
    return {**shown, "labels": labels, "placement": inputs.get("placementPolicy"), "scaling": inputs["autoscaling"]}


def test_a_pool_of_every_accelerator_is_asked_for_as_it_was(previewed, snapshot):
    assert json.dumps({key: asked(previewed, key) for key in KEYS}, indent=1, sort_keys=True) == snapshot


def test_every_pool_reads_back_as_it_was_decided(previewed, decided):
    read = capacity.Graph(previewed.resources)
    assert read.unread_pools == {}
    found = {pool.name: pool for pool in read.pools}
    assert set(found) == {*decided, "system"}
    for name, pool in decided.items():
        was = found[name]
        assert (was.min, was.max, was.machine) == (pool.min, pool.max, pool.machine.name), name
        assert dict(was.allocatable) == pool.allocatable, name
        assert was.zones == tuple(sorted(pool.zones)), name
        assert {(each.key, each.value, each.effect) for each in was.taints} == {
            (each.key, each.value, each.effect) for each in pool.taints
        }, name
        assert pool.labels.items() <= was.labels.items(), name


def test_labels_that_gke_gives_are_read_too(previewed):
    found = {pool.name: pool.labels for pool in capacity.Graph(previewed.resources).pools}
    assert found["l4"]["cloud.google.com/gke-accelerator"] == "nvidia-l4"
    assert found["slice"]["cloud.google.com/gke-tpu-topology"] == "4x4"
    assert found["turns"]["cloud.google.com/gke-gpu-sharing-strategy"] == "time-sharing"
    assert found["cut"]["cloud.google.com/gke-gpu-partition-size"] == "1g.5gb"


def test_a_reservation_is_used_and_nothing_outside_it(previewed):
    assert previewed.inputs(POOL, "ml-reserved")["nodeConfig"]["reservationAffinity"] == {
        "consumeReservationType": "SPECIFIC_RESERVATION",
        "key": "compute.googleapis.com/reservation-name",
        "values": [BLOCK],
    }
    assert previewed.inputs(POOL, "ml-flex")["nodeConfig"]["reservationAffinity"] == {
        "consumeReservationType": "NO_RESERVATION"
    }


def test_flex_start_runs_seven_days_without_repair(previewed):
    flex = previewed.inputs(POOL, "ml-flex")
    assert (flex["nodeConfig"]["flexStart"], flex["nodeConfig"]["maxRunDuration"]) == (True, "604800s")
    assert flex["management"] == {"autoRepair": False, "autoUpgrade": True}


def test_only_the_queued_rung_is_queued_and_labelled_so(previewed):
    plain, queued = previewed.inputs(POOL, "ml-queued"), previewed.inputs(POOL, "ml-queued-queued")
    label = "cloud.google.com/gke-queued"
    assert queued["queuedProvisioning"] == {"enabled": True}
    assert queued["nodeConfig"]["labels"][label] == "true"
    assert "queuedProvisioning" not in plain
    assert label not in plain["nodeConfig"]["labels"]
    for rung in (plain, queued):
        assert label not in [taint["key"] for taint in rung["nodeConfig"]["taints"]], "GKE gives that taint itself"


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("turns", {"gpuSharingConfig": {"gpuSharingStrategy": "TIME_SHARING", "maxSharedClientsPerGpu": 4}}),
        ("side-by-side", {"gpuSharingConfig": {"gpuSharingStrategy": "MPS", "maxSharedClientsPerGpu": 8}}),
        ("cut", {"gpuPartitionSize": "1g.5gb"}),
        ("newest", {"gpuDriverInstallationConfig": {"gpuDriverVersion": "LATEST"}}),
        ("operated", {"gpuDriverInstallationConfig": {"gpuDriverVersion": "INSTALLATION_DISABLED"}}),
    ],
)
def test_sharing_and_driver_are_settings_of_the_device(previewed, name, setting):
    (device,) = previewed.inputs(POOL, f"ml-{name}")["nodeConfig"]["guestAccelerators"]
    assert setting.items() <= device.items()


def test_where_gke_installs_no_driver_it_runs_no_device_plugin_either(previewed):
    label = "gke-no-default-nvidia-gpu-device-plugin"
    having = [name for name, each in previewed.of(POOL).items() if label in each["inputs"]["nodeConfig"]["labels"]]
    assert having == ["ml-operated"]


def test_a_slice_of_several_hosts_comes_whole_and_close_together(previewed):
    piece = previewed.inputs(POOL, "ml-slice")
    assert piece["placementPolicy"] == {"type": "COMPACT", "tpuTopology": "4x4"}
    assert (piece["autoscaling"]["totalMinNodeCount"], piece["autoscaling"]["totalMaxNodeCount"]) == (0, 4)
    assert "guestAccelerators" not in piece["nodeConfig"]


def test_local_disks_pods_cpus_and_upgrades_are_what_was_said(previewed):
    scratch, dense = previewed.inputs(POOL, "ml-scratch"), previewed.inputs(POOL, "ml-dense")
    assert scratch["nodeConfig"]["ephemeralStorageLocalSsdConfig"] == {"localSsdCount": 16}
    assert scratch["nodeConfig"]["kubeletConfig"]["cpuManagerPolicy"] == "static"
    assert dense["maxPodsPerNode"] == 32
    assert dense["upgradeSettings"]["strategy"] == "BLUE_GREEN"


@pytest.mark.parametrize(("name", "count"), [("tcpx", 4), ("tcpxo", 8), ("roce", 9), ("dranet", 0), ("l4", 0)])
def test_nodes_have_the_networks_of_their_fabric(previewed, name, count):
    network = previewed.inputs(POOL, f"ml-{name}")["networkConfig"]
    assert len(network.get("additionalNodeNetworkConfigs", [])) == count
    assert network.get("acceleratorNetworkProfile") == ("auto" if name == "dranet" else None)


def test_rails_have_large_frames_and_rdma_the_profile_of_its_zone(previewed):
    networks = {name: each["inputs"] for name, each in previewed.of("gcp:compute/network:Network").items()}
    assert {networks[f"ml-fabric-rail-{rail}"]["mtu"] for rail in range(1, 9)} == {8244}
    assert networks["ml-fabric-rdma"]["networkProfile"] == (
        "projects/ml-dev/global/networkProfiles/us-central1-b-vpc-roce"
    )
    blocks = [each["inputs"]["ipCidrRange"] for each in previewed.of("gcp:compute/subnetwork:Subnetwork").values()]
    assert len(blocks) == len(set(blocks)) == 1 + 8 + 1 + 8, "no two of them overlap"


def test_only_nodes_reach_each_other_on_a_fabric(previewed):
    rules = {
        name: each["inputs"]
        for name, each in previewed.of("gcp:compute/firewall:Firewall").items()
        if name.startswith("ml-fabric")
    }
    assert len(rules) == 9, "a rule for each network but that of RDMA, whose profile has its own"
    assert not any("sourceRanges" in rule for rule in rules.values())


def test_pods_find_the_networks_by_their_names(previewed):
    named = {
        each["inputs"]["metadata"]["name"]: each["inputs"]["spec"]
        for each in previewed.of("kubernetes:networking.gke.io/v1:GKENetworkParamSet").values()
    }
    assert set(named) == {*(f"vpc{rail}" for rail in range(1, 9)), "gvnic-1", *(f"rdma-{rail}" for rail in range(8))}
    assert {name for name, spec in named.items() if spec["deviceMode"] == "RDMA"} == {
        f"rdma-{rail}" for rail in range(8)
    }
    networks = previewed.of("kubernetes:networking.gke.io/v1:Network").values()
    assert {each["inputs"]["metadata"]["name"] for each in networks} == set(named)
