"""Names, values, sizes and references: their limits, and how a refusal says them."""

import pytest

PROJECT = "ml-dev"


def test_an_unknown_property_inside_a_block_has_its_whole_path(account, pool, changed):
    failures = account.failures("nodes", "train", changed(pool, "nodeConfig.machinType", "x"))
    assert failures == {"nodeConfig.machinType": "unknown property; did you mean machineType?"}


def test_all_failures_of_a_resource_are_reported_at_once(account, pool, changed):
    wrong = changed(pool, "nodeConfig.taints", [{"key": "gpu", "value": "x", "effect": "NoSchedule"}])
    wrong = changed(wrong, "autoscaling", {"totalMinNodeCount": 5, "totalMaxNodeCount": 2})
    wrong = changed(wrong, "nodeLocations", ["mars-north1-a"]) | {"colour": "green", "name": "Train"}
    assert set(account.failures("nodes", "train", wrong)) == {
        "nodeConfig.taints[0].effect",
        "autoscaling.totalMinNodeCount",
        "nodeLocations[0]",
        "colour",
        "name",
    }


def test_an_enumerated_value_comes_with_the_published_ones(account, pool, changed):
    path = "nodeConfig.guestAccelerators"
    driver = {"gpuDriverInstallationConfig": {"gpuDriverVersion": "NEWEST"}}
    wrong = changed(pool, path, [{"type": "nvidia-l4", "count": 2, **driver}])
    answer = account.failures("nodes", "train", wrong)
    (text,) = answer.values()
    assert "INSTALLATION_DISABLED, DEFAULT, LATEST" in text


@pytest.mark.parametrize(
    ("kind", "inputs", "path", "words"),
    [
        ("network", {"name": "Main"}, "name", "characters that the service refuses"),
        ("network", {"name": "n" * 64}, "name", "the pattern"),
        ("network", {"mtu": 9000}, "mtu", "1300 to 8896"),
        ("network", {"routingMode": "LOCAL"}, "routingMode", "GLOBAL, REGIONAL"),
        ("sa", {"accountId": "short"}, "accountId", "6 to 30 small letters"),
        ("sa", {"accountId": "a" * 31}, "accountId", "6 to 30 small letters"),
        ("sa", {"accountId": "Nodes-of-ml"}, "accountId", "6 to 30 small letters"),
        ("ring", {"location": "mars"}, "location", "there is no such region"),
        ("ring", {"location": "us-central1", "name": "a b"}, "name", "1 to 63 letters"),
        ("bucket", {"location": "us", "name": "Data"}, "name", "3 to 63 small letters"),
        ("bucket", {"location": "us", "name": "goog-data"}, "name", "not beginning with goog"),
        ("bucket", {"location": "us-central1-a"}, "location", "there is no such region"),
        ("bucket", {"location": "us", "labels": {"Team": "x"}}, "labels.Team", "lower-case letters"),
        ("bucket", {"location": "us", "labels": {"team": "ML Research"}}, "labels.team", "at most 63 lower-case"),
        ("bucket", {"location": "us", "labels": {f"l{n}": "" for n in range(65)}}, "labels", "at most 64 labels"),
        (
            "bucket",
            {"location": "us", "hierarchicalNamespace": {"enabled": True}},
            "uniformBucketLevelAccess",
            "must use uniform bucket-level access",
        ),
        (
            "bucket",
            {"location": "us", "softDeletePolicy": {"retentionDurationSeconds": 60}},
            "softDeletePolicy.retentionDurationSeconds",
            "0, or 604800 to 7776000",
        ),
        ("range", {"purpose": "VPC_PEERING", "network": "default"}, "prefixLength", "the purpose is VPC_PEERING"),
        (
            "range",
            {"purpose": "VPC_PEERING", "network": "default", "prefixLength": 16},
            "addressType",
            "allowed: INTERNAL",
        ),
        ("secret", {"secretId": "a/b", "replication": {"auto": {}}}, "secretId", "1 to 255 letters"),
        ("secret", {"secretId": "a", "replication": {}}, "replication.auto", "missing"),
        ("policy", {"region": "us-central1"}, "groupPlacementPolicy", "a policy is of one kind"),
        ("repository", {"repositoryId": "Images", "format": "DOCKER"}, "repositoryId", "1 to 63 small letters"),
        ("repository", {"repositoryId": "images", "format": "TARBALL"}, "format", "DOCKER, MAVEN"),
        ("grant", {"project": PROJECT, "role": "viewer", "member": "group:a@b.c"}, "role", "roles/NAME"),
        ("grant", {"project": PROJECT, "role": "roles/viewer", "member": "ml@b.c"}, "member", "Invalid member"),
        ("grant", {"project": PROJECT, "role": "roles/viewer", "member": "group:ml"}, "member", "Invalid member"),
        (
            "lustre",
            {
                "instanceId": "x",
                "filesystem": "far-too-long",
                "location": "us-central1-a",
                "network": "projects/other/global/networks/x",
                "capacityGib": "9000",
                "perUnitStorageThroughput": "1000",
            },
            "filesystem",
            "1 to 8 letters",
        ),
        (
            "lustre",
            {
                "instanceId": "x",
                "filesystem": "x",
                "location": "us-central1-a",
                "network": "projects/other/global/networks/x",
                "capacityGib": "10000",
                "perUnitStorageThroughput": "1000",
            },
            "capacityGib",
            "in steps of 9000",
        ),
    ],
)
def test_names_values_and_sizes_have_the_limits_of_the_service(account, kind, inputs, path, words, refused):
    if path == "prefixLength":
        inputs = inputs | {"addressType": "INTERNAL"}
    refused(account, kind, inputs, path, words)


