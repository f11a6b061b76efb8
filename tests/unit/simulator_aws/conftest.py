"""A simulated account of AWS, and what many tests need in it."""

from types import SimpleNamespace

import pytest

from kubeml_simulator.clouds.aws import AwsProvider

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


@pytest.fixture
def accounts(account_of):
    """Makes accounts with failures or settings of their own."""

    def make(failures=(), config=None, world=None):
        return account_of(AwsProvider(failures, world), TYPES, config or {"region": "us-east-1"})

    return make


@pytest.fixture
def account(accounts):
    return accounts()


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
