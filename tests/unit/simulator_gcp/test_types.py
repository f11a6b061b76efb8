"""Every type of a GKE stack, with inputs that the real cloud would take: none is refused, and none changes by itself."""

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from kubeml_simulator.clouds.gcp.case import number_of
from kubeml_simulator.clouds.gcp.tables import by_token

PROJECT = "ml-dev"
GKE = f"serviceAccount:service-{number_of(PROJECT)}@container-engine-robot.iam.gserviceaccount.com"
DISKS = f"serviceAccount:service-{number_of(PROJECT)}@compute-system.iam.gserviceaccount.com"
BUCKETS = f"serviceAccount:service-{number_of(PROJECT)}@gs-project-accounts.iam.gserviceaccount.com"
SHARES = f"serviceAccount:service-{number_of(PROJECT)}@cloud-filer.iam.gserviceaccount.com"
USE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
POD = f"serviceAccount:{PROJECT}.svc.id.goog[research/model]"

# Type, logical name, inputs; "@name" is the id of an earlier resource, "@name.property" one of its outputs.
STACK = [
    ("gcp:projects/service:Service", "container", {"service": "container.googleapis.com"}),
    ("gcp:projects/serviceIdentity:ServiceIdentity", "gke", {"service": "container.googleapis.com"}),
    ("gcp:compute/network:Network", "main", {"autoCreateSubnetworks": False, "mtu": 8896}),
    (
        "gcp:compute/subnetwork:Subnetwork",
        "nodes",
        {
            "network": "@main",
            "ipCidrRange": "10.0.0.0/20",
            "privateIpGoogleAccess": True,
            "secondaryIpRanges": [
                {"rangeName": "pods", "ipCidrRange": "10.4.0.0/14"},
                {"rangeName": "services", "ipCidrRange": "10.0.32.0/20"},
            ],
            "logConfig": {"aggregationInterval": "INTERVAL_10_MIN", "flowSampling": 0.5},
        },
    ),
    (
        "gcp:compute/subnetwork:Subnetwork",
        "proxies",
        {
            "network": "@main.selfLink",
            "ipCidrRange": "10.9.0.0/23",
            "purpose": "REGIONAL_MANAGED_PROXY",
            "role": "ACTIVE",
        },
    ),
    ("gcp:compute/network:Network", "gpus", {"autoCreateSubnetworks": False}),
    ("gcp:compute/subnetwork:Subnetwork", "gpus", {"network": "@gpus", "ipCidrRange": "192.168.0.0/20"}),
    ("gcp:compute/router:Router", "out", {"network": "@main", "region": "us-central1"}),
    ("gcp:compute/address:Address", "door", {"region": "us-central1"}),
    ("gcp:compute/address:Address", "inside", {"addressType": "INTERNAL", "subnetwork": "@nodes"}),
    (
        "gcp:compute/routerNat:RouterNat",
        "out-nat",
        {
            "router": "@out.name",
            "region": "us-central1",
            "natIpAllocateOption": "MANUAL_ONLY",
            "natIps": ["@door.selfLink"],
            "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
            "logConfig": {"enable": True, "filter": "ERRORS_ONLY"},
        },
    ),
    (
        "gcp:compute/route:Route",
        "private",
        {"network": "@main", "destRange": "199.36.153.8/30", "nextHopGateway": "default-internet-gateway"},
    ),
    (
        "gcp:compute/firewall:Firewall",
        "self",
        {
            "network": "@gpus.name",
            "allows": [{"protocol": "tcp", "ports": ["0-65535"]}, {"protocol": "icmp"}],
            "sourceRanges": ["192.168.0.0/16"],
        },
    ),
    (
        "gcp:compute/networkPeering:NetworkPeering",
        "there",
        {"network": "@main.selfLink", "peerNetwork": "@gpus.selfLink"},
    ),
    (
        "gcp:compute/networkPeering:NetworkPeering",
        "back",
        {"network": "@gpus.selfLink", "peerNetwork": "@main.selfLink"},
    ),
    (
        "gcp:compute/globalAddress:GlobalAddress",
        "services",
        {"purpose": "VPC_PEERING", "addressType": "INTERNAL", "prefixLength": 22, "network": "@main"},
    ),
    (
        "gcp:servicenetworking/connection:Connection",
        "services",
        {
            "network": "@main",
            "service": "servicenetworking.googleapis.com",
            "reservedPeeringRanges": ["@services-range.name"],
        },
    ),
    ("gcp:kms/keyRing:KeyRing", "ring", {"location": "us-central1"}),
    ("gcp:kms/keyRingIAMMember:KeyRingIAMMember", "ring-disks", {"keyRingId": "@ring", "role": USE, "member": DISKS}),
    ("gcp:kms/cryptoKey:CryptoKey", "key", {"keyRing": "@ring", "rotationPeriod": "7776000s"}),
    ("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", "key-gke", {"cryptoKeyId": "@key", "role": USE, "member": GKE}),
    (
        "gcp:kms/cryptoKeyIAMBinding:CryptoKeyIAMBinding",
        "key-stores",
        {"cryptoKeyId": "@key", "role": USE, "members": [BUCKETS, SHARES]},
    ),
    ("gcp:serviceaccount/account:Account", "nodes-account", {"accountId": "ml-nodes", "displayName": "nodes of ml"}),
    ("gcp:serviceaccount/account:Account", "model", {"accountId": "ml-model"}),
    (
        "gcp:projects/iAMMember:IAMMember",
        "logs",
        {"project": PROJECT, "role": "roles/logging.logWriter", "member": "@nodes-account.member"},
    ),
    (
        "gcp:projects/iAMBinding:IAMBinding",
        "viewers",
        {"project": PROJECT, "role": "roles/container.viewer", "members": ["group:ml@example.com"]},
    ),
    (
        "gcp:projects/iAMCustomRole:IAMCustomRole",
        "profiles",
        {"title": "profiles", "roleId": "gcsfuse.profiles", "permissions": ["storage.buckets.get"]},
    ),
    (
        "gcp:container/cluster:Cluster",
        "ml",
        {
            "location": "us-central1",
            "network": "@main",
            "subnetwork": "@nodes",
            "minMasterVersion": "1.35",
            "initialNodeCount": 1,
            "removeDefaultNodePool": True,
            "deletionProtection": False,
            "datapathProvider": "ADVANCED_DATAPATH",
            "enableMultiNetworking": True,
            "releaseChannel": {"channel": "REGULAR"},
            "workloadIdentityConfig": {"workloadPool": f"{PROJECT}.svc.id.goog"},
            "ipAllocationPolicy": {"clusterSecondaryRangeName": "pods", "servicesSecondaryRangeName": "services"},
            "privateClusterConfig": {
                "enablePrivateNodes": True,
                "enablePrivateEndpoint": True,
                "masterIpv4CidrBlock": "172.16.0.0/28",
            },
            "masterAuthorizedNetworksConfig": {"cidrBlocks": [{"cidrBlock": "10.0.0.0/8", "displayName": "inside"}]},
            "databaseEncryption": {"state": "ENCRYPTED", "keyName": "@key"},
            "maintenancePolicy": {
                "recurringWindow": {
                    "startTime": "2026-01-03T02:00:00Z",
                    "endTime": "2026-01-03T08:00:00Z",
                    "recurrence": "FREQ=WEEKLY;BYDAY=SA,SU",
                },
                "maintenanceExclusions": [
                    {
                        "exclusionName": "year",
                        "startTime": "2026-12-20T00:00:00Z",
                        "endTime": "2027-01-05T00:00:00Z",
                        "exclusionOptions": {"scope": "NO_MINOR_OR_NODE_UPGRADES"},
                    }
                ],
            },
            "addonsConfig": {
                "gcsFuseCsiDriverConfig": {"enabled": True},
                "gcpFilestoreCsiDriverConfig": {"enabled": True},
            },
            "loggingConfig": {"enableComponents": ["SYSTEM_COMPONENTS", "WORKLOADS"]},
            "monitoringConfig": {
                "enableComponents": ["SYSTEM_COMPONENTS", "DCGM"],
                "managedPrometheus": {"enabled": False},
            },
            "gatewayApiConfig": {"channel": "CHANNEL_STANDARD"},
            "resourceLabels": {"team": "platform"},
        },
    ),
    (
        "gcp:compute/resourcePolicy:ResourcePolicy",
        "near",
        {"region": "us-central1", "groupPlacementPolicy": {"collocation": "COLLOCATED"}},
    ),
    (
        "gcp:compute/reservation:Reservation",
        "kept",
        {
            "zone": "us-central1-a",
            "specificReservationRequired": True,
            "specificReservation": {"count": 2, "instanceProperties": {"machineType": "a3-ultragpu-8g"}},
        },
    ),
    (
        "gcp:container/nodePool:NodePool",
        "general",
        {
            "cluster": "@ml",
            "autoscaling": {"minNodeCount": 1, "maxNodeCount": 3},
            "nodeConfig": {
                "machineType": "n2-standard-8",
                "serviceAccount": "@nodes-account.email",
                "bootDiskKmsKey": "@key",
                "workloadMetadataConfig": {"mode": "GKE_METADATA"},
            },
        },
    ),
    (
        "gcp:container/nodePool:NodePool",
        "train",
        {
            "cluster": "@ml.name",
            "location": "us-central1",
            "nodeLocations": ["us-central1-a"],
            "initialNodeCount": 0,
            "autoscaling": {"totalMinNodeCount": 0, "totalMaxNodeCount": 2, "locationPolicy": "ANY"},
            "placementPolicy": {"type": "COMPACT", "policyName": "@near.name"},
            "networkConfig": {
                "additionalNodeNetworkConfigs": [{"network": "@gpus.name", "subnetwork": "@gpus-subnet.name"}]
            },
            "nodeConfig": {
                "machineType": "a3-ultragpu-8g",
                "guestAccelerators": [{"type": "nvidia-h200-141gb", "count": 8}],
                "reservationAffinity": {
                    "consumeReservationType": "SPECIFIC_RESERVATION",
                    "key": "compute.googleapis.com/reservation-name",
                    "values": ["@kept.name"],
                },
                "serviceAccount": "@nodes-account.email",
                "ephemeralStorageLocalSsdConfig": {"localSsdCount": 32},
            },
            "upgradeSettings": {"strategy": "SURGE", "maxSurge": 0, "maxUnavailable": 1},
        },
    ),
    (
        "gcp:serviceaccount/iAMMember:IAMMember",
        "pod",
        {"serviceAccountId": "@model.name", "role": "roles/iam.workloadIdentityUser", "member": POD},
    ),
    (
        "gcp:serviceaccount/iAMBinding:IAMBinding",
        "users",
        {
            "serviceAccountId": "@model.name",
            "role": "roles/iam.serviceAccountUser",
            "members": ["@nodes-account.member"],
        },
    ),
    (
        "gcp:storage/bucket:Bucket",
        "data",
        {
            "location": "us-central1",
            "uniformBucketLevelAccess": True,
            "hierarchicalNamespace": {"enabled": True},
            "publicAccessPrevention": "enforced",
            "encryption": {"defaultKmsKeyName": "@key"},
        },
    ),
    (
        "gcp:storage/bucketIAMMember:BucketIAMMember",
        "data-model",
        {"bucket": "@data.name", "role": "roles/storage.objectUser", "member": "@model.member"},
    ),
    (
        "gcp:storage/bucketIAMBinding:BucketIAMBinding",
        "data-readers",
        {"bucket": "@data.name", "role": "roles/storage.objectViewer", "members": ["group:ml@example.com"]},
    ),
    (
        "gcp:filestore/instance:Instance",
        "shared",
        {
            "location": "us-central1-a",
            "tier": "ZONAL",
            "protocol": "NFS_V4_1",
            "fileShares": {"name": "home", "capacityGb": 1024},
            "networks": [{"network": "@main.name", "modes": ["MODE_IPV4"], "connectMode": "PRIVATE_SERVICE_ACCESS"}],
            "kmsKeyName": "@key",
        },
    ),
    (
        "gcp:lustre/instance:Instance",
        "scratch",
        {
            "instanceId": "scratch",
            "filesystem": "scratch",
            "location": "us-central1-a",
            "network": "@main",
            "capacityGib": "36000",
            "perUnitStorageThroughput": "500",
        },
    ),
    ("gcp:artifactregistry/repository:Repository", "images", {"repositoryId": "images", "format": "DOCKER"}),
    (
        "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember",
        "pull",
        {"repository": "@images.name", "role": "roles/artifactregistry.reader", "member": "@nodes-account.member"},
    ),
    ("gcp:secretmanager/secret:Secret", "token", {"secretId": "token", "replication": {"auto": {}}}),
    ("gcp:secretmanager/secretVersion:SecretVersion", "token-1", {"secret": "@token", "secretData": "x"}),
    (
        "gcp:secretmanager/secretIamMember:SecretIamMember",
        "token-model",
        {"secretId": "@token.secretId", "role": "roles/secretmanager.secretAccessor", "member": "@model.member"},
    ),
    (
        "gcp:gkebackup/backupPlan:BackupPlan",
        "nightly",
        {
            "cluster": "@ml",
            "location": "us-central1",
            "retentionPolicy": {"backupRetainDays": 30},
            "backupSchedule": {"cronSchedule": "0 3 * * *"},
            "backupConfig": {"allNamespaces": True, "includeSecrets": True, "includeVolumeData": True},
        },
    ),
]
# Names of two types with one logical name.
KEYS = {("gcp:compute/globalAddress:GlobalAddress", "services"): "services-range", ("gcp:compute/subnetwork:Subnetwork", "gpus"): "gpus-subnet"}  # fmt: skip


