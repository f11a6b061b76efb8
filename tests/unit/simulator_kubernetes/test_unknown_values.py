"""An unknown is never a reason to refuse, whatever it stands for."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeml_simulator.kubernetes import KubernetesProvider
from kubeml_simulator.provider.values import UNKNOWN

RELEASE = "kubernetes:helm.sh/v3:Release"
POD = {
    "containers": [
        {
            "name": "a",
            "image": "b",
            "imagePullPolicy": "Always",
            "ports": [{"name": "http", "containerPort": 5000}],
            "resources": {"requests": {"cpu": "3", "nvidia.com/gpu": "2"}, "limits": {"cpu": "2", "nvidia.com/gpu": 1}},
            "volumeMounts": [{"name": "data", "mountPath": "/data"}, {"name": "none", "mountPath": "/data"}],
            "livenessProbe": {"httpGet": {"port": "http"}, "tcpSocket": {"port": 80000}},
            "env": [{"name": "A", "value": "x", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
        }
    ],
    "restartPolicy": "OnFailure",
    "tolerations": [
        {"key": "nvidia.com/gpu", "operator": "Exists", "value": "x", "effect": "NoSchedule", "tolerationSeconds": 3}
    ],
    "volumes": [{"name": "data", "emptyDir": {"sizeLimit": "1Gi"}, "hostPath": {"path": "/"}}],
}
# Sound and broken objects alike: an unknown may take reasons away and never add one.
OBJECTS = [
    ("kubernetes:apps/v1:Deployment", {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "A", "labels": {"x": "y"}}, "spec": {
        "replicas": -1, "selector": {"matchLabels": {"app": "a"}}, "strategy": {"type": "Recreate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}},
        "template": {"metadata": {"labels": {"app": "b"}}, "spec": POD}}}),
    ("kubernetes:apps/v1:StatefulSet", {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "a"}, "spec": {
        "serviceName": "a", "selector": {"matchLabels": {"app": "a"}}, "template": {"metadata": {"labels": {"app": "a"}}, "spec": POD},
        "volumeClaimTemplates": [{"metadata": {"name": "none"}, "spec": {"accessModes": [], "resources": {"requests": {"storage": "x"}}}}]}}),
    ("kubernetes:batch/v1:Job", {"apiVersion": "batch/v1", "kind": "Job", "spec": {"completionMode": "Indexed", "template": {"spec": POD}}}),
    ("kubernetes:core/v1:Service", {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "1a"}, "spec": {
        "type": "NodePort", "selector": {"a b": "c"}, "loadBalancerClass": "x", "ports": [{"port": 0, "nodePort": 80}, {"name": "a", "port": 1, "targetPort": "x"}]}}),
    ("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "spec": {
        "minReplicas": 3, "maxReplicas": 2, "scaleTargetRef": {"apiVersion": "v1", "kind": "Deployment", "name": "a"},
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageValue": "1"}}}, {"type": "External"}]}}),
    ("kubernetes:networking.k8s.io/v1:NetworkPolicy", {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": {
        "podSelector": {}, "policyTypes": ["Sideways"], "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.0.0.0/8"]}, "podSelector": {}}],
        "ports": [{"port": 80, "endPort": 79}]}]}}),
    ("kubernetes:core/v1:ResourceQuota", {"apiVersion": "v1", "kind": "ResourceQuota", "spec": {"hard": {"gpus": "x", "pods": "-1"}}}),
    ("kubernetes:core/v1:LimitRange", {"apiVersion": "v1", "kind": "LimitRange", "spec": {"limits": [{"type": "Container", "min": {"cpu": "2"}, "max": {"cpu": "1"}}]}}),
    ("kubernetes:core/v1:PersistentVolumeClaim", {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": {"accessModes": ["Any"], "resources": {"requests": {}}}}),
    ("kubernetes:policy/v1:PodDisruptionBudget", {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "spec": {"minAvailable": 1, "maxUnavailable": 1}}),
    ("kubernetes:core/v1:NamespacePatch", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"a": "?"}}}),
    ("kubernetes:kubeflow.org/v1:TFJob", {"apiVersion": "kubeflow.org/v1", "kind": "TFJob", "metadata": {"name": "A"}, "spec": {"x": [1]}}),
    (RELEASE, {"chart": "oci://x/y", "name": "A", "namespace": "B", "repositoryOpts": {"repo": "ftp://x"}, "values": {"a": {"b": 1}}}),
]  # fmt: skip


def places(value, path=()):
    """Every place in a value, outermost first."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(item, (*path, key))


def replaced(manifest, paths):
    result = copy.deepcopy(manifest)
    for *above, last in paths:
        place = result
        for key in above:
            place = place[key] if place != UNKNOWN else UNKNOWN
            if place == UNKNOWN:
                break
        else:
            place[last] = UNKNOWN
    return result


def refused(token, manifest):
    return {
        (failure.path, failure.why)
        for failure in KubernetesProvider().check(token, f"urn:pulumi:dev::p::{token}::it", manifest)
    }


@pytest.mark.parametrize(("token", "manifest"), OBJECTS, ids=[token for token, _ in OBJECTS])
def test_a_broken_object_is_refused_to_begin_with(token, manifest):
    assert refused(token, manifest)


@pytest.mark.parametrize(("token", "manifest"), OBJECTS, ids=[token for token, _ in OBJECTS])
def test_no_single_unknown_adds_a_reason(token, manifest):
    before = refused(token, manifest)
    for path in places(manifest):
        if path in {("apiVersion",), ("kind",)}:
            continue
        more = refused(token, replaced(manifest, [path])) - before
        assert not more, f"unknown at {path}: {more}"


@given(st.sampled_from(OBJECTS), st.data())
def test_no_set_of_unknowns_adds_a_reason(chosen, data):
    token, manifest = chosen
    known = [path for path in places(manifest) if path not in {("apiVersion",), ("kind",)}]
    paths = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=6))
    assert not refused(token, replaced(manifest, paths)) - refused(token, manifest)


@given(st.sampled_from(OBJECTS), st.data())
def test_unknown_inputs_never_break_the_provider(chosen, data):
    token, manifest = chosen
    provider = KubernetesProvider()
    urn = f"urn:pulumi:dev::p::{token}::it"
    paths = data.draw(st.lists(st.sampled_from(list(places(manifest))), max_size=6))
    inputs = provider.complete(token, urn, replaced(manifest, paths), {})
    state = provider.outputs(token, urn, inputs, preview=True, identity="", old={})
    assert not provider.diff(token, urn, inputs, inputs, state).changes
    again = provider.outputs(token, urn, inputs, preview=True, identity="x", old=state)
    assert again.keys() == state.keys()
