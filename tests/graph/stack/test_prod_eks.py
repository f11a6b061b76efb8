"""prod-eks: eight H100 a node of a reservation, joined by EFA, in a VPC that nobody enters from outside."""

from collections import Counter

import pytest
import yaml

from kubeml_policies import CHECKS, Pack
from pulumi_kubeml.capacity import graph as read
from pulumi_kubeml.stack.read import read as read_stack

RELEASE = "kubernetes:helm.sh/v3:Release"
GROUP, TEMPLATE = "aws:eks/nodeGroup:NodeGroup", "aws:ec2/launchTemplate:LaunchTemplate"


@pytest.fixture(scope="module")
def prod(root, graph_of):
    return graph_of(root, "prod-eks")


def test_it_breaks_no_check(prod):
    pack = Pack("prod")
    found = [finding for each in prod.resources for finding in pack.analyze(each)]
    found += pack.analyze_stack(prod.resources)
    assert [(each.check, each.message) for each in found] == []
    assert len(CHECKS) >= 10


def test_the_machines_of_the_reservation_are_taken_and_no_other(prod):
    (template,) = [each for name, each in prod.of(TEMPLATE).items() if name == "ml-train"]
    reserved = template["inputs"]["capacityReservationSpecification"]
    assert reserved["capacityReservationPreference"] == "capacity-reservations-only"
    assert reserved["capacityReservationTarget"] == {"capacityReservationId": "cr-0a1b2c3d4e5f67890"}
    kinds = Counter(each["interfaceType"] for each in template["inputs"]["networkInterfaces"])
    assert kinds == {"interface": 1, "efa-only": 32}
    assert "placement" not in template["inputs"], "they stand where the reservation was made"
    (subnet,) = prod.of(GROUP)["ml-train"]["inputs"]["subnetIds"]
    zones = {each["id"]: each["inputs"]["availabilityZone"] for each in prod.of("aws:ec2/subnet:Subnet").values()}
    assert zones[subnet] == "us-east-1a"


def test_the_pool_that_comes_back_has_devices_of_both_kinds(prod):
    (train,) = [pool for pool in read.pools(prod.resources) if pool.name == "train"]
    assert (train.max, train.allocatable["nvidia.com/gpu"], train.allocatable["vpc.amazonaws.com/efa"]) == (4, 8, 32)
    assert train.allocatable["hugepages-2Mi"] == 5128 * 2 * 2**20


def test_a_plugin_tells_of_the_devices_and_every_worker_asks_for_its_share(prod):
    (plugin,) = [each for name, each in prod.of(RELEASE).items() if name.endswith("aws-efa-k8s-device-plugin")]
    values = plugin["inputs"]["values"]
    assert values["supportedInstanceLabels"]["values"] == ["p5.48xlarge"]
    taint = {"key": "nvidia.com/gpu", "operator": "Equal", "value": "present", "effect": "NoSchedule"}
    assert taint in values["tolerations"]
    (job,) = prod.of("kubernetes:kubeflow.org/v1:TFJob").values()
    (container,) = job["inputs"]["spec"]["tfReplicaSpecs"]["Worker"]["template"]["spec"]["containers"]
    for kind in ("requests", "limits"):
        asked = container["resources"][kind]
        assert (asked["nvidia.com/gpu"], asked["vpc.amazonaws.com/efa"], asked["hugepages-2Mi"]) == (
            "8",
            "32",
            "5120Mi",
        )


def test_the_api_is_private_and_aws_answers_inside_the_vpc(prod):
    (cluster,) = prod.of("aws:eks/cluster:Cluster").values()
    assert cluster["inputs"]["vpcConfig"]["endpointPublicAccess"] is False
    endpoints = [each["inputs"] for each in prod.of("aws:ec2/vpcEndpoint:VpcEndpoint").values()]
    services = {each["serviceName"].removeprefix("com.amazonaws.us-east-1.") for each in endpoints}
    assert services >= {"ec2", "ecr.api", "ecr.dkr", "s3", "sts", "eks", "eks-auth", "logs", "elasticloadbalancing"}
    urns = {each["urn"] for each in prod.of("aws:ec2/vpcEndpoint:VpcEndpoint").values()}
    for group in prod.of(GROUP).values():
        assert urns <= prod.before(group), "nodes without them never join"


def test_it_is_protected_from_deletion(prod):
    (cluster,) = prod.of("aws:eks/cluster:Cluster").values()
    assert cluster["inputs"]["deletionProtection"] is True
    classes = prod.of("kubernetes:storage.k8s.io/v1:StorageClass").values()
    assert {each["inputs"]["reclaimPolicy"] for each in classes} == {"Retain"}


def test_a_pool_that_contradicts_its_reservation_is_refused_where_it_is_written(root):
    config = yaml.safe_load((root / "stacks" / "Pulumi.prod-eks.yaml").read_text(encoding="utf-8"))["config"]
    given = {key.removeprefix("kubeml:"): value for key, value in config.items() if key.startswith("kubeml:")}
    given["pools"][2] |= {"zones": ["us-east-1b"], "machine": "p5e.48xlarge", "accelerator": "h200"}
    _, problems = read_stack(given)
    assert {problem.path: problem.message.partition(",")[0] for problem in problems} == {
        "kubeml:pools[2].zones": "reservation zone is us-east-1a",
        "kubeml:pools[2].machine": "reservation machine is p5.48xlarge",
    }


def test_a_second_up_changes_nothing(root, evaluated, tmp_path):
    first = evaluated(root, "up", stack="prod-eks", state_dir=tmp_path)
    assert first.ok, [each.message for each in first.diagnostics]
    again = evaluated(root, "up", stack="prod-eks", state_dir=tmp_path)
    assert set(again.changes) == {"same"}, [step.urn for step in again.steps if step.op != "same"]
