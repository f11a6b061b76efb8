"""A simulated account that tests talk to in plain dictionaries, over the same messages that an engine sends."""

from types import SimpleNamespace

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from kubeml_simulator.clouds.aws import AwsProvider
from kubeml_simulator.provider.values import plain, reveal, struct

TYPES = {
    "vpc": "aws:ec2/vpc:Vpc",
    "subnet": "aws:ec2/subnet:Subnet",
    "eip": "aws:ec2/eip:Eip",
    "door": "aws:ec2/internetGateway:InternetGateway",
    "pod": "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    "nat": "aws:ec2/natGateway:NatGateway",
    "group": "aws:ec2/securityGroup:SecurityGroup",
    "ingress": "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "table": "aws:ec2/routeTable:RouteTable",
    "route": "aws:ec2/route:Route",
    "template": "aws:ec2/launchTemplate:LaunchTemplate",
    "role": "aws:iam/role:Role",
    "policy": "aws:iam/policy:Policy",
    "attachment": "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "cluster": "aws:eks/cluster:Cluster",
    "nodes": "aws:eks/nodeGroup:NodeGroup",
    "addon": "aws:eks/addon:Addon",
    "entry": "aws:eks/accessEntry:AccessEntry",
    "association": "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    "files": "aws:efs/fileSystem:FileSystem",
    "target": "aws:efs/mountTarget:MountTarget",
    "logs": "aws:cloudwatch/logGroup:LogGroup",
    "bucket": "aws:s3/bucket:Bucket",
    "key": "aws:kms/key:Key",
}
TRUST = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
"Principal": {"Service": ["ec2.amazonaws.com", "eks.amazonaws.com"]}}]}"""


class Aborted(Exception):  # noqa: N818 (reads as what happened)
    """What a context raises when a provider gives up."""


class Context:
    """The part of a gRPC context that a provider uses in process."""

    def abort(self, code, details):
        raise Aborted(f"{code.name}: {details}")


class Account:
    """One AwsProvider, spoken to like an engine does: check, then create, read, diff, update, delete."""

    def __init__(self, failures=(), config=None, world=None):
        self.provider = AwsProvider(failures, world)
        self.context = Context()
        self.provider.Configure(pb.ConfigureRequest(args=struct(config or {"region": "us-east-1"})), self.context)

    def urn(self, kind, name):
        return f"urn:pulumi:test::kubeml::{TYPES.get(kind, kind)}::{name}"

    def check(self, kind, name, inputs, olds=None):
        request = pb.CheckRequest(urn=self.urn(kind, name), news=struct(inputs), olds=struct(olds or {}))
        response = self.provider.Check(request, self.context)
        return SimpleNamespace(
            inputs=plain(response.inputs),
            count=len(response.failures),
            failures={failure.property: failure.reason for failure in response.failures},
        )

    def failures(self, kind, name, inputs):
        """Refused paths and why."""
        return self.check(kind, name, inputs).failures

    def create(self, kind, name, inputs, *, preview=False):
        checked = self.check(kind, name, inputs)
        assert checked.failures == {}, "what a test creates must be acceptable"
        request = pb.CreateRequest(urn=self.urn(kind, name), properties=struct(checked.inputs), preview=preview)
        response = self.provider.Create(request, self.context)
        return SimpleNamespace(
            kind=kind,
            name=name,
            id=response.id,
            inputs=checked.inputs,
            state=plain(response.properties),
            out=reveal(plain(response.properties)),
        )

    def diff(self, made, inputs, *, ignore=()):
        news = self.check(made.kind, made.name, inputs, made.inputs).inputs
        request = pb.DiffRequest(
            id=made.id,
            urn=self.urn(made.kind, made.name),
            olds=struct(made.state),
            old_inputs=struct(made.inputs),
            news=struct(news),
            ignoreChanges=ignore,
        )
        return self.provider.Diff(request, self.context)

    def update(self, made, inputs, *, preview=False):
        news = self.check(made.kind, made.name, inputs, made.inputs).inputs
        request = pb.UpdateRequest(
            id=made.id,
            urn=self.urn(made.kind, made.name),
            olds=struct(made.state),
            old_inputs=struct(made.inputs),
            news=struct(news),
            preview=preview,
        )
        return plain(self.provider.Update(request, self.context).properties)

    def delete(self, made):
        request = pb.DeleteRequest(id=made.id, urn=self.urn(made.kind, made.name), properties=struct(made.state))
        assert self.provider.Delete(request, self.context) == empty_pb2.Empty()

    def invoke(self, token, args):
        response = self.provider.Invoke(pb.InvokeRequest(tok=token, args=struct(args)), self.context)
        return plain(getattr(response, "return"))


@pytest.fixture
def account():
    return Account()


@pytest.fixture
def accounts():
    """Makes accounts with failures or settings of their own."""
    return Account


@pytest.fixture
def aborted():
    return Aborted


@pytest.fixture
def network(account):
    """A VPC with two subnets in two zones."""
    vpc = account.create("vpc", "main", {"cidrBlock": "10.0.0.0/16"})
    subnets = [
        account.create(
            "subnet",
            f"zone-{zone}",
            {"vpcId": vpc.id, "cidrBlock": f"10.0.{n}.0/24", "availabilityZone": f"us-east-1{zone}"},
        )
        for n, zone in enumerate("ab")
    ]
    return SimpleNamespace(vpc=vpc, subnets=subnets, ids=[subnet.id for subnet in subnets])


@pytest.fixture
def cluster(account, network):
    """A cluster in that network, with a role for it and for its nodes."""
    role = account.create("role", "control", {"assumeRolePolicy": TRUST})
    made = account.create(
        "cluster", "ml", {"roleArn": role.out["arn"], "version": "1.35", "vpcConfig": {"subnetIds": network.ids}}
    )
    nodes = account.create("role", "nodes", {"assumeRolePolicy": TRUST})
    return SimpleNamespace(made=made, name=made.out["name"], node_role=nodes.out["arn"], network=network)


@pytest.fixture
def pool(cluster):
    """Inputs of a node group that the cluster takes."""
    return {
        "clusterName": cluster.name,
        "nodeRoleArn": cluster.node_role,
        "subnetIds": cluster.network.ids,
        "scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 4},
        "instanceTypes": ["g6.12xlarge"],
        "amiType": "AL2023_x86_64_NVIDIA",
    }


@pytest.fixture
def trust():
    return TRUST
