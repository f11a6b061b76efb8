"""The graph of an AKS cluster: what is in it, what is closed, what waits for what."""

import json

import pytest

from kubeml_simulator.provider.sdk import Schema

SECRET = "4dabf18193072939515e22adb298388d"
OWN_TAGS = {"environment": "dev", "owner": "platform", "team": "platform", "cost-center": "platform"}
AZURE = "azure-native:"
AGENT_POOL, CLUSTER = f"{AZURE}containerservice:AgentPool", f"{AZURE}containerservice:ManagedCluster"
CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
ROLE = f"{AZURE}authorization:RoleAssignment"


def name(urn):
    return urn.rpartition("::")[2]


def test_the_graph_is_what_it_was(cluster, snapshot):
    outline = sorted(
        f"{each['type']}  {name(each['urn'])}  in {name(each['parent']) if each.get('parent') else 'the stack'}"
        for each in cluster.resources
        if each["type"] not in {"pulumi:pulumi:Stack", "pulumi:providers:azure-native"}
    )
    assert outline == snapshot


@pytest.mark.parametrize(
    ("token", "which"),
    [(CLUSTER, "ml"), (AGENT_POOL, "ml-serve-spot"), (CLASS, "ml-block"), (CLASS, "ml-shared")],
)
def test_what_it_asks_for_is_what_it_was(cluster, masked, token, which, snapshot):
    assert masked(cluster.inputs(token, which)) == snapshot


def test_everything_is_in_the_cluster(cluster):
    by_urn = {each["urn"]: each for each in cluster.resources}
    (whole,) = cluster.of("kubeml:index:AksCluster").values()
    for each in cluster.resources:
        if each["type"] in {"pulumi:pulumi:Stack", "pulumi:providers:azure-native"} or each is whole:
            continue
        above = each
        while above is not whole:
            assert above.get("parent") in by_urn, f"{each['urn']} is outside the cluster"
            above = by_urn[above["parent"]]


def test_everything_that_takes_tags_says_whose_it_is(cluster):
    schema = Schema.for_package("pulumi_azure_native")
    seen = 0
    for each in cluster.resources:
        known = schema.resource(each["type"]) if each["type"].startswith(AZURE) else None
        if known is not None and "tags" in known.inputs:
            seen += 1
            tags = each["inputs"].get("tags") or {}
            assert OWN_TAGS.items() <= tags.items(), f"{each['urn']} does not say whose it is"
    assert seen > 15, "most of a cluster takes tags"
    said = dict(each.split("=") for each in cluster.inputs(CLASS, "ml-block")["parameters"]["tags"].split(","))
    assert said == OWN_TAGS, "disks are made by the driver"


def test_nobody_enters_but_by_entra(cluster):
    inputs = cluster.inputs(CLUSTER, "ml")
    assert (inputs["disableLocalAccounts"], inputs["enableRBAC"]) == (True, True)
    who = inputs["aadProfile"]
    assert (who["managed"], who["enableAzureRBAC"]) == (True, True)
    assert who["adminGroupObjectIDs"] == ["0a1b2c3d-0000-4000-8000-000000000001"]
    assert not [each for each in cluster.resources if "Admin" in each["type"]], "no credential of an administrator"


def test_the_api_answers_only_to_the_blocks_named_and_to_nodes_inside_the_network(cluster):
    inputs = cluster.inputs(CLUSTER, "ml")
    access = inputs["apiServerAccessProfile"]
    assert access["authorizedIPRanges"] == ["203.0.113.0/24"]
    assert access["enableVnetIntegration"] is True
    assert access["subnetId"] == cluster.of(f"{AZURE}network:Subnet")["ml-api-server"]["id"]
    assert access["disableRunCommand"] is True, "a command sent through Azure would pass by the blocks"


