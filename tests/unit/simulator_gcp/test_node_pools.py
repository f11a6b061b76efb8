"""What GKE refuses about node pools."""

import pytest

SPECIFIC = {
    "consumeReservationType": "SPECIFIC_RESERVATION",
    "key": "compute.googleapis.com/reservation-name",
    "values": ["kept"],
}


@pytest.mark.parametrize(
    ("path", "value", "at", "words"),
    [
        ("cluster", "other", "cluster", "the name of ml"),
        ("location", "us-east1", "location", "Error 404"),
        ("nodeLocations", ["us-east1-b"], "nodeLocations[0]", "a zone of us-central1"),
        ("autoscaling", {"minNodeCount": 4, "maxNodeCount": 2}, "autoscaling.minNodeCount", "at most maxNodeCount, 2"),
        ("autoscaling", {"minNodeCount": 1, "totalMaxNodeCount": 2}, "autoscaling", "exclude each other"),
        ("autoscaling", {"locationPolicy": "ANY"}, "autoscaling.maxNodeCount", "either total or per zone limits"),
        ("autoscaling.locationPolicy", "SPREAD", "autoscaling.locationPolicy", "BALANCED, ANY"),
        ("management.autoUpgrade", False, "management.autoUpgrade", "when release_channel REGULAR is set"),
        ("version", "1.36", "version", "cannot be greater than current master version"),
        ("nodeConfig.serviceAccount", "other@ml-dev.iam.gserviceaccount.com", "nodeConfig.serviceAccount", "the email of nodes"),
        ("nodeConfig.machineType", "n2-standard-8", "nodeConfig.guestAccelerators[0].type", "is not supported on the machine type n2-standard-8"),
        ("nodeConfig.guestAccelerators", [{"type": "nvidia-l4", "count": 1}], "nodeConfig.guestAccelerators[0].count", "has 2 of them"),
        ("nodeConfig.guestAccelerators", [{"type": "nvidia-tesla-t4", "count": 2}], "nodeConfig.guestAccelerators[0].type", "allowed: nvidia-l4"),
        ("nodeConfig.diskSizeGb", 5, "nodeConfig.diskSizeGb", "12 to 65536"),
        ("nodeConfig.diskType", "gp3", "nodeConfig.diskType", "hyperdisk-balanced"),
        ("nodeConfig.imageType", "AL2023", "nodeConfig.imageType", "COS_CONTAINERD"),
        ("nodeConfig.kubeletConfig.cpuManagerPolicy", "exclusive", "nodeConfig.kubeletConfig.cpuManagerPolicy", "static"),
        ("nodeConfig.maxRunDuration", "7d", "nodeConfig.maxRunDuration", "seconds, as 604800s"),
        ("upgradeSettings", {"maxSurge": 0, "maxUnavailable": 0}, "upgradeSettings.maxUnavailable", "must not both be 0"),
        ("upgradeSettings", {"maxSurge": 15, "maxUnavailable": 15}, "upgradeSettings.maxSurge", "at most 20"),
        ("upgradeSettings", {"strategy": "BLUE_GREEN", "maxSurge": 1}, "upgradeSettings.maxSurge", "surge strategy is not enabled"),
        ("upgradeSettings", {"blueGreenSettings": {"nodePoolSoakDuration": "1s"}}, "upgradeSettings.blueGreenSettings", "blue-green strategy is not enabled"),
        ("networkConfig.podRange", "more", "networkConfig.podRange", "allowed: pods, services"),
        ("networkConfig.additionalNodeNetworkConfigs", [{"network": "default"}], "networkConfig.additionalNodeNetworkConfigs", "multi-networking"),
        ("maxPodsPerNode", 4, "maxPodsPerNode", "8 to 256"),
        ("placementPolicy", {"type": "COMPACT", "policyName": "none"}, "placementPolicy.policyName", "NotFound"),
    ],
)  # fmt: skip
def test_a_node_pool_is_refused_as_gke_refuses_it(account, pool, path, value, at, words, refused, changed):
    refused(account, "nodes", changed(pool, path, value), at, words)


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"nodeConfig.spot": True, "nodeConfig.reservationAffinity": SPECIFIC}, "nodeConfig.reservationAffinity.consumeReservationType"),
        ({"nodeConfig.preemptible": True, "nodeConfig.reservationAffinity": SPECIFIC}, "nodeConfig.reservationAffinity.consumeReservationType"),
        ({"nodeConfig.spot": True, "nodeConfig.preemptible": True}, "nodeConfig.preemptible"),
        ({"nodeConfig.flexStart": True}, "management.autoRepair"),
        ({"nodeConfig.flexStart": True, "management.autoRepair": False, "nodeCount": 1}, "nodeCount"),
        ({"nodeConfig.flexStart": True, "management.autoRepair": False, "placementPolicy.type": "COMPACT"}, "placementPolicy.type"),
        ({"queuedProvisioning.enabled": True, "autoscaling.totalMinNodeCount": 1}, "autoscaling.totalMinNodeCount"),
        ({"queuedProvisioning.enabled": True, "nodeConfig.reservationAffinity": SPECIFIC}, "nodeConfig.reservationAffinity.consumeReservationType"),
        ({"queuedProvisioning.enabled": True, "nodeConfig.spot": True}, "nodeConfig.spot"),
        ({"queuedProvisioning.enabled": True, "placementPolicy.type": "COMPACT"}, "queuedProvisioning.enabled"),
        ({"placementPolicy.type": "COMPACT", "nodeLocations": ["us-central1-a", "us-central1-b"]}, "nodeLocations"),
        ({"placementPolicy.type": "COMPACT", "upgradeSettings.strategy": "BLUE_GREEN"}, "upgradeSettings.strategy"),
        ({"nodeConfig.reservationAffinity": SPECIFIC | {"values": ["a", "b"]}}, "nodeConfig.reservationAffinity.values"),
        ({"nodeConfig.reservationAffinity": SPECIFIC | {"key": "name"}}, "nodeConfig.reservationAffinity.key"),
        ({"nodeConfig.ephemeralStorageLocalSsdConfig": {"localSsdCount": 1}, "nodeConfig.localNvmeSsdBlockConfig": {"localSsdCount": 1}}, "nodeConfig.localNvmeSsdBlockConfig"),
    ],
)  # fmt: skip
def test_ways_of_buying_and_placing_nodes_exclude_each_other(account, pool, changes, at, changed):
    for path, value in changes.items():
        pool = changed(pool, path, value)
    assert list(account.failures("nodes", "train", pool)) == [at]


