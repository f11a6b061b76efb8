"""Clusters that differ, beside each other in one stack."""

import json
from types import SimpleNamespace

import pytest

from pulumi_kubeml import Cluster, ConfigurationError, NodePoolSpec
from pulumi_kubeml.nodes import resolve_all


@pytest.fixture(scope="module")
def stack(make_graph):
    return make_graph(
        """
        there = aws.Provider("there", region="eu-west-1")
        EksCluster("far", args(), pulumi.ResourceOptions(providers=[there]))
        EksCluster("kept", args(environment="prod"))
        EksCluster("cheap", args(nat_gateways="single"))
        EksCluster("held", args(node_pools=[NodePoolSpec("train", accelerator="h100", accelerators_per_node=8, max=4,
            zones=["us-east-1a"], capacity=[Reservation("cr-0a1b2c3d4e5f67890")])]))
        EksCluster("mine", args(admins=[]))
        try:
            EksCluster("few", args(), pulumi.ResourceOptions(provider=aws.Provider("west", region="us-west-1")))
        except pulumi.RunError as refused:
            pulumi.export("few", str(refused))
        """
    )


def of(stack, token, cluster):
    found = [each for name, each in stack.of(token).items() if name == cluster or name.startswith(f"{cluster}-")]
    assert found, f"no {token} in {cluster}"
    return found


def test_a_cluster_is_made_by_the_provider_that_it_is_given(stack):
    subnets = of(stack, "aws:ec2/subnet:Subnet", "far")
    assert {each["provider"].split("::")[3] for each in subnets} == {"there"}
    assert {each["inputs"]["availabilityZone"] for each in subnets} == {"eu-west-1a", "eu-west-1b", "eu-west-1c"}
    (provider,) = of(stack, "pulumi:providers:kubernetes", "far")
    assert "eu-west-1" in json.dumps(provider["inputs"]["kubeconfig"]), "the questions asked of AWS go there too"


def test_each_cluster_has_its_own_name_and_its_own_way_in(stack):
    names = [each["inputs"]["name"] for each in stack.of("aws:eks/cluster:Cluster").values()]
    assert sorted(names) == ["cheap-dev", "far-dev", "held-dev", "kept-dev", "mine-dev"]
    classes = stack.of("kubernetes:storage.k8s.io/v1:StorageClass")
    for cluster in ("far", "kept", "cheap", "held"):
        assert classes[f"{cluster}-block"]["provider"].split("::")[3] == f"{cluster}-kubernetes"


def test_production_keeps_what_would_be_missed(stack):
    (control,) = of(stack, "aws:eks/cluster:Cluster", "kept")
    assert control["inputs"]["deletionProtection"] is True
    (files,) = of(stack, "aws:efs/fileSystem:FileSystem", "kept")
    assert files["protect"] is True
    classes = of(stack, "kubernetes:storage.k8s.io/v1:StorageClass", "kept")
    assert {each["inputs"]["reclaimPolicy"] for each in classes} == {"Retain"}


def test_elsewhere_a_cluster_can_be_taken_down(stack):
    (control,) = of(stack, "aws:eks/cluster:Cluster", "cheap")
    assert control["inputs"]["deletionProtection"] is False
    (files,) = of(stack, "aws:efs/fileSystem:FileSystem", "cheap")
    assert not files.get("protect")
    classes = of(stack, "kubernetes:storage.k8s.io/v1:StorageClass", "cheap")
    assert {each["inputs"]["reclaimPolicy"] for each in classes} == {"Delete"}


def test_a_single_gateway_serves_all_zones(stack):
    (gateway,) = of(stack, "aws:ec2/natGateway:NatGateway", "cheap")
    ways = [route["inputs"].get("natGatewayId") for route in of(stack, "aws:ec2/route:Route", "cheap")]
    assert ways.count(gateway["id"]) == 3


