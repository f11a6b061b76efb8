"""Inputs that no API server would take are named by path, value and what is allowed, all at once."""

import copy

import pytest

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
SERVICE = "kubernetes:core/v1:Service"


def changed(manifest, path, value):
    """A copy with one value replaced; a value of None takes the key away."""
    result = copy.deepcopy(manifest)
    *above, last = path
    place = result
    for key in above:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return result


CONTAINER = ("spec", "template", "spec", "containers", 0)


def test_a_sound_deployment_is_taken_as_it_is(cluster, deployment):
    inputs, failures = cluster.check(DEPLOYMENT, "ml-model", deployment)
    assert failures == {}
    assert inputs == deployment, "nothing is filled in where name and namespace are given"


@pytest.mark.parametrize(
    ("path", "value", "where", "says"),
    [
        (("metadata",), "ml-model", "metadata", "wrong type"),
        (("metadata", "annotations"), "none", "metadata.annotations", "wrong type"),
        ((*CONTAINER, "image"), 7, "spec.template.spec.containers[0].image", "7 is not allowed: wrong type; allowed: string"),
        ((*CONTAINER, "image"), None, "spec.template.spec.containers[0].image", "required, and missing"),
        ((*CONTAINER, "imagePolicy"), "Always", "spec.template.spec.containers[0].imagePolicy", "did you mean imagePullPolicy?"),
        ((*CONTAINER, "imagePullPolicy"), "Sometimes", "spec.template.spec.containers[0].imagePullPolicy", "Always, IfNotPresent, Never"),
        ((*CONTAINER, "ports", 0, "containerPort"), 70000, "spec.template.spec.containers[0].ports[0].containerPort", "1 to 65535"),
        ((*CONTAINER, "volumeMounts", 0, "name"), "model", "spec.template.spec.containers[0].volumeMounts[0].name", "models"),
        ((*CONTAINER, "resources", "limits", "memory"), "4 GB", "spec.template.spec.containers[0].resources.limits.memory", "not a quantity"),
        ((*CONTAINER, "resources", "limits", "cpu"), "0.5", "spec.template.spec.containers[0].resources.requests.cpu", "at most the limit, 0.5"),
        (
            (*CONTAINER, "resources", "limits", "nvidia.com/gpu"),
            None,
            'spec.template.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            "needs a limit",
        ),
        (
            (*CONTAINER, "resources", "requests", "nvidia.com/gpu"),
            "500m",
            'spec.template.spec.containers[0].resources.requests["nvidia.com/gpu"]',
            "whole devices",
        ),
        (("spec", "selector", "matchLabels", "app"), "other", "spec.selector.matchLabels.app", "does not match the labels of the template"),
        (("spec", "template", "spec", "restartPolicy"), "Never", "spec.template.spec.restartPolicy", "Always"),
        (("spec", "template", "spec", "tolerations", 0, "value"), "x", "spec.template.spec.tolerations[0].value", "compares no value"),
        (("metadata", "name"), "ML_Model", "metadata.name", "RFC 1123"),
        (("metadata", "labels"), {"a b": "c"}, "metadata.labels.a b", "not a valid key"),
        (("spec", "replicas"), -1, "spec.replicas", "0 or more"),
        (("spec", "replicas"), "three", "spec.replicas", "integer"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_by_its_path(cluster, deployment, path, value, where, says):
    failures = cluster.refusals(DEPLOYMENT, changed(deployment, path, value))
    assert list(failures) == [where], failures
    assert says in failures[where]


def test_all_that_is_wrong_comes_at_once(cluster, deployment):
    bad = changed(changed(deployment, (*CONTAINER, "image"), 7), ("spec", "replicas"), "three")
    assert len(cluster.refusals(DEPLOYMENT, bad)) == 2


@pytest.mark.parametrize(
    ("token", "manifest", "where"),
    [
        (SERVICE, {"kind": "Service", "apiVersion": "v1", "spec": {"ports": [{"port": 0}]}}, "spec.ports[0].port"),
        (SERVICE, {"kind": "Service", "apiVersion": "v1", "spec": {"type": "ClusterIP"}}, "spec.ports"),
        (
            "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
            {
                "apiVersion": "autoscaling/v2",
                "kind": "HorizontalPodAutoscaler",
                "spec": {
                    "minReplicas": 5,
                    "maxReplicas": 2,
                    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a"},
                },
            },
            "spec.minReplicas",
        ),
        (
            "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
            {
                "apiVersion": "autoscaling/v2",
                "kind": "HorizontalPodAutoscaler",
                "spec": {"maxReplicas": 2, "scaleTargetRef": {"apiVersion": "v1", "kind": "Deployment", "name": "a"}},
            },
            "spec.scaleTargetRef.apiVersion",
        ),
        (
            "kubernetes:core/v1:ResourceQuota",
            {
                "apiVersion": "v1",
                "kind": "ResourceQuota",
                "spec": {"hard": {"gpus": "4", "requests.nvidia.com/gpu": "4"}},
            },
            "spec.hard.gpus",
        ),
        (
            "kubernetes:networking.k8s.io/v1:NetworkPolicy",
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "spec": {"podSelector": {}, "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/40"}}]}]},
            },
            "spec.egress[0].to[0].ipBlock.cidr",
        ),
        (
            "kubernetes:policy/v1:PodDisruptionBudget",
            {
                "apiVersion": "policy/v1",
                "kind": "PodDisruptionBudget",
                "spec": {"minAvailable": 1, "maxUnavailable": 1},
            },
            "spec.maxUnavailable",
        ),
        (
            "kubernetes:core/v1:PersistentVolumeClaim",
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": {"accessModes": ["ReadWriteOnce"]}},
            "spec.resources.requests.storage",
        ),
        (
            "kubernetes:batch/v1:Job",
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "spec": {
                    "template": {"spec": {"containers": [{"name": "a", "image": "b"}], "restartPolicy": "Always"}}
                },
            },
            "spec.template.spec.restartPolicy",
        ),
        (
            "kubernetes:scheduling.k8s.io/v1:PriorityClass",
            {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "value": "high"},
            "value",
        ),
        (
            "kubernetes:core/v1:NamespacePatch",
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"a": "b"}}},
            "metadata.name",
        ),
    ],
)
def test_each_kind_has_its_own_rules(cluster, token, manifest, where):
    assert list(cluster.refusals(token, manifest)) == [where]


