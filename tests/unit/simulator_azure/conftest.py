"""A simulated subscription that tests talk to in plain dictionaries, over the same messages that an engine sends."""

from types import SimpleNamespace

import pytest

from kubeml_simulator.clouds.azure import AzureProvider

SHORT = {
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


TYPES = {word: f"azure-native:{token}" for word, token in SHORT.items()}
VAULT = {
    "tenantId": "aaaabbbb-0000-cccc-1111-dddd2222eeee",
    "sku": {"family": "A", "name": "premium"},
    "enablePurgeProtection": True,
}


@pytest.fixture
def accounts(account_of):
    """Makes accounts with failures or settings of their own."""

    def make(failures=(), config=None, world=None):
        settings = {"location": "westeurope"} if config is None else config
        return account_of(AzureProvider(failures, world), TYPES, settings)

    return make


@pytest.fixture
def account(accounts):
    return accounts()


@pytest.fixture
def vault(account, site):
    return account.create("vault", "keys", {"resourceGroupName": "rg", "vaultName": "keys", "properties": VAULT})


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
