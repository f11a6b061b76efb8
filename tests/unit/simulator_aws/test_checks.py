"""What the simulated AWS refuses, and how it says so."""

import json
import re

import pytest

TRUSTED = '{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "SERVICE"}}}'


def test_an_unknown_property_is_refused_with_a_suggestion(account):
    failures = account.failures("vpc", "main", {"cidrBlok": "10.0.0.0/16", "cidrBlock": "10.0.0.0/16"})
    assert failures == {"cidrBlok": "unknown property; did you mean cidrBlock?"}


def test_an_unknown_property_inside_a_block_has_its_whole_path(account):
    template = {"blockDeviceMappings": [{"ebs": {"encrypted": "true", "volumeTyp": "gp3"}}]}
    failures = account.failures("template", "gpu", template)
    assert failures == {"blockDeviceMappings[0].ebs.volumeTyp": "unknown property; did you mean volumeType?"}


def test_a_wrong_type_says_what_is_allowed(account, pool):
    failures = account.failures("nodes", "train", pool | {"subnetIds": "subnet-1"})
    assert failures == {"subnetIds": '"subnet-1" is not allowed: wrong type; allowed: a list (each a string)'}


def test_all_failures_of_a_resource_are_reported_at_once(account, pool):
    wrong = pool | {
        "instanceTypes": ["p9.large"],
        "capacityType": "CHEAP",
        "scalingConfig": {"minSize": 5, "desiredSize": 5, "maxSize": 2},
        "taints": [{"key": "gpu", "effect": "NoSchedule"}],
        "colour": "green",
    }
    del wrong["nodeRoleArn"]
    failures = account.failures("nodes", "train", wrong)
    assert set(failures) == {
        "instanceTypes[0]",
        "capacityType",
        "scalingConfig.desiredSize",
        "taints[0].effect",
        "colour",
        "nodeRoleArn",
    }
    assert "missing required property" in failures["nodeRoleArn"]


def test_an_enumerated_value_comes_with_the_published_ones(account, pool):
    failures = account.failures("nodes", "train", pool | {"capacityType": "CHEAP"})
    assert failures["capacityType"].endswith("allowed: ON_DEMAND, SPOT, CAPACITY_BLOCK")


def test_a_machine_type_that_does_not_exist_is_answered_with_near_ones(account, pool):
    failures = account.failures("nodes", "train", pool | {"instanceTypes": ["g6.huge"]})
    assert '"g6.huge" is not allowed' in failures["instanceTypes[0]"]
    assert "g6.12xlarge" in failures["instanceTypes[0]"]


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("ten", "it is no CIDR block"),
        ("10.0.0.0", "it is no CIDR block of that kind"),
        ("10.0.0.1/16", "the address has bits beyond its prefix; allowed: 10.0.0.0/16"),
        ("10.0.0.0/8", "the block size is out of range; allowed: a prefix from /16 to /28"),
        ("fd00::/56", "it is no CIDR block of that kind; allowed: an IPv4 block"),
    ],
)
def test_a_block_must_be_a_network_of_a_size_that_a_vpc_takes(account, block, reason):
    answer = account.failures("vpc", "main", {"cidrBlock": block})["cidrBlock"]
    assert [part for part in reason.split("; ") if part not in answer] == []


def test_a_subnet_outside_its_vpc_is_refused(account, network):
    failures = account.failures("subnet", "far", {"vpcId": network.vpc.id, "cidrBlock": "10.1.0.0/24"})
    assert "outside its VPC" in failures["cidrBlock"]
    assert "10.0.0.0/16" in failures["cidrBlock"], "the range that would do is named"


def test_overlapping_subnets_are_refused_with_the_urn_of_the_other(account, network):
    failures = account.failures("subnet", "again", {"vpcId": network.vpc.id, "cidrBlock": "10.0.1.128/25"})
    assert "InvalidSubnet.Conflict" in failures["cidrBlock"]
    assert account.urn("subnet", "zone-b") in failures["cidrBlock"]


def test_a_subnet_does_not_overlap_itself(account, network):
    inputs = network.subnets[0].inputs
    assert account.failures("subnet", "zone-a", inputs | {"mapPublicIpOnLaunch": True}) == {}


def test_a_missing_reference_names_path_value_and_what_exists(account, network):
    failures = account.failures("subnet", "lost", {"vpcId": "vpc-0", "cidrBlock": "10.0.9.0/24"})
    assert failures["vpcId"] == (
        '"vpc-0" is not allowed: NotFound: no aws:ec2/vpc:Vpc has this id in us-east-1; allowed: the id of main'
    )


