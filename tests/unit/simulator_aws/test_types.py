"""Every type of an EKS stack, with inputs that the real cloud would take: none is refused, and none changes by itself."""

import json

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from kubeml_simulator.clouds.aws.tables import by_token

ARN = "arn:aws:iam::123456789012"


def trust(*services):
    principal = {"Service": list(services)}
    return json.dumps(
        {"Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": principal}]}
    )


ALLOW = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)
OPEN = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}]}
)

# Type, logical name, inputs; "@name" is the id of an earlier resource, "@name.property" one of its outputs.
STACK = [
    ("aws:ec2/vpc:Vpc", "vpc", {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True}),
    ("aws:ec2/internetGateway:InternetGateway", "door", {"vpcId": "@vpc"}),
    ("aws:ec2/subnet:Subnet", "a", {"vpcId": "@vpc", "cidrBlock": "10.0.0.0/20", "availabilityZone": "us-east-1a"}),
    ("aws:ec2/subnet:Subnet", "b", {"vpcId": "@vpc", "cidrBlock": "10.0.16.0/20", "availabilityZone": "us-east-1b"}),
    ("aws:ec2/eip:Eip", "address", {"domain": "vpc"}),
    ("aws:ec2/natGateway:NatGateway", "nat", {"subnetId": "@a", "allocationId": "@address"}),
    ("aws:ec2/routeTable:RouteTable", "table", {"vpcId": "@vpc"}),
    (
        "aws:ec2/route:Route",
        "out",
        {"routeTableId": "@table", "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": "@nat"},
    ),
    ("aws:ec2/routeTableAssociation:RouteTableAssociation", "ab", {"routeTableId": "@table", "subnetId": "@a"}),
    ("aws:ec2/securityGroup:SecurityGroup", "group", {"vpcId": "@vpc", "description": "of nodes"}),
    (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "self",
        {"securityGroupId": "@group", "referencedSecurityGroupId": "@group", "ipProtocol": "-1"},
    ),
    (
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "all",
        {"securityGroupId": "@group", "cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"},
    ),
    (
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "https",
        {
            "securityGroupId": "@group",
            "type": "ingress",
            "protocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "cidrBlocks": ["10.0.0.0/8"],
        },
    ),
    (
        "aws:kms/key:Key",
        "key",
        {"description": "secrets", "enableKeyRotation": True, "deletionWindowInDays": 7, "policy": OPEN},
    ),
    ("aws:kms/alias:Alias", "alias", {"name": "alias/kubeml", "targetKeyId": "@key"}),
    ("aws:iam/role:Role", "control", {"assumeRolePolicy": trust("eks.amazonaws.com")}),
    ("aws:iam/role:Role", "node", {"assumeRolePolicy": trust("ec2.amazonaws.com", "eks-fargate-pods.amazonaws.com")}),
    ("aws:iam/role:Role", "pod", {"assumeRolePolicy": trust("pods.eks.amazonaws.com", "vpc-flow-logs.amazonaws.com")}),
    ("aws:iam/policy:Policy", "read", {"policy": ALLOW}),
    ("aws:iam/rolePolicy:RolePolicy", "inline", {"role": "@node", "policy": ALLOW}),
    ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "own", {"role": "@node", "policyArn": "@read.arn"}),
    (
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "managed",
        {"role": "@node", "policyArn": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"},
    ),
    ("aws:iam/instanceProfile:InstanceProfile", "profile", {"role": "@node"}),
    (
        "aws:cloudwatch/logGroup:LogGroup",
        "logs",
        {"name": "/aws/eks/ml/cluster", "retentionInDays": 90, "kmsKeyId": "@key.arn"},
    ),
    (
        "aws:ec2/flowLog:FlowLog",
        "flow",
        {"vpcId": "@vpc", "trafficType": "ALL", "logDestination": "@logs.arn", "iamRoleArn": "@pod.arn"},
    ),
    (
        "aws:eks/cluster:Cluster",
        "ml",
        {
            "roleArn": "@control.arn",
            "version": "1.35",
            "vpcConfig": {
                "subnetIds": ["@a", "@b"],
                "endpointPrivateAccess": True,
                "publicAccessCidrs": ["203.0.113.0/24"],
            },
            "enabledClusterLogTypes": ["api", "audit"],
            "encryptionConfig": {"resources": ["secrets"], "provider": {"keyArn": "@key.arn"}},
            "accessConfig": {"authenticationMode": "API"},
        },
    ),
    (
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "oidc",
        {"url": "https://oidc.eks.us-east-1.amazonaws.com/id/ABC", "clientIdLists": ["sts.amazonaws.com"]},
    ),
    (
        "aws:autoscaling/tag:Tag",
        "offer",
        {
            "autoscalingGroupName": "eks-gpu-1",
            "tag": {
                "key": "k8s.io/cluster-autoscaler/node-template/label/pool",
                "value": "gpu",
                "propagateAtLaunch": False,
            },
        },
    ),
    ("aws:ec2/defaultVpc:DefaultVpc", "given", {}),
    ("aws:ec2/defaultSubnet:DefaultSubnet", "corner", {"availabilityZone": "us-east-1a"}),
    ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "closed", {"vpcId": "@vpc"}),
    ("aws:ec2/defaultRouteTable:DefaultRouteTable", "main-table", {"defaultRouteTableId": "@vpc.mainRouteTableId"}),
    (
        "aws:ec2/route:Route",
        "to-door",
        {"routeTableId": "@main-table", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "@door"},
    ),
    ("aws:ec2/placementGroup:PlacementGroup", "close", {"strategy": "cluster"}),
    (
        "aws:ec2/capacityReservation:CapacityReservation",
        "reserved",
        {
            "instanceType": "p5.48xlarge",
            "instancePlatform": "Linux/UNIX",
            "availabilityZone": "us-east-1a",
            "instanceCount": 2,
        },
    ),
    (
        "aws:ec2/launchTemplate:LaunchTemplate",
        "gpu",
        {
            "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1, "httpEndpoint": "enabled"},
            "blockDeviceMappings": [
                {"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp3", "volumeSize": 200, "encrypted": "true"}}
            ],
            "tagSpecifications": [{"resourceType": "instance", "tags": {"team": "research"}}],
            "vpcSecurityGroupIds": ["@ml.vpcConfig.clusterSecurityGroupId", "@group"],
            "placement": {"groupName": "@close"},
        },
    ),
    (
        "aws:eks/nodeGroup:NodeGroup",
        "train",
        {
            "clusterName": "@ml",
            "nodeRoleArn": "@node.arn",
            "subnetIds": ["@a"],
            "amiType": "AL2023_x86_64_NVIDIA",
            "instanceTypes": ["g5.12xlarge"],
            "capacityType": "SPOT",
            "scalingConfig": {"minSize": 0, "desiredSize": 0, "maxSize": 4},
            "launchTemplate": {"id": "@gpu", "version": "1"},
            "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
            "labels": {"kubeml.io/pool": "train"},
        },
    ),
    (
        "aws:eks/addon:Addon",
        "cni",
        {
            "clusterName": "@ml",
            "addonName": "vpc-cni",
            "configurationValues": '{"enableNetworkPolicy": "true"}',
            "resolveConflictsOnCreate": "OVERWRITE",
            "podIdentityAssociations": [{"roleArn": "@pod.arn", "serviceAccount": "aws-node"}],
        },
    ),
    ("aws:eks/accessEntry:AccessEntry", "admins", {"clusterName": "@ml", "principalArn": f"{ARN}:role/admins"}),
    (
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "admin",
        {
            "clusterName": "@ml",
            "principalArn": "@admins.principalArn",
            "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy",
            "accessScope": {"type": "namespace", "namespaces": ["research"]},
        },
    ),
    (
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "model",
        {"clusterName": "@ml", "namespace": "research", "serviceAccount": "model", "roleArn": "@pod.arn"},
    ),
    (
        "aws:eks/fargateProfile:FargateProfile",
        "serverless",
        {
            "clusterName": "@ml",
            "podExecutionRoleArn": "@node.arn",
            "subnetIds": ["@a"],
            "selectors": [{"namespace": "jobs"}],
        },
    ),
    (
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "s3",
        {"vpcId": "@vpc", "serviceName": "com.amazonaws.us-east-1.s3", "routeTableIds": ["@table"]},
    ),
    (
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "ecr",
        {
            "vpcId": "@vpc",
            "serviceName": "com.amazonaws.us-east-1.ecr.api",
            "vpcEndpointType": "Interface",
            "subnetIds": ["@a"],
            "securityGroupIds": ["@group"],
            "privateDnsEnabled": True,
        },
    ),
    (
        "aws:efs/fileSystem:FileSystem",
        "shared",
        {"encrypted": True, "kmsKeyId": "@key.arn", "throughputMode": "elastic"},
    ),
    (
        "aws:efs/mountTarget:MountTarget",
        "ta",
        {"fileSystemId": "@shared", "subnetId": "@a", "securityGroups": ["@group"]},
    ),
    (
        "aws:efs/mountTarget:MountTarget",
        "tb",
        {"fileSystemId": "@shared", "subnetId": "@b", "securityGroups": ["@group"]},
    ),
    (
        "aws:efs/accessPoint:AccessPoint",
        "point",
        {
            "fileSystemId": "@shared",
            "posixUser": {"uid": 1000, "gid": 1000},
            "rootDirectory": {
                "path": "/data",
                "creationInfo": {"ownerUid": 1000, "ownerGid": 1000, "permissions": "0755"},
            },
        },
    ),
    ("aws:efs/fileSystemPolicy:FileSystemPolicy", "fp", {"fileSystemId": "@shared", "policy": OPEN}),
    ("aws:efs/backupPolicy:BackupPolicy", "bp", {"fileSystemId": "@shared", "backupPolicy": {"status": "ENABLED"}}),
    (
        "aws:fsx/lustreFileSystem:LustreFileSystem",
        "scratch",
        {"subnetIds": "@a", "storageCapacity": 1200, "deploymentType": "PERSISTENT_2", "perUnitStorageThroughput": 125},
    ),
    ("aws:s3/bucket:Bucket", "data", {}),
    (
        "aws:s3/bucketVersioning:BucketVersioning",
        "v",
        {"bucket": "@data", "versioningConfiguration": {"status": "Enabled"}},
    ),
    (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "e",
        {
            "bucket": "@data",
            "rules": [
                {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "@key.arn"}}
            ],
        },
    ),
    ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "p", {"bucket": "@data", "blockPublicAcls": True}),
    (
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "l",
        {
            "bucket": "@data",
            "rules": [{"id": "old", "status": "Enabled", "transitions": [{"days": 30, "storageClass": "GLACIER"}]}],
        },
    ),
    ("aws:s3/bucketPolicy:BucketPolicy", "bpol", {"bucket": "@data", "policy": OPEN}),
    (
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "o",
        {"bucket": "@data", "rule": {"objectOwnership": "BucketOwnerEnforced"}},
    ),
    ("aws:sqs/queue:Queue", "queue", {"messageRetentionSeconds": 300, "sqsManagedSseEnabled": True}),
    ("aws:sqs/queuePolicy:QueuePolicy", "qp", {"queueUrl": "@queue", "policy": OPEN}),
    ("aws:cloudwatch/eventRule:EventRule", "spot", {"eventPattern": '{"source": ["aws.ec2"]}'}),
    ("aws:cloudwatch/eventTarget:EventTarget", "to", {"rule": "@spot", "arn": "@queue.arn"}),
    ("aws:secretsmanager/secret:Secret", "token", {"kmsKeyId": "@key.arn", "recoveryWindowInDays": 7}),
]


