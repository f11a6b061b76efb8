"""Reserved capacity, and the settings that send logs away."""

from collections.abc import Iterator, Mapping

from kubeml_simulator.provider import UNKNOWN, Failure

from . import arm, lookup
from .behaviours import checks
from .case import Case

GROUP = "azure-native:compute:CapacityReservationGroup"
SETTING = "azure-native:monitor:DiagnosticSetting"


@checks("azure-native:compute:CapacityReservation")
def a_reservation_is_in_a_zone_of_its_group(case: Case) -> Iterator[Failure]:
    """A group says its zones when it is made; each reservation in it is in one of them, or in none where the group has none.

    https://learn.microsoft.com/azure/virtual-machines/capacity-reservation-create (2026-11)
    """
    group, name = case.known("resourceGroupName"), case.known("capacityReservationGroupName")
    path = f"/subscriptions/{case.subscription}/resourceGroups/{group}/providers/Microsoft.Compute/capacityReservationGroups/{name}"
    found = lookup.find(case, GROUP, path) if group and name else None
    zones = case.known("zones")
    if found is None or found["zones"] == UNKNOWN or case.unknown("zones"):
        return
    offered, wanted = found["zones"] or [], zones if isinstance(zones, list) else []
    if bool(offered) != bool(wanted) or not set(wanted) <= set(offered) or len(wanted) > 1:
        allowed = f"one of {', '.join(offered)}" if offered else "none: the group is in no zone"
        yield Failure("zones", zones, allowed, f"the zones of {found.urn}")


@checks(SETTING)
def a_sink_takes_a_category_once(case: Case) -> Iterator[Failure]:
    """Two settings of one resource do not send one category to one place (microsoft.insights says Conflict)."""
    target = case.known("resourceUri")
    ours = _categories(case.inputs.get("logs"))
    for other in case.world.having(SETTING, "resourceUri", target):
        shared = ours & _categories(other["logs"])
        for sink in ("workspaceId", "storageAccountId"):
            given = case.known(sink)
            same = given is not None and (other[sink] == given or arm.same(other[sink], given))
            if case.rivals(other) and other["name"] != case.known("name") and same and shared:
                why = (
                    f"Conflict: the data sink is already used in diagnostic setting '{other['name']}' for category "
                    f"'{min(shared)}'; data sinks can't be reused in different settings on the same category"
                )
                yield Failure(sink, given, "another place, or other categories", why)


def _categories(logs: object) -> set[str]:
    listed = logs if isinstance(logs, list) else []
    names = (one.get("category") or one.get("categoryGroup") for one in listed if isinstance(one, Mapping))
    return {name for name in names if isinstance(name, str) and name != UNKNOWN}
