"""The cluster remembers what was made in it, and answers accordingly."""

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from kubeml_simulator.kubernetes import claims

NAMESPACE = "kubernetes:core/v1:Namespace"
SERVICE = "kubernetes:core/v1:Service"
RELEASE = "kubernetes:helm.sh/v3:Release"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"
TFJOB = "kubernetes:kubeflow.org/v1:TFJob"
DIRECTORY = "kubernetes:kustomize/v2:Directory"


def service(name="web", namespace="research", **spec):
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80}], **spec},
    }


def issuer():
    return {"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": {"name": "self"}, "spec": {}}


def cert_manager(**values):
    return {
        "chart": "oci://quay.io/jetstack/charts/cert-manager",
        "version": "v1.21.1",
        "name": "cert-manager",
        "namespace": "cert-manager",
        "createNamespace": True,
        "values": values,
    }


def storage_class(name, provisioner, mode="WaitForFirstConsumer", **more):
    return {
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": name, **more},
        "provisioner": provisioner, "volumeBindingMode": mode,
    }  # fmt: skip


def claim(name="model-pvc", *, storage_class="block", mode="ReadWriteOnce"):
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": "research"},
        "spec": {
            "accessModes": [mode],
            "storageClassName": storage_class,
            "resources": {"requests": {"storage": "10Gi"}},
        },
    }


def bindings_of(cluster):
    return claims.bindings(cluster.provider.world, cluster.provider.facts)


def test_an_object_needs_its_namespace(cluster, api_error):
    with pytest.raises(api_error, match='namespaces "research" not found'):
        cluster.create(SERVICE, "web", service())
    cluster.namespace("research")
    assert cluster.create(SERVICE, "web", service())[0] == "research/web"


def test_a_preview_does_not_ask_whether_the_namespace_exists(cluster):
    assert cluster.create(SERVICE, "web", service(), preview=True)[0] == ""


@pytest.mark.parametrize("namespace", ["default", "kube-system"])
def test_the_systems_namespaces_are_there_from_the_start(cluster, namespace):
    assert cluster.create(SERVICE, "web", service(namespace=namespace))[0] == f"{namespace}/web"


def test_a_release_may_make_its_namespace(cluster):
    cluster.create(RELEASE, "cert-manager", cert_manager())
    assert cluster.create(SERVICE, "web", service(namespace="cert-manager"))[0] == "cert-manager/web"


def test_a_release_without_its_namespace_is_not_installed(cluster, api_error):
    with pytest.raises(api_error, match="set createNamespace"):
        cluster.create(RELEASE, "cert-manager", {**cert_manager(), "createNamespace": False})


def test_two_objects_cannot_have_one_name(cluster, api_error):
    cluster.namespace()
    cluster.create(SERVICE, "web", service())
    with pytest.raises(api_error, match='services "web" already exists'):
        cluster.create(SERVICE, "again", service())


def test_what_is_deleted_can_be_made_again(cluster):
    cluster.namespace()
    cluster.delete(SERVICE, "web", cluster.create(SERVICE, "web", service()))
    assert cluster.create(SERVICE, "web", service())[0] == "research/web"


def test_an_unchanged_stack_teaches_a_new_process_what_exists(cluster, cluster_with, api_error):
    made = cluster.namespace()
    later = cluster_with()
    with pytest.raises(api_error, match="not found"):
        later.create(SERVICE, "web", service())
    later.diff(NAMESPACE, "research", made, made[2])
    assert later.create(SERVICE, "web", service())[0] == "research/web"


def test_a_custom_resource_needs_its_definition(cluster, api_error):
    with pytest.raises(
        api_error, match=r'no matches for kind "ClusterIssuer" in version "cert-manager.io/v1".*cert-manager'
    ):
        cluster.create(ISSUER, "self", issuer())
    cluster.create(RELEASE, "cert-manager", cert_manager(crds={"enabled": True}))
    assert cluster.create(ISSUER, "self", issuer())[0] == "self", "a cluster issuer has no namespace"


def test_a_chart_without_its_definitions_switched_on_defines_nothing(cluster, api_error):
    cluster.create(RELEASE, "cert-manager", cert_manager())
    with pytest.raises(api_error, match="no matches for kind"):
        cluster.create(ISSUER, "self", issuer())


def test_a_custom_resource_is_not_refused_in_a_preview(cluster):
    assert cluster.create(ISSUER, "self", issuer(), preview=True)[0] == ""


def test_a_wrong_version_of_a_known_kind_is_refused(cluster, api_error):
    cluster.create(RELEASE, "cert-manager", cert_manager(crds={"enabled": True}))
    old = {**issuer(), "apiVersion": "cert-manager.io/v1alpha2"}
    with pytest.raises(api_error, match=r"it is served in cert-manager.io/v1$"):
        cluster.create("kubernetes:cert-manager.io/v1alpha2:ClusterIssuer", "self", old)


def test_a_definition_made_as_an_object_counts(cluster):
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "issuers.cert-manager.io"},
        "spec": {
            "group": "cert-manager.io",
            "names": {"kind": "ClusterIssuer", "plural": "clusterissuers"},
            "scope": "Cluster",
            "versions": [{"name": "v1", "served": True, "storage": True}],
        },
    }
    cluster.create("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", "it", definition)
    assert cluster.create(ISSUER, "self", issuer())[0] == "self"


