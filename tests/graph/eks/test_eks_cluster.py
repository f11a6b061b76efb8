"""The graph of an EKS cluster: what is in it, what is closed, what waits for what."""

import json

import pytest

from kubeml_simulator.provider.sdk import Schema

SECRET = "4dabf18193072939515e22adb298388d"
OWN_TAGS = {"environment": "dev", "owner": "platform", "team": "platform", "cost-center": "platform"}


def name(urn):
    return urn.rpartition("::")[2]


def test_the_graph_is_what_it_was(cluster, snapshot):
    outline = sorted(
        f"{each['type']}  {name(each['urn'])}  in {name(each['parent']) if each.get('parent') else 'the stack'}"
        for each in cluster.resources
        if each["type"] not in {"pulumi:pulumi:Stack", "pulumi:providers:aws"}
    )
    assert outline == snapshot


@pytest.mark.parametrize(
    ("token", "which"),
    [
        ("aws:eks/cluster:Cluster", "ml"),
        ("aws:eks/nodeGroup:NodeGroup", "ml-serve"),
        ("aws:eks/addon:Addon", "ml-vpc-cni"),
        ("kubernetes:storage.k8s.io/v1:StorageClass", "ml-block"),
        ("kubernetes:storage.k8s.io/v1:StorageClass", "ml-shared"),
    ],
)
def test_what_it_asks_for_is_what_it_was(cluster, masked, token, which, snapshot):
    assert masked(cluster.inputs(token, which)) == snapshot


def test_everything_is_in_the_cluster(cluster):
    by_urn = {each["urn"]: each for each in cluster.resources}
    (whole,) = cluster.of("kubeml:index:EksCluster").values()
    for each in cluster.resources:
        if each["type"].startswith("pulumi:pulumi:Stack") or each["type"] == "pulumi:providers:aws" or each is whole:
            continue
        above = each
        while above is not whole:
            assert above.get("parent") in by_urn, f"{each['urn']} is outside the cluster"
            above = by_urn[above["parent"]]


def test_everything_that_takes_tags_says_whose_it_is(cluster):
    schema = Schema.for_package("pulumi_aws")
    seen = 0
    for each in cluster.resources:
        known = schema.resource(each["type"]) if each["type"].startswith("aws:") else None
        if known is not None and "tags" in known.inputs:
            seen += 1
            tags = each["inputs"].get("tags") or {}
            assert OWN_TAGS.items() <= tags.items(), f"{each['urn']} does not say whose it is"
    assert seen > 40, "most of a cluster takes tags"


def test_machines_disks_and_interfaces_say_whose_they_are(cluster):
    for template in cluster.of("aws:ec2/launchTemplate:LaunchTemplate").values():
        tagged = {each["resourceType"]: each["tags"] for each in template["inputs"]["tagSpecifications"]}
        assert set(tagged) == {"instance", "volume", "network-interface"}
        assert all(OWN_TAGS.items() <= tags.items() for tags in tagged.values())


def test_nodes_answer_metadata_only_to_themselves_and_keep_their_disks_encrypted(cluster):
    templates = cluster.of("aws:ec2/launchTemplate:LaunchTemplate")
    assert set(templates) == {"ml-system", "ml-general", "ml-serve", "ml-serve-spot"}
    for template in templates.values():
        assert template["inputs"]["metadataOptions"] == {
            "httpEndpoint": "enabled",
            "httpTokens": "required",
            "httpPutResponseHopLimit": 1,
        }
        (disk,) = template["inputs"]["blockDeviceMappings"]
        assert (disk["ebs"]["encrypted"], disk["ebs"]["volumeType"]) == ("true", "gp3")


def test_nodes_have_private_subnets_and_no_key_to_enter(cluster):
    private = {
        each["id"]
        for each in cluster.of("aws:ec2/subnet:Subnet").values()
        if "kubernetes.io/role/internal-elb" in each["inputs"]["tags"]
    }
    assert len(private) == 3
    for group in cluster.of("aws:eks/nodeGroup:NodeGroup").values():
        assert set(group["inputs"]["subnetIds"]) == private
        assert "remoteAccess" not in group["inputs"]
    for subnet in cluster.of("aws:ec2/subnet:Subnet").values():
        assert subnet["inputs"]["mapPublicIpOnLaunch"] is False


def test_load_balancers_find_public_and_private_subnets_in_three_zones(cluster):
    zones = {"kubernetes.io/role/elb": set(), "kubernetes.io/role/internal-elb": set()}
    for subnet in cluster.of("aws:ec2/subnet:Subnet").values():
        for role, found in zones.items():
            if subnet["inputs"]["tags"].get(role) == "1":
                found.add(subnet["inputs"]["availabilityZone"])
    assert all(len(found) == 3 for found in zones.values()), zones


def test_the_api_answers_only_to_the_blocks_named(cluster):
    inputs = cluster.inputs("aws:eks/cluster:Cluster", "ml")
    network = inputs["vpcConfig"]
    assert (network["endpointPrivateAccess"], network["publicAccessCidrs"]) == (True, ["203.0.113.0/24"])
    assert inputs["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    assert sorted(inputs["enabledClusterLogTypes"]) == [
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    ]


