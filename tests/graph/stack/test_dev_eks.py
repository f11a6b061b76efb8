"""The reference stack: what is in it is what was asked for, all of it in order, and nothing of it at random."""

import importlib.util

import pytest

from pulumi_kubeml.capacity import graph as read
from pulumi_kubeml.catalog.charts import released

RELEASE = "kubernetes:helm.sh/v3:Release"
SERVER, JOB, TEAM = "kubeml:index:ModelServer", "kubeml:index:TFJob", "kubeml:index:Team"


def name(urn):
    return urn.rpartition("::")[2]


def leaves(value, path=""):
    """One line a value, so that a change shows as what it is."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path} {key}" if not path or path.count(" ") < 2 else f"{path}.{key}")
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{index}]")
    else:
        yield f"{path.strip()} = {value}"


def test_no_resource_changed_its_name(dev_eks, snapshot):
    """A renamed resource is a deleted one and a new one: it needs an alias, and then this list changes on purpose."""
    assert (
        sorted(
            each["urn"].split("::", 2)[2]
            for each in dev_eks.resources
            if not each["type"].startswith("pulumi:providers:aws")
        )
        == snapshot
    )


@pytest.mark.parametrize("component", [TEAM, SERVER, JOB])
def test_what_a_component_asks_for_is_what_it_was(dev_eks, component, snapshot):
    assert sorted(leaves(dev_eks.inside(component))) == snapshot


def test_the_model_is_the_one_that_was_asked_for(dev_eks):
    deployment = dev_eks.inputs("ml-model-deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert deployment["metadata"]["name"] == "ml-model"
    assert deployment["spec"]["replicas"] == 3
    assert container["image"] == "your-registry/ml-model:v1.0.0"
    assert container["resources"] == {
        "requests": {"cpu": "1", "memory": "2Gi", "nvidia.com/gpu": "1"},
        "limits": {"cpu": "2", "memory": "4Gi", "nvidia.com/gpu": "1"},
    }
    assert {"name": "MODEL_PATH", "value": "/models/model.pkl"} in container["env"]
    assert {"name": "LOG_LEVEL", "value": "INFO"} in container["env"]
    assert {"name": "model-pvc", "mountPath": "/models"} in container["volumeMounts"]
    assert container["ports"] == [{"name": "http", "containerPort": 5000, "protocol": "TCP"}]
    (port,) = dev_eks.inputs("ml-model-service")["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (80, "http")


def test_the_autoscaler_follows_cpu_memory_and_requests(dev_eks):
    spec = dev_eks.inputs("ml-model-autoscaler")["spec"]
    cpu, memory, external = spec["metrics"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 20)
    assert cpu["resource"] == {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}
    assert memory["resource"] == {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 80}}
    assert external["external"] == {
        "metric": {"name": "requests_per_second", "selector": {"matchLabels": {"app": "ml-model"}}},
        "target": {"type": "AverageValue", "averageValue": "1000"},
    }
    (rule,) = dev_eks.inputs("platform-prometheus-adapter")["values"]["rules"]["external"]
    assert rule["name"]["as"] == external["external"]["metric"]["name"], (
        "the platform must offer what the autoscaler asks for"
    )


def test_the_load_balancer_is_inside_the_network_and_goes_before_its_controller(dev_eks):
    service = dev_eks.of("kubernetes:core/v1:Service")["ml-model-service"]
    assert (
        service["inputs"]["metadata"]["annotations"]["service.beta.kubernetes.io/aws-load-balancer-scheme"]
        == "internal"
    )
    assert all(cidr != "0.0.0.0/0" for cidr in service["inputs"]["spec"]["loadBalancerSourceRanges"])
    controller = dev_eks.of(RELEASE)["platform-aws-load-balancer-controller"]["urn"]
    assert controller in dev_eks.before(service), "without its controller a load balancer stays behind"
    assert "deletedWith" not in service, "a load balancer must be deleted, not forgotten"


def test_the_job_is_the_one_that_was_asked_for(dev_eks):
    roles = dev_eks.inputs("distributed-training-job")["spec"]["tfReplicaSpecs"]
    asked = {}
    for role, each in roles.items():
        (container,) = each["template"]["spec"]["containers"]
        data = [mount["mountPath"] for mount in container["volumeMounts"] if mount["name"] == "training-data-pvc"]
        asked[role] = (each["replicas"], container["resources"]["limits"], data)
        assert each["restartPolicy"] == "OnFailure"
        assert container["command"] == ["python", "/app/train.py", "--epochs=50", "--batch-size=64"]
        assert container["name"] == "tensorflow", "the operator looks for it by name"
    gpu = {"cpu": "4", "memory": "8Gi", "nvidia.com/gpu": "2"}
    assert asked == {
        "Chief": (1, gpu, ["/data"]),
        "Worker": (4, gpu, ["/data"]),
        "PS": (2, {"cpu": "2", "memory": "4Gi"}, []),
    }


def test_shared_memory_is_part_of_what_a_pod_may_use(dev_eks):
    for role, each in dev_eks.inputs("distributed-training-job")["spec"]["tfReplicaSpecs"].items():
        (shm,) = [volume["emptyDir"] for volume in each["template"]["spec"]["volumes"] if volume["name"] == "shm"]
        (container,) = each["template"]["spec"]["containers"]
        assert shm["medium"] == "Memory", role
        assert int(shm["sizeLimit"].removesuffix("Gi")) * 2 == int(
            container["resources"]["limits"]["memory"].removesuffix("Gi")
        )


def test_every_release_is_pinned_atomic_and_named(dev_eks):
    releases = dev_eks.of(RELEASE)
    assert len(releases) == 9
    for each in releases.values():
        inputs = each["inputs"]
        row = released(inputs["chart"], inputs.get("repositoryOpts", {}).get("repo"))
        assert row is not None, f"{inputs['chart']} is not in the chart table"
        assert (inputs["version"], inputs["namespace"]) == (row.version, row.namespace)
        assert inputs["atomic"] is True
        assert inputs["timeout"] >= 300
        assert inputs["name"], "a generated name would change with the state"


def test_every_value_of_a_release_is_one_that_its_chart_knows(dev_eks, shared):
    specification = importlib.util.spec_from_file_location("check_values", shared / "charts" / "check_values.py")
    checker = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(checker)
    for each in dev_eks.of(RELEASE).values():
        key = each["inputs"]["name"]
        facts = checker.load(shared / "charts" / f"{key}.json")
        assert checker.check(facts, each["inputs"].get("values", {})) == ([], []), key


def test_no_object_gets_a_name_at_random(dev_eks):
    for each in dev_eks.kubernetes():
        if each["type"] in {RELEASE, "kubernetes:kustomize/v2:Directory"}:
            continue
        assert each["inputs"]["metadata"].get("name"), f"{each['urn']} would be named anew"


def test_a_custom_resource_waits_for_what_defines_its_kind(dev_eks):
    definers = {
        "kubernetes:monitoring.coreos.com/v1:PodMonitor": "platform-prometheus-operator-crds",
        "kubernetes:kubeflow.org/v1:TFJob": "platform-training-operator",
    }
    for token, definer in definers.items():
        for each in dev_eks.of(token).values():
            assert definer in {name(urn) for urn in dev_eks.before(each)}, token


def test_whatever_is_in_a_team_waits_for_its_namespace(dev_eks):
    (space,) = [each["urn"] for each in dev_eks.kubernetes() if name(each["urn"]) == "research-namespace"]
    found = [each for each in dev_eks.kubernetes() if each["inputs"].get("metadata", {}).get("namespace") == "research"]
    assert len(found) > 10
    for each in found:
        assert space in dev_eks.before(each), each["urn"]


def test_everything_in_the_cluster_goes_through_the_cluster_of_this_stack(dev_eks):
    (provider,) = [each["urn"] for each in dev_eks.resources if each["type"] == "pulumi:providers:kubernetes"]
    graph = read.Graph(dev_eks.resources)
    (cluster,) = {graph.cluster_of(each) for each in graph.resources if each.provider.startswith(provider)}
    for each in dev_eks.kubernetes():
        if each.get("custom"):
            assert each["provider"].rpartition("::")[0] == provider, f"{each['urn']} uses another cluster"
        else:  # an engine keeps no provider of a component
            assert graph.cluster_of(graph.find(each["urn"])) == cluster, f"{each['urn']} is in another cluster"


def test_what_owns_something_outside_is_never_forgotten(dev_eks):
    owning = {"Service", "PersistentVolumeClaim", "Release", "Directory"}
    for each in dev_eks.kubernetes():
        if each["type"].rpartition(":")[2] in owning:
            assert "deletedWith" not in each, each["urn"]
