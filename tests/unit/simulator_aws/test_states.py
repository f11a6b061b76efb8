"""What the simulated AWS computes: ids, names, defaults, and what a preview does not know yet."""

import re

from kubeml_simulator.provider import UNKNOWN, has_unknown, is_secret, secret


def test_ids_and_arns_have_the_formats_of_the_cloud(account, network, cluster):
    assert re.fullmatch(r"vpc-[0-9a-f]{17}", network.vpc.id)
    assert network.vpc.out["arn"] == f"arn:aws:ec2:us-east-1:123456789012:vpc/{network.vpc.id}"
    assert cluster.made.out["arn"] == f"arn:aws:eks:us-east-1:123456789012:cluster/{cluster.name}"
    assert re.fullmatch(r"https://[0-9A-F]{32}\.gr7\.us-east-1\.eks\.amazonaws\.com", cluster.made.out["endpoint"])
    issuer = cluster.made.out["identities"][0]["oidcs"][0]["issuer"]
    assert re.fullmatch(r"https://oidc\.eks\.us-east-1\.amazonaws\.com/id/[0-9A-F]{32}", issuer)


def test_the_same_urn_gives_the_same_ids_in_another_process(account, accounts):
    inputs = {"cidrBlock": "10.0.0.0/16"}
    assert account.create("vpc", "main", inputs).out == accounts().create("vpc", "main", inputs).out
    assert account.create("vpc", "other", inputs).id != account.create("vpc", "third", inputs).id


def test_a_nameless_role_is_named_after_its_resource(account, trust):
    made = account.create("role", "node", {"assumeRolePolicy": trust})
    assert re.fullmatch(r"node-[0-9a-f]{7}", made.inputs["name"])
    assert made.id == made.inputs["name"]


def test_an_automatic_name_is_kept_and_a_given_one_is_given_up(account, trust):
    made = account.create("role", "node", {"assumeRolePolicy": trust})
    kept = account.check("role", "node", {"assumeRolePolicy": trust, "description": "x"}, made.inputs)
    assert kept.inputs["name"] == made.inputs["name"]
    renamed = account.check("role", "node", {"assumeRolePolicy": trust}, made.inputs | {"name": "by-hand"})
    assert re.fullmatch(r"node-[0-9a-f]{7}", renamed.inputs["name"])


def test_a_prefix_makes_a_name_of_its_own(account, trust):
    made = account.create("role", "node", {"namePrefix": "node-", "assumeRolePolicy": trust})
    assert re.fullmatch(r"node-[0-9]{26}", made.id)
    assert (made.out["name"], made.out["arn"]) == (made.id, f"arn:aws:iam::123456789012:role/{made.id}")
    assert account.update(made, made.inputs)["name"] == made.id
    again = account.create("role", "node", {"namePrefix": "node-", "assumeRolePolicy": trust})
    assert again.id != made.id


def test_a_bucket_is_named_in_lower_case(account):
    assert re.fullmatch(r"data-[0-9a-f]{7}", account.create("bucket", "Data", {}).id)


def test_a_replacement_never_has_the_id_or_the_name_of_the_one_it_replaces(account, trust):
    policy = account.create("role", "node", {"assumeRolePolicy": trust})
    second = account.create("role", "node", {"assumeRolePolicy": trust, "path": "/kubeml/"})
    assert second.id != policy.id
    first, other = (account.create("vpc", "main", {"cidrBlock": f"10.{n}.0.0/16"}) for n in range(2))
    assert first.id != other.id


def test_a_preview_knows_what_the_program_gave_and_nothing_that_the_cloud_decides(account):
    planned = account.create("vpc", "main", {"cidrBlock": "10.0.0.0/16", "tags": {"team": "research"}}, preview=True)
    assert planned.id == ""
    assert planned.out["cidrBlock"] == "10.0.0.0/16"
    assert planned.out["tagsAll"] == {"team": "research"}
    assert planned.out["enableDnsSupport"] is True, "a default of the provider is known"
    assert {planned.out[name] for name in ("arn", "defaultSecurityGroupId", "ownerId")} == {UNKNOWN}


def test_every_output_of_the_sdk_is_there_in_a_preview(account):
    from kubeml_simulator.provider.sdk import Schema

    resource = Schema.for_package("pulumi_aws").resource("aws:sns/topic:Topic")
    planned = account.create("aws:sns/topic:Topic", "alerts", {}, preview=True)
    only_outputs = set(resource.outputs) - set(resource.inputs)
    assert only_outputs <= set(planned.out), "a program that uses an output in a preview gets an unknown, not nothing"


def test_a_planned_cluster_may_be_referred_to_by_its_name(account, trust):
    role = account.create("role", "control", {"assumeRolePolicy": trust}, preview=True)
    assert role.out["arn"] == UNKNOWN
    config = {"roleArn": role.out["arn"], "vpcConfig": {"subnetIds": [UNKNOWN, UNKNOWN]}, "name": "ml"}
    account.create("cluster", "ml", config, preview=True)
    assert account.failures("addon", "dns", {"clusterName": "ml", "addonName": "coredns"}) == {}
    assert (
        "NotFound" in account.failures("addon", "dns", {"clusterName": "other", "addonName": "coredns"})["clusterName"]
    )