def test_nodes_are_private_and_go_out_by_the_gateway(cluster):
    subnets = cluster.of(f"{AZURE}network:Subnet")
    assert all(each["inputs"]["defaultOutboundAccess"] is False for each in subnets.values())
    (gateway,) = cluster.of(f"{AZURE}network:NatGateway").values()
    assert subnets["ml-nodes"]["inputs"]["natGateway"]["id"] == gateway["id"]
    assert cluster.inputs(CLUSTER, "ml")["networkProfile"]["outboundType"] == "userAssignedNATGateway"
    (own,) = cluster.inputs(CLUSTER, "ml")["agentPoolProfiles"]
    for each in [own, *(pool["inputs"] for pool in cluster.of(AGENT_POOL).values())]:
        assert each["enableNodePublicIP"] is False
        assert each["vnetSubnetID"] == subnets["ml-nodes"]["id"]


def test_network_policies_are_enforced_by_cilium(cluster):
    network = cluster.inputs(CLUSTER, "ml")["networkProfile"]
    assert (network["networkPolicy"], network["networkDataplane"]) == ("cilium", "cilium")
    assert (network["networkPlugin"], network["networkPluginMode"]) == ("azure", "overlay")


def test_secrets_disks_volumes_and_files_have_the_clusters_keys(cluster):
    keys = cluster.of(f"{AZURE}keyvault:Key")
    inputs = cluster.inputs(CLUSTER, "ml")
    kms = inputs["securityProfile"]["azureKeyVaultKms"]
    assert (kms["enabled"], kms["keyVaultNetworkAccess"]) == (True, "Private")
    assert kms["keyId"] == keys["ml-secrets"]["outputs"]["keyUriWithVersion"]
    disks = cluster.of(f"{AZURE}compute:DiskEncryptionSet")["ml-disks"]
    assert disks["inputs"]["activeKey"]["keyUrl"] == keys["ml-volumes"]["outputs"]["keyUriWithVersion"]
    assert inputs["diskEncryptionSetID"] == disks["id"]
    assert cluster.inputs(CLASS, "ml-block")["parameters"]["diskEncryptionSetID"] == disks["id"]
    for pool in [*inputs["agentPoolProfiles"], *(each["inputs"] for each in cluster.of(AGENT_POOL).values())]:
        assert pool["enableEncryptionAtHost"] is True
    (files,) = cluster.of(f"{AZURE}storage:StorageAccount").values()
    assert files["inputs"]["encryption"]["keySource"] == "Microsoft.Keyvault"
    assert files["inputs"]["encryption"]["keyVaultProperties"]["keyName"] == "volumes"


def test_the_vault_has_no_public_address_and_keeps_what_is_deleted(cluster):
    (vault,) = cluster.of(f"{AZURE}keyvault:Vault").values()
    inside = vault["inputs"]["properties"]
    assert (inside["publicNetworkAccess"], inside["networkAcls"]["defaultAction"]) == ("Disabled", "Deny")
    assert (inside["enablePurgeProtection"], inside["enableRbacAuthorization"]) == (True, True)


def test_shared_files_are_open_to_the_nodes_by_nfs_and_to_nothing_else(cluster):
    (files,) = cluster.of(f"{AZURE}storage:StorageAccount").values()
    inputs = files["inputs"]
    assert (inputs["publicNetworkAccess"], inputs["allowSharedKeyAccess"]) == ("Disabled", False)
    assert inputs["enableHttpsTrafficOnly"] is True, "with it NFS that is not encrypted is refused"
    parameters = cluster.inputs(CLASS, "ml-shared")["parameters"]
    assert (parameters["protocol"], parameters["encryptInTransit"]) == ("nfs", "true")
    assert parameters["storageAccount"] == inputs["accountName"]
    (rules,) = [each["inputs"]["securityRules"] for each in cluster.of(f"{AZURE}network:NetworkSecurityGroup").values()]
    allowed = [each for each in rules if each["access"] == "Allow"]
    nodes = cluster.inputs(f"{AZURE}network:Subnet", "ml-nodes")
    assert [(each["sourceAddressPrefix"], each["destinationPortRange"]) for each in allowed] == [
        (nodes["addressPrefix"], "2049")
    ]
    endpoints = cluster.inputs(f"{AZURE}network:Subnet", "ml-endpoints")
    assert endpoints["privateEndpointNetworkPolicies"] == "NetworkSecurityGroupEnabled", "else the rules do nothing"


