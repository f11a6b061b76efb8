"""What the simulated AWS replaces, updates, and leaves alone; what fails when it is asked to."""

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from kubeml_simulator.provider import FailurePlan
from kubeml_simulator.provider.failures import VARIABLE

NONE, SOME = pb.DiffResponse.DIFF_NONE, pb.DiffResponse.DIFF_SOME
UPDATE, UPDATE_REPLACE = pb.PropertyDiff.UPDATE, pb.PropertyDiff.UPDATE_REPLACE


@pytest.fixture
def nodes(account, pool):
    return account.create("nodes", "train", pool)


def test_equal_inputs_are_no_change(account, nodes):
    answer = account.diff(nodes, nodes.inputs)
    assert (answer.changes, list(answer.diffs), list(answer.replaces)) == (NONE, [], [])


def test_other_subnets_replace_a_node_group_and_other_bounds_do_not(account, nodes, network):
    answer = account.diff(nodes, nodes.inputs | {"subnetIds": network.ids[:1]})
    assert list(answer.replaces) == ["subnetIds"]
    assert answer.detailedDiff["subnetIds[1]"].kind == pb.PropertyDiff.DELETE_REPLACE
    answer = account.diff(nodes, nodes.inputs | {"scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 9}})
    assert list(answer.replaces) == []
    assert {path: detail.kind for path, detail in answer.detailedDiff.items()} == {"scalingConfig.maxSize": UPDATE}


def test_another_version_of_a_launch_template_updates_and_another_template_replaces(account, pool):
    first, second = (account.create("template", name, {}) for name in ("first", "second"))
    made = account.create("nodes", "train", pool | {"launchTemplate": {"id": first.id, "version": "1"}})
    account.update(first, {"ebsOptimized": "true"})
    assert list(account.diff(made, pool | {"launchTemplate": {"id": first.id, "version": "2"}}).replaces) == []
    assert list(account.diff(made, pool | {"launchTemplate": {"id": second.id, "version": "1"}}).replaces) == [
        "launchTemplate"
    ]


@pytest.mark.parametrize(
    ("before", "after", "replaces"),
    [
        ({"region": None}, {"region": "us-east-1"}, False),
        ({"region": None}, {"region": "eu-west-1"}, True),
        ({"instanceTenancy": "dedicated"}, {"instanceTenancy": "default"}, False),
        ({"instanceTenancy": "default"}, {"instanceTenancy": "dedicated"}, True),
        ({"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, True),
        ({"enableDnsHostnames": False}, {"enableDnsHostnames": True}, False),
    ],
)
def test_conditions_of_the_table_decide(account, before, after, replaces):
    base = {"cidrBlock": "10.0.0.0/16"}
    made = account.create("vpc", "main", base | before)
    assert bool(account.diff(made, base | after).replaces) == replaces


def test_encryption_of_a_cluster_can_be_added_but_not_removed(account, cluster):
    key = account.create("key", "secrets", {})
    plain = cluster.made
    sealed = plain.inputs | {"encryptionConfig": {"resources": ["secrets"], "provider": {"keyArn": key.out["arn"]}}}
    assert list(account.diff(plain, sealed).replaces) == []
    encrypted = account.create("cluster", "sealed", {**sealed, "name": "sealed"})
    removed = {name: value for name, value in encrypted.inputs.items() if name != "encryptionConfig"}
    assert list(account.diff(encrypted, removed).replaces) == ["encryptionConfig"]


def test_a_rule_that_switches_its_source_is_replaced_and_a_new_value_of_the_kind_is_not(account, network):
    group = account.create("group", "web", {"vpcId": network.vpc.id})
    base = {"securityGroupId": group.id, "ipProtocol": "-1"}
    made = account.create("ingress", "web", base | {"cidrIpv4": "10.0.0.0/8"})
    assert list(account.diff(made, base | {"cidrIpv4": "10.0.0.0/16"}).replaces) == []
    assert list(account.diff(made, base | {"referencedSecurityGroupId": group.id}).replaces) == [
        "cidrIpv4",
        "referencedSecurityGroupId",
    ]


def test_what_the_cloud_computes_stays_when_it_is_no_longer_given(account, network):
    subnet = network.subnets[0]
    less = {name: value for name, value in subnet.inputs.items() if name != "availabilityZone"}
    assert account.diff(subnet, less).changes == NONE


def test_an_ignored_change_is_no_change(account, nodes):
    inputs = nodes.inputs | {"scalingConfig": {"minSize": 2, "desiredSize": 2, "maxSize": 9}}
    assert account.diff(nodes, inputs).changes == SOME
    assert account.diff(nodes, inputs, ignore=["scalingConfig"]).changes == NONE


def test_a_name_fixed_by_the_program_makes_way_before_its_successor_comes(account, network):
    free = account.create("group", "free", {"vpcId": network.vpc.id, "description": "one"})
    fixed = account.create("group", "fixed", {"vpcId": network.vpc.id, "description": "one", "name": "web"})
    assert not account.diff(free, {"vpcId": network.vpc.id, "description": "two"}).deleteBeforeReplace
    answer = account.diff(fixed, {"vpcId": network.vpc.id, "description": "two", "name": "web"})
    assert (list(answer.replaces), answer.deleteBeforeReplace) == (["description"], True)


def test_a_type_without_rows_is_updated_in_place(account):
    topic = account.create("aws:sns/topic:Topic", "alerts", {"displayName": "one"})
    answer = account.diff(topic, {"displayName": "two"})
    assert (list(answer.diffs), list(answer.replaces)) == (["displayName"], [])


def test_a_fresh_provider_learns_the_world_from_the_state_of_an_unchanged_stack(account, accounts, network):
    later = accounts()
    subnet = network.subnets[0]
    assert "NotFound" in later.failures("subnet", subnet.name, subnet.inputs)["vpcId"]
    later.diff(network.vpc, network.vpc.inputs)
    assert later.failures("subnet", subnet.name, subnet.inputs) == {}


def test_what_is_deleted_is_gone(account, network):
    account.delete(network.vpc)
    assert (
        "NotFound" in account.failures("subnet", "late", {"vpcId": network.vpc.id, "cidrBlock": "10.0.9.0/24"})["vpcId"]
    )


def test_a_failure_that_was_asked_for_strikes_and_is_named_like_an_answer_of_the_service(accounts, aborted):
    account = accounts(failures=["aws:ec2/vpc:Vpc::main"])
    assert account.create("vpc", "main", {"cidrBlock": "10.0.0.0/16"}, preview=True).id == "", (
        "a preview does nothing that could fail"
    )
    with pytest.raises(
        aborted, match=r"creating urn:.*::main \(main\): operation error EC2: CreateVpc, .*StatusCode: 500"
    ):
        account.create("vpc", "main", {"cidrBlock": "10.0.0.0/16"})
    assert account.create("vpc", "other", {"cidrBlock": "10.0.0.0/16"}).id


def test_updates_and_deletes_fail_too(accounts, aborted):
    from kubeml_simulator.provider import World

    world = World()
    made = accounts(world=world).create("vpc", "main", {"cidrBlock": "10.0.0.0/16"})
    failing = accounts(failures=["aws:ec2/vpc:Vpc::main"], world=world)
    with pytest.raises(aborted, match="UpdateVpc"):
        failing.update(made, {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True})
    with pytest.raises(aborted, match="DeleteVpc"):
        failing.delete(made)


def test_a_pattern_that_matched_nothing_is_known_afterwards(accounts):
    plan = FailurePlan(["aws:ec2/vpc:Vpc::main", "aws:ec2/vpc:Vpc::typo"])
    accounts(failures=plan).failures("vpc", "main", {"cidrBlock": "10.0.0.0/16"})
    assert plan.unmatched() == ["aws:ec2/vpc:Vpc::typo"]


def test_a_plugin_takes_its_failures_from_the_environment(monkeypatch):
    monkeypatch.setenv(VARIABLE, "aws:ec2/vpc:Vpc::main, aws:eks/cluster:Cluster::ml")
    plan = FailurePlan.from_environment()
    assert plan.hits("urn:pulumi:s::p::aws:eks/cluster:Cluster::ml")
    assert plan.unmatched() == ["aws:ec2/vpc:Vpc::main"]


def test_two_of_a_unique_name_cannot_live_at_once(account, aborted, pool):
    account.create("nodes", "train", pool | {"nodeGroupName": "train"})
    with pytest.raises(aborted, match="AlreadyExists"):
        account.create("nodes", "train", pool | {"nodeGroupName": "train", "instanceTypes": ["g6.48xlarge"]})


def test_a_subnet_cannot_be_replaced_by_one_with_the_same_block_while_it_lives(account, aborted, network):
    subnet = network.subnets[0]
    moved = subnet.inputs | {"availabilityZone": "us-east-1c"}
    assert list(account.diff(subnet, moved).replaces) == ["availabilityZone"]
    with pytest.raises(aborted, match=r"InvalidSubnet\.Conflict"):
        account.create("subnet", subnet.name, moved)
    account.delete(subnet)
    assert account.create("subnet", subnet.name, moved).id != ""


def test_durations_are_measured_or_said_to_be_unknown(account):
    assert account.provider.latency("aws:eks/cluster:Cluster", "create", {}) == (617.0, True)
    assert account.provider.latency("aws:ec2/subnet:Subnet", "create", {}) == (1.0, False)


def test_a_provider_without_a_region_is_refused_with_the_regions(account):
    from kubeml_simulator.provider.values import struct

    def check(config):
        answer = account.provider.CheckConfig(pb.CheckRequest(news=struct(config)), account.context)
        return {failure.property: failure.reason for failure in answer.failures}

    assert "set aws:region" in check({})["region"]
    assert "us-east-1" in check({"region": "us-east-9"})["region"]
    assert (
        check(
            {
                "region": "us-east-1",
                "defaultTags": '{"tags":{"a":"b"}}',
                "skipMetadataApiCheck": "true",
                "version": "7.51.1",
            }
        )
        == {}
    )
    assert set(check({"region": "us-east-1", "regoin": "x"})) == {"regoin"}
