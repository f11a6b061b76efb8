"""What the simulated Google Cloud replaces, updates, keeps, and refuses to delete; what fails when it is asked to."""

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from kubeml_simulator.clouds.common import Question
from kubeml_simulator.clouds.gcp.replacement import REPLACEMENT
from kubeml_simulator.clouds.gcp.tables import rows
from kubeml_simulator.provider import MISSING, Change, World

NONE, SOME = pb.DiffResponse.DIFF_NONE, pb.DiffResponse.DIFF_SOME
CLUSTER, SUBNET = "gcp:container/cluster:Cluster", "gcp:compute/subnetwork:Subnetwork"
BUCKET, SECRET = "gcp:storage/bucket:Bucket", "gcp:secretmanager/secret:Secret"
POLICY, POOL = "gcp:compute/resourcePolicy:ResourcePolicy", "gcp:container/nodePool:NodePool"

# Type, path, value before and after, all inputs after, and whether it replaces.
CASES = [
    (CLUSTER, "enableL4IlbSubsetting", True, False, {}, True),
    (CLUSTER, "enableL4IlbSubsetting", False, True, {}, False),
    (CLUSTER, "enableFqdnNetworkPolicy", True, MISSING, {}, True),
    (CLUSTER, "enableK8sBetaApis.enabledApis", ["a", "b"], ["b"], {}, True),
    (CLUSTER, "enableK8sBetaApis.enabledApis", ["a"], ["a", "b"], {}, False),
    (CLUSTER, "enableK8sBetaApis.enabledApis[1]", MISSING, "b", {}, False),
    (CLUSTER, "enableK8sBetaApis.enabledApis[1]", "b", MISSING, {}, True),
    (CLUSTER, "dnsConfig.additiveVpcScopeDnsDomain", "a", "b", {"enableAutopilot": True}, True),
    (CLUSTER, "dnsConfig.additiveVpcScopeDnsDomain", "a", "b", {}, False),
    (CLUSTER, "location", "us-central1", "us-east1", {}, True),
    (CLUSTER, "minMasterVersion", "1.34", "1.35", {}, False),
    (SUBNET, "ipCidrRange", "10.0.0.0/20", "10.0.0.0/16", {}, False),
    (SUBNET, "ipCidrRange", "10.0.0.0/20", "10.0.0.0/24", {}, True),
    (SUBNET, "ipCidrRange", "10.0.0.0/20", "none", {}, True),
    (BUCKET, "retentionPolicy.isLocked", True, False, {}, True),
    (BUCKET, "retentionPolicy.isLocked", False, True, {}, False),
    (SECRET, "replication.auto", MISSING, {}, {}, True),
    (SECRET, "replication.auto.customerManagedEncryption.kmsKeyName", "a", "b", {}, False),
    (SECRET, "replication", {"auto": {}}, MISSING, {}, True),
    (POOL, "nodeConfig.machineType", "a", "b", {}, False),
    (POOL, "nodeConfig.spot", False, True, {}, True),
    (POOL, "nodeConfig.guestAccelerators[1]", MISSING, {"type": "nvidia-l4", "count": 1}, {}, True),
    (POOL, "nodeConfig.reservationAffinity", {"key": "a"}, MISSING, {}, True),
    (POLICY, "name", "a", "b", {}, False),
]


@pytest.mark.parametrize(("token", "path", "before", "after", "new", "replaces"), CASES)
def test_a_condition_decides_as_its_note_says(token, path, before, after, new, replaces):
    question = Question(Change(path, before, after), {}, new, "us-central1")
    assert REPLACEMENT.forces(token, question) is replaces


def test_every_conditional_row_is_tried():
    found = [REPLACEMENT.row_of(token, path) for token, path, *_ in CASES]
    tried = {row["property"] for row in found if row is not None}
    assert {row["property"] for row in rows("replace.tsv") if row["forces"] == "conditional"} <= tried


@pytest.fixture
def nodes(account, pool):
    return account.create("nodes", "train", pool)


def test_machines_and_bounds_are_changed_in_place_and_accelerators_are_not(account, nodes):
    def changed(**config):
        return account.diff(nodes, nodes.inputs | {"nodeConfig": nodes.inputs["nodeConfig"] | config})

    assert account.diff(nodes, nodes.inputs).changes == NONE
    assert list(changed(machineType="g2-standard-24").replaces) == []
    assert list(changed(diskSizeGb=200).replaces) == []
    assert changed(spot=False).changes == NONE, "it is so already"
    assert list(changed(spot=True).replaces) == ["nodeConfig"]
    assert list(changed(oauthScopes=["https://www.googleapis.com/auth/cloud-platform"]).replaces) == ["nodeConfig"]
    bounds = {"totalMinNodeCount": 1, "totalMaxNodeCount": 9}
    answer = account.diff(nodes, nodes.inputs | {"autoscaling": bounds})
    assert (list(answer.diffs), list(answer.replaces)) == (["autoscaling"], [])


