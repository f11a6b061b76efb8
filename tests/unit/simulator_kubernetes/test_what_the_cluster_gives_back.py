"""Outputs: the same for the same inputs, unknown in a preview where only a cluster can decide, secret where the input was."""

import pytest

from kubeml_simulator.provider.values import UNKNOWN, is_secret, reveal

SERVICE = "kubernetes:core/v1:Service"
SECRET = "kubernetes:core/v1:Secret"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
RELEASE = "kubernetes:helm.sh/v3:Release"


def balanced(**annotations):
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "default", "annotations": annotations},
        "spec": {"type": "LoadBalancer", "loadBalancerClass": "service.k8s.aws/nlb", "ports": [{"port": 80}]},
    }


def test_two_clusters_give_the_same_object_the_same_state(cluster, cluster_with, kubeconfig_of):
    other = cluster_with(kubeconfig=kubeconfig_of("1.35"))
    assert cluster.create(SERVICE, "web", balanced()) == other.create(SERVICE, "web", balanced())


def test_a_load_balancer_has_an_address_of_its_cloud(cluster, cluster_with):
    host = cluster.create(SERVICE, "web", balanced())[1]["status"]["loadBalancer"]["ingress"][0]
    assert host["hostname"].startswith("k8s-default-web-")
    assert host["hostname"].endswith(".elb.us-east-1.amazonaws.com")
    elsewhere = cluster_with().create(SERVICE, "web", balanced())[1]
    assert set(elsewhere["status"]["loadBalancer"]["ingress"][0]) == {"ip"}


def test_a_preview_knows_what_the_program_said_and_not_what_the_cluster_decides(cluster):
    _, state, _ = cluster.create(SERVICE, "web", balanced(), preview=True)
    assert state["metadata"]["name"] == "web"
    assert state["status"] == state["spec"]["clusterIP"] == state["metadata"]["uid"] == UNKNOWN


def test_a_deployment_becomes_available(cluster, deployment):
    cluster.namespace()
    _, state, _ = cluster.create("kubernetes:apps/v1:Deployment", "ml-model", deployment)
    assert state["status"]["availableReplicas"] == 3


def test_the_data_of_a_secret_is_secret_whatever_the_program_says(cluster):
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "stringData": {"password": "hunter2"}}
    _, state, checked = cluster.create(SECRET, "a", manifest)
    assert is_secret(checked["stringData"])
    assert is_secret(state["stringData"])
    assert reveal(state)["stringData"] == {"password": "hunter2"}


def test_a_secret_deep_in_a_pod_stays_one(cluster, deployment):
    from kubeml_simulator.provider.values import secret

    cluster.namespace()
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    container["env"].append({"name": "TOKEN", "value": secret("hunter2")})
    _, state, _ = cluster.create("kubernetes:apps/v1:Deployment", "ml-model", deployment)
    kept = state["spec"]["template"]["spec"]["containers"][0]["env"]
    assert is_secret(kept[1]["value"])
    assert kept[0]["value"] == "/models/model.pkl", "what was not secret is none"


def test_an_object_without_a_name_gets_one_and_keeps_it(cluster):
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}}
    first, _ = cluster.check(CONFIG_MAP, "settings", manifest)
    assert first["metadata"]["name"].startswith("settings-")
    assert first["metadata"]["namespace"] == "default"
    assert first["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    again, _ = cluster.check(CONFIG_MAP, "settings", manifest, old=first)
    assert again == first


def test_a_second_object_of_one_urn_gets_another_automatic_name(cluster):
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}}
    identity, _, _ = cluster.create(CONFIG_MAP, "settings", manifest)
    successor, _ = cluster.check(CONFIG_MAP, "settings", manifest)
    assert identity != f"default/{successor['metadata']['name']}"


def test_a_release_says_what_it_deployed(cluster):
    release = {
        "chart": "metrics-server",
        "repositoryOpts": {"repo": "https://kubernetes-sigs.github.io/metrics-server/"},
        "version": "3.13.1",
        "namespace": "kube-system",
        "name": "metrics-server",
    }
    identity, state, _ = cluster.create(RELEASE, "metrics-server", release)
    assert identity == "kube-system/metrics-server"
    assert state["status"]["status"] == "deployed"
    assert state["status"]["appVersion"] == "0.8.1"
    assert any(name.endswith("metrics-server") for name in state["resourceNames"]["Deployment/apps/v1"])


def test_a_chart_that_no_table_knows_is_installed_all_the_same(cluster):
    _, state, _ = cluster.create(RELEASE, "own", {"chart": "./charts/own", "name": "own"})
    assert state["status"]["chart"] == "own"
    assert state["resourceNames"] == {}


def test_a_patch_belongs_to_the_object_that_it_patches(cluster):
    patch = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "kube-system", "labels": {"team": "platform"}},
    }
    identity, state, _ = cluster.create("kubernetes:core/v1:NamespacePatch", "it", patch)
    assert identity == "kube-system"
    assert state["metadata"]["labels"] == {"team": "platform"}


def test_an_object_of_the_fresh_cluster_can_be_read(cluster):
    state = cluster.read("kubernetes:core/v1:Namespace", "it", ("kube-system", {}, {}))
    assert state["metadata"]["name"] == "kube-system"
    assert cluster.read("kubernetes:core/v1:Namespace", "it", ("elsewhere", {}, {})) == {}


def test_yaml_is_decoded_and_helm_templates_are_refused_by_name(cluster):
    from kubeml_simulator.provider.servicer import Refused

    decoded = cluster.provider.invoke("kubernetes:yaml:decode", {"text": "a: 1\n---\nb: 2\n"}, preview=True)
    assert decoded == {"result": [{"a": 1}, {"b": 2}]}
    with pytest.raises(Refused, match="kubernetes:helm:template is not simulated"):
        cluster.provider.invoke("kubernetes:helm:template", {}, preview=True)