def filled(value, made):
    if isinstance(value, str) and value.startswith("@"):
        name, _, path = value[1:].partition(".")
        found = made[name].id if not path else made[name].out
        for step in path.split(".") if path else ():
            found = found[step]
        return found
    if isinstance(value, dict):
        return {key: filled(item, made) for key, item in value.items()}
    return [filled(item, made) for item in value] if isinstance(value, list) else value


@pytest.fixture
def stack(account):
    made = {}
    for token, name, inputs in STACK:
        made[KEYS.get((token, name), name)] = account.create(token, name, filled(inputs, made))
    return made


def test_every_type_with_rows_is_tried_here():
    tried = {token for token, _, _ in STACK}
    assert set(by_token("types.tsv")) - tried == set()


def test_a_whole_stack_is_taken_and_every_id_is_its_own(stack):
    ids = [(made.kind, made.id) for made in stack.values()]
    assert len(set(ids)) == len(STACK)
    assert all(made.id and "$" not in made.id for made in stack.values()), "no template is left unfilled"


def test_equal_inputs_change_nothing_in_a_process_that_knows_nothing(stack, accounts):
    later = accounts()
    for (token, name, inputs), made in zip(STACK, stack.values(), strict=True):
        answer = later.diff(made, filled(inputs, stack))
        assert answer.changes == pb.DiffResponse.DIFF_NONE, f"{token} {name}: {list(answer.detailedDiff)}"


def test_an_update_that_changes_nothing_gives_the_same_state(stack, account):
    for made in stack.values():
        assert account.update(made, made.inputs) == made.state or made.name == "there", made.kind


def test_the_stack_is_planned_without_a_refusal(accounts):
    """In a preview ids are unknown, names are not."""
    account, made = accounts(), {}
    for token, name, inputs in STACK:
        planned = account.create(token, name, filled(inputs, made), preview=True)
        planned.id = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
        made[KEYS.get((token, name), name)] = planned
    assert len(made) == len(STACK)


def test_the_stack_goes_in_the_order_in_which_it_depends(stack, account, aborted):
    with pytest.raises(aborted, match=r"is already being used by .*, resourceInUseByAnotherResource"):
        account.delete(stack["main"])
    for made in reversed(stack.values()):
        account.delete(made)