def test_what_the_cloud_computes_stays_when_it_is_no_longer_given(account, cluster, cluster_inputs):
    less = {name: value for name, value in cluster_inputs.items() if name != "location"}
    assert account.diff(cluster.made, less).changes == NONE
    subnet = cluster.network.subnet
    assert account.diff(subnet, subnet.inputs | {"project": "ml-dev"}).changes == NONE, "it is the provider's project"
    assert list(account.diff(subnet, subnet.inputs | {"project": "other"}).replaces) == ["project"]


def test_a_name_given_by_the_program_makes_way_before_its_successor_comes(account, network):
    free = account.create("router", "free", {"network": network.id, "region": "us-central1"})
    fixed = account.create("router", "fixed", {"network": network.id, "region": "us-central1", "name": "out"})
    assert not account.diff(free, free.inputs | {"region": "us-east1"}).deleteBeforeReplace
    assert account.diff(fixed, fixed.inputs | {"region": "us-east1"}).deleteBeforeReplace


def test_a_grant_in_a_project_goes_before_its_successor_comes(account):
    grant = {"project": "ml-dev", "role": "roles/viewer", "member": "group:ml@example.com"}
    made = account.create("grant", "viewers", grant)
    answer = account.diff(made, grant | {"role": "roles/editor"})
    assert (list(answer.replaces), answer.deleteBeforeReplace) == (["role"], True)


def test_another_project_moves_everything_and_another_region_only_what_has_none(account):
    old = {"project": "ml-dev", "region": "us-central1"}
    for change, replaced in (({"project": "ml-prod"}, ["project"]), ({"region": "us-east1"}, [])):
        answer = account.provider.DiffConfig(request(old, old | change), account.context)
        assert list(answer.replaces) == replaced


def request(old, new):
    from kubeml_simulator.provider.values import struct

    return pb.DiffRequest(old_inputs=struct(old), news=struct(new))


def test_a_protected_cluster_is_not_deleted_until_the_protection_is_taken_away(account, cluster_inputs, aborted):
    protected = {name: value for name, value in cluster_inputs.items() if name != "deletionProtection"}
    made = account.create("cluster", "ml", protected)
    assert made.out["deletionProtection"] is True, "protection is the default"
    with pytest.raises(aborted, match="deletion_protection is set to true"):
        account.delete(made)
    state = account.update(made, protected | {"deletionProtection": False})
    made.state = state
    account.delete(made)


def test_a_deletion_policy_prevents_or_abandons(account, network, aborted):
    kept = account.create(
        "router", "kept", {"network": network.id, "region": "us-central1", "deletionPolicy": "PREVENT"}
    )
    with pytest.raises(aborted, match='without setting deletionPolicy to "DELETE"'):
        account.delete(kept)
    left = account.create("network", "left", {"autoCreateSubnetworks": False, "deletionPolicy": "ABANDON"})
    account.create("subnet", "in-it", {"network": left.id, "ipCidrRange": "10.60.0.0/24"})
    account.delete(left)


def test_what_is_in_use_is_not_deleted(account, cluster, aborted):
    with pytest.raises(aborted, match=r"already being used by .*deleting urn:.*::ml first"):
        account.delete(cluster.network.subnet)
    account.delete(cluster.made)
    account.delete(cluster.network.subnet)
    account.delete(cluster.network.made)


def test_a_failure_that_was_asked_for_strikes_and_is_named_like_an_answer_of_the_service(accounts, aborted):
    account = accounts(failures=["gcp:compute/network:Network::main"])
    inputs = {"autoCreateSubnetworks": False}
    assert account.create("network", "main", inputs, preview=True).id == "", "a preview does nothing that could fail"
    with pytest.raises(
        aborted, match=r"Error creating Network: googleapi: Error 500: .*asked for by --fail, backendError"
    ):
        account.create("network", "main", inputs)
    assert account.create("network", "other", inputs).id


def test_updates_and_deletes_fail_too(accounts, aborted):
    world = World()
    made = accounts(world=world).create("network", "main", {"autoCreateSubnetworks": False})
    failing = accounts(failures=["gcp:compute/network:Network::main"], world=world)
    with pytest.raises(aborted, match="Error updating Network"):
        failing.update(made, {"autoCreateSubnetworks": False, "mtu": 8896})
    with pytest.raises(aborted, match="Error deleting Network"):
        failing.delete(made)


def test_a_control_plane_goes_up_one_minor_version_at_a_time_and_never_down(account, cluster_inputs, aborted):
    made = account.create("cluster", "ml", cluster_inputs | {"minMasterVersion": "1.33"})
    with pytest.raises(aborted, match="cannot upgrade the master more than a minor version at a time"):
        account.update(made, cluster_inputs | {"minMasterVersion": "1.35"})
    made.state = account.update(made, cluster_inputs | {"minMasterVersion": "1.34"})
    assert made.state["masterVersion"] == "1.34.1-gke.1000000"
    assert account.update(made, cluster_inputs | {"minMasterVersion": "1.33"})["masterVersion"] == "1.34.1-gke.1000000"