def test_a_kind_that_the_clusters_version_has_lost_is_refused(cluster):
    old = {"apiVersion": "autoscaling/v2beta2", "kind": "HorizontalPodAutoscaler", "spec": {}}
    failures = cluster.refusals("kubernetes:autoscaling/v2beta2:HorizontalPodAutoscaler", old)
    assert list(failures) == ["apiVersion"]
    assert "on Kubernetes 1.35" in failures["apiVersion"]
    assert "1.25" in failures["apiVersion"], "the versions that had it are named"


def test_the_schemas_are_those_of_the_clusters_version(cluster_with, kubeconfig_of, deployment):
    newer = changed(deployment, ("spec", "template", "spec", "resources"), {"limits": {"cpu": "4"}})
    assert cluster_with(kubeconfig=kubeconfig_of("1.35")).refusals(DEPLOYMENT, newer) == {}
    older = cluster_with(kubeconfig=kubeconfig_of("1.31")).refusals(DEPLOYMENT, newer)
    assert list(older) == ["spec.template.spec.resources"], "pods had no resources of their own before 1.32"


def test_a_guessed_version_is_said_to_be_one(cluster_with, deployment):
    failures = cluster_with().refusals(DEPLOYMENT, changed(deployment, ("spec", "replicas"), "three"))
    assert "the cluster's version is not known" in failures["spec.replicas"]


def test_a_secret_value_is_never_shown(cluster):
    hidden = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": 12345678}
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"password": hidden}}
    failures = cluster.refusals("kubernetes:core/v1:ConfigMap", manifest)
    assert "[secret]" in failures["data.password"]
    assert "12345678" not in failures["data.password"]


def test_a_release_is_held_to_the_arguments_of_helm(cluster):
    bad = {
        "chart": "oci://quay.io/jetstack/charts/cert-manager",
        "repositoryOpts": {"repo": "ftp://x"},
        "timeuot": 3,
        "name": "A" * 60,
    }
    assert set(cluster.refusals("kubernetes:helm.sh/v3:Release", bad)) == {"timeuot", "name", "repositoryOpts.repo"}


def test_a_kubeconfig_that_is_none_is_refused_without_showing_it(cluster):
    failures = list(cluster.provider.check_config({"kubeconfig": "token: hunter2: ["}))
    assert [failure.path for failure in failures] == ["kubeconfig"]
    assert "hunter2" not in failures[0].reason()