def test_the_cluster_may_do_what_it_must_and_no_more(cluster):
    granted = {}
    ids = {each["id"]: name(each["urn"]) for each in cluster.resources if each.get("id")}
    who = cluster.of(f"{AZURE}managedidentity:UserAssignedIdentity")["ml-cluster"]["outputs"]["principalId"]
    for each in cluster.of(ROLE).values():
        if each["inputs"]["principalId"] == who:
            scope = ids[each["inputs"]["scope"]]
            granted.setdefault(scope, set()).add(each["inputs"]["roleDefinitionId"].rpartition("/")[2][:8])
    vault = next(iter(cluster.of(f"{AZURE}keyvault:Vault")))
    files = next(iter(cluster.of(f"{AZURE}storage:StorageAccount")))
    assert granted == {
        "ml-nodes": {"4d97b98b"},
        "ml-api-server": {"4d97b98b"},
        vault: {"12338af0", "f25e0fa2"},
        "ml-disks": {"acdd72a7"},
        files: {"17d1049b"},
    }


def test_a_gpu_pool_has_the_driver_the_taint_and_the_labels(cluster):
    pool = cluster.inputs(AGENT_POOL, "ml-serve")
    assert pool["gpuProfile"] == {"driver": "Install"}
    assert pool["nodeTaints"] == ["nvidia.com/gpu=present:NoSchedule"]
    assert pool["nodeLabels"]["kubeml.io/pool"] == "serve"
    assert pool["nodeLabels"]["nvidia.com/gpu.present"] == "true"
    assert pool["vmSize"] == "Standard_NC4as_T4_v3"
    assert pool["upgradeSettings"] == {"maxSurge": "0", "maxUnavailable": "1"}, "there is no other device to be had"
    assert "gpuProfile" not in cluster.inputs(AGENT_POOL, "ml-general")


def test_each_rung_is_an_agent_pool_with_its_share_of_the_bounds(cluster):
    pools = cluster.of(AGENT_POOL)
    bounds = {each: (pool["inputs"]["minCount"], pool["inputs"]["maxCount"]) for each, pool in pools.items()}
    assert bounds == {"ml-general": (1, 4), "ml-serve": (0, 6), "ml-serve-spot": (0, 2)}
    spot = pools["ml-serve-spot"]["inputs"]
    assert (spot["scaleSetPriority"], spot["scaleSetEvictionPolicy"], spot["spotMaxPrice"]) == ("Spot", "Delete", -1)
    assert "kubernetes.azure.com/scalesetpriority=spot:NoSchedule" in spot["nodeTaints"]
    assert "upgradeSettings" not in spot, "there is no surge for spot nodes"


def test_names_are_within_the_twelve_characters_of_aks_and_all_different(cluster):
    named = [each["inputs"]["agentPoolName"] for each in cluster.of(AGENT_POOL).values()]
    assert all(each.isalnum() and each.islower() and each[0].isalpha() and len(each) <= 12 for each in named), named
    assert len(set(named)) == len(named)


def test_the_only_pool_inside_the_cluster_is_the_platforms_own(cluster):
    (own,) = cluster.inputs(CLUSTER, "ml")["agentPoolProfiles"]
    assert (own["name"], own["mode"]) == ("system", "System")
    assert own["nodeTaints"] == ["CriticalAddonsOnly=true:NoSchedule"]
    assert all(each["inputs"]["mode"] == "User" for each in cluster.of(AGENT_POOL).values())


def test_the_autoscaler_owns_the_number_of_nodes_between_the_bounds(cluster):
    for each in cluster.of(AGENT_POOL).values():
        assert each["ignoreChanges"] == ["count"]
        assert each["inputs"]["enableAutoScaling"] is True
    assert cluster.of(CLUSTER)["ml"]["ignoreChanges"] == ["agentPoolProfiles[0].count"]


