"""No argument is accepted and does nothing: each changes something that Azure is asked for."""

import re
from dataclasses import fields

import pytest

from pulumi_kubeml import AksClusterArgs, NodePoolSpec

AZURE = "azure-native:"
CLUSTER = f"{AZURE}containerservice:ManagedCluster"
SYSTEM = 'system_pool=NodePoolSpec("system", machine=D8, min=2, max=6, purpose="system")'

# What is said, and the type whose inputs (or number) must differ from those of the plain cluster.
FLIPS = {
    "kubernetes_version": ('kubernetes_version="1.34"', f"{AZURE}containerservice:AgentPool"),
    "endpoint_access": ("endpoint_access=[]", CLUSTER),
    "node_pools": ('node_pools=[NodePoolSpec("general", machine=D8)]', f"{AZURE}containerservice:AgentPool"),
    "environment": ('environment="prod"', "kubernetes:storage.k8s.io/v1:StorageClass"),
    "owner": ('owner="research"', f"{AZURE}keyvault:Vault"),
    "team": ('team="research"', f"{AZURE}containerservice:AgentPool"),
    "cost_center": ('cost_center="4711"', f"{AZURE}storage:StorageAccount"),
    "tags": ('tags={"project": "chat"}', f"{AZURE}network:VirtualNetwork"),
    "admin_groups": ("admin_groups=[GROUP, GROUP[:-1] + '2']", f"{AZURE}authorization:RoleAssignment"),
    "i_know_this_is_public": ('i_know_this_is_public=True, endpoint_access=["0.0.0.0/0"]', CLUSTER),
    "vnet_cidr": ('vnet_cidr="10.8.0.0/18"', f"{AZURE}network:Subnet"),
    "pod_cidr": ('pod_cidr="10.64.0.0/14"', CLUSTER),
    "service_cidr": ('service_cidr="172.20.0.0/16"', CLUSTER),
    "zones": ('zones=["1", "2"]', f"{AZURE}containerservice:AgentPool"),
    "outbound_addresses": ("outbound_addresses=2", f"{AZURE}network:PublicIPAddress"),
    "cluster_name": ('cluster_name="another"', f"{AZURE}resources:ResourceGroup"),
    "deletion_protection": ("deletion_protection=True", f"{AZURE}authorization:ManagementLockByScope"),
    "tier": ('tier="Premium"', CLUSTER),
    "upgrade_channel": ('upgrade_channel="none"', CLUSTER),
    "log_retention_days": ("log_retention_days=365", f"{AZURE}operationalinsights:Workspace"),
    "maintenance_day": ('maintenance_day="Sunday"', f"{AZURE}containerservice:MaintenanceConfiguration"),
    "maintenance_start": ('maintenance_start="22:30"', f"{AZURE}containerservice:MaintenanceConfiguration"),
    "maintenance_hours": ("maintenance_hours=8", f"{AZURE}containerservice:MaintenanceConfiguration"),
    "system_pool": (SYSTEM, CLUSTER),
    "node_image_channel": ('node_image_channel="SecurityPatch"', CLUSTER),
    "image_cleaner_hours": ("image_cleaner_hours=48", CLUSTER),
    "blob_driver": ("blob_driver=True", CLUSTER),
    "zone_redundant_storage": ("zone_redundant_storage=True", f"{AZURE}storage:StorageAccount"),
}
PLAIN = 'NodePoolSpec("p", machine=D8)'
CLOSE = '"p", machine="Standard_ND96isr_H100_v5", max=1, zones=["1"]'
POOL_FLIPS = {
    "machine": 'NodePoolSpec("p", machine="Standard_D16ds_v5")',
    "accelerator": 'NodePoolSpec("p", accelerator="t4", max=1)',
    "accelerators_per_node": 'NodePoolSpec("p", accelerator="t4", accelerators_per_node=4, max=1)',
    "sharing": 'NodePoolSpec("p", machine="Standard_ND96isr_H100_v5", max=1, sharing=Mig("1g.10gb"))',
    "min": 'NodePoolSpec("p", machine=D8, min=1)',
    "max": 'NodePoolSpec("p", machine=D8, max=3)',
    "initial": 'NodePoolSpec("p", machine=D8, max=3, initial=2)',
    "capacity": 'NodePoolSpec("p", machine=D8, capacity=[Spot()])',
    "labels": 'NodePoolSpec("p", machine=D8, labels={"tier": "a"})',
    "taints": 'NodePoolSpec("p", machine=D8, taints=[Taint("tier", "a")])',
    "disk_gib": 'NodePoolSpec("p", machine=D8, disk_gib=80)',
    "purpose": 'NodePoolSpec("p", machine=D8, purpose="training")',
    "zones": 'NodePoolSpec("p", machine=D8, zones=["1"])',
    "compact": f"NodePoolSpec({CLOSE}, compact=True)",
    "fabric": f'NodePoolSpec({CLOSE}, fabric="required")',
    "driver": 'NodePoolSpec("p", machine="Standard_NC4as_T4_v3", max=1, driver="operator")',
    "max_pods": 'NodePoolSpec("p", machine=D8, max_pods=60)',
    "exclusive_cpus": 'NodePoolSpec("p", machine=D8, exclusive_cpus=True)',
    "reservation": 'NodePoolSpec("p", machine="Standard_NC24ads_A100_v4", max=1, capacity=[Reservation(RESERVED)])',
}
# What AKS cannot do or leaves no choice in: each is refused when it is said otherwise (test_aks_refused.py).
REFUSED = {"topology", "local_disks", "image", "image_id", "image_streaming", "upgrade", "auto_repair"}
PLAIN_OF = {
    "sharing": 'NodePoolSpec("p", machine="Standard_ND96isr_H100_v5", max=1)',
    "compact": f"NodePoolSpec({CLOSE})",
    "fabric": f"NodePoolSpec({CLOSE})",
    "driver": 'NodePoolSpec("p", machine="Standard_NC4as_T4_v3", max=1)',
    "reservation": 'NodePoolSpec("p", machine="Standard_NC24ads_A100_v4", max=1)',
    "initial": 'NodePoolSpec("p", machine=D8, max=3)',
}


