"""The simulated AWS under the embedded engine: a program of its own, from the first `up` to the last `destroy`."""

from pathlib import Path

import pytest

from kubeml_simulator.clouds.aws import AwsProvider
from kubeml_simulator.engine import Providers, load_project, run

PROGRAM = """
import pulumi

def made(token, name, **props):
    outputs = {"arn": None, "endpoint": None, "availabilityZone": None}
    return pulumi.CustomResource(token, name, {**outputs, **props})

def trust(service):
    return '{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "%s"}}]}' % service

config = pulumi.Config()
vpc = made("aws:ec2/vpc:Vpc", "main", cidrBlock="10.0.0.0/16")
subnets = [
    made("aws:ec2/subnet:Subnet", f"zone-{z}", vpcId=vpc.id, cidrBlock=f"10.0.{n}.0/24", availabilityZone=f"us-east-1{z}")
    for n, z in enumerate("ab")
]
control = made("aws:iam/role:Role", "control", assumeRolePolicy=trust("eks.amazonaws.com"))
node = made("aws:iam/role:Role", "node", assumeRolePolicy=trust("ec2.amazonaws.com"))
cluster = made(
    "aws:eks/cluster:Cluster", "ml", roleArn=control.arn, version="1.35", vpcConfig={"subnetIds": [s.id for s in subnets]}
)
made(
    "aws:eks/nodeGroup:NodeGroup", "train", clusterName=cluster.id, nodeRoleArn=node.arn, subnetIds=[s.id for s in subnets],
    instanceTypes=[config.get("machine") or "g6.12xlarge"], amiType="AL2023_x86_64_NVIDIA",
    scalingConfig={"minSize": 1, "desiredSize": 1, "maxSize": config.get_int("max") or 4},
)
pulumi.export("endpoint", cluster.endpoint)
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    return tmp_path


@pytest.fixture
def evaluate(project):
    """Runs an operation with a configuration and failures."""

    def go(operation, failures=(), **config):
        lines = ["config:", "  aws:region: us-east-1", *(f"  small:{key}: {value}" for key, value in config.items())]
        (project / "Pulumi.dev.yaml").write_text("\n".join(lines) + "\n")
        loaded = load_project(Path(project))
        providers = Providers(in_process={"aws": AwsProvider.factory(failures)})
        return run(operation, loaded, loaded.stack("dev"), providers=providers, state_dir=project / "state")

    return go


def names(result, op):
    return [step.name for step in result.steps if step.op == op and step.type.startswith("aws:")]


def test_a_cluster_comes_up_once_and_stays_the_same(evaluate):
    first = evaluate("up")
    assert (first.exit_code, [d.message for d in first.diagnostics]) == (0, [])
    assert len(names(first, "create")) == 7
    assert first.outputs["endpoint"].endswith(".gr7.us-east-1.eks.amazonaws.com")
    assert first.duration >= 617 + 125, "cluster and nodes come one after the other, in virtual time"
    second = evaluate("up")
    assert second.exit_code == 0
    assert len(names(second, "same")) == 7, "a fresh provider knows the world from the state"
    assert names(evaluate("preview", max=9), "update") == ["train"]
    other = evaluate("up", machine="g6.48xlarge")
    assert (other.exit_code, names(other, "create-replacement"), names(other, "delete-replaced")) == (
        0,
        ["train"],
        ["train"],
    )
    assert evaluate("preview", machine="g6.48xlarge").changes == {"same": second.changes["same"]}
    gone = evaluate("destroy")
    assert gone.exit_code == 0
    assert names(gone, "delete")[-1] == "main", "the network goes last"


def test_a_refused_input_is_named_with_resource_path_value_and_what_is_allowed(evaluate):
    result = evaluate("preview", machine="p9.large")
    assert result.exit_code == 2
    message = " ".join(f"{d.urn} {d.message}" for d in result.diagnostics)
    for part in ("aws:eks/nodeGroup:NodeGroup::train", "instanceTypes[0]", '"p9.large" is not allowed', "p5.48xlarge"):
        assert part in message


def test_after_a_failure_the_next_run_makes_only_the_rest(evaluate):
    failed = evaluate("up", failures=["aws:eks/nodeGroup:NodeGroup::train"])
    assert failed.exit_code == 3
    assert "CreateNodeGroup" in " ".join(d.message for d in failed.diagnostics)
    rest = evaluate("up")
    assert (rest.exit_code, names(rest, "create")) == (0, ["train"])
