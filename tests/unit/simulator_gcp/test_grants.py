"""Who may do what: members that exist, identities of pods, keys that services may use, and what they encrypt."""

import pytest

from kubeml_simulator.clouds.gcp.case import number_of

PROJECT = "ml-dev"
GKE = f"serviceAccount:service-{number_of(PROJECT)}@container-engine-robot.iam.gserviceaccount.com"


def test_pods_get_identities_only_where_the_cluster_has_a_pool_of_them(account, cluster_inputs, network, refused):
    plain = {name: value for name, value in cluster_inputs.items() if name != "workloadIdentityConfig"}
    made = account.create("cluster", "plain", plain)
    nodes = {"cluster": made.id, "nodeConfig": {"workloadMetadataConfig": {"mode": "GKE_METADATA"}}}
    refused(account, "nodes", nodes, "nodeConfig.workloadMetadataConfig.mode", "Workload Identity is not enabled")
    account.create("sa", "model", {"accountId": "ml-model"})
    grant = {"serviceAccountId": f"projects/{PROJECT}/serviceAccounts/ml-model@{PROJECT}.iam.gserviceaccount.com", "role": "roles/iam.workloadIdentityUser"}  # fmt: skip
    principal = f"principal://iam.googleapis.com/projects/{number_of(PROJECT)}/locations/global/workloadIdentityPools/{PROJECT}.svc.id.goog/subject/ns/a/sa/b"
    for member in (f"serviceAccount:{PROJECT}.svc.id.goog[a/b]", principal):
        refused(
            account,
            "sa-user",
            grant | {"member": member},
            "member",
            "Identity Pool does not exist (ml-dev.svc.id.goog)",
        )
    account.create("cluster", "ml", cluster_inputs | {"name": "ml"})
    for member in (f"serviceAccount:{PROJECT}.svc.id.goog[a/b]", principal):
        assert account.failures("sa-user", "x", grant | {"member": member}) == {}
    wrong = principal.replace(number_of(PROJECT), "123456789012")
    refused(account, "sa-user", grant | {"member": wrong}, "member", f"the number of ml-dev is {number_of(PROJECT)}")


def test_an_account_is_made_before_it_is_granted_something(account, refused):
    grant = {"project": PROJECT, "role": "roles/logging.logWriter"}
    ours = f"serviceAccount:ml-nodes@{PROJECT}.iam.gserviceaccount.com"
    refused(account, "grant", grant | {"member": ours}, "member", "does not exist")
    account.create("sa", "nodes", {"accountId": "ml-nodes"})
    for member in (ours, "serviceAccount:x@other.iam.gserviceaccount.com", GKE, "serviceAccount:1-compute@developer.gserviceaccount.com"):  # fmt: skip
        assert account.failures("grant", "x", grant | {"member": member}) == {}


def test_a_key_is_beside_what_it_encrypts_and_its_service_may_use_it(account, cluster_inputs, refused):
    def key(name, location):
        ring = account.create("ring", name, {"location": location})
        return account.create("key", name, {"keyRing": ring.id}).id

    far, near = key("far", "us-east1"), key("near", "us-central1")
    path = "databaseEncryption.keyName"

    def encrypted(with_key):
        return cluster_inputs | {"databaseEncryption": {"state": "ENCRYPTED", "keyName": with_key}}

    refused(account, "cluster", encrypted(near), path, "has no permission to use the key")
    for made in (far, near):
        account.create("key-user", made.split("/")[-1], {"cryptoKeyId": made, "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "member": GKE})  # fmt: skip
    refused(account, "cluster", encrypted(far), path, "the key is in us-east1, the resource in us-central1")
    assert account.failures("cluster", "ml", encrypted(near)) == {}
    outside = "projects/other/locations/us-central1/keyRings/r/cryptoKeys/k"
    assert account.failures("cluster", "ml", encrypted(outside)) == {}, "of a key outside nothing is known"


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        ({"rotationPeriod": "60s"}, "rotationPeriod", "86400s or more"),
        ({"rotationPeriod": "90d"}, "rotationPeriod", "seconds, as 7776000s"),
        ({"rotationPeriod": "7776000s", "purpose": "ASYMMETRIC_SIGN"}, "rotationPeriod", "not rotated automatically"),
        ({"versionTemplate": {"algorithm": "ROT13"}}, "versionTemplate.algorithm", "(50 in all)"),
    ],
)
def test_keys_turn_as_their_purpose_allows(account, more, path, words, refused):
    ring = account.create("ring", "r", {"location": "us-central1"})
    refused(account, "key", {"keyRing": ring.id, **more}, path, words)


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        ({"fileShares": {"name": "home", "capacityGb": 100}}, "fileShares.capacityGb", "1024 to 102400"),
        ({"location": "us-central1"}, "location", "are in a zone"),
        ({"tier": "BASIC_HDD", "protocol": "NFS_V4_1"}, "protocol", "the tier BASIC_HDD has no such protocol"),
        ({"tier": "FAST"}, "tier", "BASIC_HDD"),
        ({"networks": [{"network": "main", "modes": ["MODE_IPV4"], "connectMode": "PRIVATE_SERVICE_ACCESS"}]}, "networks[0].network", "private services access"),
    ],
)  # fmt: skip
def test_shared_files_have_the_sizes_and_places_of_their_tier(account, network, more, path, words, refused):
    base = {"location": "us-central1-a", "tier": "ZONAL", "fileShares": {"name": "home", "capacityGb": 1024}, "networks": [{"network": "main", "modes": ["MODE_IPV4"]}]}  # fmt: skip
    name = network.made.out["name"]
    inputs = base | more
    inputs["networks"] = [{**each, "network": name} for each in inputs["networks"]]
    refused(account, "files", inputs, path, words)