def test_secrets_logs_volumes_and_files_have_the_clusters_key(cluster):
    (key,) = cluster.of("aws:kms/key:Key").values()
    arn = key["outputs"]["arn"]
    assert cluster.inputs("aws:eks/cluster:Cluster", "ml")["encryptionConfig"]["provider"]["keyArn"] == arn
    assert cluster.inputs("aws:cloudwatch/logGroup:LogGroup", "ml-logs")["kmsKeyId"] == arn
    assert cluster.inputs("aws:efs/fileSystem:FileSystem", "ml-files")["kmsKeyId"] == arn
    block = cluster.inputs("kubernetes:storage.k8s.io/v1:StorageClass", "ml-block")
    assert block["parameters"]["kmsKeyId"] == arn
    assert key["inputs"]["enableKeyRotation"] is True


def test_logs_go_where_eks_writes_them(cluster):
    group = cluster.inputs("aws:cloudwatch/logGroup:LogGroup", "ml-logs")
    physical = cluster.inputs("aws:eks/cluster:Cluster", "ml")["name"]
    assert group["name"] == f"/aws/eks/{physical}/cluster"
    policy = json.loads(cluster.of("aws:kms/key:Key")["ml"]["inputs"]["policy"])
    condition = policy["Statement"][1]["Condition"]["ArnEquals"]
    assert condition["kms:EncryptionContext:aws:logs:arn"].endswith(f":log-group:{group['name']}")


def test_a_gpu_pool_has_the_image_with_the_driver_the_taint_and_the_labels(cluster):
    for each in ("ml-serve", "ml-serve-spot"):
        group = cluster.inputs("aws:eks/nodeGroup:NodeGroup", each)
        assert group["amiType"] == "AL2023_x86_64_NVIDIA"
        assert group["taints"] == [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}]
        assert group["labels"]["kubeml.io/pool"] == "serve"
        assert group["labels"]["nvidia.com/gpu.present"] == "true"
        assert group["instanceTypes"] == ["g6.xlarge"]


def test_each_rung_is_a_group_with_its_share_of_the_bounds(cluster):
    groups = cluster.of("aws:eks/nodeGroup:NodeGroup")
    bounds = {each: group["inputs"]["scalingConfig"]["maxSize"] for each, group in groups.items()}
    assert bounds == {"ml-system": 6, "ml-general": 4, "ml-serve": 6, "ml-serve-spot": 2}
    assert groups["ml-serve"]["inputs"]["capacityType"] == "ON_DEMAND"
    assert groups["ml-serve-spot"]["inputs"]["capacityType"] == "SPOT"


def test_the_system_pool_is_for_the_platform_alone(cluster):
    group = cluster.inputs("aws:eks/nodeGroup:NodeGroup", "ml-system")
    assert group["taints"] == [{"key": "CriticalAddonsOnly", "value": "true", "effect": "NO_SCHEDULE"}]
    for addon in ("coredns", "aws-ebs-csi-driver", "aws-efs-csi-driver"):
        settings = json.loads(cluster.inputs("aws:eks/addon:Addon", f"ml-{addon}")["configurationValues"])
        there = settings.get("controller", settings)
        assert there["nodeSelector"] == {"kubeml.io/pool": "system"}, addon
        assert {"key": "CriticalAddonsOnly", "operator": "Equal", "value": "true", "effect": "NoSchedule"} in there[
            "tolerations"
        ], addon


def test_network_policies_are_enforced_and_addresses_come_by_prefix(cluster):
    settings = json.loads(cluster.inputs("aws:eks/addon:Addon", "ml-vpc-cni")["configurationValues"])
    assert settings["enableNetworkPolicy"] == "true"
    assert settings["env"]["ENABLE_PREFIX_DELEGATION"] == "true"


def test_the_autoscaler_owns_the_size_between_the_bounds(cluster):
    for group in cluster.of("aws:eks/nodeGroup:NodeGroup").values():
        assert group["ignoreChanges"] == ["scalingConfig.desiredSize"]


def test_the_kubeconfig_is_secret_wherever_it_is(cluster):
    assert SECRET in cluster.result.outputs["kubeconfig"]
    assert SECRET in cluster.inputs("pulumi:providers:kubernetes", "ml-kubernetes")["kubeconfig"]
    assert SECRET in cluster.of("kubeml:index:EksCluster")["ml"]["outputs"]["kubeconfig"]