def test_a_kustomization_of_the_chart_table_defines_its_kinds_and_namespace(cluster, api_error):
    job = {
        "apiVersion": "kubeflow.org/v1",
        "kind": "TFJob",
        "metadata": {"name": "a", "namespace": "kubeflow"},
        "spec": {},
    }
    with pytest.raises(api_error, match="training-operator"):
        cluster.create(TFJOB, "a", job)
    source = "https://github.com/kubeflow/trainer/tree/v1.9.4/manifests/overlays/standalone"
    outputs = cluster.provider.construct(DIRECTORY, cluster.urn(DIRECTORY, "operator"), {"directory": source})
    assert outputs == {"resources": []}
    assert cluster.create(TFJOB, "a", job)[0] == "kubeflow/a"


def test_where_something_unknown_was_applied_nothing_is_refused_for_lack_of_a_definition(cluster):
    cluster.provider.construct(DIRECTORY, cluster.urn(DIRECTORY, "operator"), {"directory": "https://example.com/own"})
    assert cluster.create(ISSUER, "self", issuer())[0] == "self"


@pytest.mark.parametrize("inputs", [{}, {"directory": "x", "directroy": "y"}])
def test_a_component_with_wrong_inputs_is_refused(cluster, api_error, inputs):
    from kubeml_simulator.provider.values import struct

    request = pb.ConstructRequest(type=DIRECTORY, name="operator", inputs=struct(inputs))
    with pytest.raises(api_error, match="director"):
        cluster.provider.Construct(
            request, type("Context", (), {"abort": lambda _, __, details: (_ for _ in ()).throw(api_error(details))})()
        )


def test_a_claim_binds_at_once_or_with_its_first_pod(cluster, deployment):
    cluster.namespace()
    cluster.create(CLASS, "block", storage_class("block", "ebs.csi.aws.com"))
    cluster.create(CLASS, "shared", storage_class("shared", "efs.csi.aws.com", "Immediate"))
    _, shared, _ = cluster.create(CLAIM, "shared", claim("data", storage_class="shared", mode="ReadWriteMany"))
    assert shared["status"]["phase"] == "Bound"
    assert shared["spec"]["volumeName"].startswith("pvc-")
    made = cluster.create(CLAIM, "model-pvc", claim())
    assert made[1]["status"] == {"phase": "Pending"}
    assert [name for name, _ in bindings_of(cluster)] == ["research/data"]
    cluster.create("kubernetes:apps/v1:Deployment", "ml-model", deployment)
    bound = dict(bindings_of(cluster))["research/model-pvc"]
    assert bound.persistent_volume["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert bound.zone == "us-east-1a", "a disk is in a zone"
    assert cluster.read(CLAIM, "model-pvc", made)["status"]["phase"] == "Bound"
    assert dict(bindings_of(cluster))["research/data"].zone == "", "a shared file system is not"


def test_a_claim_is_refused_when_no_volume_could_ever_satisfy_it(cluster, api_error):
    cluster.namespace()
    cluster.create(CLASS, "block", storage_class("block", "ebs.csi.aws.com"))
    with pytest.raises(api_error, match=r"ReadWriteMany is not possible on ebs.csi.aws.com"):
        cluster.create(CLAIM, "data", claim(mode="ReadWriteMany"))
    with pytest.raises(api_error, match=r'storageclass.storage.k8s.io "fast" not found; the cluster has: block, gp2'):
        cluster.create(CLAIM, "data", claim(storage_class="fast"))


def test_a_claim_without_a_class_takes_the_default(cluster, api_error):
    cluster.namespace()
    without = claim()
    del without["spec"]["storageClassName"]
    with pytest.raises(api_error, match="no default storage class"):
        cluster.create(CLAIM, "data", without)
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"}
    cluster.create(CLASS, "block", storage_class("block", "ebs.csi.aws.com", annotations=annotations))
    assert cluster.create(CLAIM, "data", without)[1]["spec"]["storageClassName"] == "block"


def test_what_fails_as_asked_is_not_made(cluster_with, api_error):
    failing = cluster_with(failures=[f"{NAMESPACE}::research"])
    with pytest.raises(api_error, match="research failed"):
        failing.namespace()
    assert failing.provider.world.all(NAMESPACE) == []


def test_a_bound_claim_keeps_its_volume_even_where_its_class_is_not_known(cluster, cluster_with):
    cluster.namespace()
    cluster.create(CLASS, "shared", storage_class("shared", "efs.csi.aws.com", "Immediate"))
    made = cluster.create(CLAIM, "data", claim("data", storage_class="shared", mode="ReadWriteMany"))
    later = cluster_with()
    assert later.read(CLAIM, "data", made) == made[1], "a refresh of a bound claim finds it as it was"
    more = {**made[2], "spec": {**made[2]["spec"], "resources": {"requests": {"storage": "20Gi"}}}}
    grown = later.update(CLAIM, "data", made, more)
    assert grown["spec"]["volumeName"] == made[1]["spec"]["volumeName"]
    assert grown["status"]["capacity"] == {"storage": "20Gi"}
