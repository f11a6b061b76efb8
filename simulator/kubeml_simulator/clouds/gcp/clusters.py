"""Clusters: what GKE refuses about networks, versions and features that belong together."""

from collections.abc import Iterator, Mapping
from typing import Any

from kubeml_simulator.clouds.common.rules import SHARED
from kubeml_simulator.provider import UNKNOWN, Existing, Failure

from .behaviours import checks
from .case import Case, last
from .locations import exists, region_of
from .networks import SUBNETWORK, found, network, ranges_of, same_network
from .versions import figures, minor

CLUSTER = "gcp:container/cluster:Cluster"
# https://cloud.google.com/vpc/docs/subnets#valid-ranges: what a private endpoint may be reached from
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
# hashicorp/terraform-provider-google-beta@93c65b2 resource_container_cluster.go, ConflictsWith (2026-08)
NOT_AUTOPILOT = (
    "addonsConfig.networkPolicyConfig",
    "addonsConfig.dnsCacheConfig",
    "addonsConfig.statefulHaConfig",
    "clusterAutoscaling.enabled",
    "clusterAutoscaling.resourceLimits",
    "binaryAuthorization.enabled",
    "enableShieldedNodes",
    "networkPolicy",
    "nodePools",
    "removeDefaultNodePool",
    "defaultMaxPodsPerNode",
    "enableIntranodeVisibility",
)
# What needs Dataplane V2, and where the documents say so.
DATAPLANE_V2 = (
    "enableMultiNetworking",  # https://cloud.google.com/kubernetes-engine/docs/how-to/setup-multinetwork-support-for-pods
    "enableFqdnNetworkPolicy",  # https://cloud.google.com/kubernetes-engine/docs/how-to/fqdn-network-policies
    "enableCiliumClusterwideNetworkPolicy",  # https://cloud.google.com/kubernetes-engine/docs/how-to/configure-cilium-network-policy
)
# What works only with Workload Identity: https://cloud.google.com/kubernetes-engine/docs/how-to/cloud-storage-fuse-csi-driver-setup
NEEDS_IDENTITY = ("addonsConfig.gcsFuseCsiDriverConfig.enabled",)


def bad(said: str) -> str:
    """The form in which the API refuses a request."""
    return f"googleapi: Error 400: {said}, badRequest"


@checks(CLUSTER)
def the_place_is_said(case: Case) -> Iterator[Failure]:
    """A cluster has a location, of its own or the provider's; its nodes are in that region."""
    where = case.location
    if not where:
        why = "missing: Unable to determine location: region/zone not configured in resource/provider config"
        yield Failure("location", why=why, allowed="a region or a zone")
    if where == UNKNOWN:
        return
    for path, zone in case.each("nodeLocations[*]"):
        if where and region_of(str(zone)) != region_of(where):
            yield Failure(path, zone, f"a zone of {region_of(where)}", bad("the cluster is in another region"))
        elif zone == where:
            why = "when using a multi-zonal cluster, node_locations should not contain the original zone"
            yield Failure(path, zone, "the other zones only", why)


@checks(CLUSTER)
def the_subnetwork_fits(case: Case) -> Iterator[Failure]:
    """The subnetwork is of the cluster's region and network, and has the secondary ranges that are named."""
    subnetwork, where = found(case, SUBNETWORK, case.known("subnetwork")), case.location
    if subnetwork is None:
        return
    region = subnetwork["region"]
    if region not in (None, UNKNOWN) and exists(where) and region != region_of(where):
        why = bad(f"the subnetwork is in {region}, the cluster in {region_of(where)}")
        yield Failure("subnetwork", case.known("subnetwork"), f"a subnetwork of {region_of(where)}", why)
    theirs, ours = subnetwork["network"], case.known("network")
    known = None not in (ours, theirs) and UNKNOWN not in (ours, theirs) and not case.foreign(ours)
    if known and not same_network(case, ours, theirs):
        why = bad(f"the subnetwork belongs to the network {last(theirs)}")
        yield Failure("subnetwork", case.known("subnetwork"), f"a subnetwork of {last(ours)}", why)
    for path in ("clusterSecondaryRangeName", "servicesSecondaryRangeName"):
        yield from range_is_there(case, subnetwork, f"ipAllocationPolicy.{path}")
    yield from range_is_there(case, subnetwork, "ipAllocationPolicy.additionalPodRangesConfig.podRangeNames[*]")
    pods, services = (case.known(f"ipAllocationPolicy.{name}SecondaryRangeName") for name in ("cluster", "services"))
    if pods is not None and pods == services:
        why = bad("Services range and pods range must be different")
        yield Failure("ipAllocationPolicy.servicesSecondaryRangeName", services, "another secondary range", why)


