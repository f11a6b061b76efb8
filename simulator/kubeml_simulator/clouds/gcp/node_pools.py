"""Node pools: bounds, zones and versions, and what GKE fills in."""

from collections.abc import Iterator, Mapping
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Existing, Failure

from .behaviours import checks, computes
from .case import Case, last
from .clusters import CLUSTER, bad, range_is_there
from .locations import is_zone, region_of, zones
from .networks import SUBNETWORK, found
from .versions import compare, figures

POOL = "gcp:container/nodePool:NodePool"
POLICY = "gcp:compute/resourcePolicy:ResourcePolicy"
RESERVATION = "gcp:compute/reservation:Reservation"
NODE_DEFAULTS: dict[str, Any] = {
    "diskSizeGb": 100,
    "diskType": "pd-standard",
    "imageType": "COS_CONTAINERD",
    "machineType": "e2-medium",
    "metadata": {"disable-legacy-endpoints": "true"},
    "oauthScopes": ["https://www.googleapis.com/auth/logging.write", "https://www.googleapis.com/auth/monitoring"],
    "serviceAccount": "default",
    "shieldedInstanceConfig": {"enableIntegrityMonitoring": True, "enableSecureBoot": False},
    "loggingVariant": "DEFAULT",
    "preemptible": False,
    "spot": False,
}  # container.v1beta1 revision of google-api-python-client 2.202.0, schema NodeConfig (what is taken if unspecified)


def cluster_of(case: Case) -> Existing | None:
    """The cluster of a pool, in the place of the pool."""
    value = case.known("cluster")
    if value is None:
        return None
    if "/" in str(value):
        return found(case, CLUSTER, value)
    named = case.world.having(CLUSTER, "name", value)
    return next((each for each in named if case.location in (each["location"], UNKNOWN)), next(iter(named), None))


def location_of(case: Case) -> str:
    """Where a pool is: where it says, else where its cluster is."""
    cluster = cluster_of(case)
    said = case.inputs.get("location")
    theirs = cluster["location"] if cluster else None
    return str(said or theirs or case.location)


@checks(POOL)
def the_cluster_is_there(case: Case) -> Iterator[Failure]:
    """A pool is where its cluster is."""
    cluster, said = cluster_of(case), case.known("location")
    theirs = cluster["location"] if cluster else None
    if said is not None and theirs not in (None, UNKNOWN, said):
        why = f"googleapi: Error 404: Not found: projects/{case.project}/locations/{said}/clusters/{last(case.known('cluster'))}., notFound"
        yield Failure("location", said, str(theirs), why)


@checks(POOL)
def bounds_do_not_cross(case: Case) -> Iterator[Failure]:
    """The least number of nodes is at most the greatest, each zone's or all zones'; the first ones are within."""
    scaling = "autoscaling."
    one = {name: case.known(f"{scaling}{name}") for name in ("minNodeCount", "maxNodeCount")}
    every = {name: case.known(f"{scaling}{name}") for name in ("totalMinNodeCount", "totalMaxNodeCount")}
    if any(value is not None for value in one.values()) and any(value is not None for value in every.values()):
        why = bad("limits for each zone and for all zones exclude each other")
        allowed = "minNodeCount and maxNodeCount, or totalMinNodeCount and totalMaxNodeCount"
        yield Failure("autoscaling", why=why, allowed=allowed)
    for (low, least), (high, most) in (tuple(one.items()), tuple(every.items())):
        if isinstance(least, int) and isinstance(most, int) and least > most:
            why = bad(f"autoscaling.{low} {least} is above autoscaling.{high} {most}")
            yield Failure(f"{scaling}{low}", least, f"at most {high}, {most}", why)
    if not case.given("autoscaling") or case.unknown("autoscaling"):
        return
    if not any(case.given(f"{scaling}{high}") for high in ("maxNodeCount", "totalMaxNodeCount")):
        why = "missing: either total or per zone limits are required"
        yield Failure(f"{scaling}maxNodeCount", why=why, allowed="maxNodeCount or totalMaxNodeCount")
    first, most = case.known("initialNodeCount"), one["maxNodeCount"]
    if isinstance(first, int) and isinstance(most, int) and first > most:
        why = bad("initial_node_count must be within the autoscaling limits")
        yield Failure("initialNodeCount", first, f"at most autoscaling.maxNodeCount, {most}", why)


@checks(POOL)
def zones_are_the_clusters(case: Case) -> Iterator[Failure]:
    """The zones of a pool are in the region of its cluster."""
    cluster = cluster_of(case)
    where = cluster["location"] if cluster else None
    if where in (None, UNKNOWN):
        return
    for path, zone in case.each("nodeLocations[*]"):
        if region_of(str(zone)) != region_of(str(where)):
            allowed = f"a zone of {region_of(str(where))}: {', '.join(zones(region_of(str(where))))}"
            yield Failure(path, zone, allowed, bad("the cluster is in another region"))


