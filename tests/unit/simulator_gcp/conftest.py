"""A simulated project of Google Cloud, and what many tests need in it."""

from types import SimpleNamespace

import pytest

from kubeml_simulator.clouds.gcp import GcpProvider

PROJECT, REGION = "ml-dev", "us-central1"
TYPES = {
    "network": "gcp:compute/network:Network",
    "subnet": "gcp:compute/subnetwork:Subnetwork",
    "router": "gcp:compute/router:Router",
    "nat": "gcp:compute/routerNat:RouterNat",
    "firewall": "gcp:compute/firewall:Firewall",
    "address": "gcp:compute/address:Address",
    "range": "gcp:compute/globalAddress:GlobalAddress",
    "policy": "gcp:compute/resourcePolicy:ResourcePolicy",
    "reservation": "gcp:compute/reservation:Reservation",
    "peering": "gcp:compute/networkPeering:NetworkPeering",
    "connection": "gcp:servicenetworking/connection:Connection",
    "cluster": "gcp:container/cluster:Cluster",
    "nodes": "gcp:container/nodePool:NodePool",
    "ring": "gcp:kms/keyRing:KeyRing",
    "key": "gcp:kms/cryptoKey:CryptoKey",
    "key-user": "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
    "sa": "gcp:serviceaccount/account:Account",
    "sa-user": "gcp:serviceaccount/iAMMember:IAMMember",
    "sa-users": "gcp:serviceaccount/iAMBinding:IAMBinding",
    "grant": "gcp:projects/iAMMember:IAMMember",
    "bucket": "gcp:storage/bucket:Bucket",
    "files": "gcp:filestore/instance:Instance",
    "lustre": "gcp:lustre/instance:Instance",
    "secret": "gcp:secretmanager/secret:Secret",
    "repository": "gcp:artifactregistry/repository:Repository",
    "plan": "gcp:gkebackup/backupPlan:BackupPlan",
}


@pytest.fixture
def accounts(account_of):
    """Makes projects with failures or settings of their own."""

    def make(failures=(), config=None, world=None):
        return account_of(GcpProvider(failures, world), TYPES, config or {"project": PROJECT, "region": REGION})

    return make


@pytest.fixture
def account(accounts):
    return accounts()


@pytest.fixture
def changed():
    """Makes inputs with another value at a path."""

    def change(inputs, path, value):
        step, _, rest = path.partition(".")
        inner = inputs.get(step)
        return {**inputs, step: change(inner if isinstance(inner, dict) else {}, rest, value) if rest else value}

    return change


@pytest.fixture
def refused():
    """Demands the one refusal of a resource, which says what it says for."""

    def demand(account, kind, inputs, path, words, name="x"):
        failures = account.failures(kind, name, inputs)
        assert list(failures) == [path], failures
        assert words in failures[path]

    return demand


@pytest.fixture
def network(account):
    """A network with a subnetwork and ranges for pods and services."""
    made = account.create("network", "main", {"autoCreateSubnetworks": False})
    subnet = account.create(
        "subnet",
        "nodes",
        {
            "network": made.id,
            "ipCidrRange": "10.0.0.0/20",
            "region": REGION,
            "secondaryIpRanges": [
                {"rangeName": "pods", "ipCidrRange": "10.4.0.0/14"},
                {"rangeName": "services", "ipCidrRange": "10.0.32.0/20"},
            ],
        },
    )
    return SimpleNamespace(made=made, id=made.id, subnet=subnet)


@pytest.fixture
def cluster_inputs(network):
    """Inputs of a cluster that the project takes."""
    return {
        "location": REGION,
        "network": network.id,
        "subnetwork": network.subnet.id,
        "minMasterVersion": "1.35",
        "initialNodeCount": 1,
        "removeDefaultNodePool": True,
        "deletionProtection": False,
        "datapathProvider": "ADVANCED_DATAPATH",
        "releaseChannel": {"channel": "REGULAR"},
        "workloadIdentityConfig": {"workloadPool": f"{PROJECT}.svc.id.goog"},
        "ipAllocationPolicy": {"clusterSecondaryRangeName": "pods", "servicesSecondaryRangeName": "services"},
        "privateClusterConfig": {"enablePrivateNodes": True, "enablePrivateEndpoint": False},
    }


@pytest.fixture
def cluster(account, network, cluster_inputs):
    """A cluster in that network, and an account for its nodes."""
    made = account.create("cluster", "ml", cluster_inputs)
    nodes = account.create("sa", "nodes", {"accountId": "ml-nodes"})
    return SimpleNamespace(made=made, id=made.id, name=made.out["name"], nodes=nodes, network=network)


@pytest.fixture
def pool(cluster):
    """Inputs of a node pool that the cluster takes."""
    return {
        "cluster": cluster.id,
        "nodeLocations": ["us-central1-a"],
        "autoscaling": {"totalMinNodeCount": 0, "totalMaxNodeCount": 4},
        "nodeConfig": {
            "machineType": "g2-standard-24",
            "guestAccelerators": [
                {"type": "nvidia-l4", "count": 2, "gpuDriverInstallationConfig": {"gpuDriverVersion": "LATEST"}}
            ],
            "serviceAccount": cluster.nodes.out["email"],
            "workloadMetadataConfig": {"mode": "GKE_METADATA"},
            "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
        },
    }
