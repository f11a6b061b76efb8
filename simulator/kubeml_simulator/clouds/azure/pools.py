"""Node pools, whether they are made beside a cluster or written into it: bounds, modes, spot, machines that fit."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Existing, Failure

from . import arm, lookup
from .behaviours import checks, computes, removals
from .case import Case
from .networks import SUBNET, blocks_of

CLUSTER = "azure-native:containerservice:ManagedCluster"
POOL = "azure-native:containerservice:AgentPool"
RESERVED = 5  # addresses of a subnet that Azure keeps, https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq (2026-11)
LEAST_SYSTEM_PODS = 30  # MicrosoftDocs/azure-aks-docs articles/aks/use-system-pools.md (2026-08)
WINDOWS_NAME = 6  # articles/aks/create-node-pools.md (2026-08)


def cluster_of(case: Case) -> Existing | None:
    """The cluster that a pool belongs to."""
    group, name = case.known("resourceGroupName"), case.known("resourceName")
    if not group or not name:
        return None
    path = f"/subscriptions/{case.subscription}/resourceGroups/{group}/providers/Microsoft.ContainerService/managedClusters/{name}"
    return lookup.find(case, CLUSTER, path)


@checks(POOL)
def the_pool_is_one(case: Case) -> Iterator[Failure]:
    """What is asked of a pool that is made beside its cluster."""
    yield from pool(case, "agentPoolName", cluster_of(case))


def pool(case: Case, name: str, cluster: Existing | None) -> Iterator[Failure]:
    """Everything that AKS asks of one pool; `name` is the property that names it."""
    yield from bounds(case)
    yield from of_its_mode(case)
    yield from of_spot(case)
    yield from of_its_machine(case)
    yield from of_its_subnets(case)
    if case.known("osType") == "Windows" and isinstance(case.known(name), str) and len(case.known(name)) > WINDOWS_NAME:
        why = "InvalidParameter: the name of a Windows pool"
        yield Failure(name, case.known(name), f"at most {WINDOWS_NAME} characters", why)
    for prefix in ("kubernetes.azure.com/", "kubernetes.io/"):
        labels = case.known("nodeLabels")
        for label in labels if isinstance(labels, dict) else ():
            if label.startswith(prefix):
                yield Failure(
                    f'nodeLabels["{label}"]',
                    why=f"labels that begin with {prefix} are AKS's own",
                    allowed="another label",
                )
    if cluster is not None:
        yield from with_its_cluster(case, cluster)


def bounds(case: Case) -> Iterator[Failure]:
    """Bounds go with autoscaling and do not cross."""
    if case.unknown("enableAutoScaling"):
        return
    scaled = case.known("enableAutoScaling") is True
    for bound in ("minCount", "maxCount"):
        if scaled and not case.given(bound):
            yield Failure(bound, why="missing: the pool is scaled automatically", allowed="a number of nodes")
        if not scaled and case.known(bound) is not None:
            why = "InvalidParameter: enableAutoScaling is not true, so the pool has no bounds"
            yield Failure(bound, case.known(bound), "none, or enableAutoScaling", why)
    least, count, most = case.known("minCount"), case.known("count"), case.known("maxCount")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield Failure("minCount", least, f"at most maxCount, {most}", "InvalidParameter: the bounds cross")
    known = isinstance(least, int) and isinstance(most, int) and isinstance(count, int) and least <= most
    # Only of a new pool: in an update the count is what the program said once, and the autoscaler has moved on since.
    if case.creating and scaled and known and not least <= count <= most:
        why = "InvalidParameter: the number of nodes is out of bounds"
        yield Failure("count", count, f"{least} to {most}", why)


def of_its_mode(case: Case) -> Iterator[Failure]:
    """What runs the cluster's own pods is Linux, not spot, has a node and room for pods."""
    if case.known("mode") != "System":
        return
    for path in ("count", "minCount"):
        if case.known(path) == 0:
            yield Failure(path, 0, "at least 1", "InvalidParameter: a system pool has at least one node")
    if case.known("osType") == "Windows":
        yield Failure("osType", "Windows", "Linux", "InvalidParameter: system pools run Linux")
    if case.known("scaleSetPriority") == "Spot":
        yield Failure(
            "scaleSetPriority", "Spot", "Regular, or mode User", "InvalidParameter: a system pool is not spot"
        )
    pods = case.known("maxPods")
    if isinstance(pods, int) and 10 <= pods < LEAST_SYSTEM_PODS:
        why = "InvalidParameter: a system pool has room for the system's pods"
        yield Failure("maxPods", pods, f"at least {LEAST_SYSTEM_PODS}", why)


