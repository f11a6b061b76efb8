"""What AKS refuses about node pools."""

import pytest

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Compute"


def only(account, nodes, change, path, words):
    """The one refusal of a pool, which says what it says for."""
    failures = account.failures("pool", "train", nodes | change)
    assert list(failures) == [path]
    assert words in failures[path]


def test_a_pool_that_fits_is_taken(account, nodes):
    assert account.failures("pool", "train", nodes) == {}


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"minCount": 5}, "minCount", "at most maxCount, 4"),
        ({"maxCount": 1001}, "maxCount", "out of range"),
        ({"enableAutoScaling": False, "minCount": None}, "maxCount", "enableAutoScaling is not true"),
        ({"maxPods": 300}, "maxPods", "allowed: 10 to 250"),
        ({"mode": "System", "minCount": 0}, "minCount", "a system pool has at least one node"),
        ({"mode": "System", "minCount": 1, "maxPods": 20}, "maxPods", "at least 30"),
        ({"mode": "System", "minCount": 1, "scaleSetPriority": "Spot"}, "scaleSetPriority", "a system pool is not spot"),
        ({"spotMaxPrice": 1.5}, "spotMaxPrice", "scaleSetPriority is not Spot"),
        ({"scaleSetPriority": "Spot", "spotMaxPrice": 1.1234567}, "spotMaxPrice", "up to five decimals"),
        ({"scaleSetPriority": "Spot", "spotMaxPrice": 0}, "spotMaxPrice", "-1, or a positive price"),
        ({"scaleSetEvictionPolicy": "Delete"}, "scaleSetEvictionPolicy", "scaleSetPriority is not Spot"),
        ({"availabilityZones": ["4"]}, "availabilityZones[0]", "westeurope has no such zone"),
        ({"orchestratorVersion": "1.36"}, "orchestratorVersion", "NodePoolMcVersionIncompatible: node pool version 1.36 and control plane version 1.35 are incompatible"),
        ({"orchestratorVersion": "1.12"}, "orchestratorVersion", "K8sVersionNotSupported"),
        ({"vmSize": "p5.48xlarge"}, "vmSize", "the size of a virtual machine, such as Standard_D4ds_v5"),
        ({"vmSize": "Standard_NC64as_T4_v3", "gpuInstanceProfile": "MIG1g"}, "gpuInstanceProfile", "Standard_NC64as_T4_v3 has no multi-instance GPU: its accelerator is t4"),
        ({"gpuInstanceProfile": "MIG5g"}, "gpuInstanceProfile", "MIG1g, MIG2g, MIG3g, MIG4g, MIG7g"),
        ({"gpuProfile": {"driver": "Maybe"}}, "gpuProfile.driver", "no value of GPUDriver; allowed: Install, None"),
        ({"osType": "BSD"}, "osType", "Linux, Windows"),
        ({"nodeTaints": ["gpu"]}, "nodeTaints[0]", "a taint is key=value:NoSchedule"),
        ({"nodeLabels": {"kubernetes.azure.com/mine": "x"}}, 'nodeLabels["kubernetes.azure.com/mine"]', "AKS's own"),
        ({"osType": "Windows", "agentPoolName": "windows1"}, "agentPoolName", "at most 6 characters"),
        ({"upgradeSettings": {"maxSurge": "many"}}, "upgradeSettings.maxSurge", "33%"),
        ({"osDiskSizeGB": 4096}, "osDiskSizeGB", "0 to 2048"),
        ({"vmsize": "x"}, "vmsize", "did you mean vmSize?"),
    ],
)  # fmt: skip
def test_a_pool_that_does_not_is_refused_with_the_reason(account, nodes, change, path, words):
    only(account, nodes, change, path, words)


def test_a_machine_without_a_gpu_has_no_settings_for_one(account, nodes):
    from pulumi_kubeml.catalog import machines

    plain = next(name for name, machine in machines("azure").items() if machine.accelerator is None)
    only(account, nodes, {"vmSize": plain, "gpuProfile": {"driver": "None"}}, "gpuProfile", f"{plain} has no GPU")
    failures = account.failures("pool", "train", nodes | {"vmSize": plain, "gpuInstanceProfile": "MIG1g"})
    assert "it has no GPU" in failures["gpuInstanceProfile"]


