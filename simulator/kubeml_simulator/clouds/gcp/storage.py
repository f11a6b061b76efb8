"""Buckets and shared file systems: sizes that exist, and what must be there before them."""

from collections.abc import Iterator
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Failure

from .behaviours import checks, computes
from .case import Case
from .connections import CONNECTION
from .locations import is_zone
from .networks import same_network
from .tables import rows

BUCKET = "gcp:storage/bucket:Bucket"
FILES = "gcp:filestore/instance:Instance"
LUSTRE = "gcp:lustre/instance:Instance"
# MBps for each TiB, and the step and least size in GiB: https://cloud.google.com/managed-lustre/docs/create-instance#performance-tiers (2026-09)
STEPS = {"1000": 9000, "500": 18000, "250": 36000, "125": 72000}
MOST_STEPS = 106
SOFT_DELETE = (604800, 7776000)  # seconds: https://cloud.google.com/storage/docs/soft-delete (2026-09)


@checks(BUCKET)
def folders_need_uniform_access(case: Case) -> Iterator[Failure]:
    """A bucket with real folders has access by bucket; deleted objects are kept not at all, or a week to ninety days."""
    name = "uniformBucketLevelAccess"
    if case.known("hierarchicalNamespace.enabled") is True and case.known(name) is not True and not case.unknown(name):
        why = "googleapi: Error 400: Hierarchical namespace buckets must use uniform bucket-level access., invalid"
        yield Failure(name, case.known(name), "true", why)
    path = "softDeletePolicy.retentionDurationSeconds"
    kept = case.known(path)
    least, most = SOFT_DELETE
    if isinstance(kept, int) and kept and not least <= kept <= most:
        yield Failure(
            path, kept, f"0, or {least} to {most}", "googleapi: Error 400: invalid retention duration, invalid"
        )


@computes(BUCKET)
def bucket_place(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:  # noqa: ARG001 (known before, too)
    """The service writes a bucket's place in capitals."""
    location = state.get("location")
    return {"location": location.upper()} if isinstance(location, str) and location != UNKNOWN else {}


@checks(FILES)
def the_tier_has_the_size(case: Case) -> Iterator[Failure]:
    """A tier has its sizes, its kind of place and its protocols."""
    tier = next((row for row in rows("tiers.tsv") if row["tier"] == case.known("tier")), None)
    if tier is None:
        return
    capacity, least, most = case.known("fileShares.capacityGb"), int(tier["least"]), int(tier["most"])
    if isinstance(capacity, int) and not least <= capacity <= most:
        why = f"googleapi: Error 400: the capacity is out of range for the tier {tier['tier']}"
        yield Failure("fileShares.capacityGb", capacity, f"{least} to {most}", why)
    where = case.location
    kind = "zone" if is_zone(where) else "region"
    if where not in ("", UNKNOWN) and not case.unknown("location") and kind != tier["place"]:
        yield Failure(
            "location", where, f"a {tier['place']}", f"instances of the tier {tier['tier']} are in a {tier['place']}"
        )
    protocol, known = case.known("protocol"), tier["protocols"].split(",")
    if protocol is not None and protocol not in known:
        yield Failure("protocol", protocol, ", ".join(known), f"the tier {tier['tier']} has no such protocol")


@checks(LUSTRE)
def the_capacity_is_a_step(case: Case) -> Iterator[Failure]:
    """The capacity is a multiple of what the throughput asks for."""
    rate, capacity = case.known("perUnitStorageThroughput"), case.known("capacityGib")
    step = STEPS.get(str(rate))
    if step is None or not str(capacity).isdigit():
        return
    if int(str(capacity)) % step or not step <= int(str(capacity)) <= step * MOST_STEPS:
        why = f"googleapi: Error 400: at {rate} MBps for each TiB the capacity grows in steps of {step}"
        yield Failure("capacityGib", capacity, f"{step} to {step * MOST_STEPS} in steps of {step}", why)


@checks(FILES, LUSTRE)
def the_network_has_private_services(case: Case) -> Iterator[Failure]:
    """A file system in Google's own network is reached over a connection that was made before."""
    if case.token == FILES:
        wanted = [path for path, mode in case.each("networks[*].connectMode") if mode == "PRIVATE_SERVICE_ACCESS"]
        places = [(path.replace("connectMode", "network"), _beside(case, path)) for path in wanted]
    else:
        places = [("network", case.known("network"))]
    for path, where in places:
        if where is None or case.foreign(where):
            continue
        made = case.world.all(CONNECTION)
        if not any(each["network"] in (None, UNKNOWN) or same_network(case, where, each["network"]) for each in made):
            why = "googleapi: Error 400: the network has no private services access"
            allowed = "a network with a Connection to servicenetworking.googleapis.com, made before"
            yield Failure(path, where, allowed, why)


def _beside(case: Case, path: str) -> Any:
    wanted = path.replace("connectMode", "network")
    return next((value for at, value in case.each("networks[*].network") if at == wanted), None)


@computes(FILES)
def shares(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The address at which the share is mounted."""
    networks = state.get("networks")
    if preview or not isinstance(networks, list):
        return {}
    number = int(case.digest("address", 8), 16)
    address = f"10.{number % 256}.{number // 256 % 256}.2"
    filled = [
        {"connectMode": "DIRECT_PEERING", "reservedIpRange": f"{address[:-1]}0/29", **each, "ipAddresses": [address]}
        for each in networks
    ]
    return {"networks": filled, "zone": state.get("zone") or (case.location if is_zone(case.location) else None)}