def of_spot(case: Case) -> Iterator[Failure]:
    """Price and eviction are for spot pools; a price has five decimals."""
    if case.unknown("scaleSetPriority"):
        return
    spot = case.known("scaleSetPriority") == "Spot"
    for path in ("scaleSetEvictionPolicy", "spotMaxPrice"):
        if not spot and case.known(path) is not None:
            why = "InvalidParameter: scaleSetPriority is not Spot"
            yield Failure(path, case.known(path), "none, or scaleSetPriority Spot", why)
    price = case.known("spotMaxPrice")
    if isinstance(price, int | float) and price != -1 and (price <= 0 or round(price, 5) != price):
        yield Failure("spotMaxPrice", price, "-1, or a positive price with up to five decimals", "InvalidParameter")
    if spot and case.given("capacityReservationGroupID"):
        why = "InvalidParameter: reserved capacity is not for spot nodes"
        yield Failure("capacityReservationGroupID", case.known("capacityReservationGroupID"), "none", why)
    zones = case.known("availabilityZones")
    if isinstance(zones, list) and len(zones) > 1 and case.given("proximityPlacementGroupID"):
        yield Failure("availabilityZones", zones, "one zone", "a proximity placement group is in one zone")


def of_its_machine(case: Case) -> Iterator[Failure]:
    """A profile of instances is for GPUs that can be cut, GPU settings for machines with GPUs; unknown machines are not judged."""
    from pulumi_kubeml.catalog import machines
    from pulumi_kubeml.catalog.rows import read

    machine = machines("azure").get(str(case.known("vmSize")))
    if machine is None:
        return
    profile = case.known("gpuInstanceProfile")
    cut = {row["accelerator"] for row in read("mig_profiles")}
    if profile is not None and machine.accelerator not in cut:
        what = f"its accelerator is {machine.accelerator}" if machine.accelerator else "it has no GPU"
        why = f"InvalidParameter: {machine.name} has no multi-instance GPU: {what}"
        yield Failure("gpuInstanceProfile", profile, "none, or a machine with A100, H100 or H200", why)
    if case.known("gpuProfile") is not None and not machine.accelerator:
        yield Failure("gpuProfile", why=f"InvalidParameter: {machine.name} has no GPU", allowed="none")


def of_its_subnets(case: Case) -> Iterator[Failure]:
    """Nodes fit into their subnet; pods have a subnet of their own in the same network."""
    nodes, pods = case.known("vnetSubnetID"), case.known("podSubnetID")
    if nodes and pods:
        if arm.same(nodes, pods) or nodes == pods:
            yield Failure("podSubnetID", pods, "another subnet", "InvalidParameter: nodes and pods have a subnet each")
        elif _network(nodes) != _network(pods):
            yield Failure("podSubnetID", pods, f"a subnet of {_network(nodes)}", "nodes and pods are in one network")
    elif pods and not case.given("vnetSubnetID"):
        yield Failure("podSubnetID", pods, "none, or vnetSubnetID too", "pods with a subnet stand on nodes with one")
    subnet = lookup.find(case, SUBNET, nodes) if nodes else None
    delegations = subnet["delegations"] if subnet else None
    if delegations:
        to = ", ".join(str(one.get("serviceName")) for one in delegations if isinstance(one, Mapping))
        why = f"SubnetIsDelegated: the subnet is delegated to {to}"
        yield Failure("vnetSubnetID", nodes, "a subnet that is not delegated", why)
    count = case.known("count")
    blocks = [b for b in blocks_of(subnet.state) if b.version == 4] if subnet else []
    free = sum(block.num_addresses - RESERVED for block in blocks)
    if blocks and isinstance(count, int) and count > free:
        why = f"InsufficientSubnetSize: pre-allocated IPs {count} exceed IPs available {free} in subnet {subnet and subnet.urn}"
        yield Failure("vnetSubnetID", nodes, f"a subnet for {count} nodes", why)


def _network(subnet: str) -> str:
    return arm.canonical(subnet).lower().rpartition("/subnets/")[0]


