"""Properties that must fit each other, and outputs that follow from other resources."""

import re

import pytest

from kubeml_simulator.provider import UNKNOWN


def refused(account, kind, inputs, path, words):
    """The one refusal of a resource, which says what it says for."""
    failures = account.failures(kind, "x", inputs)
    assert list(failures) == [path]
    assert words in failures[path]


@pytest.mark.parametrize(
    ("inputs", "path", "words"),
    [
        ({"throughputMode": "provisioned"}, "provisionedThroughputInMibps", "the throughput mode is provisioned"),
        ({"provisionedThroughputInMibps": 100}, "throughputMode", "allowed: provisioned"),
        ({"throughputMode": "elastic", "performanceMode": "maxIO"}, "performanceMode", "generalPurpose"),
        ({"kmsKeyId": "arn:aws:kms:us-east-1:210987654321:key/x"}, "encrypted", "a key is given"),
    ],
)
def test_settings_of_a_file_system_fit_each_other(account, inputs, path, words):
    refused(account, "files", inputs, path, words)


def test_mount_targets_of_a_file_system_are_in_one_vpc(account, network):
    other = account.create("vpc", "other", {"cidrBlock": "10.9.0.0/16"})
    far = account.create(
        "subnet", "far", {"vpcId": other.id, "cidrBlock": "10.9.0.0/24", "availabilityZone": "us-east-1c"}
    )
    files = account.create("files", "shared", {})
    account.create("target", "near", {"fileSystemId": files.id, "subnetId": network.ids[0]})
    refused(account, "target", {"fileSystemId": files.id, "subnetId": far.id}, "subnetId", "is in another VPC")


def test_a_cluster_is_in_one_vpc(account, network, trust):
    other = account.create("vpc", "other", {"cidrBlock": "10.9.0.0/16"})
    far = account.create(
        "subnet", "far", {"vpcId": other.id, "cidrBlock": "10.9.0.0/24", "availabilityZone": "us-east-1c"}
    )
    role = account.create("role", "control", {"assumeRolePolicy": trust})
    inputs = {"roleArn": role.out["arn"], "vpcConfig": {"subnetIds": [network.ids[0], far.id]}}
    refused(account, "cluster", inputs, "vpcConfig.subnetIds", "subnets of one VPC")


def test_nodes_are_in_the_vpc_of_their_cluster(account, network, pool):
    other = account.create("vpc", "other", {"cidrBlock": "10.9.0.0/16"})
    far = account.create("subnet", "far", {"vpcId": other.id, "cidrBlock": "10.9.0.0/24"})
    refused(
        account,
        "nodes",
        pool | {"subnetIds": [network.ids[0], far.id]},
        "subnetIds[1]",
        f"a subnet of {network.vpc.id}",
    )


def test_a_private_endpoint_has_no_public_ranges(account, cluster):
    config = {"endpointPublicAccess": False, "endpointPrivateAccess": True, "publicAccessCidrs": ["203.0.113.0/24"]}
    inputs = cluster.made.inputs | {"name": "other", "vpcConfig": cluster.made.inputs["vpcConfig"] | config}
    refused(account, "cluster", inputs, "vpcConfig.publicAccessCidrs", "the endpoint is not public")


def test_a_policy_for_the_whole_cluster_names_no_namespaces(account, cluster):
    account.update(cluster.made, cluster.made.inputs | {"accessConfig": {"authenticationMode": "API"}})
    entry = {"clusterName": cluster.name, "principalArn": "arn:aws:iam::210987654321:role/x"}
    account.create("entry", "x", entry)
    policy = {"policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"}
    scope = {"accessScope": {"type": "cluster", "namespaces": ["research"]}}
    refused(account, "association", entry | policy | scope, "accessScope.namespaces", "the scope is the cluster")


@pytest.mark.parametrize(
    ("template", "group", "path", "words"),
    [
        ({"imageId": "ami-1"}, {}, "amiType", "the launch template names an image"),
        ({}, {"amiType": "CUSTOM"}, "amiType", "the launch template names no image"),
        ({}, {"capacityType": "CAPACITY_BLOCK"}, "capacityType", "marketType capacity-block"),
        ({"instanceMarketOptions": {"marketType": "spot"}}, {}, "launchTemplate", "EKS refuses spot options"),
        ({}, {"launchTemplate": {"id": "@", "version": "0"}}, "launchTemplate.version", "1 to 1, $Latest, $Default"),
    ],
)
def test_a_launch_template_fits_its_node_group(account, pool, template, group, path, words):
    made = account.create("template", "gpu", template)
    given = {"launchTemplate": {"id": made.id, "version": "1"}} | group
    given["launchTemplate"] = given["launchTemplate"] | {"id": made.id}
    refused(account, "nodes", pool | given, path, words)


def test_a_node_group_has_at_most_fifty_taints(account, pool):
    taints = [{"key": f"k{n}", "effect": "NO_SCHEDULE"} for n in range(51)]
    refused(account, "nodes", pool | {"taints": taints}, "taints", "at most 50 taints")
    assert account.failures("nodes", "x", pool | {"taints": taints[:50]}) == {}


def test_a_resource_has_at_most_fifty_tags(account):
    tags = {f"k{n}": "v" for n in range(51)}
    refused(account, "vpc", {"cidrBlock": "10.0.0.0/16", "tags": tags}, "tags", "at most 50 tags")