@pytest.mark.parametrize(
    ("kind", "name"), [("cluster", "c" * 41), ("cluster", "ml-"), ("nodes", "p" * 41), ("nodes", "1st")]
)
def test_clusters_and_pools_have_names_of_forty_small_letters(account, cluster_inputs, pool, kind, name, refused):
    inputs = cluster_inputs if kind == "cluster" else pool
    refused(account, kind, inputs | {"name": name}, "name", "at most 40 small letters")


def test_a_missing_reference_names_path_value_and_what_exists(account, network):
    failures = account.failures("subnet", "lost", {"network": "other", "ipCidrRange": "10.99.0.0/24"})
    assert failures["network"] == (
        '"other" is not allowed: NotFound: no gcp:compute/network:Network has this id in us-central1; allowed: the id of main'
    )


@pytest.mark.parametrize(
    "spelling",
    [
        "{name}",
        "{id}",
        "global/networks/{name}",
        "https://www.googleapis.com/compute/v1/{id}",
        "https://www.googleapis.com/compute/beta/{id}",
        "projects/other/global/networks/any",
        "default",
    ],
)
def test_a_reference_is_found_however_it_is_spelt(account, network, spelling):
    given = spelling.format(name=network.made.out["name"], id=network.id)
    assert account.failures("router", "x", {"network": given, "region": "us-central1"}) == {}


def test_a_name_that_is_taken_is_refused_in_the_words_of_the_service(account, cluster, cluster_inputs):
    for kind, inputs, words in (
        ("network", {"name": cluster.network.made.out["name"]}, "The resource 'projects/ml-dev/global/networks/"),
        (
            "cluster",
            cluster_inputs | {"name": cluster.name},
            "Already exists: projects/ml-dev/locations/us-central1/clusters/",
        ),
        ("sa", {"accountId": "ml-nodes"}, "Service account ml-nodes already exists within project projects/ml-dev"),
    ):
        (answer,) = account.failures(kind, "again", inputs).values()
        assert "googleapi: Error 409" in answer
        assert words in answer
    elsewhere = {"location": "us-east1", "initialNodeCount": 1, "name": cluster.name}
    assert account.failures("cluster", "again", elsewhere) == {}, "in another place it is another name"


def test_a_provider_without_a_project_or_in_a_place_that_does_not_exist_is_refused(accounts):
    provider = accounts().provider
    paths = {failure.path: failure.reason() for failure in provider.check_config({"region": "mars-north1"})}
    assert set(paths) == {"project", "region"}
    assert "set gcp:project" in paths["project"]
    bad = {"project": PROJECT, "region": "us-central1", "zone": "us-east1-b"}
    assert [failure.path for failure in provider.check_config(bad)] == ["zone"]
    assert list(provider.check_config({"project": PROJECT, "region": "us-central1", "zone": "us-central1-f"})) == []


def test_a_cluster_without_any_place_is_refused(accounts):
    account = accounts(config={"project": PROJECT})
    assert "Unable to determine location" in account.failures("cluster", "ml", {"initialNodeCount": 1})["location"]


def test_the_value_of_a_secret_is_never_shown(account):
    from kubeml_simulator.provider import secret

    failures = account.failures("sa", "x", {"accountId": secret("Hunter2 hunter2")})
    assert "[secret]" in failures["accountId"]
    assert "unter2" not in str(failures)
