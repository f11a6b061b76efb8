"""A cluster to talk to in plain values: the provider's own protocol methods, as an engine calls them."""

import json

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from kubeml_simulator.kubernetes import KubernetesProvider
from kubeml_simulator.provider.values import plain, struct


class ApiError(Exception):
    """What the provider answered instead of doing it."""


class Refusing:
    """The context of a call: an abort is an exception."""

    def abort(self, code, details):
        raise ApiError(details)


class Cluster:
    """One simulated cluster and the requests of a test."""

    def __init__(self, **config):
        self.provider = KubernetesProvider(failures=config.pop("failures", ()))
        self.provider.Configure(pb.ConfigureRequest(args=struct(config)), Refusing())

    @staticmethod
    def urn(token, name):
        return f"urn:pulumi:dev::shop::{token}::{name}"

    def check(self, token, name, inputs, old=None):
        request = pb.CheckRequest(urn=self.urn(token, name), news=struct(inputs), olds=struct(old or {}))
        answer = self.provider.Check(request, Refusing())
        reasons = {}
        for failure in answer.failures:
            reasons[failure.property] = "; ".join(filter(None, [reasons.get(failure.property), failure.reason]))
        return plain(answer.inputs), reasons

    def refusals(self, token, inputs):
        return self.check(token, "it", inputs)[1]

    def create(self, token, name, inputs, *, preview=False):
        checked, failures = self.check(token, name, inputs)
        assert not failures, failures
        request = pb.CreateRequest(urn=self.urn(token, name), properties=struct(checked), preview=preview)
        answer = self.provider.Create(request, Refusing())
        return answer.id, plain(answer.properties), checked

    def diff(self, token, name, made, inputs):
        identity, state, before = made
        request = pb.DiffRequest(
            id=identity, urn=self.urn(token, name), olds=struct(state), old_inputs=struct(before), news=struct(inputs)
        )
        return self.provider.Diff(request, Refusing())

    def update(self, token, name, made, inputs, *, preview=False):
        identity, state, before = made
        request = pb.UpdateRequest(
            id=identity, urn=self.urn(token, name), olds=struct(state), old_inputs=struct(before), news=struct(inputs), preview=preview
        )  # fmt: skip
        return plain(self.provider.Update(request, Refusing()).properties)

    def read(self, token, name, made):
        request = pb.ReadRequest(
            id=made[0], urn=self.urn(token, name), properties=struct(made[1]), inputs=struct(made[2])
        )
        return plain(self.provider.Read(request, Refusing()).properties)

    def delete(self, token, name, made):
        self.provider.Delete(
            pb.DeleteRequest(id=made[0], urn=self.urn(token, name), properties=struct(made[1])), Refusing()
        )

    def namespace(self, name="research"):
        return self.create(
            "kubernetes:core/v1:Namespace", name, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        )


def kubeconfig(version="", server="https://0A1B.gr7.us-east-1.eks.amazonaws.com"):
    """A kubeconfig as the cluster component writes it."""
    extensions = [{"name": "kubeml.io/cluster", "extension": {"kubernetesVersion": version}}] if version else []
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "it",
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
            "clusters": [{"name": "it", "cluster": {"server": server, "extensions": extensions}}],
            "users": [{"name": "it", "user": {}}],
        }
    )


@pytest.fixture
def cluster():
    """An EKS cluster of Kubernetes 1.35."""
    return Cluster(kubeconfig=kubeconfig("1.35"))


@pytest.fixture
def cluster_with():
    """Makes a cluster with another configuration."""
    return Cluster


@pytest.fixture
def kubeconfig_of():
    """Makes a kubeconfig."""
    return kubeconfig


@pytest.fixture
def api_error():
    """What a refused operation raises."""
    return ApiError


@pytest.fixture
def deployment():
    """A deployment that nothing is wrong with."""
    labels = {"app": "ml-model"}
    container = {
        "name": "model",
        "image": "your-registry/ml-model:v1.0.0",
        "ports": [{"name": "http", "containerPort": 5000}],
        "env": [{"name": "MODEL_PATH", "value": "/models/model.pkl"}],
        "resources": {
            "requests": {"cpu": "1", "memory": "2Gi", "nvidia.com/gpu": "1"},
            "limits": {"cpu": "2", "memory": "4Gi", "nvidia.com/gpu": "1"},
        },
        "volumeMounts": [{"name": "models", "mountPath": "/models"}],
        "readinessProbe": {"httpGet": {"path": "/", "port": "http"}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "ml-model", "namespace": "research"},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": dict(labels)},
                "spec": {
                    "containers": [container],
                    "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
                    "volumes": [{"name": "models", "persistentVolumeClaim": {"claimName": "model-pvc"}}],
                },
            },
        },
    }