@pytest.mark.parametrize(
    ("rule", "path", "words"),
    [
        ({"ipProtocol": "-1", "fromPort": 443, "cidrIpv4": "10.0.0.0/8"}, "fromPort", "opens all ports"),
        ({"ipProtocol": "tcp", "fromPort": 443, "cidrIpv4": "10.0.0.0/8"}, "toPort", "tcp rules name their ports"),
        (
            {"ipProtocol": "icmp", "cidrIpv4": "10.0.0.0/8", "cidrIpv6": "fd00::/8"},
            "cidrIpv6",
            "cannot stand beside cidrIpv4",
        ),
        ({"ipProtocol": "icmp"}, "cidrIpv4", "a rule has one source or destination"),
    ],
)
def test_a_rule_of_a_security_group_is_whole(account, network, rule, path, words):
    group = account.create("group", "web", {"vpcId": network.vpc.id})
    refused(account, "ingress", rule | {"securityGroupId": group.id}, path, words)


def test_a_nat_gateway_is_zonal_and_public_or_says_otherwise(account, network):
    account.create("door", "main", {"vpcId": network.vpc.id})
    address = account.create("eip", "out", {"domain": "vpc"})
    both = {"subnetId": network.ids[0], "allocationId": address.id, "connectivityType": "private"}
    refused(account, "nat", both, "allocationId", "a private NAT gateway has no elastic address")
    refused(account, "nat", {"allocationId": address.id}, "subnetId", "a zonal NAT gateway stands in a subnet")


def test_a_subnet_uses_a_route_table_of_its_vpc(account, network):
    other = account.create("vpc", "other", {"cidrBlock": "10.9.0.0/16"})
    table = account.create("table", "far", {"vpcId": other.id})
    kind = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    refused(
        account,
        kind,
        {"subnetId": network.ids[0], "routeTableId": table.id},
        "routeTableId",
        f"a route table of {network.vpc.id}",
    )


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({"subnetIds": ["@"]}, "subnetIds"),
        ({"vpcEndpointType": "Interface", "routeTableIds": ["@table"]}, "routeTableIds"),
    ],
)
def test_an_endpoint_is_reached_in_the_way_of_its_kind(account, network, inputs, path):
    table = account.create("table", "private", {"vpcId": network.vpc.id})
    real = {
        key: [network.ids[0] if value == ["@"] else table.id] if isinstance(value, list) else value
        for key, value in inputs.items()
    }
    base = {"vpcId": network.vpc.id, "serviceName": "com.amazonaws.us-east-1.s3"}
    refused(account, "aws:ec2/vpcEndpoint:VpcEndpoint", base | real, path, f"endpoint has no {path}")


def test_a_subnet_without_a_zone_is_given_one_of_its_region(account, network):
    inputs = {"vpcId": network.vpc.id, "cidrBlock": "10.0.9.0/24"}
    made = account.create("subnet", "any", inputs)
    assert re.fullmatch(r"us-east-1[a-f]", made.out["availabilityZone"])
    assert re.fullmatch(r"use1-az[1-6]", made.out["availabilityZoneId"])
    planned = account.create("subnet", "later", inputs | {"cidrBlock": "10.0.10.0/24"}, preview=True)
    assert planned.out["availabilityZone"] == UNKNOWN


def test_a_nat_gateway_has_the_address_that_it_was_given(account, network):
    account.create("door", "main", {"vpcId": network.vpc.id})
    address = account.create("eip", "out", {"domain": "vpc"})
    made = account.create("nat", "out", {"subnetId": network.ids[1], "allocationId": address.id})
    assert made.out["publicIp"] == address.out["publicIp"]
    assert made.out["privateIp"].startswith("10.0.1.")
    assert made.out["vpcId"] == network.vpc.id


def test_an_interface_endpoint_has_an_interface_in_each_subnet(account, network):
    inputs = {"vpcId": network.vpc.id, "serviceName": "com.amazonaws.us-east-1.ecr.api", "vpcEndpointType": "Interface"}
    made = account.create("aws:ec2/vpcEndpoint:VpcEndpoint", "ecr", inputs | {"subnetIds": network.ids})
    assert len(set(made.out["networkInterfaceIds"])) == 2


def test_an_encrypted_file_system_without_a_key_uses_the_accounts_own(account):
    assert (
        account.create("files", "sealed", {"encrypted": True})
        .out["kmsKeyId"]
        .startswith("arn:aws:kms:us-east-1:123456789012:key/")
    )
    assert account.create("files", "open", {}).out["encrypted"] is False


def test_an_alias_knows_the_arn_of_its_key(account):
    key = account.create("key", "secrets", {})
    alias = account.create("aws:kms/alias:Alias", "secrets", {"targetKeyId": key.out["arn"]})
    assert (alias.out["targetKeyArn"], alias.out["targetKeyId"]) == (key.out["arn"], key.id)
    assert alias.id.startswith("alias/secrets-")
    assert account.check(alias.kind, alias.name, {"targetKeyId": key.id}, alias.inputs).inputs["name"] == alias.id


def test_an_add_on_without_a_release_gets_the_one_that_the_catalogue_pins(account, cluster):
    from pulumi_kubeml.catalog.versions import addon_releases

    made = account.create("addon", "proxy", {"clusterName": cluster.name, "addonName": "kube-proxy"})
    assert made.out["addonVersion"] == addon_releases("eks", "1.35")["kube-proxy"]
    version = account.invoke(
        "aws:eks/getAddonVersion:getAddonVersion",
        {"addonName": "kube-proxy", "kubernetesVersion": "1.35", "mostRecent": True},
    )
    assert version["version"] == made.out["addonVersion"]


def test_who_assumed_a_role_stands_for_that_role(account):
    ask = "aws:iam/getSessionContext:getSessionContext"
    assumed = account.invoke(ask, {"arn": "arn:aws:sts::210987654321:assumed-role/admins/me"})
    assert assumed["issuerArn"] == "arn:aws:iam::210987654321:role/admins"
    user = account.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})["arn"]
    assert account.invoke(ask, {"arn": user})["issuerArn"] == user
