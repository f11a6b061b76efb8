"""The formats that only Azure has: resource ids, zones, address blocks. `rules.tsv` asks for them beside the shared rules."""

import fnmatch
import ipaddress
from collections.abc import Iterator
from typing import Any

from kubeml_simulator.clouds.common import Rules
from kubeml_simulator.provider import UNKNOWN, Failure

from . import arm, lookup
from .case import Case
from .locations import zones
from .tables import TABLES

SUBNET = "azure-native:network:Subnet"
NETWORK = "azure-native:network:VirtualNetwork"


def reference(case: Case, path: str, value: Any, argument: str) -> Iterator[Failure]:
    """The id of a resource of one of the kinds given that exists; `=PATTERN` is a word that may stand in its place."""
    options = argument.split("|")
    if any(fnmatch.fnmatchcase(value, option[1:]) for option in options if option.startswith("=")):
        return
    kinds = [option for option in options if not option.startswith("=")]
    words = [option[1:] for option in options if option.startswith("=")]
    parsed = arm.parse(value)
    allowed = " or ".join([*(f"the id of a {kind}" for kind in kinds), *words])
    if parsed is None or parsed.kind.lower() not in {kind.lower() for kind in kinds}:
        why = f"LinkedInvalidPropertyId: it is no id of a {' or '.join(kinds)}"
        yield Failure(path, value, allowed, why)
    elif not case.foreign(value) and not exists(case, parsed, value):
        why = f"InvalidResourceReference: no resource of this stack has this id ({parsed.kind})"
        yield Failure(path, value, f"{allowed} that this stack makes, or adopts with get", why)


def exists(case: Case, parsed: arm.Parsed, value: str) -> bool:
    """Whether a referenced resource exists, is planned, is written into its network, or is one that AKS makes."""
    token = lookup.token_of_kind(parsed.kind)
    if token is None or lookup.may_exist(case, token, value) or lookup.is_made_by_a_cluster(case, value):
        return True
    if token != SUBNET:
        return False
    network = lookup.find(case, NETWORK, value.rpartition("/subnets/")[0])
    written = network["subnets"] if network else None
    return isinstance(written, list) and any(one.get("name") == parsed.names[-1] for one in written)


def zone(case: Case, path: str, value: Any, _: str) -> Iterator[Failure]:
    """A zone of the location; a node pool is where its cluster is."""
    where = case.location
    if case.token.endswith(":AgentPool"):
        named = case.world.having(
            "azure-native:containerservice:ManagedCluster", "resourceName", case.known("resourceName")
        )
        there = next((c["location"] for c in named if c["resourceGroupName"] == case.known("resourceGroupName")), None)
        where = arm.location(there) if isinstance(there, str) and there != UNKNOWN else ""
    if where and value not in zones(where):
        allowed = ", ".join(zones(where)) or "none"
        yield Failure(path, value, allowed, f"LocationNotSupportAvailabilityZones: {where} has no such zone")


def block(_: Case, path: str, value: Any, argument: str) -> Iterator[Failure]:
    """An address block with nothing beyond its prefix; `subnet` has the sizes that a subnet can have, `address` may be a single one."""
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        yield Failure(path, value, "a block such as 10.0.0.0/16", "InvalidCIDRNotation: it is no address block")
        return
    if "/" not in value:
        if argument != "address":
            yield Failure(path, value, f"{network}", "InvalidCIDRNotation: the prefix is missing")
    elif str(network) != value.lower():
        yield Failure(path, value, str(network), "InvalidCIDRNotation: the address has bits beyond its prefix")
    elif argument == "subnet" and network.version == 6 and network.prefixlen != 64:
        yield Failure(path, value, "a prefix of /64", "an IPv6 subnet is a /64")
    elif argument == "subnet" and network.version == 4 and not 2 <= network.prefixlen <= 29:
        yield Failure(path, value, "a prefix from /2 to /29", "the smallest IPv4 subnet is a /29")


RULE_TABLE = Rules(TABLES, {"arm": reference, "zone": zone, "block": block})
RULES = RULE_TABLE.rules