def test_a_pool_in_all_zones_of_a_region_is_not_compact(account, pool, refused):
    everywhere = {name: value for name, value in pool.items() if name != "nodeLocations"}
    refused(account, "nodes", everywhere | {"placementPolicy": {"type": "COMPACT"}}, "nodeLocations", "in one zone")


def test_gpus_are_attached_to_n1_machines_in_the_numbers_that_these_take(account, pool, refused, changed):
    def attached(machine, count):
        inputs = changed(pool, "nodeConfig.machineType", machine)
        return changed(inputs, "nodeConfig.guestAccelerators", [{"type": "nvidia-tesla-t4", "count": count}])

    path = "nodeConfig.guestAccelerators[0].count"
    assert account.failures("nodes", "x", attached("n1-standard-8", 2)) == {}
    refused(account, "nodes", attached("n1-standard-8", 3), path, "Invalid accelerator count")
    refused(account, "nodes", attached("n1-standard-96", 1), path, "allowed: 4")


def test_a_gpu_is_cut_into_parts_that_its_model_has(account, pool, refused, changed):
    def cut(part):
        inputs = changed(pool, "nodeConfig.machineType", "a2-highgpu-1g")
        gpu = {"type": "nvidia-tesla-a100", "count": 1, "gpuPartitionSize": part}
        return changed(inputs, "nodeConfig.guestAccelerators", [gpu])

    assert account.failures("nodes", "x", cut("1g.5gb")) == {}
    refused(account, "nodes", cut("1g.9gb"), "nodeConfig.guestAccelerators[0].gpuPartitionSize", "1g.10gb")


def test_a_reservation_of_the_stack_holds_the_machines_of_the_pool_in_its_zone(account, pool, changed):
    kept = {"count": 2, "instanceProperties": {"machineType": "a2-highgpu-8g"}}
    account.create("reservation", "kept", {"name": "kept", "zone": "us-central1-c", "specificReservation": kept})
    failures = account.failures("nodes", "train", changed(pool, "nodeConfig.reservationAffinity", SPECIFIC))
    assert set(failures) == {"nodeConfig.machineType", "nodeLocations", "nodeConfig.reservationAffinity.values[0]"}


def test_the_first_nodes_are_within_the_bounds_of_a_zone(account, pool, refused):
    inputs = pool | {"autoscaling": {"minNodeCount": 0, "maxNodeCount": 2}, "initialNodeCount": 3}
    refused(account, "nodes", inputs, "initialNodeCount", "within the autoscaling limits")


def test_a_placement_policy_places_machines_in_the_region_of_the_pool(account, pool, refused):
    path = "placementPolicy.policyName"
    far = account.create("policy", "far", {"region": "us-east1", "groupPlacementPolicy": {"collocation": "COLLOCATED"}})
    inputs = pool | {"placementPolicy": {"type": "COMPACT", "policyName": far.out["name"]}}
    refused(account, "nodes", inputs, path, "the policy is in us-east1")
    disks = {"snapshotSchedulePolicy": {"schedule": {"dailySchedule": {"daysInCycle": 1, "startTime": "03:00"}}}}
    other = account.create("policy", "disks", {"region": "us-central1", **disks})
    inputs = pool | {"placementPolicy": {"type": "COMPACT", "policyName": other.out["name"]}}
    refused(account, "nodes", inputs, path, "does not place machines")


def test_what_the_catalogue_does_not_know_is_not_judged(account, pool, changed):
    assert account.failures("nodes", "x", changed(pool, "nodeConfig.machineType", "z9-ultragpu-8g")) == {}


def test_a_pool_of_a_zonal_cluster_is_in_its_zone(account, cluster_inputs):
    zonal = account.create("cluster", "zonal", cluster_inputs | {"location": "us-central1-c"})
    assert zonal.out["nodeLocations"] == []
    made = account.create("nodes", "general", {"cluster": zonal.id, "placementPolicy": {"type": "COMPACT"}})
    assert made.out["nodeLocations"] == ["us-central1-c"]
    assert "/zones/us-central1-c/clusters/" in zonal.out["selfLink"]


def test_pools_inside_a_cluster_are_judged_too(account, cluster_inputs, refused):
    nodes = {"machineType": "n2-standard-8", "guestAccelerators": [{"type": "nvidia-l4", "count": 1}]}
    words = "is not supported on the machine type n2-standard-8"
    first = cluster_inputs | {"nodeConfig": nodes}
    refused(account, "cluster", first, "nodeConfig.guestAccelerators[0].type", words)
    inside = {
        name: value
        for name, value in cluster_inputs.items()
        if name not in {"initialNodeCount", "removeDefaultNodePool"}
    }
    inside["nodePools"] = [{"initialNodeCount": 1}, {"nodeConfig": nodes}]
    refused(account, "cluster", inside, "nodePools[1].nodeConfig.guestAccelerators[0].type", words)