def test_what_azure_refuses_to_update_is_declared(cluster, shared):
    """The recorded facts say which updates the service refuses; whatever of it we send must be declared."""
    rows = [
        line.split("\t") for line in (shared / "catalog/changes/replace.tsv").read_text(encoding="utf-8").splitlines()
    ]
    refused = {row[1].partition(".")[0] for row in rows if row[0] == AGENT_POOL and row[2] == "conditional"}
    sent = {key for each in cluster.of(AGENT_POOL).values() for key in each["inputs"]}
    (pool, *_) = cluster.of(AGENT_POOL).values()
    in_place = {"upgradeSettings"}  # only the removal of one of its settings, which is never sent
    assert (refused & sent) - in_place <= set(pool["replaceOnChanges"])


def test_the_kubeconfig_is_secret_wherever_it_is(cluster):
    assert SECRET in cluster.result.outputs["kubeconfig"]
    assert SECRET in cluster.inputs("pulumi:providers:kubernetes", "ml-kubernetes")["kubeconfig"]
    assert SECRET in cluster.of("kubeml:index:AksCluster")["ml"]["outputs"]["kubeconfig"]


def test_the_kubeconfig_holds_no_credential(cluster):
    (user,) = json.loads(cluster.result.outputs["kubeconfig"]["value"])["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["command"] == "kubelogin"


def test_the_cluster_waits_for_its_permissions_and_its_way_out(cluster):
    control = cluster.needs(cluster.of(CLUSTER)["ml"])
    granted = {each["urn"] for which, each in cluster.of(ROLE).items() if which.startswith("ml-cluster-")}
    assert len(granted) == 5
    assert granted <= control
    assert {each["urn"] for each in cluster.of(f"{AZURE}network:NatGateway").values()} <= control


def test_no_pool_waits_for_another(cluster):
    groups = {each["urn"]: each for each in cluster.of(AGENT_POOL).values()}
    for urn, group in groups.items():
        assert not cluster.needs(group) & (set(groups) - {urn})


def test_nobody_enters_before_access_is_granted(cluster):
    granted = {each["urn"] for which, each in cluster.of(ROLE).items() if which.startswith(("ml-admin-", "ml-user-"))}
    assert len(granted) == 2
    for each in cluster.of(CLASS).values():
        assert cluster.needs(each) >= granted


def test_the_shared_class_waits_for_the_way_to_its_files(cluster):
    before = cluster.needs(cluster.of(CLASS)["ml-shared"])
    for token in ("network:PrivateDnsZoneGroup", "privatedns:VirtualNetworkLink", "storage:StorageAccount"):
        assert {each["urn"] for each in cluster.of(f"{AZURE}{token}").values()} <= before, token


def test_only_classes_go_away_with_the_cluster(cluster):
    control = cluster.of(CLUSTER)["ml"]["urn"]
    gone = {each["type"] for each in cluster.resources if each.get("deletedWith")}
    assert gone == {CLASS}
    assert {each["deletedWith"] for each in cluster.resources if each.get("deletedWith")} == {control}


def test_a_workload_identity_is_for_one_account_of_one_cluster(cluster):
    federated = cluster.inputs(f"{AZURE}managedidentity:FederatedIdentityCredential", "reader")
    issuer = cluster.of(CLUSTER)["ml"]["outputs"]["oidcIssuerProfile"]["issuerURL"]
    assert (federated["issuer"], federated["subject"]) == (issuer, "system:serviceaccount:research:loader")
    role = cluster.inputs(ROLE, "reader")
    assert role["scope"] == cluster.of(f"{AZURE}network:VirtualNetwork")["ml"]["id"]
    assert role["roleDefinitionId"].endswith("/acdd72a7-3385-48ef-bd42-f606fba81ae7")


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