def filled(value, made):
    if isinstance(value, str) and value.startswith("@"):
        name, _, path = value[1:].partition(".")
        found = made[name].id if not path else made[name].out
        for step in path.split(".") if path else ():
            found = found[step]
        return found
    if isinstance(value, dict):
        return {key: filled(item, made) for key, item in value.items()}
    return [filled(item, made) for item in value] if isinstance(value, list) else value


@pytest.fixture
def stack(account):
    made = {}
    for token, name, inputs in STACK:
        made[name] = account.create(token, name, filled(inputs, made))
    return made


def test_every_type_with_rows_is_tried_here():
    tried = {token for token, _, _ in STACK}
    assert set(by_token("types.tsv")) - tried == set()


def test_a_whole_stack_is_taken_and_every_id_is_its_own(stack):
    ids = [(made.kind, made.id) for made in stack.values()]
    assert len(set(ids)) == len(STACK)
    assert all(made.id and "$" not in made.id for made in stack.values()), "no template is left unfilled"


def test_equal_inputs_change_nothing_in_a_process_that_knows_nothing(stack, accounts):
    later = accounts()
    for (token, name, inputs), made in zip(STACK, stack.values(), strict=True):
        answer = later.diff(made, filled(inputs, stack))
        assert answer.changes == pb.DiffResponse.DIFF_NONE, f"{token} {name}: {list(answer.detailedDiff)}"


def test_an_update_that_changes_nothing_gives_the_same_state(stack, account):
    for made in stack.values():
        state = account.update(made, made.inputs)
        state.pop("latestVersion", None), made.state.pop("latestVersion", None)
        state.pop("defaultVersion", None), made.state.pop("defaultVersion", None)
        assert state == made.state, made.kind


def test_the_stack_is_planned_without_a_refusal(accounts):
    """In a preview ids and ARNs are unknown, names are not."""
    account, made = accounts(), {}
    for token, name, inputs in STACK:
        planned = account.create(token, name, filled(inputs, made), preview=True)
        planned.id = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
        made[name] = planned
    assert len(made) == len(STACK)
