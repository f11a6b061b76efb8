"""Clusters that differ, beside each other in one stack."""

import pytest

AZURE = "azure-native:"
AGENT_POOL, CLUSTER = f"{AZURE}containerservice:AgentPool", f"{AZURE}containerservice:ManagedCluster"
CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"


@pytest.fixture(scope="module")
def stack(make_graph):
    return make_graph(
        """
        there = azure.Provider("there", location="westeurope")
        AksCluster("far", args(), pulumi.ResourceOptions(providers=[there]))
        AksCluster("kept", args(environment="prod", endpoint_access=[]))
        AksCluster("held", args(node_pools=[
            NodePoolSpec("train", accelerator="h100", accelerators_per_node=8, max=4, zones=["1"], fabric="required", purpose="training"),
            NodePoolSpec("tune", accelerator="a100-80gb", max=4, zones=["1"], capacity=[Reservation(RESERVED)]),
        ]))
        AksCluster("plain", args(zones=[], node_pools=[NodePoolSpec("general", machine=D8)]))
        """
    )


def of(stack, token, cluster):
    found = [each for name, each in stack.of(token).items() if name == cluster or name.startswith(f"{cluster}-")]
    assert found, f"no {token} in {cluster}"
    return found


def test_a_cluster_is_made_by_the_provider_that_it_is_given(stack):
    (control,) = of(stack, CLUSTER, "far")
    assert control["provider"].split("::")[3] == "there"
    assert control["inputs"]["location"] == "westeurope"


def test_each_cluster_has_its_own_group_its_own_name_and_its_own_way_in(stack):
    names = [each["inputs"]["resourceName"] for each in stack.of(CLUSTER).values()]
    assert sorted(names) == ["far-dev", "held-dev", "kept-dev", "plain-dev"]
    groups = [each["inputs"]["resourceGroupName"] for each in stack.of(f"{AZURE}resources:ResourceGroup").values()]
    assert sorted(groups) == sorted(names)
    classes = stack.of(CLASS)
    for cluster in ("far", "kept", "held"):
        assert classes[f"{cluster}-block"]["provider"].split("::")[3] == f"{cluster}-kubernetes"


def test_production_keeps_what_would_be_missed(stack):
    (control,) = of(stack, CLUSTER, "kept")
    assert control["protect"] is True
    assert control["inputs"]["sku"] == {"name": "Base", "tier": "Standard"}
    assert control["inputs"]["metricsProfile"]["costAnalysis"]["enabled"] is True
    kept = {
        each["inputs"]["kind"] for each in stack.of(f"{AZURE}storage:StorageAccount").values() if each.get("protect")
    }
    assert kept == {"FileStorage"}
    locks = of(stack, f"{AZURE}authorization:ManagementLockByScope", "kept")
    assert {each["inputs"]["level"] for each in locks} == {"CanNotDelete"}
    assert len(locks) == 2
    assert all(each["inputs"]["scope"] != control["id"] for each in locks), "its pools could never be replaced"
    assert {each["inputs"]["reclaimPolicy"] for each in of(stack, CLASS, "kept")} == {"Retain"}


def test_elsewhere_a_cluster_can_be_taken_down(stack):
    (control,) = of(stack, CLUSTER, "held")
    assert not control.get("protect")
    assert control["inputs"]["sku"]["tier"] == "Free"
    assert "held" not in "".join(stack.of(f"{AZURE}authorization:ManagementLockByScope"))
    assert {each["inputs"]["reclaimPolicy"] for each in of(stack, CLASS, "held")} == {"Delete"}


def test_an_api_that_is_private_has_a_name_inside_alone(stack):
    (control,) = of(stack, CLUSTER, "kept")
    access = control["inputs"]["apiServerAccessProfile"]
    assert (access["enablePrivateCluster"], access["enablePrivateClusterPublicFQDN"]) == (True, False)
    assert "authorizedIPRanges" not in access
    assert "privatelink" in stack.of("kubeml:index:AksCluster")["kept"]["outputs"]["endpoint"]


def test_a_reservation_is_used_and_the_cluster_may_use_it(stack):
    pool = stack.of(AGENT_POOL)["held-tune"]
    reserved = pool["inputs"]["capacityReservationGroupID"]
    assert reserved.endswith("/capacityReservationGroups/a100")
    (role,) = [
        each
        for each in of(stack, f"{AZURE}authorization:RoleAssignment", "held")
        if each["inputs"]["scope"] == reserved
    ]
    assert role["urn"] in stack.needs(pool), "without the role AKS does not see the reservation"


def test_a_pool_with_a_fabric_stands_close_together_in_one_zone(stack):
    pool = stack.of(AGENT_POOL)["held-train"]
    (group,) = of(stack, f"{AZURE}compute:ProximityPlacementGroup", "held")
    assert pool["inputs"]["proximityPlacementGroupID"] == group["id"]
    assert (group["inputs"]["zones"], pool["inputs"]["availabilityZones"]) == (["1"], ["1"])
    assert pool["inputs"]["kubeletConfig"] == {"cpuManagerPolicy": "static", "topologyManagerPolicy": "best-effort"}
    said = [each.message for each in stack.result.diagnostics if each.severity == "info"]
    assert any("AKSInfinibandSupport" in each for each in said), "what InfiniBand needs is said"


def test_a_region_without_zones_gets_no_zones(stack):
    (pool,) = of(stack, AGENT_POOL, "plain")
    assert "availabilityZones" not in pool["inputs"]
    (address,) = of(stack, f"{AZURE}network:PublicIPAddress", "plain")
    assert "zones" not in address["inputs"]