def test_a_role_of_another_account_cannot_be_known_and_passes(account, cluster, pool):
    ours, theirs = (f"arn:aws:iam::{number}:role/absent" for number in ("123456789012", "210987654321"))
    assert "NotFound" in account.failures("nodes", "train", pool | {"nodeRoleArn": ours})["nodeRoleArn"]
    assert account.failures("nodes", "train", pool | {"nodeRoleArn": theirs}) == {}


def test_what_the_cloud_itself_has_is_there(account, network):
    table = {"vpcId": network.vpc.id, "routes": [{"cidrBlock": "10.0.0.0/16", "gatewayId": "local"}]}
    assert account.failures("table", "x", table) == {}
    disk = {"ebs": {"encrypted": "true", "kmsKeyId": "alias/aws/ebs"}}
    assert account.failures("template", "x", {"blockDeviceMappings": [disk]}) == {}
    disk = {"ebs": {"encrypted": "true", "kmsKeyId": "alias/ebs"}}
    assert (
        "NotFound"
        in account.failures("template", "x", {"blockDeviceMappings": [disk]})["blockDeviceMappings[0].ebs.kmsKeyId"]
    )


def test_what_is_no_arn_is_refused_once_and_not_looked_up(account, pool):
    failures = account.check("nodes", "train", pool | {"nodeRoleArn": "nodes"})
    assert failures.failures["nodeRoleArn"].startswith('"nodes" is not allowed: it is no ARN')
    assert failures.count == 1


def test_a_zone_of_another_region_is_refused(account, network):
    subnet = {"vpcId": network.vpc.id, "cidrBlock": "10.0.9.0/24", "availabilityZone": "eu-west-1a"}
    assert "us-east-1a" in account.failures("subnet", "lost", subnet)["availabilityZone"]


def test_a_cluster_in_one_zone_is_refused(account, network, trust):
    twin = account.create(
        "subnet", "twin", {"vpcId": network.vpc.id, "cidrBlock": "10.0.7.0/24", "availabilityZone": "us-east-1a"}
    )
    role = account.create("role", "control", {"assumeRolePolicy": trust})
    config = {"roleArn": role.out["arn"], "vpcConfig": {"subnetIds": [network.ids[0], twin.id]}}
    assert "at least two zones" in account.failures("cluster", "ml", config)["vpcConfig.subnetIds"]


def test_an_endpoint_that_nobody_reaches_is_refused(account, cluster):
    inputs = cluster.made.inputs
    closed = inputs["vpcConfig"] | {"endpointPublicAccess": False}
    failures = account.failures("cluster", "ml", inputs | {"vpcConfig": closed})
    assert set(failures) == {"vpcConfig.endpointPrivateAccess"}
    assert account.failures("cluster", "ml", inputs | {"vpcConfig": closed | {"endpointPrivateAccess": True}}) == {}


def test_a_kubernetes_version_that_eks_does_not_offer_is_refused(account, cluster):
    failures = account.failures("cluster", "ml", cluster.made.inputs | {"version": "1.12"})
    assert "1.35" in failures["version"]


def test_nodes_newer_than_their_cluster_are_refused(account, pool):
    assert "at most 1.35" in account.failures("nodes", "train", pool | {"version": "1.36"})["version"]
    assert account.failures("nodes", "train", pool | {"version": "1.34"}) == {}


def test_an_arm_image_on_an_intel_machine_is_refused(account, pool):
    failures = account.failures("nodes", "train", pool | {"amiType": "AL2023_ARM_64_NVIDIA"})
    assert "g6.12xlarge is amd64" in failures["amiType"]
    assert "AL2023_x86_64_NVIDIA" in failures["amiType"]


def test_an_image_with_a_gpu_driver_wants_a_machine_with_gpus(account, pool):
    failures = account.failures("nodes", "train", pool | {"instanceTypes": ["m7i.2xlarge"]})
    assert "m7i.2xlarge has no accelerator" in failures["instanceTypes[0]"]


def test_a_launch_template_and_its_group_do_not_repeat_each_other(account, pool):
    template = account.create("template", "gpu", {"instanceType": "g6.12xlarge"})
    inputs = pool | {"launchTemplate": {"id": template.id, "version": "7"}, "diskSize": 100}
    failures = account.failures("nodes", "train", inputs)
    assert set(failures) == {"diskSize", "instanceTypes", "launchTemplate.version"}