def test_the_kubeconfig_holds_no_credential(cluster):
    (user,) = json.loads(cluster.result.outputs["kubeconfig"]["value"])["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["command"] == "aws"


def test_pods_of_the_platform_wait_for_nodes_and_nodes_for_their_network(cluster):
    system = cluster.of("aws:eks/nodeGroup:NodeGroup")["ml-system"]["urn"]
    for addon in ("coredns", "aws-ebs-csi-driver", "aws-efs-csi-driver"):
        assert system in cluster.needs(cluster.of("aws:eks/addon:Addon")[f"ml-{addon}"]), addon
    network = cluster.of("aws:eks/addon:Addon")["ml-vpc-cni"]
    assert system not in cluster.needs(network)
    egress = [each["urn"] for each in cluster.of("aws:ec2/natGateway:NatGateway").values()]
    policies = [
        each["urn"]
        for which, each in cluster.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment").items()
        if which.startswith("ml-nodes-")
    ]
    assert len(policies) == 2
    for group in cluster.of("aws:eks/nodeGroup:NodeGroup").values():
        assert cluster.needs(group) >= {network["urn"], *egress, *policies}


def test_no_pool_waits_for_another(cluster):
    groups = {each["urn"]: each for each in cluster.of("aws:eks/nodeGroup:NodeGroup").values()}
    for urn, group in groups.items():
        assert not cluster.needs(group) & (set(groups) - {urn})


def test_the_control_plane_waits_for_no_gateway_and_no_role_waits_for_it(cluster):
    control = cluster.of("aws:eks/cluster:Cluster")["ml"]
    gateways = {each["urn"] for each in cluster.of("aws:ec2/natGateway:NatGateway").values()}
    assert not cluster.needs(control) & gateways
    for role in cluster.of("aws:iam/role:Role").values():
        assert control["urn"] not in cluster.needs(role), role["urn"]


def test_nobody_enters_before_access_is_granted(cluster):
    granted = {each["urn"] for each in cluster.of("aws:eks/accessPolicyAssociation:AccessPolicyAssociation").values()}
    assert granted
    for each in cluster.of("kubernetes:storage.k8s.io/v1:StorageClass").values():
        assert cluster.needs(each) >= granted


def test_a_class_waits_for_its_driver_and_for_what_its_volumes_are_made_of(cluster):
    addons = cluster.of("aws:eks/addon:Addon")
    classes = cluster.of("kubernetes:storage.k8s.io/v1:StorageClass")
    assert addons["ml-aws-ebs-csi-driver"]["urn"] in cluster.needs(classes["ml-block"])
    targets = {each["urn"] for each in cluster.of("aws:efs/mountTarget:MountTarget").values()}
    assert len(targets) == 3
    assert cluster.needs(classes["ml-shared"]) >= {*targets, addons["ml-aws-efs-csi-driver"]["urn"]}


def test_shared_files_are_open_to_the_nodes_and_to_nothing_else(cluster):
    (rule,) = cluster.of("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").values()
    control = cluster.of("aws:eks/cluster:Cluster")["ml"]
    assert rule["inputs"]["referencedSecurityGroupId"] == control["outputs"]["vpcConfig"]["clusterSecurityGroupId"]
    assert (rule["inputs"]["fromPort"], rule["inputs"]["toPort"]) == (2049, 2049)
    assert "cidrIpv4" not in rule["inputs"]


def test_only_classes_go_away_with_the_cluster(cluster):
    control = cluster.of("aws:eks/cluster:Cluster")["ml"]["urn"]
    gone = {each["type"] for each in cluster.resources if each.get("deletedWith")}
    assert gone == {"kubernetes:storage.k8s.io/v1:StorageClass"}
    assert {each["deletedWith"] for each in cluster.resources if each.get("deletedWith")} == {control}


def test_a_workload_identity_is_for_one_account_of_one_cluster(cluster):
    trust = json.loads(cluster.inputs("aws:iam/role:Role", "reader")["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {
        "aws:RequestTag/eks-cluster-arn": cluster.of("aws:eks/cluster:Cluster")["ml"]["outputs"]["arn"],
        "aws:RequestTag/kubernetes-namespace": "research",
        "aws:RequestTag/kubernetes-service-account": "loader",
    }
    association = cluster.inputs("aws:eks/podIdentityAssociation:PodIdentityAssociation", "reader")
    assert (association["namespace"], association["serviceAccount"]) == ("research", "loader")
    policy = json.loads(cluster.inputs("aws:iam/rolePolicy:RolePolicy", "reader")["policy"])
    assert policy["Statement"][0]["Resource"] == "arn:aws:s3:::corpus-us-east-1/*", (
        "an output in a statement is resolved"
    )


def test_the_run_takes_no_longer_than_its_longest_chain(cluster):
    spans = {span.urn: span.end - span.start for span in cluster.result.spans}
    by_urn = {each["urn"]: each for each in cluster.resources}
    longest = max(spans[urn] + _before(urn, by_urn, spans, {}) for urn in spans)
    assert cluster.result.duration <= 1.05 * longest


def _before(urn, by_urn, spans, known):
    if urn not in known:
        each = by_urn[urn]
        needs = [*each.get("dependencies", []), each.get("provider", "").rpartition("::")[0]]
        known[urn] = max(
            (spans.get(need, 0) + _before(need, by_urn, spans, known) for need in needs if need in by_urn), default=0
        )
    return known[urn]