def test_a_reservation_is_used_and_nothing_outside_it(stack):
    template = stack.inputs("aws:ec2/launchTemplate:LaunchTemplate", "held-train")
    assert template["capacityReservationSpecification"] == {
        "capacityReservationPreference": "capacity-reservations-only",
        "capacityReservationTarget": {"capacityReservationId": "cr-0a1b2c3d4e5f67890"},
    }
    group = stack.inputs("aws:eks/nodeGroup:NodeGroup", "held-train")
    assert len(group["subnetIds"]) == 1, "a reservation is in one zone"
    assert group["instanceTypes"] == ["p5.48xlarge"]


def test_without_administrators_whoever_came_first_has_access_and_keeps_it(stack):
    (entry,) = of(stack, "aws:eks/accessEntry:AccessEntry", "mine")
    assert ":iam::" in entry["inputs"]["principalArn"]
    assert entry["ignoreChanges"] == ["principalArn"], "another person's next run must not take it away"


def test_a_region_with_too_few_zones_is_refused(stack):
    assert stack.result.outputs["few"] == (
        "zones  the region has 1 that EKS can use (us-west-1a), and a cluster needs 3"
    )
    assert not [name for name in stack.of("aws:ec2/vpc:Vpc") if name == "few"]


def test_a_pool_is_found_by_its_name_or_refused_with_those_that_there_are():
    pools = resolve_all(
        [NodePoolSpec("general", machine="m7i.large"), NodePoolSpec("serve", machine="m7i.large")], "aws"
    )
    cluster = SimpleNamespace(node_pools=pools)
    assert Cluster.pool(cluster, "serve") is pools[1]
    with pytest.raises(ConfigurationError, match=r'"serv" is no pool .* allowed: general, serve; did you mean serve\?'):
        Cluster.pool(cluster, "serv")


def test_in_a_vpc_that_exists_the_cluster_takes_its_subnets_and_makes_no_network(make_graph):
    graph = make_graph(
        """
        from pulumi_kubeml.clusters.eks.args import ExistingVpc
        theirs = aws.ec2.Vpc("theirs", cidr_block="10.64.0.0/16")
        zones = {"us-east-1a": "10.64.0.0/18", "us-east-1b": "10.64.64.0/18"}
        subnets = {
            zone: aws.ec2.Subnet(zone, vpc_id=theirs.id, availability_zone=zone, cidr_block=block).id
            for zone, block in zones.items()
        }
        EksCluster("ml", args(vpc=ExistingVpc(id=theirs.id, private_subnets=subnets)))
        """
    )
    made = {each["type"] for each in graph.resources}
    assert not made & {"aws:ec2/natGateway:NatGateway", "aws:ec2/internetGateway:InternetGateway", "kubeml:eks:Network"}
    theirs = {each["id"] for each in graph.of("aws:ec2/subnet:Subnet").values()}
    assert len(theirs) == 2
    for group in graph.of("aws:eks/nodeGroup:NodeGroup").values():
        assert set(group["inputs"]["subnetIds"]) == theirs
    assert set(graph.inputs("aws:eks/cluster:Cluster", "ml")["vpcConfig"]["subnetIds"]) == theirs
    assert {each["inputs"]["subnetId"] for each in graph.of("aws:efs/mountTarget:MountTarget").values()} == theirs


def test_drivers_that_an_argument_asks_for_may_reach_what_was_named_and_nothing_else(make_graph):
    graph = make_graph('EksCluster("ml", args(lustre=True, snapshots=True, mount_buckets=["corpus"]))')
    addons = {each["inputs"]["addonName"] for each in graph.of("aws:eks/addon:Addon").values()}
    assert addons >= {"aws-fsx-csi-driver", "snapshot-controller", "aws-mountpoint-s3-csi-driver"}
    policy = json.loads(graph.inputs("aws:iam/rolePolicy:RolePolicy", "ml-aws-mountpoint-s3-csi-driver")["policy"])
    named = {arn for statement in policy["Statement"] for arn in statement["Resource"]}
    assert named == {"arn:aws:s3:::corpus", "arn:aws:s3:::corpus/*"}