def test_a_cluster_gets_a_security_group_a_vpc_and_addresses(cluster):
    state = cluster.made.out
    assert state["vpcConfig"]["vpcId"] == cluster.network.vpc.id
    assert state["vpcConfig"]["clusterSecurityGroupId"].startswith("sg-")
    assert state["vpcConfig"]["endpointPublicAccess"] is True
    assert state["kubernetesNetworkConfig"]["serviceIpv4Cidr"] == "172.20.0.0/16"


def test_a_node_group_gets_its_defaults_and_both_names_of_its_template(account, cluster, pool):
    template = account.create("template", "cpu", {"metadataOptions": {"httpTokens": "required"}})
    inputs = {k: v for k, v in pool.items() if k not in {"amiType", "instanceTypes"}}
    made = account.create("nodes", "cpu", inputs | {"launchTemplate": {"id": template.id, "version": "1"}})
    assert made.id == f"{cluster.name}:{made.inputs['nodeGroupName']}"
    assert made.out["amiType"] == "AL2023_x86_64_STANDARD"
    assert made.out["instanceTypes"] == ["t3.medium"]
    assert made.out["version"] == "1.35"
    assert made.out["launchTemplate"] == {"id": template.id, "name": template.inputs["name"], "version": "1"}


def test_a_changed_launch_template_is_a_new_version_that_a_preview_does_not_know(account):
    template = account.create("template", "gpu", {"ebsOptimized": "true"})
    assert template.out["latestVersion"] == 1
    assert account.update(template, {"ebsOptimized": "false"}, preview=True)["latestVersion"] == UNKNOWN
    assert account.update(template, {"ebsOptimized": "false"})["latestVersion"] == 2


def test_an_update_keeps_what_the_cloud_computed(account):
    made = account.create("vpc", "main", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
    state = account.update(made, {"cidrBlock": "10.0.0.0/16"})
    assert state["arn"] == made.out["arn"]
    assert state["tagsAll"] == {}
    assert not has_unknown(account.update(made, {"cidrBlock": "10.0.0.0/16", "tags": {"c": "d"}}, preview=True))


def test_tags_of_the_provider_are_on_everything(accounts):
    account = accounts(config={"region": "us-east-1", "defaultTags": '{"tags": {"owner": "platform"}}'})
    made = account.create("vpc", "main", {"cidrBlock": "10.0.0.0/16", "tags": {"team": "research"}})
    assert made.out["tagsAll"] == {"owner": "platform", "team": "research"}


def test_secrets_survive_a_round_trip(account):
    made = account.create("logs", "audit", {"tags": {"token": secret("hunter2"), "team": "x"}})
    assert is_secret(made.state["tags"]["token"])
    assert made.out["tags"] == {"token": "hunter2", "team": "x"}
    assert is_secret(account.update(made, {"tags": {"token": secret("other")}})["tags"]["token"])


def test_mount_targets_lie_in_their_subnet(account, network):
    files = account.create("files", "shared", {"encrypted": True})
    target = account.create("target", "a", {"fileSystemId": files.id, "subnetId": network.ids[0]})
    assert target.out["ipAddress"].startswith("10.0.0.")
    assert target.out["dnsName"] == f"{files.id}.efs.us-east-1.amazonaws.com"
    assert target.out["availabilityZoneName"] == "us-east-1a"


def test_an_invoke_assembles_a_policy_document(account):
    statement = {
        "actions": ["sts:AssumeRole", "sts:TagSession"],
        "principals": [{"type": "Service", "identifiers": ["pods.eks.amazonaws.com"]}],
        "conditions": [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["123456789012"]}],
    }
    made = account.invoke("aws:iam/getPolicyDocument:getPolicyDocument", {"statements": [statement]})
    assert account.failures("role", "pod", {"assumeRolePolicy": made["json"]}) == {}
    assert '"Principal": {\n        "Service": "pods.eks.amazonaws.com"' in made["json"]


def test_zones_of_the_region_are_those_that_subnets_may_use(account):
    zones = account.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {"state": "available"})
    assert zones["names"][:3] == ["us-east-1a", "us-east-1b", "us-east-1c"]
    assert len(zones["zoneIds"]) == len(zones["names"])


def test_a_function_that_is_not_simulated_is_refused_by_name(account, aborted):
    import pytest

    with pytest.raises(aborted, match=r"UNIMPLEMENTED: the function aws:rds/getInstance:getInstance is not simulated"):
        account.invoke("aws:rds/getInstance:getInstance", {})


def test_a_stack_that_names_its_account_is_in_that_account(accounts):
    for named in (
        {"allowedAccountIds": '["210987654321"]'},
        {"assumeRoles": '[{"roleArn": "arn:aws:iam::210987654321:role/deploy"}]'},
    ):
        account = accounts(config={"region": "eu-west-1", **named})
        made = account.create("vpc", "main", {"cidrBlock": "10.0.0.0/16"})
        assert made.out["arn"].startswith("arn:aws:ec2:eu-west-1:210987654321:vpc/")
        assert account.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})["accountId"] == "210987654321"
