"""What a user may say of a cluster on Google Cloud and of its pools: each argument changes something."""

import re
from dataclasses import fields

import pytest

from pulumi_kubeml import GkeClusterArgs, NodePoolSpec

CLUSTER, POOL = "gcp:container/cluster:Cluster", "gcp:container/nodePool:NodePool"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
GENERAL = 'NodePoolSpec("general", machine="n2-standard-8", min=1, max=4)'
SYSTEM = 'system_pool=NodePoolSpec("system", machine="n2-standard-4", min=2, max=6, purpose="system")'
EXCLUSION = 'MaintenanceExclusion("launch", "2026-11-20T00:00:00Z", end="2026-12-04T00:00:00Z")'
FABRIC = 'NodePoolSpec("f", machine="a3-highgpu-8g", max=1, zones=["us-central1-a"], fabric="required")'

# What somebody else keeps: a network of this program, as their stack would make it.
THEIRS = """
from pulumi_kubeml.clusters.gke import ExistingNetwork
theirs = gcp.compute.Network("theirs", auto_create_subnetworks=False)
beside = gcp.compute.Subnetwork("theirs", network=theirs.id, region="us-central1", ip_cidr_range="10.240.0.0/20",
    secondary_ip_ranges=[{"range_name": "p", "ip_cidr_range": "10.64.0.0/14"}, {"range_name": "s", "ip_cidr_range": "10.68.0.0/20"}])
THEIRS = ExistingNetwork(network=theirs.id, subnetwork=beside.id, pods="p", services="s")
"""

# What is said, and the type whose inputs (or number) must differ from those of the plain cluster.
FLIPS = {
    "kubernetes_version": ('kubernetes_version="1.34"', CLUSTER),
    "endpoint_access": ("endpoint_access=[]", CLUSTER),
    "node_pools": (f"node_pools=[{GENERAL}]", POOL),
    "environment": ('environment="prod", deletion_protection=False', CLASS),
    "owner": ('owner="research"', "gcp:kms/cryptoKey:CryptoKey"),
    "team": ('team="research"', POOL),
    "cost_center": ('cost_center="4711"', CLUSTER),
    "tags": ('tags={"project": "chat"}', CLASS),
    "admins": ('admins=["user:ann@example.com"]', "gcp:projects/iAMMember:IAMMember"),
    "security_group": ('security_group="gke-security-groups@example.com"', CLUSTER),
    "i_know_this_is_public": ('i_know_this_is_public=True, endpoint_access=["0.0.0.0/0"]', CLUSTER),
    "region": ('region="europe-west4"', SUBNETWORK),
    "network": ("network=THEIRS", "gcp:compute/routerNat:RouterNat"),
    "node_cidr": ('node_cidr="10.16.0.0/22"', SUBNETWORK),
    "pod_cidr": ('pod_cidr="10.64.0.0/12"', SUBNETWORK),
    "service_cidr": ('service_cidr="10.16.0.0/20"', SUBNETWORK),
    "control_plane_cidr": ('control_plane_cidr="172.16.0.16/28"', "gcp:compute/firewall:Firewall"),
    "fabric_cidr": (f'node_pools=[{FABRIC}], fabric_cidr="10.192.0.0/18"', SUBNETWORK),
    "zones": ('zones=["us-central1-b", "us-central1-c", "us-central1-f"]', POOL),
    "cluster_name": ('cluster_name="another"', "gcp:serviceaccount/account:Account"),
    "deletion_protection": ("deletion_protection=True", CLUSTER),
    "release_channel": ('release_channel="stable"', CLUSTER),
    "maintenance_days": ('maintenance_days=["monday", "tuesday"]', CLUSTER),
    "maintenance_start": ('maintenance_start="22:30"', CLUSTER),
    "maintenance_hours": ("maintenance_hours=8", CLUSTER),
    "maintenance_exclusions": (f"maintenance_exclusions=[{EXCLUSION}]", CLUSTER),
    "managed_prometheus": ("managed_prometheus=True", CLUSTER),
    "lustre": ("lustre=True", CLUSTER),
    "shared_files": ('shared_files="instance"', CLASS),
    "system_pool": (SYSTEM, POOL),
}
ONLY_HELD_AGAINST = {"reservations"}
"""What changes nothing that is made: it is compared with what pools say."""

