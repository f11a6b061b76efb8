"""The Kubernetes provider over a real API server: what it applies, what is refused in whose words, what becomes of pods and claims."""

import json

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from kubeml_simulator.kubernetes.control_plane import nodes
from kubeml_simulator.kubernetes.control_plane.provider import ControlPlaneProvider
from kubeml_simulator.kubernetes.control_plane.waiting import until
from kubeml_simulator.provider.values import plain, struct
from pulumi_kubeml.capacity.model import Pool

KUBECONFIG = json.dumps(
    {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://A1.gr7.us-east-1.eks.amazonaws.com"}}],
        "users": [{"name": "u", "user": {}}],
    }
)
ZONES = ("us-east-1a", "us-east-1b")
POOL = Pool("general", 2, {"kubeml.io/pool": "general"}, (), {"cpu": 3920, "memory": 2**34, "pods": 58}, zones=ZONES)
PAUSE = {"name": "main", "image": "none", "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}
HARDENED = {
    **PAUSE,
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
}


class RefusalError(Exception):
    """What the provider answered instead of doing it."""


class Refusing:
    def abort(self, code, details):
        raise RefusalError(details)


class Applied:
    """A provider and what a test asks of it, in plain values."""

    def __init__(self, cluster, server=KUBECONFIG):
        self.provider = ControlPlaneProvider(cluster)
        self.provider.Configure(pb.ConfigureRequest(args=struct({"kubeconfig": server})), Refusing())

    def create(self, token, inputs, name="it"):
        urn = f"urn:pulumi:dev::shop::{token}::{name}"
        checked = self.provider.Check(pb.CheckRequest(urn=urn, news=struct(inputs)), Refusing())
        assert not checked.failures, checked.failures
        answer = self.provider.Create(pb.CreateRequest(urn=urn, properties=checked.inputs), Refusing())
        return answer.id, plain(answer.properties)

    def update(self, token, identity, old, inputs, name="it"):
        urn = f"urn:pulumi:dev::shop::{token}::{name}"
        request = pb.UpdateRequest(urn=urn, id=identity, olds=struct(old), news=struct(inputs))
        return plain(self.provider.Update(request, Refusing()).properties)

    def delete(self, token, identity, state, name="it"):
        urn = f"urn:pulumi:dev::shop::{token}::{name}"
        self.provider.Delete(pb.DeleteRequest(urn=urn, id=identity, properties=struct(state)), Refusing())

    def config_map(self, namespace, **data):
        metadata = {"name": "settings", "namespace": namespace}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def deployment(namespace, replicas, container=PAUSE, name="web"):
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def job(namespace, **replicas):
    roles = {
        role: {"replicas": count, "template": {"spec": {"containers": [PAUSE]}}} for role, count in replicas.items()
    }
    return {
        "apiVersion": "kubeflow.org/v1",
        "kind": "TFJob",
        "metadata": {"name": "fit", "namespace": namespace},
        "spec": {"tfReplicaSpecs": roles},
    }


@pytest.fixture
def stack(cluster):
    return Applied(cluster)


@pytest.fixture
def general(client):
    nodes.register(client, list(nodes.manifests(POOL, POOL.max)))


CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
TFJOB = "kubernetes:kubeflow.org/v1:TFJob"
OPERATOR = "kubernetes:kustomize/v2:Directory"
OPERATOR_SOURCE = "https://github.com/kubeflow/trainer/tree/v1.9.4/manifests/overlays/standalone"


def test_an_object_is_applied_changed_and_deleted(stack, client, namespace):
    identity, state = stack.create(CONFIG_MAP, stack.config_map(namespace, size="3"))
    assert identity == f"{namespace}/settings"
    assert state["metadata"]["uid"] == client.get("v1", "ConfigMap", "settings", namespace)["metadata"]["uid"]
    after = stack.update(CONFIG_MAP, identity, state, stack.config_map(namespace, size="4"))
    assert client.get("v1", "ConfigMap", "settings", namespace)["data"] == {"size": "4"} == after["data"]
    stack.delete(CONFIG_MAP, identity, after)
    assert client.get("v1", "ConfigMap", "settings", namespace) is None


def test_an_object_that_is_there_is_not_made_again(stack, namespace):
    stack.create(CONFIG_MAP, stack.config_map(namespace))
    with pytest.raises(RefusalError, match='configmaps "settings" already exists'):
        stack.create(CONFIG_MAP, stack.config_map(namespace), name="again")


def test_a_secret_of_a_stack_is_not_given_back_in_another_form(stack, namespace):
    inputs = {"apiVersion": "v1", "kind": "Secret", "stringData": {"password": "hunter2hunter2"}}
    _, state = stack.create("kubernetes:core/v1:Secret", {**inputs, "metadata": {"name": "s", "namespace": namespace}})
    assert "data" not in state
    assert "hunter2" not in json.dumps({key: value for key, value in state.items() if key != "stringData"})


def test_a_missing_namespace_is_told_in_the_api_servers_words(stack):
    with pytest.raises(RefusalError, match='ConfigMap "nowhere/settings": namespaces "nowhere" not found'):
        stack.create(CONFIG_MAP, stack.config_map("nowhere"))


def test_a_kind_that_nothing_defines_is_told(stack, namespace):
    kueue = {
        "apiVersion": "kueue.x-k8s.io/v1beta1",
        "kind": "LocalQueue",
        "metadata": {"name": "q", "namespace": namespace},
    }
    with pytest.raises(RefusalError, match=r'no matches for kind "LocalQueue" in version "kueue\.x-k8s\.io/v1beta1"'):
        stack.create("kubernetes:kueue.x-k8s.io/v1beta1:LocalQueue", kueue)


def test_a_quota_refuses_a_claim_in_its_own_words(stack, client, namespace):
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "team", "namespace": namespace}}
    stack.create("kubernetes:core/v1:ResourceQuota", {**quota, "spec": {"hard": {"persistentvolumeclaims": "0"}}})
    stack.create("kubernetes:storage.k8s.io/v1:StorageClass", storage_class("shared", "efs.csi.aws.com", "Immediate"))
    with pytest.raises(RefusalError, match=r"exceeded quota: team, requested: persistentvolumeclaims=1"):
        stack.create(CLAIM, claim(namespace, "shared", "ReadWriteMany"))


