"""A simulated subscription that tests talk to in plain dictionaries, over the same messages that an engine sends."""

from types import SimpleNamespace

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from kubeml_simulator.clouds.azure import AzureProvider
from kubeml_simulator.provider.values import plain, reveal, struct

TYPES = {
    "group": "resources:ResourceGroup",
    "network": "network:VirtualNetwork",
    "subnet": "network:Subnet",
    "nat": "network:NatGateway",
    "address": "network:PublicIPAddress",
    "rules": "network:NetworkSecurityGroup",
    "rule": "network:SecurityRule",
    "routes": "network:RouteTable",
    "door": "network:PrivateEndpoint",
    "zone": "privatedns:PrivateZone",
    "link": "privatedns:VirtualNetworkLink",
    "identity": "managedidentity:UserAssignedIdentity",
    "credential": "managedidentity:FederatedIdentityCredential",
    "assignment": "authorization:RoleAssignment",
    "definition": "authorization:RoleDefinition",
    "lock": "authorization:ManagementLockByScope",
    "grouplock": "authorization:ManagementLockAtResourceGroupLevel",
    "cluster": "containerservice:ManagedCluster",
    "pool": "containerservice:AgentPool",
    "maintenance": "containerservice:MaintenanceConfiguration",
    "vault": "keyvault:Vault",
    "key": "keyvault:Key",
    "set": "compute:DiskEncryptionSet",
    "near": "compute:ProximityPlacementGroup",
    "reserved": "compute:CapacityReservationGroup",
    "reservation": "compute:CapacityReservation",
    "logs": "operationalinsights:Workspace",
    "diagnostics": "monitor:DiagnosticSetting",
    "account": "storage:StorageAccount",
    "container": "storage:BlobContainer",
    "share": "storage:FileShare",
    "registry": "containerregistry:Registry",
    "lustre": "storagecache:AmlFilesystem",
}


class Aborted(Exception):  # noqa: N818 (reads as what happened)
    """What a context raises when a provider gives up."""


class Context:
    """The part of a gRPC context that a provider uses in process."""

    def abort(self, code, details):
        raise Aborted(f"{code.name}: {details}")


class Account:
    """One AzureProvider, spoken to like an engine does: check, then create, read, diff, update, delete."""

    def __init__(self, failures=(), config=None, world=None):
        self.provider = AzureProvider(failures, world)
        self.context = Context()
        config = {"location": "westeurope"} if config is None else config
        self.provider.Configure(pb.ConfigureRequest(args=struct(config)), self.context)

    def token(self, kind):
        return f"azure-native:{TYPES.get(kind, kind)}"

    def urn(self, kind, name):
        return f"urn:pulumi:test::kubeml::{self.token(kind)}::{name}"

    def check(self, kind, name, inputs, olds=None):
        request = pb.CheckRequest(urn=self.urn(kind, name), news=struct(inputs), olds=struct(olds or {}))
        response = self.provider.Check(request, self.context)
        return SimpleNamespace(
            inputs=plain(response.inputs),
            failures={failure.property: failure.reason for failure in response.failures},
        )

    def failures(self, kind, name, inputs):
        """Refused paths and why."""
        return self.check(kind, name, inputs).failures

    def create(self, kind, name, inputs, *, preview=False):
        checked = self.check(kind, name, inputs)
        assert checked.failures == {}, "what a test creates must be acceptable"
        request = pb.CreateRequest(urn=self.urn(kind, name), properties=struct(checked.inputs), preview=preview)
        response = self.provider.Create(request, self.context)
        state = plain(response.properties)
        return SimpleNamespace(
            kind=kind, name=name, id=response.id, inputs=checked.inputs, state=state, out=reveal(state)
        )

    def diff(self, made, inputs):
        news = self.check(made.kind, made.name, inputs, made.inputs).inputs
        request = pb.DiffRequest(
            id=made.id,
            urn=self.urn(made.kind, made.name),
            olds=struct(made.state),
            old_inputs=struct(made.inputs),
            news=struct(news),
        )
        return self.provider.Diff(request, self.context)

    def update(self, made, inputs, *, preview=False):
        news = self.check(made.kind, made.name, inputs, made.inputs).inputs
        request = pb.UpdateRequest(
            id=made.id,
            urn=self.urn(made.kind, made.name),
            olds=struct(made.state),
            old_inputs=struct(made.inputs),
            news=struct(news),
            preview=preview,
        )
        return plain(self.provider.Update(request, self.context).properties)

    def delete(self, made):
        request = pb.DeleteRequest(id=made.id, urn=self.urn(made.kind, made.name), properties=struct(made.state))
        assert self.provider.Delete(request, self.context) == empty_pb2.Empty()

    def invoke(self, token, args):
        response = self.provider.Invoke(pb.InvokeRequest(tok=f"azure-native:{token}", args=struct(args)), self.context)
        return plain(getattr(response, "return"))


@pytest.fixture
def account():
    return Account()


@pytest.fixture
def accounts():
    """Makes accounts with failures or settings of their own."""
    return Account


@pytest.fixture
def aborted():
    return Aborted


@pytest.fixture
def site(account):
    """A group with a network, a subnet for nodes and an identity for a cluster."""
    group = account.create("group", "ml", {"resourceGroupName": "rg"})
    network = account.create(
        "network",
        "net",
        {"resourceGroupName": "rg", "virtualNetworkName": "net", "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}},
    )
    subnet = account.create(
        "subnet", "nodes", {"resourceGroupName": "rg", "virtualNetworkName": "net", "addressPrefix": "10.1.0.0/20"}
    )
    identity = account.create("identity", "cluster", {"resourceGroupName": "rg", "resourceName": "cluster"})
    return SimpleNamespace(group=group, network=network, subnet=subnet, identity=identity)


@pytest.fixture
def wanted(site):
    """Inputs of a cluster that AKS takes."""
    return {
        "resourceGroupName": "rg",
        "resourceName": "ml",
        "dnsPrefix": "ml",
        "kubernetesVersion": "1.35",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [site.identity.id]},
        "agentPoolProfiles": [
            {
                "name": "system",
                "mode": "System",
                "count": 2,
                "vmSize": "Standard_D4ds_v5",
                "vnetSubnetID": site.subnet.id,
            }
        ],
        "networkProfile": {
            "networkPlugin": "azure",
            "networkPluginMode": "overlay",
            "networkDataplane": "cilium",
            "networkPolicy": "cilium",
        },
        "oidcIssuerProfile": {"enabled": True},
    }


@pytest.fixture
def cluster(account, wanted):
    return account.create("cluster", "ml", wanted)


@pytest.fixture
def nodes(site, cluster):
    """Inputs of a pool that the cluster takes."""
    return {
        "resourceGroupName": "rg",
        "resourceName": cluster.out["name"],
        "agentPoolName": "train",
        "vmSize": "Standard_ND96isr_H100_v5",
        "enableAutoScaling": True,
        "minCount": 0,
        "maxCount": 4,
        "vnetSubnetID": site.subnet.id,
        "availabilityZones": ["1"],
    }
