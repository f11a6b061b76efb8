"""Every condition of the replace table, met and not met."""

import pytest

from kubeml_simulator.clouds.aws.replacement import CONDITIONS, Question, forces, row_of
from kubeml_simulator.clouds.aws.tables import rows
from kubeml_simulator.provider import MISSING, Change

VPC, SUBNET = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"
NAT, ENDPOINT = "aws:ec2/natGateway:NatGateway", "aws:ec2/vpcEndpoint:VpcEndpoint"
CLUSTER, LUSTRE = "aws:eks/cluster:Cluster", "aws:fsx/lustreFileSystem:LustreFileSystem"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

# Type, path, value before and after, all inputs before and after, and whether it replaces.
CASES = [
    (VPC, "region", MISSING, "us-east-1", {}, {}, False),
    (VPC, "region", MISSING, "eu-west-1", {}, {}, True),
    (VPC, "cidrBlock", "10.0.0.0/16", "10.1.0.0/16", {}, {}, True),
    (VPC, "cidrBlock", "10.0.0.0/16", "10.1.0.0/16", {}, {"ipv4NetmaskLength": 16}, False),
    (VPC, "instanceTenancy", "dedicated", "default", {}, {}, False),
    (VPC, "instanceTenancy", "default", "dedicated", {}, {}, True),
    (SUBNET, "ipv6CidrBlock", "a", "b", {"assignIpv6AddressOnCreation": True}, {}, True),
    (SUBNET, "ipv6CidrBlock", "a", "b", {"assignIpv6AddressOnCreation": False}, {}, False),
    (NAT, "secondaryPrivateIpAddressCount", 1, 2, {}, {"connectivityType": "private"}, True),
    (NAT, "secondaryPrivateIpAddressCount", 1, 2, {}, {"connectivityType": "public"}, False),
    (ENDPOINT, "privateDnsEnabled", True, False, {}, {"vpcEndpointType": "Interface"}, False),
    (ENDPOINT, "privateDnsEnabled", True, False, {}, {"vpcEndpointType": "Gateway"}, True),
    (CLUSTER, "encryptionConfig", {"resources": ["secrets"]}, MISSING, {}, {}, True),
    (CLUSTER, "encryptionConfig", MISSING, {"resources": ["secrets"]}, {}, {}, False),
    (CLUSTER, "vpcConfig.controlPlaneEgressMode", "CUSTOMER_ROUTED", "AWS_MANAGED", {}, {}, True),
    (CLUSTER, "vpcConfig.controlPlaneEgressMode", "AWS_MANAGED", "CUSTOMER_ROUTED", {}, {}, False),
    (INGRESS, "cidrIpv4", "10.0.0.0/8", MISSING, {}, {}, True),
    (INGRESS, "cidrIpv4", "10.0.0.0/8", "10.0.0.0/9", {}, {}, False),
    (VERSIONING, "expectedBucketOwner", "1", "2", {}, {}, True),
    (VERSIONING, "expectedBucketOwner", MISSING, "2", {}, {}, False),
    (VERSIONING, "versioningConfiguration.status", "Enabled", "Disabled", {}, {}, False),
    (LUSTRE, "fileSystemTypeVersion", "2.15", "2.12", {}, {}, True),
    (LUSTRE, "fileSystemTypeVersion", "2.12", "2.15", {}, {}, False),
    (LUSTRE, "storageCapacity", 2400, 1200, {}, {}, True),
    (LUSTRE, "storageCapacity", 1200, 2400, {}, {"deploymentType": "SCRATCH_1"}, True),
    (LUSTRE, "storageCapacity", 1200, 2400, {}, {"deploymentType": "PERSISTENT_2"}, False),
]


@pytest.mark.parametrize(("token", "path", "before", "after", "old", "new", "replaces"), CASES)
def test_a_condition_decides_as_its_note_says(token, path, before, after, old, new, replaces):
    question = Question(Change(path, before, after), old, new, "us-east-1")
    assert forces(token, question) is replaces, row_of(token, path)["note"]


def test_every_condition_is_tried_both_ways():
    tried = {}
    for token, path, *_, replaces in CASES:
        tried.setdefault(row_of(token, path)["condition"].split()[0], set()).add(replaces)
    assert set(tried) == set(CONDITIONS)
    assert {word for word, answers in tried.items() if answers != {True, False}} == {"never"}


def test_a_change_inside_a_replacing_block_replaces():
    nodes = "aws:eks/nodeGroup:NodeGroup"
    inner = Change("remoteAccess.sourceSecurityGroupIds[1]", "sg-1", "sg-2")
    assert forces(nodes, Question(inner, {}, {}, "us-east-1"))
    whole = Change("launchTemplate", MISSING, {"id": "lt-1", "version": "1"})
    assert forces(nodes, Question(whole, {}, {}, "us-east-1")), "a template that comes is another template"
    version = Change("launchTemplate.version", "1", "2")
    assert not forces(nodes, Question(version, {}, {}, "us-east-1"))


def test_every_row_that_says_replace_replaces():
    sure = [row for row in rows("replace.tsv") if row["forces"] == "replace"]
    assert len(sure) == 188
    for row in sure:
        change = Change(row["property"].replace("[*]", "[0]"), "a", "b")
        assert forces(row["token"], Question(change, {}, {}, "us-east-1")), row