def test_pods_of_a_deployment_run_on_nodes_and_the_state_is_the_real_one(stack, cluster, general, namespace):
    _, state = stack.create(DEPLOYMENT, deployment(namespace, 3))
    assert state["status"]["readyReplicas"] == 3
    rows = [each for each in cluster.settle() if each.namespace == namespace]
    assert [(each.owner, each.pool, each.phase) for each in rows] == [("Deployment/web", "general", "Running")] * 3


def test_pod_security_refuses_pods_and_the_row_says_so(stack, cluster, client, general, namespace):
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}})
    stack.create(DEPLOYMENT, deployment(namespace, 2))
    rows = [each for each in cluster.settle() if each.namespace == namespace]
    assert [each.refused for each in rows] == [True, True]
    assert 'violates PodSecurity "restricted:latest"' in rows[0].reason


def test_pods_of_a_job_follow_each_other_in_the_stated_order(stack, cluster, client, general, namespace):
    stack.provider.construct(OPERATOR, "operator", {"directory": OPERATOR_SOURCE})
    stack.create(TFJOB, job(namespace, PS=2, Worker=3, Chief=1))
    rows = [each for each in cluster.settle() if each.owner == "TFJob/fit"]
    names = [each.name.removeprefix("fit-") for each in rows]
    assert names == ["chief-0", "worker-0", "worker-1", "worker-2", "ps-0", "ps-1"]
    made = {
        each["metadata"]["name"]: int(each["metadata"]["resourceVersion"])
        for each in client.list("v1", "Pod", namespace)
    }
    assert len(made) == 6
    assert [bool(each.node) for each in rows] == [True] * 6, "two nodes have room for three each"


def test_the_first_pods_of_a_job_get_the_room_and_the_last_wait(stack, cluster, general, namespace):
    stack.provider.construct(OPERATOR, "operator", {"directory": OPERATOR_SOURCE})
    stack.create(TFJOB, job(namespace, PS=2, Worker=5, Chief=1))
    rows = {each.name: each for each in cluster.settle() if each.owner == "TFJob/fit"}
    assert [name for name, each in rows.items() if not each.node] == ["fit-ps-0", "fit-ps-1"]
    assert rows["fit-ps-1"].reason.startswith("0/2 nodes are available: 2 Insufficient cpu.")


def test_a_member_beyond_the_quota_is_not_made_and_says_why(stack, cluster, general, namespace):
    stack.provider.construct(OPERATOR, "operator", {"directory": OPERATOR_SOURCE})
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "team", "namespace": namespace}}
    stack.create("kubernetes:core/v1:ResourceQuota", {**quota, "spec": {"hard": {"requests.cpu": "2"}}})
    stack.create(TFJOB, job(namespace, Worker=3))
    rows = {each.name: each for each in cluster.settle() if each.owner == "TFJob/fit"}
    assert [name for name, each in rows.items() if each.refused] == ["fit-worker-2"]
    assert "exceeded quota: team, requested: requests.cpu=1, used: requests.cpu=2" in rows["fit-worker-2"].reason


def test_a_deleted_job_takes_its_pods_along(stack, client, general, namespace):
    stack.provider.construct(OPERATOR, "operator", {"directory": OPERATOR_SOURCE})
    identity, state = stack.create(TFJOB, job(namespace, Worker=2))
    assert len(client.list("v1", "Pod", namespace)) == 2
    stack.delete(TFJOB, identity, state)
    until(
        lambda: not client.list("v1", "Pod", namespace),
        seconds=30,
        otherwise=lambda: AssertionError("the pods of a deleted job are left"),
    )


