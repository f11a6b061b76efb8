"""Waivers: a violation that someone answers for, until a day.

They stand in the configuration of a check, out of the reach of the resource that they excuse. A waiver that is in force
makes a violation advisory and is named in its message; one that has expired excuses nothing, and that is said too.

>>> waiver = Waiver("*::legacy", "ml-research", "moves to Kueue", dt.date(2026, 12, 1))
>>> waiver.excuses("urn:pulumi:prod::p::kubernetes:core/v1:Pod::legacy"), waiver.note(dt.date(2026, 11, 25))
(True, 'waived until 2026-12-01 by ml-research: moves to Kueue')
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from kubeml_policies.model import Finding

LONGEST = dt.timedelta(days=90)
"""No waiver reaches further into the future."""
FIELDS = ("urn", "owner", "reason", "expires")
SCHEMA: Mapping[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {name: {"type": "string"} for name in FIELDS},
        "required": list(FIELDS),
        "additionalProperties": False,
    },
}


@dataclass(frozen=True)
class Waiver:
    """Who answers for which resources (a pattern of URNs), why, and until when."""

    urn: str
    owner: str
    reason: str
    expires: dt.date

    def excuses(self, urn: str) -> bool:
        """Whether it is about a resource."""
        return fnmatchcase(urn, self.urn)

    def note(self, day: dt.date) -> str:
        """Make what a finding says about it on a day."""
        if day > self.expires:
            return f"the waiver of {self.owner} expired on {self.expires}"
        return f"waived until {self.expires} by {self.owner}: {self.reason}"


def read(given: Any, day: dt.date) -> tuple[list[Waiver], list[str]]:
    """Make the waivers of a configuration, and what is wrong with them, each with its place.

    >>> read([{"urn": "*", "owner": "a", "reason": "b", "expires": "2027-12-01"}], dt.date(2026, 11, 25))[1]
    ['[0].expires is 2027-12-01; allowed: at most 90 days from 2026-11-25']
    """
    if not isinstance(given, list):
        return [], [f" is {given!r}; allowed: a list of waivers"]
    found: list[Waiver] = []
    problems: list[str] = []
    for index, given_entry in enumerate(given):
        entry = _with_text(given_entry)
        wrong = _wrong(entry)
        if wrong:
            problems += [f"[{index}]{each}" for each in wrong]
            continue
        waiver = Waiver(entry["urn"], entry["owner"], entry["reason"], dt.date.fromisoformat(entry["expires"]))
        if waiver.expires - day > LONGEST:
            problems.append(f"[{index}].expires is {waiver.expires}; allowed: at most {LONGEST.days} days from {day}")
        else:
            found.append(waiver)
    return found, problems


def apply(finding: Finding, waivers: list[Waiver], day: dt.date) -> Finding:
    """Make the finding as waivers leave it."""
    about = [waiver for waiver in waivers if waiver.excuses(finding.urn)]
    if not about:
        return finding
    waiver = max(about, key=lambda waiver: waiver.expires)
    level = finding.level if day > waiver.expires else "advisory"
    return replace(finding, level=level, message=f"{finding.message} ({waiver.note(day)})")


def _with_text(entry: Any) -> Any:
    """Make the day a text: YAML reads one that is not quoted as a date."""
    if isinstance(entry, dict) and isinstance(entry.get("expires"), dt.date):
        return {**entry, "expires": entry["expires"].isoformat()}
    return entry


def _wrong(entry: Any) -> list[str]:
    if not isinstance(entry, dict):
        return [f" is {entry!r}; allowed: {', '.join(FIELDS)}"]
    wrong = [f".{name} is no field; allowed: {', '.join(FIELDS)}" for name in sorted(set(entry) - set(FIELDS))]
    wrong += [f".{name} is missing" for name in FIELDS if not isinstance(entry.get(name), str) or not entry[name]]
    try:
        dt.date.fromisoformat(str(entry.get("expires")))
    except ValueError:
        if entry.get("expires"):
            wrong.append(f".expires is {entry['expires']!r}; allowed: a day as YYYY-MM-DD")
    return wrong
