"""What the simulated Google Cloud computes: ids, names, defaults, and what a preview does not know yet."""

import base64
import re

import pytest

from kubeml_simulator.clouds.gcp.case import number_of
from kubeml_simulator.provider import UNKNOWN, has_unknown, is_secret, secret

PROJECT = "ml-dev"


def test_ids_and_links_have_the_formats_of_the_cloud(cluster):
    network, made = cluster.network, cluster.made.out
    name = network.made.out["name"]
    assert network.id == f"projects/ml-dev/global/networks/{name}"
    assert network.made.out["selfLink"] == f"https://www.googleapis.com/compute/v1/{network.id}"
    assert network.subnet.id.startswith("projects/ml-dev/regions/us-central1/subnetworks/nodes-")
    assert network.subnet.out["gatewayAddress"] == "10.0.0.1"
    assert cluster.id == f"projects/ml-dev/locations/us-central1/clusters/{cluster.name}"
    assert made["selfLink"] == f"https://container.googleapis.com/v1beta1/{cluster.id}"
    assert (made["network"], made["subnetwork"]) == (network.id, network.subnet.id)


def test_a_cluster_gets_an_endpoint_a_certificate_a_version_zones_and_the_ranges_of_its_subnetwork(cluster):
    made = cluster.made.out
    assert re.fullmatch(r"34\.\d+\.\d+\.\d+", made["endpoint"])
    assert made["privateClusterConfig"]["publicEndpoint"] == made["endpoint"]
    assert b"BEGIN CERTIFICATE" in base64.b64decode(made["masterAuth"]["clusterCaCertificate"])
    assert re.fullmatch(r"1\.35\.\d+-gke\.\d+", made["masterVersion"])
    assert made["nodeLocations"] == ["us-central1-a", "us-central1-b", "us-central1-c"]
    assert (made["clusterIpv4Cidr"], made["servicesIpv4Cidr"]) == ("10.4.0.0/14", "10.0.32.0/20")
    name = made["controlPlaneEndpointsConfig"]["dnsEndpointConfig"]["endpoint"]
    assert re.fullmatch(rf"gke-[0-9a-f]{{32}}-{number_of(PROJECT)}\.us-central1\.gke\.goog", name)


def test_a_private_endpoint_is_the_endpoint(account, cluster_inputs):
    private = {"enablePrivateNodes": True, "enablePrivateEndpoint": True, "masterIpv4CidrBlock": "172.16.0.16/28"}
    inputs = cluster_inputs | {"privateClusterConfig": private, "masterAuthorizedNetworksConfig": {}}
    assert account.create("cluster", "ml", inputs).out["endpoint"] == "172.16.0.18"


def test_a_version_is_kept_until_another_one_is_asked_for(account, cluster, cluster_inputs):
    first = cluster.made.out["masterVersion"]
    assert account.update(cluster.made, cluster_inputs | {"description": "x"})["masterVersion"] == first
    exact = account.update(cluster.made, cluster_inputs | {"minMasterVersion": "1.35.9-gke.5"})
    assert exact["masterVersion"] == "1.35.9-gke.5"


def test_a_node_pool_gets_defaults_a_version_and_its_groups_of_instances(account, cluster):
    made = account.create(
        "nodes", "general", {"cluster": cluster.name, "autoscaling": {"minNodeCount": 1, "maxNodeCount": 3}}
    )
    assert made.id == f"{cluster.id}/nodePools/{made.out['name']}"
    assert made.out["version"] == cluster.made.out["masterVersion"]
    assert made.out["nodeConfig"]["machineType"] == "e2-medium"
    assert made.out["management"] == {"autoRepair": True, "autoUpgrade": True}
    groups = made.out["instanceGroupUrls"]
    assert [re.search(r"zones/([^/]+)/instanceGroupManagers/gke-", url)[1] for url in groups] == cluster.made.out[
        "nodeLocations"
    ]


def test_an_account_has_an_address_that_a_preview_knows(account):
    for preview in (True, False):
        made = account.create("sa", f"nodes-{preview}", {"accountId": f"ml-nodes-{preview}".lower()}, preview=preview)
        email = f"ml-nodes-{preview}@ml-dev.iam.gserviceaccount.com".lower()
        assert (made.out["email"], made.out["member"]) == (email, f"serviceAccount:{email}")
    assert made.out["name"] == made.id == f"projects/ml-dev/serviceAccounts/{email}"
    assert re.fullmatch(r"\d{21}", made.out["uniqueId"])