def range_is_there(case: Case, subnetwork: Existing, pattern: str) -> Iterator[Failure]:
    """A secondary range that is named is one of the subnetwork."""
    known: Any = subnetwork["secondaryIpRanges"]
    if known == UNKNOWN:
        return
    names = [each.get("rangeName") for each in known or () if isinstance(each, Mapping)]
    if UNKNOWN in names:
        return
    for path, name in case.each(pattern):
        if name not in names:
            why = bad(f'Pod secondary range "{name}" does not exist in {subnetwork.urn}')
            yield Failure(path, name, ", ".join(map(str, names)) or "a range that the subnetwork has", why)


@checks(CLUSTER)
def the_control_plane_can_be_reached(case: Case) -> Iterator[Failure]:
    """A private endpoint has authorized networks, which are private too; its block is free."""
    config = "privateClusterConfig."
    private = case.known(f"{config}enablePrivateEndpoint") is True
    said = any(case.given(name) for name in ("masterAuthorizedNetworksConfig", "controlPlaneEndpointsConfig"))
    if private and not said:
        why = bad("Master authorized networks must be enabled if private endpoint is enabled")
        yield Failure("masterAuthorizedNetworksConfig", why=why, allowed="a block, with or without cidrBlocks")
    for path, value in case.each("masterAuthorizedNetworksConfig.cidrBlocks[*].cidrBlock"):
        block = network(value)
        wholes = [whole for text in PRIVATE if (whole := network(text))]
        if private and block and not any(block.subnet_of(whole) for whole in wholes):
            said = f'Invalid master authorized networks: network "{value}" is not a reserved network'
            why = bad(f"{said}, which is required for private endpoints")
            yield Failure(path, value, f"a block of {', '.join(PRIVATE)}", why)
    block_path = f"{config}masterIpv4CidrBlock"
    block = network(case.known(block_path))
    nodes = case.known(f"{config}enablePrivateNodes")
    if block and nodes is not True and not case.unknown(f"{config}enablePrivateNodes"):
        yield Failure(
            block_path, str(block), "none", bad("Private nodes must be enabled to give the control plane a block")
        )
    if block and case.known(f"{config}privateEndpointSubnetwork"):
        yield Failure(
            block_path, str(block), "none", bad("the control plane's addresses come from privateEndpointSubnetwork")
        )
    for subnetwork in case.world.all(SUBNETWORK) if block and not case.unknown("network") else ():
        clash = next((each for each in ranges_of(subnetwork) if block and each.overlaps(block)), None)
        if clash and same_network(case, case.known("network") or "default", subnetwork["network"]):
            why = bad(f"the control plane's range {block} overlaps {clash} of {subnetwork.urn}")
            yield Failure(block_path, str(block), "a /28 that is free in the network", why)


@checks(CLUSTER)
def blocks_of_pods_and_services_are_blocks(case: Case) -> Iterator[Failure]:
    """A range that GKE shall make is a block, or only its size."""
    for name in ("clusterIpv4CidrBlock", "servicesIpv4CidrBlock"):
        path = f"ipAllocationPolicy.{name}"
        value = case.known(path)
        if isinstance(value, str) and value and not value.startswith("/"):
            yield from SHARED["cidr"](case, path, value, "4 8..29")


@checks(CLUSTER)
def the_version_is_offered(case: Case) -> Iterator[Failure]:
    """The version of Kubernetes is one that GKE offers; nodes begin with the control plane's."""
    from pulumi_kubeml.catalog.versions import kubernetes_versions

    version, nodes = case.known("minMasterVersion"), case.known("nodeVersion")
    offered = kubernetes_versions("gke")
    if isinstance(version, str) and figures(version) and minor(version) not in offered:
        why = bad(f'Master version "{version}" is unsupported')
        yield Failure("minMasterVersion", version, ", ".join(offered), why)
    if nodes is not None and case.known("removeDefaultNodePool") is True:
        why = "node_version can only be specified if remove_default_node_pool is not true"
        yield Failure("nodeVersion", nodes, "none", why)
    if isinstance(version, str) and isinstance(nodes, str) and version.split("-")[0] != nodes.split("-")[0]:
        why = "node_version must either be unset or set to the same value as min_master_version on create"
        yield Failure("nodeVersion", nodes, version, why)