def interface(card: int, device: int, kind: str = "efa-only", **more):
    return {"networkCardIndex": card, "deviceIndex": device, "interfaceType": kind, **more}


@pytest.mark.parametrize(
    ("interfaces", "more", "words"),
    [
        ([interface(0, 0, "interface"), interface(0, 0)], {}, "2 interfaces are device 0 of card 0"),
        ([interface(1, 0)], {}, "a machine needs a first one"),
        ([interface(0, 0)], {}, "the first interface has the machine's address"),
        ([interface(0, 0, "interface")], {"vpcSecurityGroupIds": ["sg-1"]}, "or their own"),
    ],
)
def test_interfaces_have_places_of_their_own(account, interfaces, more, words):
    failures = account.failures("template", "efa", {"networkInterfaces": interfaces, **more})
    assert any(words in message for message in failures.values()), failures


@pytest.mark.parametrize(
    ("machine", "interfaces", "words"),
    [
        ("p4d.24xlarge", [interface(0, 0, "interface"), interface(4, 0)], "p4d.24xlarge has no EFA on card 4"),
        ("p6-b300.48xlarge", [interface(0, 0, "interface"), interface(0, 1)], "cards 1 to 16 of p6-b300.48xlarge"),
        ("g6.xlarge", [interface(0, 0, "efa")], "no EFA on g6.xlarge"),
        ("p4d.24xlarge", [interface(0, 0, "interface", subnetId="subnet-1")], "the group says where"),
        ("p4d.24xlarge", [interface(0, 0, "interface"), interface(0, 1), interface(1, 0)], None),
    ],
)
def test_efa_is_on_cards_that_have_it(account, pool, machine, interfaces, words):
    template = account.create("template", "efa", {"networkInterfaces": interfaces})
    inputs = pool | {"instanceTypes": [machine], "launchTemplate": {"id": template.id, "version": "1"}}
    failures = account.failures("nodes", "train", inputs)
    assert (words is None) == (failures == {}), failures
    assert words is None or words in failures["launchTemplate"]


def test_a_policy_must_be_a_policy(account):
    broken = {"assumeRolePolicy": '{"Statement": [}'}
    assert "no JSON" in account.failures("role", "node", broken)["assumeRolePolicy"]
    statement = {"Effect": "Permit", "Action": "sts:AssumeRole", "Resource": "*"}
    failures = account.failures("role", "node", {"assumeRolePolicy": json.dumps({"Statement": [statement]})})
    assert set(failures) == {
        "assumeRolePolicy.Statement[0].Effect",
        "assumeRolePolicy.Statement[0]",
        "assumeRolePolicy.Statement[0].Resource",
    }


def test_a_name_that_is_taken_is_refused_with_its_owner(account, trust):
    account.create("role", "first", {"name": "nodes", "assumeRolePolicy": trust})
    failures = account.failures("role", "second", {"name": "nodes", "assumeRolePolicy": trust})
    assert account.urn("role", "first") in failures["name"]
    assert account.failures("role", "first", {"name": "nodes", "assumeRolePolicy": trust}) == {}, "its owner keeps it"


def test_a_public_nat_gateway_needs_an_address(account, network):
    account.create("door", "main", {"vpcId": network.vpc.id})
    failures = account.failures("nat", "out", {"subnetId": network.ids[0]})
    assert set(failures) == {"allocationId"}
    address = account.create("eip", "out", {"domain": "vpc"})
    assert account.failures("nat", "out", {"subnetId": network.ids[0], "allocationId": address.id}) == {}


def test_a_public_nat_gateway_needs_an_internet_gateway_before_it(account, network):
    address = account.create("eip", "out", {"domain": "vpc"})
    failures = account.failures("nat", "out", {"subnetId": network.ids[0], "allocationId": address.id})
    assert "make the NAT gateway depend on it" in failures["subnetId"]
    assert account.failures("nat", "in", {"subnetId": network.ids[0], "connectivityType": "private"}) == {}


def test_a_role_that_does_not_trust_the_service_is_refused(account, pool):
    other = TRUSTED.replace("SERVICE", "lambda.amazonaws.com")
    role = account.create("role", "wrong", {"assumeRolePolicy": other})
    failures = account.failures("nodes", "train", pool | {"nodeRoleArn": role.out["arn"]})
    assert "does not let ec2.amazonaws.com call sts:AssumeRole" in failures["nodeRoleArn"]


