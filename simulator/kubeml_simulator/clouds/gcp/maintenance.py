"""Maintenance windows of clusters: when GKE may work, and when it must not."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from kubeml_simulator.provider import Failure

from .behaviours import checks
from .case import Case
from .clusters import CLUSTER, bad

WINDOW = "maintenancePolicy.recurringWindow"
EXCLUSIONS = "maintenancePolicy.maintenanceExclusions"
# https://cloud.google.com/kubernetes-engine/docs/how-to/maintenance-windows-and-exclusions (2026-09): within 32 days at least 48 hours, of
# which only windows of four hours and more count; at most 20 exclusions, three of them of all upgrades
DAYS, ENOUGH, LEAST, MOST, MOST_OF_ALL = 32, timedelta(hours=48), timedelta(hours=4), 20, 3
A_DAY = timedelta(days=1)


def moment(value: Any) -> datetime | None:
    """A time of RFC 3339, or None when it is none (another check says so).

    >>> moment("2026-01-01T02:00:00Z").hour
    2
    """
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


def times(recurrence: str) -> int | None:
    """How often a window opens in 32 days, at least; None where it is not counted here.

    >>> times("FREQ=DAILY"), times("FREQ=WEEKLY;BYDAY=SA,SU"), times("FREQ=MONTHLY")
    (32, 8, None)
    """
    parts = dict(part.split("=", 1) for part in recurrence.split(";") if "=" in part)
    if set(parts) - {"FREQ", "BYDAY", "INTERVAL", "WKST"} or not re.fullmatch(r"\d*", parts.get("INTERVAL", "")):
        return None
    step = int(parts.get("INTERVAL") or 1)
    days = len(parts["BYDAY"].split(",")) if parts.get("BYDAY") else None
    match parts.get("FREQ"):
        case "DAILY" if days is None and step:
            return DAYS // step
        case "WEEKLY" if step:
            return DAYS // (7 * step) * (days or 1)
        case _:
            return None


@checks(CLUSTER)
def the_window_is_long_enough(case: Case) -> Iterator[Failure]:
    """A window ends after it starts, lasts four hours, and opens often enough."""
    start, end = moment(case.known(f"{WINDOW}.startTime")), moment(case.known(f"{WINDOW}.endTime"))
    recurrence = case.known(f"{WINDOW}.recurrence")
    if start is None or end is None or (start.tzinfo is None) != (end.tzinfo is None):
        return
    length, path = end - start, f"{WINDOW}.endTime"
    shown = case.known(path)
    if length <= timedelta():
        yield Failure(
            path, shown, f"a time after {case.known(f'{WINDOW}.startTime')}", bad("the window ends before it starts")
        )
        return
    said = (
        "maintenance policy would go longer than 32d without 48h maintenance availability of >=4h contiguous duration"
    )
    if length < LEAST:
        yield Failure(path, shown, "four hours after the start, or later", bad(said))
        return
    often = times(recurrence) if isinstance(recurrence, str) else None
    if often is not None and min(length, A_DAY) * often < ENOUGH:
        why = bad(f"{said}: {often} windows of {length}")
        yield Failure(f"{WINDOW}.recurrence", recurrence, "more days, or a longer window: 48 hours in 32 days", why)


@checks(CLUSTER)
def exclusions_are_few_and_end(case: Case) -> Iterator[Failure]:
    """An exclusion has a start before its end, a name of its own, and a scope that the channel allows."""
    given = case.known(EXCLUSIONS)
    if not isinstance(given, list):
        return
    if len(given) > MOST:
        yield Failure(EXCLUSIONS, len(given), f"at most {MOST}", bad("too many maintenance exclusions"))
    of_all = [each for each in given if _scope(each) in (None, "NO_UPGRADES")]
    if len(of_all) > MOST_OF_ALL:
        yield Failure(
            EXCLUSIONS, len(of_all), f"at most {MOST_OF_ALL} of the scope NO_UPGRADES", bad("too many exclusions")
        )
    names = [each.get("exclusionName") for each in given]
    channel = case.known("releaseChannel.channel")
    for index, each in enumerate(given):
        path = f"{EXCLUSIONS}[{index}]"
        if names[index] in names[:index]:
            yield Failure(f"{path}.exclusionName", names[index], "a name once", bad("duplicate maintenance exclusion"))
        behaviour = (each.get("exclusionOptions") or {}).get("endTimeBehavior")
        if each.get("endTime") is None and behaviour != "UNTIL_END_OF_SUPPORT":
            allowed = "a time, or exclusionOptions.endTimeBehavior UNTIL_END_OF_SUPPORT"
            yield Failure(f"{path}.endTime", why="missing: the exclusion never ends", allowed=allowed)
        start, end = moment(each.get("startTime")), moment(each.get("endTime"))
        if start and end and (start.tzinfo is None) == (end.tzinfo is None) and end <= start:
            yield Failure(
                f"{path}.endTime", each["endTime"], f"a time after {each['startTime']}", bad("it ends before it starts")
            )
        if channel == "UNSPECIFIED" and _scope(each) not in (None, "NO_UPGRADES"):
            why = bad("the scope is for clusters in a release channel")
            yield Failure(f"{path}.exclusionOptions.scope", _scope(each), "NO_UPGRADES, or a release channel", why)


def _scope(exclusion: dict[str, Any]) -> Any:
    return (exclusion.get("exclusionOptions") or {}).get("scope")
