"""The simulated Azure under the embedded engine: a program of its own, from the first `up` to the last `destroy`."""

import time
from pathlib import Path

import pytest

from kubeml_simulator.clouds.azure import AzureProvider
from kubeml_simulator.engine import Providers, load_project, run

PROGRAM = """
import pulumi

def made(token, name, _options=None, **props):
    outputs = {"name": None, "principalId": None, "oidcIssuerProfile": None, "fqdn": None}
    return pulumi.CustomResource("azure-native:" + token, name, {**outputs, **props}, _options)

config = pulumi.Config()
zones = (config.get("zones") or "1").split()
group = made("resources:ResourceGroup", "ml")
network = made("network:VirtualNetwork", "net", resourceGroupName=group.name, addressSpace={"addressPrefixes": ["10.1.0.0/16"]})
subnet = made(
    "network:Subnet", "nodes", resourceGroupName=group.name, virtualNetworkName=network.name, addressPrefix="10.1.0.0/20"
)
identity = made("managedidentity:UserAssignedIdentity", "cluster", resourceGroupName=group.name)
role = made(
    "authorization:RoleAssignment", "net", scope=network.id, principalId=identity.principalId, principalType="ServicePrincipal",
    roleDefinitionId="/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7",
)
cluster = made(
    "containerservice:ManagedCluster", "ml", pulumi.ResourceOptions(depends_on=[role]),
    resourceGroupName=group.name, dnsPrefix="ml", kubernetesVersion="1.35",
    identity={"type": "UserAssigned", "userAssignedIdentities": [identity.id]}, oidcIssuerProfile={"enabled": True},
    agentPoolProfiles=[
        {"name": "system", "mode": "System", "count": 2, "vmSize": "Standard_D4ds_v5", "vnetSubnetID": subnet.id}
    ],
    networkProfile={"networkPlugin": "azure", "networkPluginMode": "overlay"},
)
made(
    "containerservice:AgentPool", "train", pulumi.ResourceOptions(
        replace_on_changes=["availabilityZones"] if config.get_bool("declared") else [],
        delete_before_replace=config.get_bool("first"),
    ),
    resourceGroupName=group.name, resourceName=cluster.name,
    vmSize=config.get("machine") or "Standard_ND96isr_H100_v5", enableAutoScaling=True, minCount=0,
    maxCount=config.get_int("max") or 4, vnetSubnetID=subnet.id, availabilityZones=zones,
)
made(
    "managedidentity:FederatedIdentityCredential", "train", resourceGroupName=group.name, resourceName=identity.name,
    issuer=cluster.oidcIssuerProfile["issuerURL"], subject="system:serviceaccount:ml:train",
    audiences=["api://AzureADTokenExchange"],
)
pulumi.export("endpoint", cluster.fqdn)
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(PROGRAM)
    return tmp_path


@pytest.fixture
def evaluate(project):
    """Runs an operation with a configuration and failures."""

    def go(operation, failures=(), **config):
        lines = ["config:", "  azure-native:location: westeurope"]
        lines += [f"  small:{key}: {value}" for key, value in config.items()]
        (project / "Pulumi.dev.yaml").write_text("\n".join(lines) + "\n")
        loaded = load_project(Path(project))
        providers = Providers(in_process={"azure-native": AzureProvider.factory(failures)})
        return run(operation, loaded, loaded.stack("dev"), providers=providers, state_dir=project / "state")

    return go


def names(result, op):
    return [step.name for step in result.steps if step.op == op and step.type.startswith("azure-native:")]


def messages(result):
    return " ".join(f"{d.urn} {d.message}" for d in result.diagnostics)


def test_a_cluster_comes_up_once_and_stays_the_same(evaluate):
    planned = evaluate("preview")
    assert (planned.exit_code, messages(planned)) == (0, "")
    first = evaluate("up")
    assert (first.exit_code, messages(first)) == (0, "")
    assert len(names(first, "create")) == 8
    assert first.outputs["endpoint"].endswith(".hcp.westeurope.azmk8s.io")
    assert first.duration >= 370, "the cluster takes its time, in virtual time"
    second = evaluate("up")
    assert len(names(second, "same")) == 8, "a fresh provider knows the world from the state"
    assert names(evaluate("preview", max=9), "update") == ["train"]
    gone = evaluate("destroy")
    assert (gone.exit_code, names(gone, "delete")[-1]) == (0, "ml"), "the group goes last"


def test_another_machine_replaces_the_pool_and_deletes_it_first(evaluate):
    evaluate("up")
    other = evaluate("up", machine="Standard_ND96isr_H200_v5")
    assert other.exit_code == 0, messages(other)
    assert (names(other, "delete-replaced"), names(other, "create-replacement")) == (["train"], ["train"])


def test_a_change_that_the_service_refuses_fails_unless_the_program_says_that_it_replaces(evaluate):
    evaluate("up")
    refused = evaluate("up", zones='"1 2"')
    assert refused.exit_code == 3
    assert "PropertyChangeNotAllowed: Changing property 'properties.availabilityZones' is not allowed." in messages(
        refused
    )
    assert "azure-native:containerservice:AgentPool::train" in messages(refused)
    assert evaluate("preview", zones='"1 2"').exit_code != 0, "a preview says so before"
    declared = evaluate("up", zones='"1 2"', declared="true", first="true")
    assert (declared.exit_code, names(declared, "create-replacement")) == (0, ["train"]), messages(declared)


def test_a_replacement_that_the_program_declares_must_delete_first_where_the_name_stays(evaluate):
    """azure-native asks for that only where it replaces by itself."""
    evaluate("up")
    collided = evaluate("up", zones='"1 2"', declared="true")
    assert collided.exit_code == 3
    assert "cannot create already existing resource" in messages(collided)


def test_a_refused_input_is_named_with_resource_path_value_and_what_is_allowed(evaluate):
    result = evaluate("preview", machine="p5.48xlarge")
    assert result.exit_code == 2
    for part in ("azure-native:containerservice:AgentPool::train", "vmSize", '"p5.48xlarge" is not allowed'):
        assert part in messages(result)


def test_after_a_failure_the_next_run_makes_only_the_rest(evaluate):
    failed = evaluate("up", failures=["azure-native:containerservice:AgentPool::train"])
    assert failed.exit_code == 3
    assert "InternalServerError" in messages(failed)
    rest = evaluate("up")
    assert (rest.exit_code, names(rest, "create")) == (0, ["train"])


def test_the_checks_of_many_resources_are_quick():
    """The SDK has 155 MB of source; only the classes in use are cut out, once."""
    provider = AzureProvider()
    token = "azure-native:containerservice:AgentPool"
    inputs = {
        "resourceGroupName": "rg",
        "resourceName": "ml",
        "vmSize": "Standard_D4ds_v5",
        "count": 1,
        "osType": "Linux",
    }
    list(provider.check(token, f"urn:pulumi:s::p::{token}::warm", inputs))
    started = time.process_time()
    for number in range(50):
        list(provider.check(token, f"urn:pulumi:s::p::{token}::pool{number}", inputs))
    assert time.process_time() - started < 0.5