@checks(CLUSTER)
def features_belong_together(case: Case) -> Iterator[Failure]:
    """Features that exclude each other, and features that need others."""
    advanced, path = case.known("datapathProvider") == "ADVANCED_DATAPATH", "datapathProvider"
    if advanced and case.known("networkPolicy.enabled") is True:
        why = bad("Enabling NetworkPolicy for clusters with DatapathProvider=ADVANCED_DATAPATH is not allowed")
        yield Failure("networkPolicy.enabled", True, "none: Dataplane V2 keeps network policies by itself", why)
    standard = not case.known("enableAutopilot") and not case.unknown("enableAutopilot")
    for name in DATAPLANE_V2 if standard and not advanced and not case.unknown(path) else ():
        if case.known(name) is True:
            yield Failure(name, True, "datapathProvider ADVANCED_DATAPATH", bad("it needs Dataplane V2"))
    for name in NEEDS_IDENTITY if standard and not case.given("workloadIdentityConfig") else ():
        if case.known(name) is True:
            yield Failure(name, True, "a workloadIdentityConfig", bad("it needs Workload Identity"))
    if case.known("databaseEncryption.state") == "ENCRYPTED" and not case.given("databaseEncryption.keyName"):
        why = bad("the key is missing: databaseEncryption.state is ENCRYPTED")
        yield Failure("databaseEncryption.keyName", why=why, allowed="the id of a CryptoKey")
    for name in NOT_AUTOPILOT if case.known("enableAutopilot") is True else ():
        if case.given(name) and not case.unknown(name):
            yield Failure(name, case.known(name), "none", "it conflicts with enable_autopilot")


@checks(CLUSTER)
def the_identity_pool_is_the_projects(case: Case) -> Iterator[Failure]:
    """There is one workload identity pool, and it is named after the project."""
    path = "workloadIdentityConfig.workloadPool"
    pool, own = case.known(path), f"{case.project}.svc.id.goog"
    if pool not in (None, "", own) and not case.unknown("project"):
        why = bad(f"Currently, the only supported identity namespace for Kubernetes Engine clusters is {own}")
        yield Failure(path, pool, own, why)


@checks(CLUSTER)
def there_is_a_first_node(case: Case) -> Iterator[Failure]:
    """A Standard cluster is made with a pool, if only to remove it."""
    if case.known("enableAutopilot") is True or case.unknown("enableAutopilot") or case.given("nodePools"):
        return
    count = case.known("initialNodeCount")
    if not count and not case.unknown("initialNodeCount"):
        why = bad("Cluster.initial_node_count must be greater than zero")
        shown = Failure("initialNodeCount", why=f"missing: {why}", allowed="1 or more, or nodePools")
        yield shown if count is None else Failure("initialNodeCount", count, "1 or more, or nodePools", why)


@checks(CLUSTER)
def routes_have_no_alias_ranges(case: Case) -> Iterator[Failure]:
    """A cluster whose pods are reached by routes has no ranges of addresses."""
    if case.known("networkingMode") == "ROUTES" and case.known("ipAllocationPolicy"):
        allowed = "VPC_NATIVE, or no ipAllocationPolicy"
        yield Failure("networkingMode", "ROUTES", allowed, bad("ip_allocation_policy is for VPC-native clusters"))


@checks(CLUSTER)
def upgrades_follow_the_channel(case: Case) -> Iterator[Failure]:
    """In a release channel nodes are upgraded by GKE."""
    channel = case.known("releaseChannel.channel")
    path = "clusterAutoscaling.autoProvisioningDefaults.management.autoUpgrade"
    if case.known(path) is False and channel != "UNSPECIFIED" and not case.unknown("releaseChannel"):
        said = f"Auto_upgrade in node autoprovisioning must be true when release_channel {channel or 'REGULAR'} is set"
        yield Failure(path, False, "true", bad(said))
