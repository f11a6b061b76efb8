"""Networks that carry RDMA: they belong to one zone, and so does everything in them.

https://cloud.google.com/vpc/docs/rdma-network-profiles (specifications, zonal constraint; 2026-09)
"""

import re
from collections.abc import Iterator
from typing import Any

from kubeml_simulator.clouds.common.models import nearest
from kubeml_simulator.provider import UNKNOWN, Failure

from .behaviours import checks
from .case import Case, last
from .clusters import bad
from .locations import exists, region_of, regions, zones
from .networks import NETWORK, SUBNETWORK, found
from .node_pools import POOL

PROFILE = re.compile(r"([a-z]+-[a-z]+\d+-[a-z0-9]+)-vpc-(roce|roce-metal|falcon)")


def zone_of(profile: Any) -> str | None:
    """The zone of a profile that carries RDMA; None for any other, and while it is not known.

    >>> zone_of("projects/ml-dev/global/networkProfiles/us-central1-b-vpc-roce"), zone_of(None)
    ('us-central1-b', None)
    """
    match = PROFILE.fullmatch(last(profile)) if isinstance(profile, str) else None
    return match[1] if match else None


@checks(NETWORK)
def the_profile_is_of_a_zone(case: Case) -> Iterator[Failure]:
    """A profile is named after a zone that exists and what it carries."""
    profile = case.known("networkProfile")
    if profile is None:
        return
    zone = zone_of(profile)
    if zone is None:
        allowed = "global/networkProfiles/ZONE-vpc-roce, ZONE-vpc-roce-metal or ZONE-vpc-falcon"
        yield Failure("networkProfile", profile, allowed, bad("there is no such network profile"))
    elif not exists(zone):
        near = zones(region_of(zone)) or regions()
        yield Failure("networkProfile", profile, nearest(zone, near), bad(f"there is no zone {zone}"))


@checks(SUBNETWORK)
def its_subnetworks_are_in_the_region(case: Case) -> Iterator[Failure]:
    """Subnetworks are in the region of the zone."""
    network = found(case, NETWORK, case.known("network"))
    zone = zone_of(network["networkProfile"]) if network else None
    if zone and case.location not in ("", UNKNOWN) and case.region != region_of(zone):
        why = bad(f"the network carries RDMA in {zone}")
        yield Failure("region", case.region, region_of(zone), why)


@checks(POOL)
def its_nodes_are_in_the_zone(case: Case) -> Iterator[Failure]:
    """Nodes with an interface in it are in the zone, and nowhere else."""
    for path, value in case.each("networkConfig.additionalNodeNetworkConfigs[*].network"):
        network = found(case, NETWORK, value)
        zone = zone_of(network["networkProfile"]) if network else None
        listed = case.known("nodeLocations")
        if zone and isinstance(listed, list) and set(listed) != {zone}:
            yield Failure("nodeLocations", listed, zone, bad(f"{path} carries RDMA in {zone} only"))
            return