def test_the_same_urn_gives_the_same_state_in_another_process(account, accounts):
    inputs = {"autoCreateSubnetworks": False}
    assert account.create("network", "main", inputs).out == accounts().create("network", "main", inputs).out


def test_a_nameless_resource_is_named_after_itself_in_small_letters(account, network):
    made = account.create("router", "Way_Out", {"network": network.id, "region": "us-central1"})
    assert re.fullmatch(r"way-out-[0-9a-f]{7}", made.out["name"])
    kept = account.check("router", "Way_Out", {"network": network.id, "region": "us-central1"}, made.inputs)
    assert kept.inputs["name"] == made.out["name"]
    long = account.create("nodes", "p" * 60, {"cluster": account.create("cluster", "c" * 60, {"location": "us-central1", "initialNodeCount": 1}).id})  # fmt: skip
    assert [len(part) for part in long.id.split("/")[-3::2]] == [40, 40]


def test_a_replacement_never_has_the_id_of_the_one_it_replaces(account):
    first, second = (account.create("network", "main", {"autoCreateSubnetworks": False}) for _ in range(2))
    assert first.id != second.id


def test_a_preview_knows_what_the_program_gave_and_nothing_that_the_cloud_decides(account, cluster_inputs):
    planned = account.create("cluster", "ml", cluster_inputs, preview=True)
    assert planned.id == ""
    assert planned.out["location"] == "us-central1"
    assert planned.out["deletionProtection"] is False
    for name in ("endpoint", "masterVersion", "selfLink", "masterAuth"):
        assert has_unknown(planned.out[name]), name
    assert planned.out["project"] == PROJECT, "the provider's project is known"


def test_a_planned_cluster_may_be_referred_to_by_its_name(account, cluster_inputs):
    planned = account.create("cluster", "ml", cluster_inputs | {"name": "ml"}, preview=True)
    assert planned.out["name"] == "ml"
    pool = {"location": "us-central1", "autoscaling": {"maxNodeCount": 1}}
    assert account.failures("nodes", "x", pool | {"cluster": "ml"}) == {}
    assert account.failures("nodes", "x", pool | {"cluster": UNKNOWN}) == {}
    assert "NotFound" in account.failures("nodes", "x", pool | {"cluster": "other"})["cluster"]


def test_every_output_of_the_sdk_is_there_in_a_preview(account):
    from kubeml_simulator.provider.sdk import Schema

    token = "gcp:pubsub/topic:Topic"
    resource = Schema.for_package("pulumi_gcp").resource(token)
    planned = account.create(token, "events", {}, preview=True)
    assert set(resource.outputs) - set(resource.inputs) <= set(planned.out)
    made = account.create(token, "events", {})
    assert made.id == f"projects/ml-dev/global/topics/{made.out['name']}", "a type without a row has a path, too"


def test_labels_of_the_provider_and_of_pulumi_are_on_everything(accounts):
    account = accounts(config={"project": PROJECT, "region": "us-central1", "defaultLabels": '{"owner": "platform"}'})
    made = account.create("bucket", "data", {"location": "us", "labels": {"team": "research"}})
    everything = {"goog-pulumi-provisioned": "true", "owner": "platform", "team": "research"}
    assert made.out["effectiveLabels"] == made.out["pulumiLabels"] == everything
    assert made.out["labels"] == {"team": "research"}
    silent = accounts(config={"project": PROJECT, "addPulumiAttributionLabel": "false"})
    assert silent.create("bucket", "data", {"location": "us"}).out["effectiveLabels"] == {}


def test_an_update_keeps_what_the_cloud_computed(account, network):
    state = account.update(network.made, network.made.inputs | {"mtu": 8896})
    assert state["networkId"] == network.made.out["networkId"]
    assert not has_unknown(account.update(network.made, network.made.inputs | {"mtu": 8896}, preview=True))


def test_secrets_survive_a_round_trip(account):
    made = account.create("bucket", "data", {"location": "us", "labels": {"token": secret("hunter2")}})
    assert is_secret(made.state["labels"]["token"])