def with_its_cluster(case: Case, cluster: Existing) -> Iterator[Failure]:
    """Nodes are not newer than their cluster, stand in its network, and use a reservation as its identity."""
    version, theirs = case.known("orchestratorVersion"), cluster["kubernetesVersion"]
    if isinstance(version, str) and isinstance(theirs, str) and theirs != UNKNOWN and minor(version) > minor(theirs):
        why = (
            f"NodePoolMcVersionIncompatible: node pool version {version} and control plane version {theirs} are incompatible: "
            f"minor version of node pool version {minor(version)} is bigger than control plane version {minor(theirs)}"
        )
        yield Failure("orchestratorVersion", version, f"at most {theirs}", why)
    if case.given("capacityReservationGroupID") and "UserAssigned" not in str(cluster["identity.type"]):
        why = "the cluster joins the group as an identity of its own, and a system-assigned one does not work"
        yield Failure(
            "capacityReservationGroupID", case.known("capacityReservationGroupID"),
            "none, or a cluster with a user-assigned identity that is Contributor of the group", why,
        )  # fmt: skip
    subnet = case.known("vnetSubnetID")
    networks = {
        _network(profile["vnetSubnetID"])
        for profile in cluster["agentPoolProfiles"] or ()
        if isinstance(profile, dict)
        and isinstance(profile.get("vnetSubnetID"), str)
        and profile["vnetSubnetID"] != UNKNOWN
    }
    if subnet and networks and _network(subnet) not in networks:
        why = "InvalidParameter: all pools of a cluster are in one network"
        yield Failure("vnetSubnetID", subnet, f"a subnet of {', '.join(sorted(networks))}", why)
    if case.given("podSubnetID") and cluster["networkProfile.networkPluginMode"] == "overlay":
        why = "InvalidParameter: with an overlay pods have no subnet"
        yield Failure("podSubnetID", case.known("podSubnetID"), "none", why)


def minor(version: str) -> int:
    """The minor version as a number.

    >>> minor("1.35.2"), minor("1")
    (35, 0)
    """
    parts = version.split(".")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0


def written(case: Case, index: int, profile: Any) -> Case:
    """A pool that is written into a cluster, as a case of its own."""
    return replace(
        case, inputs=profile if isinstance(profile, dict) else {}, token=CLUSTER, identity=f"{case.identity}#{index}"
    )


@removals(POOL)
def a_system_pool_stays(case: Case) -> Iterator[Failure]:
    """A cluster keeps a system pool."""
    known = case.world.find(POOL, id=case.identity)
    if known is None or known["mode"] != "System":
        return
    cluster = case.identity.rpartition("/agentPools/")[0]
    others = [
        p for p in case.world.having(POOL, "mode", "System") if p.id != known.id and p.id.startswith(f"{cluster}/")
    ]
    parent = lookup.find(case, CLUSTER, cluster)
    inside = [p for p in (parent["agentPoolProfiles"] if parent else ()) or () if p.get("mode") == "System"]
    if parent is not None and not others and not inside:
        yield Failure("", why="There has to be at least one system agent pool.")


@computes(POOL)
def pool_defaults(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """What AKS decides where the program does not."""
    cluster = cluster_of(case)
    network = cluster["networkProfile"] if cluster else None
    version = cluster["kubernetesVersion"] if cluster else None
    return filled(state, version, network, creating=preview and not case.old)


def filled(state: dict[str, Any], version: Any, network: Any, *, creating: bool) -> dict[str, Any]:
    """The settings of a pool that are not given, unknown while it is only planned; `version` and `network` are the cluster's."""
    wanted = state.get("orchestratorVersion") or version
    defaults: dict[str, Any] = {
        "count": state.get("minCount") if state.get("enableAutoScaling") else 1,
        "mode": "User",
        "osType": "Linux",
        "osSKU": "Ubuntu",
        "type": "VirtualMachineScaleSets",
        "maxPods": usual_pods(state, network if isinstance(network, Mapping) else {}),
        "orchestratorVersion": wanted,
        "currentOrchestratorVersion": wanted,
        "enableFIPS": False,
        "scaleDownMode": "Delete",
        "powerState": {"code": "Running"},
        "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202410.27.0",
        "upgradeSettings": {"maxSurge": "10%"},
    }
    return {
        name: UNKNOWN if creating else value
        for name, value in defaults.items()
        if state.get(name) is None or (state[name] == UNKNOWN and not creating)
    }


def usual_pods(state: Mapping[str, Any], network: Mapping[str, Any]) -> int:
    """Pods of a node where the program does not say (articles/aks/concepts-network-ip-address-planning.md, 2026-08).

    >>> usual_pods({}, {"networkPlugin": "azure"}), usual_pods({}, {"networkPluginMode": "overlay"}), usual_pods({}, {})
    (30, 250, 110)
    """
    if network.get("networkPluginMode") == "overlay":
        return 250
    return 30 if network.get("networkPlugin") == "azure" and not state.get("podSubnetID") else 110