def test_a_release_brings_its_definitions_and_stand_ins_of_what_it_runs(stack, cluster, client, general):
    release = {
        "chart": "oci://quay.io/jetstack/charts/cert-manager",
        "name": "cert-manager",
        "namespace": "cert-manager",
        "createNamespace": True,
        "values": {"crds": {"enabled": True}},
    }
    _, state = stack.create("kubernetes:helm.sh/v3:Release", release)
    assert state["status"]["status"] == "deployed"
    assert client.serves("cert-manager.io/v1", "Certificate")
    running = {each["metadata"]["name"] for each in client.list("apps/v1", "Deployment", "cert-manager")}
    assert running == {name.rpartition("/")[2] for name in state["resourceNames"]["Deployment/apps/v1"]}
    rows = [each for each in cluster.settle() if each.namespace == "cert-manager"]
    assert {each.phase for each in rows} == {"Running"}


def test_a_stateful_stand_in_gets_its_volumes_of_the_default_class(stack, cluster, client, general):
    kind = storage_class("block", "ebs.csi.aws.com", "WaitForFirstConsumer")
    kind["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    stack.create("kubernetes:storage.k8s.io/v1:StorageClass", kind)
    repository = {"repo": "https://grafana-community.github.io/helm-charts"}
    release = {
        "chart": "tempo",
        "name": "tempo",
        "namespace": "tempo",
        "createNamespace": True,
        "repositoryOpts": repository,
    }
    stack.create("kubernetes:helm.sh/v3:Release", release)
    (row,) = (each for each in cluster.settle() if each.namespace == "tempo")
    assert (row.owner, row.phase) == ("StatefulSet/tempo", "Running")
    (bound,) = client.list("v1", "PersistentVolumeClaim", "tempo")
    assert (bound["status"]["phase"], bound["status"]["capacity"]["storage"]) == ("Bound", str(50 * 2**30))


def test_a_second_cluster_is_refused(stack, cluster, namespace):
    stack.create(CONFIG_MAP, stack.config_map(namespace))
    other = Applied(cluster, KUBECONFIG.replace("A1.gr7", "B2.gr7"))
    with pytest.raises(RefusalError, match="a control plane stands for one cluster"):
        other.create(CONFIG_MAP, other.config_map(namespace, a="b"), name="other")


def storage_class(name, driver, mode):
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name},
        "provisioner": driver,
        "volumeBindingMode": mode,
    }


def claim(namespace, storage, mode):
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": namespace},
        "spec": {"storageClassName": storage, "accessModes": [mode], "resources": {"requests": {"storage": "10Gi"}}},
    }


def test_a_claim_of_a_shared_class_is_bound_at_once(stack, client, namespace):
    stack.create("kubernetes:storage.k8s.io/v1:StorageClass", storage_class("shared", "efs.csi.aws.com", "Immediate"))
    _, state = stack.create(CLAIM, claim(namespace, "shared", "ReadWriteMany"))
    assert state["status"]["phase"] == "Bound"
    volume = client.get("v1", "PersistentVolume", state["spec"]["volumeName"])
    assert volume["spec"]["csi"]["driver"] == "efs.csi.aws.com"
    assert "nodeAffinity" not in volume["spec"]


def test_a_claim_that_waits_is_bound_in_the_zone_of_its_pods_node(stack, cluster, client, general, namespace):
    kind = storage_class("block", "ebs.csi.aws.com", "WaitForFirstConsumer")
    stack.create("kubernetes:storage.k8s.io/v1:StorageClass", kind)
    _, state = stack.create(CLAIM, claim(namespace, "block", "ReadWriteOnce"))
    assert state["status"]["phase"] == "Pending"
    manifest = deployment(namespace, 1)
    pod = manifest["spec"]["template"]["spec"]
    pod["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    stack.create(DEPLOYMENT, manifest)
    (row,) = (each for each in cluster.settle() if each.namespace == namespace)
    bound = client.get("v1", "PersistentVolumeClaim", "data", namespace)
    volume = client.get("v1", "PersistentVolume", bound["spec"]["volumeName"])
    (term,) = volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    zone = client.get("v1", "Node", row.node)["metadata"]["labels"]["topology.kubernetes.io/zone"]
    assert term["matchExpressions"] == [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}]


def test_a_claim_that_no_volume_can_satisfy_is_refused(stack, namespace):
    kind = storage_class("block", "ebs.csi.aws.com", "WaitForFirstConsumer")
    stack.create("kubernetes:storage.k8s.io/v1:StorageClass", kind)
    with pytest.raises(RefusalError, match=r"ReadWriteMany is not possible on ebs\.csi\.aws\.com"):
        stack.create(CLAIM, claim(namespace, "block", "ReadWriteMany"))