@checks(POOL)
def nodes_are_not_newer(case: Case) -> Iterator[Failure]:
    """Nodes are not newer than their control plane."""
    cluster, version = cluster_of(case), case.known("version")
    theirs = cluster["masterVersion"] if cluster else None
    theirs = cluster["minMasterVersion"] if cluster and theirs in (None, UNKNOWN) else theirs
    if not isinstance(version, str) or not isinstance(theirs, str) or not figures(version) or not figures(theirs):
        return
    if compare(version, theirs) > 0:
        why = bad(f'desired node version "{version}" cannot be greater than current master version "{theirs}"')
        yield Failure("version", version, f"at most {theirs}", why)


@checks(POOL)
def upgrades_follow_the_channel(case: Case) -> Iterator[Failure]:
    """In a release channel nodes are upgraded by GKE; surge is counted, the other strategy has settings of its own."""
    cluster, path = cluster_of(case), "management.autoUpgrade"
    channel = (cluster["releaseChannel.channel"] or "REGULAR") if cluster else "UNSPECIFIED"
    if case.known(path) is False and channel not in ("UNSPECIFIED", UNKNOWN):
        yield Failure(path, False, "true", bad(f"Auto_upgrade cannot be false when release_channel {channel} is set"))
    settings = "upgradeSettings."
    strategy = UNKNOWN if case.unknown(f"{settings}strategy") else case.known(f"{settings}strategy") or "SURGE"
    surge, gone = (case.known(f"{settings}{name}") for name in ("maxSurge", "maxUnavailable"))
    if strategy == "SURGE" and surge == 0 and gone == 0:
        why = bad("max_surge and max_unavailable must not both be 0")
        yield Failure(f"{settings}maxUnavailable", 0, "1 or more, or maxSurge 1 or more", why)
    if strategy == "SURGE" and isinstance(surge, int) and isinstance(gone, int) and surge + gone > 20:
        yield Failure(
            f"{settings}maxSurge", surge, "at most 20 with maxUnavailable", bad("at most 20 nodes are upgraded at once")
        )
    if strategy not in ("SURGE", UNKNOWN):
        for name, value in (("maxSurge", surge), ("maxUnavailable", gone)):
            if value is not None:
                why = "Surge upgrade settings may not be changed when surge strategy is not enabled"
                yield Failure(f"{settings}{name}", value, "none", why)
    if (
        strategy != "BLUE_GREEN"
        and case.given(f"{settings}blueGreenSettings")
        and not case.unknown(f"{settings}strategy")
    ):
        why = "Blue-green upgrade settings may not be changed when blue-green strategy is not enabled"
        yield Failure(f"{settings}blueGreenSettings", why=why, allowed="none, or the strategy BLUE_GREEN")


@checks(POOL)
def the_cluster_has_what_nodes_ask_for(case: Case) -> Iterator[Failure]:
    """GKE's metadata server needs Workload Identity, more interfaces need several networks, a range is the subnetwork's."""
    cluster = cluster_of(case)
    if cluster is None:
        return
    mode = "nodeConfig.workloadMetadataConfig.mode"
    if case.known(mode) == "GKE_METADATA" and not (cluster["workloadIdentityConfig"] or cluster["enableAutopilot"]):
        why = bad("Workload Identity is not enabled on the cluster: GKE_METADATA needs it")
        yield Failure(mode, "GKE_METADATA", "GCE_METADATA, or a workloadIdentityConfig of the cluster", why)
    more = "networkConfig.additionalNodeNetworkConfigs"
    if case.known(more) and cluster["enableMultiNetworking"] in (None, False):
        yield Failure(
            more,
            why=bad("the cluster has not enabled multi-networking"),
            allowed="a cluster with enableMultiNetworking",
        )
    subnetwork = found(case, SUBNETWORK, cluster["subnetwork"])
    own = "networkConfig.createPodRange"
    if subnetwork and not case.unknown(own) and case.known(own) is not True:
        yield from range_is_there(case, subnetwork, "networkConfig.podRange")


@checks(POOL)
def the_placement_policy_is_near(case: Case) -> Iterator[Failure]:
    """A policy of placement is in the region of the pool, and one of placement."""
    path = "placementPolicy.policyName"
    policy, where = found(case, POLICY, case.known(path)), location_of(case)
    if policy is None:
        return
    if policy["region"] not in (None, UNKNOWN) and where not in ("", UNKNOWN) and policy["region"] != region_of(where):
        yield Failure(
            path, case.known(path), f"a policy in {region_of(where)}", bad(f"the policy is in {policy['region']}")
        )
    if not policy["groupPlacementPolicy"] and not policy["workloadPolicy"]:
        allowed = "one with groupPlacementPolicy or workloadPolicy"
        yield Failure(path, case.known(path), allowed, bad("the policy does not place machines"))