def test_a_system_pool_runs_linux(account, nodes):
    windows = {"mode": "System", "minCount": 1, "osType": "Windows", "agentPoolName": "win"}
    only(account, nodes, windows, "osType", "system pools run Linux")


def test_pods_and_nodes_have_a_subnet_each_in_one_network(account, wanted, nodes, site):
    flat = wanted | {"resourceName": "flat", "networkProfile": {"networkPlugin": "azure"}}
    account.create("cluster", "flat", flat)
    inside = {"resourceGroupName": "rg", "virtualNetworkName": "net"}
    pods = account.create("subnet", "pods", inside | {"addressPrefix": "10.1.64.0/18"})
    parts = {"resourceGroupName": "rg", "virtualNetworkName": "other"}
    account.create("network", "other", parts | {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}})
    far = account.create("subnet", "far", parts | {"addressPrefix": "10.9.0.0/20"})
    on = {"resourceName": "flat"}
    assert account.failures("pool", "train", nodes | on | {"podSubnetID": pods.id}) == {}
    only(account, nodes, on | {"podSubnetID": site.subnet.id}, "podSubnetID", "nodes and pods have a subnet each")
    only(account, nodes, on | {"podSubnetID": far.id}, "podSubnetID", "nodes and pods are in one network")
    only(
        account,
        nodes,
        on | {"podSubnetID": pods.id, "vnetSubnetID": None},
        "podSubnetID",
        "pods with a subnet stand on nodes with one",
    )
    assert account.create("pool", "a", nodes | on | {"agentPoolName": "a"}).out["maxPods"] == 30, (
        "the nodes' subnet holds the pods"
    )
    with_pods = nodes | on | {"agentPoolName": "b", "podSubnetID": pods.id}
    assert account.create("pool", "b", with_pods).out["maxPods"] == 110


def test_a_new_pool_begins_within_its_bounds_and_an_old_one_may_have_left_them(account, aborted, nodes):
    with pytest.raises(aborted, match="the number of nodes is out of bounds; allowed: 0 to 4"):
        account.create("pool", "train", nodes | {"count": 9})
    made = account.create("pool", "train", nodes | {"count": 0})
    assert account.update(made, nodes | {"count": 0, "minCount": 1})["minCount"] == 1, "the autoscaler adds the node"


def test_every_failure_of_a_pool_is_said_at_once(account, nodes):
    wrong = nodes | {"minCount": 9, "spotMaxPrice": 1, "maxPods": 5, "agentPoolName": "T", "osType": "BSD"}
    assert set(account.failures("pool", "train", wrong)) == {
        "minCount",
        "spotMaxPrice",
        "maxPods",
        "agentPoolName",
        "osType",
    }


@pytest.mark.parametrize("machine", ["Standard_ND96isr_H100_v5", "Standard_NC24ads_A100_v4", "Standard_Unknown_v9"])
def test_a_machine_that_can_be_cut_or_that_nobody_knows_may_have_a_profile(account, nodes, machine):
    assert account.failures("pool", "train", nodes | {"vmSize": machine, "gpuInstanceProfile": "MIG1g"}) == {}


def test_autoscaling_without_bounds_is_no_autoscaling(account, nodes):
    failures = account.failures("pool", "train", {k: v for k, v in nodes.items() if k not in {"minCount", "maxCount"}})
    assert set(failures) == {"minCount", "maxCount"}


def test_reserved_capacity_is_a_group_that_exists(account, nodes, site):
    reserved = account.create("reserved", "h100", {"resourceGroupName": "rg", "zones": ["1"]})
    assert account.failures("pool", "train", nodes | {"capacityReservationGroupID": reserved.id}) == {}
    only(
        account, nodes, {"capacityReservationGroupID": "cr-1"}, "capacityReservationGroupID", "LinkedInvalidPropertyId"
    )
    missing = f"{GROUP}/capacityReservationGroups/none"
    only(
        account,
        nodes,
        {"capacityReservationGroupID": missing},
        "capacityReservationGroupID",
        "InvalidResourceReference",
    )
    only(
        account,
        nodes,
        {"capacityReservationGroupID": site.subnet.id},
        "capacityReservationGroupID",
        "no id of a Microsoft.Compute/capacityReservationGroups",
    )