@pytest.mark.parametrize(
    ("token", "args", "answer"),
    [
        ("gcp:organizations/getProject:getProject", {}, {"projectId": PROJECT, "number": number_of(PROJECT)}),
        ("gcp:organizations/getProject:getProject", {"projectId": "other"}, {"id": "projects/other"}),
        ("gcp:organizations/getClientConfig:getClientConfig", {}, {"project": PROJECT, "region": "us-central1", "zone": ""}),
        ("gcp:compute/getZones:getZones", {"region": "us-east1"}, {"names": ["us-east1-b", "us-east1-c", "us-east1-d"]}),
        ("gcp:compute/getZones:getZones", {"status": "DOWN"}, {"names": []}),
        ("gcp:compute/getRegions:getRegions", {"status": "DOWN"}, {"names": []}),
        ("gcp:storage/getProjectServiceAccount:getProjectServiceAccount", {}, {"emailAddress": f"service-{number_of(PROJECT)}@gs-project-accounts.iam.gserviceaccount.com"}),
        ("gcp:serviceaccount/getAccount:getAccount", {"accountId": "x@other.iam.gserviceaccount.com"}, {"member": "serviceAccount:x@other.iam.gserviceaccount.com"}),
        ("gcp:container/getEngineVersions:getEngineVersions", {"versionPrefix": "1.34."}, {"latestMasterVersion": "1.34.1-gke.1000000"}),
    ],
)  # fmt: skip
def test_a_function_answers_for_the_project(account, token, args, answer):
    made = account.invoke(token, args)
    assert {name: made[name] for name in answer} == answer


def test_the_token_of_the_client_is_a_secret(account):
    assert is_secret(account.invoke("gcp:organizations/getClientConfig:getClientConfig", {})["accessToken"])


@pytest.mark.parametrize(
    ("token", "args", "words"),
    [
        ("gcp:sql/getDatabase:getDatabase", {}, "the function gcp:sql/getDatabase:getDatabase is not simulated"),
        ("gcp:compute/getZones:getZones", {"region": "mars"}, "'mars' is no region"),
        ("gcp:container/getEngineVersions:getEngineVersions", {"versionPrefix": "1.9"}, "no version begins with '1.9'"),
        ("gcp:serviceaccount/getAccount:getAccount", {"accountId": "nobody"}, "Unknown service account: nobody@ml-dev"),
    ],
)
def test_a_function_that_cannot_answer_says_so(account, aborted, token, args, words):
    with pytest.raises(aborted) as refused:
        account.invoke(token, args)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "identity", "said"),
    [
        ("network", "projects/shared/global/networks/main", {"name": "main", "project": "shared", "selfLink": "https://www.googleapis.com/compute/v1/projects/shared/global/networks/main"}),
        ("network", "main", {"name": "main", "project": "ml-dev"}),
        ("subnet", "projects/ml-dev/regions/us-east1/subnetworks/nodes", {"name": "nodes", "region": "us-east1"}),
        ("nat", "ml-dev/us-central1/out/all", {"router": "out", "name": "all", "region": "us-central1"}),
        ("cluster", "projects/ml-dev/locations/us-east1-b/clusters/ml", {"name": "ml", "location": "us-east1-b"}),
        ("nodes", "projects/ml-dev/locations/us-east1/clusters/ml/nodePools/gpu", {"cluster": "ml", "name": "gpu", "location": "us-east1"}),
        ("key", "projects/ml-dev/locations/us/keyRings/r/cryptoKeys/k", {"keyRing": "projects/ml-dev/locations/us/keyRings/r", "name": "k"}),
        ("sa", "projects/ml-dev/serviceAccounts/ml-nodes@ml-dev.iam.gserviceaccount.com", {"accountId": "ml-nodes", "email": "ml-nodes@ml-dev.iam.gserviceaccount.com"}),
        ("connection", "projects%2Fml-dev%2Fglobal%2Fnetworks%2Fmain:servicenetworking.googleapis.com", {"service": "servicenetworking.googleapis.com"}),
    ],
)  # fmt: skip
def test_a_resource_that_is_adopted_is_what_its_id_says(account, kind, identity, said):
    made = account.read(kind, "adopted", identity)
    assert {name: made.get(name) for name in said} == said


def test_what_was_adopted_may_be_referred_to(account):
    account.read("network", "adopted", "projects/ml-dev/global/networks/main")
    for spelling in ("main", "projects/ml-dev/global/networks/main"):
        assert account.failures("subnet", "x", {"network": spelling, "ipCidrRange": "10.0.0.0/24"}) == {}


def test_an_id_of_another_form_is_refused(account, aborted):
    with pytest.raises(aborted, match=r"doesn't match any of the accepted formats: projects/\{project\}/global"):
        account.read("network", "adopted", "projects/ml-dev/networks/main")