PLAIN_POOL = 'NodePoolSpec("p", machine="n2-standard-8", max=2)'
GPU_POOL = 'NodePoolSpec("p", machine="a3-megagpu-8g", max=2, zones=["us-central1-a"])'
POOL_FLIPS = {
    "machine": (PLAIN_POOL, 'machine="n2-standard-16"'),
    "accelerator": ('NodePoolSpec("p", machine="n1-standard-8", max=2)', 'accelerator="t4", accelerators_per_node=1'),
    "accelerators_per_node": ('NodePoolSpec("p", accelerator="l4", max=2)', "accelerators_per_node=4"),
    "sharing": ('NodePoolSpec("p", accelerator="l4", max=2)', "sharing=TimeSlicing(4)"),
    "min": (PLAIN_POOL, "min=1"),
    "max": (PLAIN_POOL, "max=3"),
    "initial": (PLAIN_POOL, "initial=2, zones=['us-central1-a']"),
    "capacity": (PLAIN_POOL, "capacity=[Spot()]"),
    "labels": (PLAIN_POOL, 'labels={"tier": "a"}'),
    "taints": (PLAIN_POOL, 'taints=[Taint("tier", "a")]'),
    "disk_gib": (PLAIN_POOL, "disk_gib=80"),
    "purpose": (PLAIN_POOL, 'purpose="training"'),
    "zones": (PLAIN_POOL, 'zones=["us-central1-a"]'),
    "topology": ('NodePoolSpec("p", accelerator="tpu-v6e", max=4, zones=["us-central1-b"])', 'topology="4x4"'),
    "fabric": (GPU_POOL, 'fabric="required"'),
    "compact": (GPU_POOL, "compact=True"),
    "local_disks": (GPU_POOL, 'local_disks="block"'),
    "image": ('NodePoolSpec("p", accelerator="l4", max=2)', 'image="ubuntu"'),
    "driver": ('NodePoolSpec("p", accelerator="l4", max=2)', 'driver="latest"'),
    "image_streaming": (PLAIN_POOL, "image_streaming=False"),
    "max_pods": (PLAIN_POOL, "max_pods=32"),
    "exclusive_cpus": (GPU_POOL, "exclusive_cpus=True"),
    "upgrade": (PLAIN_POOL, 'upgrade="blue-green"'),
    "auto_repair": (PLAIN_POOL, "auto_repair=False"),
}
REFUSED = {"image_id"}  # test_gke_refused.py says what is said of it


@pytest.fixture(scope="module")
def flipped(laboratory, without_given):
    """One preview with a plain cluster and one for each argument that differs; inputs by cluster, names made equal."""
    lines = [THEIRS, 'GkeCluster("c-plain", args())', 'GkeCluster("c-again", args())']
    lines.append(f'GkeCluster("c-fabric-plain", args(node_pools=[{FABRIC}]))')
    lines += [f'GkeCluster("c-{name.replace("_", "-")}", args({said}))' for name, (said, _) in FLIPS.items()]
    graph = laboratory.graph("\n".join(lines) + "\n", "preview")
    found = {}
    for each in graph.resources:
        above = [name for name in graph.above(each) if name.startswith("c-")]
        if above:
            said = without_given([each.get("inputs"), each.get("protect", False)]).replace(above[-1], "CLUSTER")
            found.setdefault(above[-1], {}).setdefault(each["type"], []).append(said)
    return {cluster: {token: sorted(all_) for token, all_ in types.items()} for cluster, types in found.items()}


def test_every_argument_is_tried():
    assert {*FLIPS, *ONLY_HELD_AGAINST} == {field.name for field in fields(GkeClusterArgs)}
    assert {*POOL_FLIPS, *REFUSED} == {field.name for field in fields(NodePoolSpec)} - {"name"}


@pytest.mark.parametrize("argument", FLIPS)
def test_an_argument_of_the_cluster_changes_what_is_asked_for(flipped, argument):
    token = FLIPS[argument][1]
    plain = "c-fabric-plain" if argument == "fabric_cidr" else "c-plain"
    one, other = flipped[plain].get(token, []), flipped[f"c-{argument.replace('_', '-')}"].get(token, [])
    assert one != other, f"{argument} is accepted and does nothing to any {token}"


def test_two_equal_clusters_ask_for_the_same(flipped):
    """Without this, the tests above could pass by noise."""
    one, two = flipped["c-plain"], flipped["c-again"]
    assert len(one) > 15
    assert [token for token in one if one[token] != two[token]] == []


@pytest.fixture(scope="module")
def pools(laboratory, without_given):
    """One preview of a cluster with a pool as it stands and as it differs, for each argument; names made equal."""
    specs = {}
    for argument, (base, more) in POOL_FLIPS.items():
        key = more.partition("=")[0]
        bare = re.sub(rf", {key}=[^,)]*", "", base)
        specs |= {f"{argument}_base": base, argument: f"{bare[:-1]}, {more})"}
    named = [text.replace('"p"', f'"{name.replace("_", "-")}"', 1) for name, text in specs.items()]
    wide = 'pod_cidr="10.64.0.0/12", node_cidr="10.16.0.0/20"'
    graph = laboratory.graph(f"GkeCluster('c', args({wide}, node_pools=[{', '.join(named)}]))\n", "preview")
    found = {}
    for name in specs:
        whole = f"c-{name.replace('_', '-')}"
        asked = without_given(graph.inputs(POOL, whole))
        found[name] = asked.replace(whole, "GROUP").replace(f'"{whole[2:]}"', '"POOL"')
    return found


@pytest.mark.parametrize("argument", POOL_FLIPS)
def test_an_argument_of_a_pool_changes_what_is_asked_for(pools, argument):
    assert pools[argument] != pools[f"{argument}_base"], f"{argument} is accepted and does nothing"