def test_reserved_capacity_is_joined_as_a_user_assigned_identity(account, wanted, nodes, site):
    reserved = account.create("reserved", "h100", {"resourceGroupName": "rg"})
    account.create("cluster", "plain", wanted | {"resourceName": "plain", "identity": {"type": "SystemAssigned"}})
    change = {"resourceName": "plain", "capacityReservationGroupID": reserved.id}
    only(account, nodes, change, "capacityReservationGroupID", "a system-assigned one does not work")


def test_reserved_capacity_is_not_spot(account, nodes, cluster):
    reserved = account.create("reserved", "h100", {"resourceGroupName": "rg"})
    change = {"scaleSetPriority": "Spot", "capacityReservationGroupID": reserved.id}
    only(account, nodes, change, "capacityReservationGroupID", "reserved capacity is not for spot nodes")


def test_something_of_another_subscription_cannot_be_known_and_passes(account, nodes):
    far = GROUP.replace("00000000-0000-0000-0000-000000000000", "11111111-2222-3333-4444-555555555555")
    assert (
        account.failures("pool", "train", nodes | {"proximityPlacementGroupID": f"{far}/proximityPlacementGroups/x"})
        == {}
    )


def test_one_placement_group_is_in_one_zone(account, nodes, cluster):
    near = account.create("near", "near", {"resourceGroupName": "rg"})
    change = {"proximityPlacementGroupID": near.id, "availabilityZones": ["1", "2"]}
    only(account, nodes, change, "availabilityZones", "a proximity placement group is in one zone")


def test_nodes_fit_into_their_subnet(account, nodes, site):
    small = account.create(
        "subnet", "small", {"resourceGroupName": "rg", "virtualNetworkName": "net", "addressPrefix": "10.1.32.0/28"}
    )
    change = {"vnetSubnetID": small.id, "count": 12, "maxCount": 20}
    only(account, nodes, change, "vnetSubnetID", "InsufficientSubnetSize: pre-allocated IPs 12 exceed IPs available 11")


def test_all_pools_of_a_cluster_are_in_one_network(account, nodes):
    other = {"resourceGroupName": "rg", "virtualNetworkName": "other"}
    account.create("network", "other", other | {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}})
    far = account.create("subnet", "far", other | {"addressPrefix": "10.9.0.0/20"})
    only(account, nodes, {"vnetSubnetID": far.id}, "vnetSubnetID", "all pools of a cluster are in one network")


def test_pods_of_an_overlay_have_no_subnet(account, nodes):
    pods = account.create(
        "subnet", "pods", {"resourceGroupName": "rg", "virtualNetworkName": "net", "addressPrefix": "10.1.64.0/18"}
    )
    only(account, nodes, {"podSubnetID": pods.id}, "podSubnetID", "with an overlay pods have no subnet")


def test_a_pool_without_a_cluster_is_refused(account, nodes):
    only(account, nodes, {"resourceName": "elsewhere"}, "resourceName", "ParentResourceNotFound")


def test_the_last_system_pool_stays(account, aborted, wanted, nodes, site):
    automatic = {"sku": {"name": "Automatic", "tier": "Standard"}, "agentPoolProfiles": None}
    account.create("cluster", "auto", wanted | automatic | {"resourceName": "auto"})
    system = {"mode": "System", "minCount": 1}
    first = account.create("pool", "first", nodes | system | {"resourceName": "auto", "agentPoolName": "first"})
    second = account.create("pool", "second", nodes | system | {"resourceName": "auto", "agentPoolName": "second"})
    account.delete(second)
    with pytest.raises(aborted, match="There has to be at least one system agent pool"):
        account.delete(first)


def test_what_aks_decides_is_unknown_in_a_preview_and_known_after(account, nodes):
    from kubeml_simulator.provider import UNKNOWN

    planned = account.create("pool", "train", nodes, preview=True).out
    assert (planned["maxPods"], planned["orchestratorVersion"], planned["count"]) == (UNKNOWN, UNKNOWN, UNKNOWN)
    made = account.create("pool", "train", nodes).out
    assert (made["maxPods"], made["orchestratorVersion"], made["count"], made["mode"]) == (250, "1.35", 0, "User")
    assert (made["osSKU"], made["provisioningState"], made["azureApiVersion"]) == ("Ubuntu", "Succeeded", "2025-09-01")
