"""Claims read out of a graph: classes, templates, claims that pods share, and the devices that a driver tells of."""

from typing import Any

import pytest

from pulumi_kubeml.capacity.graph import UNKNOWN, Graph, landing
from pulumi_kubeml.catalog.charts import chart

CHART, REPOSITORY = chart("dra-driver-nvidia-gpu").reference
RELEASE = "kubernetes:helm.sh/v3:Release"


def made(kind: str, name: str, spec: Any, namespace: str = "research") -> dict[str, Any]:
    version = "apps/v1" if kind == "Deployment" else "resource.k8s.io/v1"
    token = f"kubernetes:{version}:{kind}"
    metadata = {"name": name} if kind == "DeviceClass" else {"name": name, "namespace": namespace}
    return {
        "urn": f"urn:pulumi:dev::test::{token}::{name}",
        "type": token,
        "inputs": {"metadata": metadata, "spec": spec},
    }


def chat(*claims: dict[str, str], replicas: int = 1) -> dict[str, Any]:
    template = {"spec": {"containers": [{"name": "main"}], "resourceClaims": list(claims)}}
    return made("Deployment", "chat", {"replicas": replicas, "template": template})


def template(request: Any, name: str = "one", **more: Any) -> dict[str, Any]:
    return made("ResourceClaimTemplate", name, {"spec": {"devices": {"requests": [request], **more}}})


def gpus(count: int = 1, **more: Any) -> dict[str, Any]:
    return {"name": "gpu", "exactly": {"deviceClassName": "gpu.nvidia.com", "count": count, **more}}


def group(name: str = "g", machine: str = "g6.12xlarge", most: int = 2) -> dict[str, Any]:
    kind = "aws:eks/nodeGroup:NodeGroup"
    inputs = {"clusterName": "ml", "instanceTypes": [machine], "scalingConfig": {"minSize": 0, "maxSize": most}}
    return {"urn": f"urn:pulumi:dev::test::{kind}::{name}", "type": kind, "inputs": inputs}


def driver(**values: Any) -> dict[str, Any]:
    named = {"repositoryOpts": {"repo": REPOSITORY}} if REPOSITORY else {}
    inputs = {"chart": CHART, **named, "values": values}
    return {"urn": f"urn:pulumi:dev::test::{RELEASE}::driver", "type": RELEASE, "inputs": inputs}


ONE = {"name": "gpu", "resourceClaimTemplateName": "one"}


def pod_of(*resources: dict[str, Any]) -> Any:
    return next(pod for pod in Graph(resources).pods if pod.name == "chat")


def test_each_pod_of_a_template_has_its_own_devices() -> None:
    resources = [group(), driver(), template(gpus(2)), chat(ONE, replicas=5)]
    placed = next(each for each in landing(Graph(resources)) if each.pod.name == "chat")
    assert (dict(placed.pools), placed.missing) == ({"g": 4}, 1)


def test_devices_of_a_driver_are_no_extended_resource_too() -> None:
    (pool,) = Graph([group(), driver()]).pools
    assert len(pool.devices) == 4
    assert "nvidia.com/gpu" not in pool.allocatable
    (whole,) = Graph([group(), driver(resources={"gpus": {"enabled": False}})]).pools
    assert (whole.devices, whole.allocatable["nvidia.com/gpu"]) == ((), 4)


def test_without_a_driver_no_node_has_devices_to_claim() -> None:
    placed = next(each for each in landing(Graph([group(), template(gpus()), chat(ONE)])) if each.pod.name == "chat")
    assert placed.missing == 1
    assert "claims 1 gpu.nvidia.com, which its devices do not meet" in placed.reason


def test_a_claim_that_pods_share_is_one() -> None:
    shared = made("ResourceClaim", "both", {"devices": {"requests": [gpus()]}})
    pod = pod_of(shared, chat({"name": "gpu", "resourceClaimName": "both"}))
    assert pod.claims[0].key.endswith("/research/both")
    assert pod.undetermined == ""


def test_a_class_of_the_stack_and_its_extended_resource_are_read() -> None:
    spec = {"selectors": [{"cel": {"expression": 'device.driver == "d"'}}], "extendedResourceName": "example.com/gpu"}
    container = {"name": "main", "resources": {"limits": {"example.com/gpu": 1}}}
    deployment = made("Deployment", "chat", {"template": {"spec": {"containers": [container]}}})
    pod = pod_of(made("DeviceClass", "mine", spec), deployment)
    assert pod.mapped["example.com/gpu"].name == "mine"


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        (
            [],
            'spec.template.spec.resourceClaims[0].resourceClaimTemplateName names "one", which this stack does not make',
        ),
        ([template(gpus(adminAccess=True))], "one.spec.devices.requests[0].exactly.adminAccess is asked for"),
        ([template(gpus(count=UNKNOWN))], "exactly.count is not known yet"),
        (
            [template(gpus(selectors=[{"cel": {"expression": "has(device.x)"}}]))],
            'one.spec.devices.requests[0].exactly.selectors[0].cel.expression: "has" cannot be decided',
        ),
        ([template(gpus(), constraints=[{"distinctAttribute": "a"}])], "constraints[0] is no matchAttribute"),
        ([template(gpus(capacity={"requests": {"memory": "1Gi"}}))], "exactly.capacity cannot be decided"),
        (
            [template({"name": "r", "firstAvailable": [{"name": "a", "deviceClassName": "foreign"}]})],
            "name the class foreign, which nothing in this stack makes",
        ),
    ],
)
def test_what_cannot_be_decided_is_said_with_its_path_and_never_met(resources: list[Any], words: str) -> None:
    everything = [group(), driver(), *resources, chat(ONE)]
    assert words in pod_of(*everything).undetermined
    placed = next(each for each in landing(Graph(everything)) if each.pod.name == "chat")
    assert placed.missing == 1


def test_a_request_as_it_was_written_before_v1_is_read_too() -> None:
    old = template({"name": "gpu", "deviceClassName": "gpu.nvidia.com", "allocationMode": "All"})
    (found,) = pod_of(old, chat(ONE)).claims
    assert found.requests[0].choices[0].count is None