def test_a_role_for_pods_must_be_taken_and_tagged(account, cluster):
    role = account.create("role", "pod", {"assumeRolePolicy": TRUSTED.replace("SERVICE", "pods.eks.amazonaws.com")})
    given = {
        "clusterName": cluster.name,
        "namespace": "research",
        "serviceAccount": "model",
        "roleArn": role.out["arn"],
    }
    failures = account.failures("pod", "model", given)
    assert "sts:TagSession" in failures["roleArn"]


@pytest.mark.parametrize(
    ("tags", "path"),
    [
        ({"aws:owner": "x"}, "tags.aws:owner"),
        ({"k" * 129: "x"}, f"tags.{'k' * 129}"),
        ({"owner": "v" * 257}, "tags.owner"),
    ],
)
def test_tags_keep_to_the_clouds_limits(account, tags, path):
    assert list(account.failures("vpc", "main", {"cidrBlock": "10.0.0.0/16", "tags": tags})) == [path]


def test_a_route_has_exactly_one_target(account, network):
    table = account.create("table", "private", {"vpcId": network.vpc.id})
    route = {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0"}
    assert "missing" in account.failures("route", "out", route)["gatewayId"]


def test_ports_must_not_run_backwards(account, network):
    group = account.create("group", "web", {"vpcId": network.vpc.id})
    rule = {"securityGroupId": group.id, "ipProtocol": "tcp", "cidrIpv4": "10.0.0.0/8", "fromPort": 443, "toPort": 80}
    assert "at most toPort, 80" in account.failures("ingress", "web", rule)["fromPort"]


def test_a_file_system_has_one_target_a_zone(account, network):
    files = account.create("files", "shared", {"encrypted": True})
    account.create("target", "one", {"fileSystemId": files.id, "subnetId": network.ids[0]})
    twin = account.create(
        "subnet", "twin", {"vpcId": network.vpc.id, "cidrBlock": "10.0.7.0/24", "availabilityZone": "us-east-1a"}
    )
    failures = account.failures("target", "two", {"fileSystemId": files.id, "subnetId": twin.id})
    assert account.urn("target", "one") in failures["subnetId"]


def test_access_policies_belong_to_an_entry_of_the_cluster(account, cluster):
    principal = "arn:aws:iam::210987654321:role/ml-research"
    policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
    given = {
        "clusterName": cluster.name,
        "principalArn": principal,
        "policyArn": policy,
        "accessScope": {"type": "namespace"},
    }
    failures = account.failures("association", "view", given)
    assert set(failures) == {"clusterName", "principalArn", "accessScope.namespaces"}
    assert "CONFIG_MAP" in failures["clusterName"], "the cluster must take entries before it can have one"


def test_a_type_that_the_sdk_does_not_have_is_refused_with_a_suggestion(account):
    failures = account.failures("aws:ec2/subnett:Subnett", "x", {})
    assert "did you mean aws:ec2/subnet:Subnet?" in failures[""]


def test_a_type_without_rows_is_still_checked_by_the_sdk(account):
    topic = "aws:sns/topic:Topic"
    assert account.failures(topic, "alerts", {"displayName": "Alerts"}) == {}
    assert account.failures(topic, "alerts", {"displayNam": "Alerts"}) == {
        "displayNam": "unknown property; did you mean displayName?"
    }


def test_the_value_of_a_secret_is_never_shown(account):
    from kubeml_simulator.provider import secret

    failures = account.failures("logs", "audit", {"name": secret("hunter2 hunter2"), "retentionInDays": 5000})
    assert "[secret]" in failures["name"]
    assert "hunter2" not in str(failures)
    bounds = {"minSize": secret(5), "desiredSize": 5, "maxSize": secret(2)}
    text = str(account.failures("nodes", "x", {"scalingConfig": bounds})["scalingConfig.desiredSize"])
    assert re.search(r"\b[25]\b", text) is None, text


def test_an_operation_that_is_refused_does_not_tell_a_secret_either(account, aborted):
    from kubeml_simulator.provider import secret

    account.create("logs", "audit", {"name": secret("hunter2")})
    with pytest.raises(aborted) as refused:
        account.create("logs", "audit", {"name": secret("hunter2")})
    assert "AlreadyExists" in str(refused.value)
    assert "hunter2" not in str(refused.value)