@checks(POOL)
def the_reservation_fits(case: Case) -> Iterator[Failure]:
    """A reservation of the stack has the machine type of the pool and is in one of its zones; others cannot be known."""
    affinity = "nodeConfig.reservationAffinity."
    machine, listed = case.known("nodeConfig.machineType"), case.known("nodeLocations")
    for path, value in case.each(f"{affinity}values[*]"):
        name = str(value).split("/reservationBlocks/", 1)[0].rsplit("/", 1)[-1]
        kept = case.world.find(RESERVATION, name=name)
        if kept is None:
            continue
        theirs = kept["specificReservation.instanceProperties.machineType"]
        if machine and theirs not in (None, UNKNOWN, machine):
            yield Failure(
                "nodeConfig.machineType", machine, str(theirs), bad(f"{kept.urn} holds machines of another type")
            )
        if isinstance(listed, list) and listed and kept["zone"] not in (None, UNKNOWN, *listed):
            yield Failure("nodeLocations", listed, str(kept["zone"]), bad(f"{kept.urn} is in another zone"))
        if kept["specificReservationRequired"] is False:
            allowed = "one with specificReservationRequired"
            yield Failure(path, value, allowed, bad("a reservation that any machine may use cannot be named"))


@computes(POOL)
def pool_defaults(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """Versions, zones and nodes where the program leaves them to GKE; the groups of instances behind the pool."""
    cluster, location, creating = cluster_of(case), location_of(case), preview and not case.old
    version = (cluster["masterVersion"] if cluster else None) or UNKNOWN
    made: dict[str, Any] = {
        "location": location,
        "version": state.get("version")
        if state.get("version") not in (None, UNKNOWN)
        else UNKNOWN
        if creating
        else version,
        "management": {"autoRepair": True, "autoUpgrade": True, **_mapping(state.get("management"))},
        "nodeConfig": _nodes(case, state.get("nodeConfig"), creating=creating),
        "upgradeSettings": _upgrades(state.get("upgradeSettings")),
    }
    for name in ("management", "nodeConfig", "upgradeSettings"):
        if state.get(name) == UNKNOWN and name in case.inputs:
            made[name] = UNKNOWN
    places = state.get("nodeLocations")
    if not isinstance(places, list) and not creating:
        places = (cluster["nodeLocations"] if cluster else None) or (
            [location] if is_zone(location) else list(zones(location))[:3]
        )
        places = (
            [location, *places] if is_zone(location) and isinstance(places, list) and location not in places else places
        )
        made["nodeLocations"] = places
    first = state.get("initialNodeCount")
    if not creating:
        least = _mapping(state.get("autoscaling")).get("minNodeCount")
        made["initialNodeCount"] = first if isinstance(first, int) else state.get("nodeCount") or least or 0
        made["nodeCount"] = (
            state.get("nodeCount") if isinstance(state.get("nodeCount"), int) else made["initialNodeCount"]
        )
    if not preview and isinstance(places, list) and UNKNOWN not in places:
        made |= _groups(case, state, places)
    return made


def _nodes(case: Case, given: Any, *, creating: bool) -> dict[str, Any]:
    known = {name: case.old.get("nodeConfig", {}).get(name, value) for name, value in NODE_DEFAULTS.items()}
    filled = dict.fromkeys(known, UNKNOWN) if creating else known
    return {**filled, **_mapping(given)}


def _upgrades(given: Any) -> dict[str, Any]:
    settings = {"strategy": "SURGE", **_mapping(given)}
    return {"maxSurge": 1, "maxUnavailable": 0, **settings} if settings["strategy"] == "SURGE" else settings


def _groups(case: Case, state: Mapping[str, Any], places: list[str]) -> dict[str, list[str]]:
    stem = f"gke-{last(state.get('cluster'))[:20]}-{str(state.get('name'))[:20]}"
    base = f"https://www.googleapis.com/compute/v1/projects/{case.project}/zones"
    names = [(zone, f"{stem}-{case.digest(zone, 8)}-grp") for zone in places]
    return {
        "instanceGroupUrls": [f"{base}/{zone}/instanceGroupManagers/{name}" for zone, name in names],
        "managedInstanceGroupUrls": [f"{base}/{zone}/instanceGroups/{name}" for zone, name in names],
    }


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}
