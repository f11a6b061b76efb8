"""Clusters: what EKS refuses about subnets and access, and what it fills in."""

from collections.abc import Iterator
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Existing, Failure

from .behaviours import checks, computes
from .case import Case

CLUSTER = "aws:eks/cluster:Cluster"
SUBNET = "aws:ec2/subnet:Subnet"
ENTRY = "aws:eks/accessEntry:AccessEntry"


def subnets(case: Case, path: str) -> list[Existing] | None:
    """The subnets listed at a path, or None while any of them is unknown or missing."""
    wanted = case.known(path)
    if not isinstance(wanted, list):
        return None
    found = [case.world.find(SUBNET, id=identity) for identity in wanted]
    return [subnet for subnet in found if subnet] if all(found) else None


@checks(CLUSTER)
def subnets_span_two_zones(case: Case) -> Iterator[Failure]:
    """The control plane wants subnets of one VPC in at least two zones."""
    path = "vpcConfig.subnetIds"
    found = subnets(case, path)
    if found is None:
        return
    zones = sorted({str(subnet["availabilityZone"]) for subnet in found})
    if len(zones) < 2:
        why = f"InvalidParameterException: these are in {', '.join(zones) or 'none'}"
        yield Failure(path, [subnet.id for subnet in found], "subnets in at least two zones", why)
    networks = sorted({str(subnet["vpcId"]) for subnet in found})
    if len(networks) > 1:
        yield Failure(
            path,
            [s.id for s in found],
            "subnets of one VPC",
            f"InvalidParameterException: they are in {', '.join(networks)}",
        )


@checks(CLUSTER)
def the_endpoint_can_be_reached(case: Case) -> Iterator[Failure]:
    """An endpoint is private, public or both; ranges are for a public one."""
    config = "vpcConfig."
    if case.known(f"{config}endpointPublicAccess") is False:
        if case.known(f"{config}endpointPrivateAccess") is not True and not case.unknown(
            f"{config}endpointPrivateAccess"
        ):
            why = "InvalidParameterException: the endpoint would be neither private nor public"
            yield Failure(f"{config}endpointPrivateAccess", case.known(f"{config}endpointPrivateAccess"), "true", why)
        for path, value in case.each(f"{config}publicAccessCidrs"):
            if value:
                yield Failure(path, value, "none", "InvalidParameterException: the endpoint is not public")


@checks(CLUSTER, "aws:eks/nodeGroup:NodeGroup")
def version_is_offered(case: Case) -> Iterator[Failure]:
    """The Kubernetes version is one that EKS offers; a node group's is not newer than its cluster's."""
    from pulumi_kubeml.catalog.versions import kubernetes_versions

    version = case.known("version")
    offered = kubernetes_versions("eks")
    if version is not None and version not in offered:
        yield Failure("version", version, ", ".join(offered), "unsupported Kubernetes version")
    cluster = case.world.find(CLUSTER, name=case.known("clusterName")) if version and case.token != CLUSTER else None
    theirs = cluster["version"] if cluster else None
    if version in offered and theirs in offered and _minor(str(version)) > _minor(str(theirs)):
        yield Failure(
            "version",
            version,
            f"at most {theirs}",
            f"nodes cannot be newer than their cluster {cluster and cluster.id}",
        )


def _minor(version: str) -> int:
    return int(version.partition(".")[2])


@checks(ENTRY, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
def the_cluster_takes_access_entries(case: Case) -> Iterator[Failure]:
    """A cluster whose access is the config map alone has no access entries."""
    cluster = case.world.find(CLUSTER, name=case.known("clusterName")) if case.known("clusterName") else None
    if cluster and cluster["accessConfig.authenticationMode"] == "CONFIG_MAP":
        why = "InvalidRequestException: its authentication mode is CONFIG_MAP"
        yield Failure(
            "clusterName", case.known("clusterName"), "a cluster with authenticationMode API or API_AND_CONFIG_MAP", why
        )


@checks("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
def the_scope_fits(case: Case) -> Iterator[Failure]:
    """An association belongs to an entry; a namespace scope names namespaces, a cluster scope none."""
    kind, path = case.known("accessScope.type"), "accessScope.namespaces"
    if kind == "namespace" and not case.given(path):
        yield Failure(path, why="missing: the scope is namespace", allowed="one namespace or more")
    if kind == "cluster" and case.known(path):
        yield Failure(path, case.known(path), "none", "the scope is the cluster")
    cluster, principal = case.known("clusterName"), case.known("principalArn")
    entries = [entry for entry in case.world.all(ENTRY) if entry["clusterName"] in (cluster, UNKNOWN)]
    if cluster and principal and not any(entry["principalArn"] in (principal, UNKNOWN) for entry in entries):
        why = f"ResourceNotFoundException: {cluster} has no access entry of this principal"
        yield Failure("principalArn", principal, "the principal of an AccessEntry that was made before", why)


@computes(CLUSTER)
def cluster_defaults(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The network settings with what EKS adds: security group, VPC, service addresses; and the version."""
    from pulumi_kubeml.catalog.versions import kubernetes_versions

    given = state.get("vpcConfig")
    config = given if isinstance(given, dict) else {}
    old = case.old.get("vpcConfig") or {}
    first = next(iter(config.get("subnetIds") or []), None) if isinstance(config.get("subnetIds"), list) else None
    subnet = case.world.find(SUBNET, id=first)
    vpc = subnet["vpcId"] if subnet else old.get("vpcId")
    group = old.get("clusterSecurityGroupId") or f"sg-{case.digest('cluster')}"
    block = case.world.find("aws:ec2/vpc:Vpc", id=vpc)
    addresses = "10.100.0.0/16" if block and str(block["cidrBlock"]).startswith("172.") else "172.20.0.0/16"
    public = {"endpointPrivateAccess": False, "endpointPublicAccess": True}
    ranges = {"publicAccessCidrs": ["0.0.0.0/0"]} if config.get("endpointPublicAccess") is not False else {}
    made: dict[str, Any] = {
        "vpcConfig": {
            **public,
            **ranges,
            **config,
            "clusterSecurityGroupId": UNKNOWN if preview and not old else group,
            "vpcId": UNKNOWN if preview and not old else vpc or "",
        }
        if given != UNKNOWN
        else UNKNOWN,
    }
    defaults = {
        "accessConfig": {"authenticationMode": "CONFIG_MAP", "bootstrapClusterCreatorAdminPermissions": True},
        "kubernetesNetworkConfig": {"ipFamily": "ipv4", "serviceIpv4Cidr": UNKNOWN if preview else addresses},
        "upgradePolicy": {"supportType": "EXTENDED"},
    }
    for name, filled in defaults.items():
        if state.get(name) != UNKNOWN:
            made[name] = {**filled, **(state.get(name) or {})}
    if not state.get("version"):
        newest = next((v.version for v in kubernetes_versions("eks").values() if v.standard_until), None)
        made["version"] = UNKNOWN if preview else newest
    return made


@computes("aws:eks/addon:Addon")
def addon_release(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The release that is pinned for the cluster's version, where the catalogue has one; else it stays unset."""
    from pulumi_kubeml.catalog.versions import addon_releases

    if state.get("addonVersion") not in (None, UNKNOWN) or preview:
        return {}
    cluster = case.world.find(CLUSTER, name=state.get("clusterName"))
    release = addon_releases("eks", cluster["version"]).get(str(state.get("addonName"))) if cluster else None
    return {"addonVersion": release}