@pytest.fixture(scope="module")
def flipped(make_graph, masked):
    """One stack with a plain cluster and one for each argument that differs; inputs by cluster, names made equal."""
    lines = ['AksCluster("c-plain", args())', 'AksCluster("c-again", args())']
    lines += [f'AksCluster("c-{name.replace("_", "-")}", args({said}))' for name, (said, _) in FLIPS.items()]
    graph = make_graph("\n".join(lines) + "\n")
    by_urn = {each["urn"]: each for each in graph.resources}

    def owner(each):
        while each.get("parent"):
            if each["type"] == "kubeml:index:AksCluster":
                return each["urn"].rpartition("::")[2]
            each = by_urn[each["parent"]]
        return None

    found = {}
    for each in graph.resources:
        cluster = owner(each)
        if cluster is not None:
            said = masked([each.get("inputs"), each.get("protect", False)]).replace(cluster, "CLUSTER")
            # Names of letters alone, which tell by six digits what they have lost (names.compact).
            said = re.sub(rf"{cluster.replace('-', '')}(f[a-z]*)?[0-9a-f]{{6}}", "CLUSTER", said)
            found.setdefault(cluster, {}).setdefault(each["type"], []).append(said)
    return {cluster: {token: sorted(all_) for token, all_ in types.items()} for cluster, types in found.items()}


def test_every_argument_is_tried():
    assert set(FLIPS) == {field.name for field in fields(AksClusterArgs)}
    tried = set(POOL_FLIPS) - {"reservation"}
    assert tried | REFUSED == {field.name for field in fields(NodePoolSpec)} - {"name"}
    assert not tried & REFUSED


@pytest.mark.parametrize("argument", FLIPS)
def test_an_argument_of_the_cluster_changes_what_is_asked_for(flipped, argument):
    token = FLIPS[argument][1]
    one, other = flipped["c-plain"].get(token), flipped[f"c-{argument.replace('_', '-')}"][token]
    assert one != other, f"{argument} is accepted and does nothing to any {token}"


def test_two_equal_clusters_ask_for_the_same(flipped):
    """Without this, the tests above could pass by noise."""
    one, two = flipped["c-plain"], flipped["c-again"]
    assert len(one) > 20
    different = [token for token in one if one[token] != two[token]]
    assert different == ["pulumi:providers:kubernetes"], "only the way in has the certificate of its own cluster"


@pytest.fixture(scope="module")
def pools(make_graph, masked):
    """One cluster with plain pools, the same again, and one for each argument that differs; names made equal."""
    every = {"plain": PLAIN, "again": PLAIN, **POOL_FLIPS}
    every |= {f"{name}-plain": said for name, said in PLAIN_OF.items()}
    named = [said.replace('"p"', f'"{name.replace("_", "-")}"', 1) for name, said in every.items()]
    graph = make_graph(f"AksCluster('c', args(node_pools=[{', '.join(named)}]))\n")
    found = {}
    for name in every:
        pool = name.replace("_", "-")
        asked = dict(graph.inputs(f"{AZURE}containerservice:AgentPool", f"c-{pool}"))
        asked.pop("agentPoolName")
        found[name] = re.sub(rf"\b{pool}\b", "POOL", masked(asked))
    return found


@pytest.mark.parametrize("argument", POOL_FLIPS)
def test_an_argument_of_a_pool_changes_what_is_asked_for(pools, argument):
    plain = pools[f"{argument}-plain"] if argument in PLAIN_OF else pools["plain"]
    assert pools[argument] != plain, f"{argument} is accepted and does nothing"


def test_two_equal_pools_ask_for_the_same(pools):
    """Without this, the tests above could pass by noise."""
    assert pools["again"] == pools["plain"]
