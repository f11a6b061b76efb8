"""The formats that only Google Cloud has: places and the members of a grant. `rules.tsv` asks for them beside the shared rules."""

import re
from collections.abc import Iterator
from typing import Any

from kubeml_simulator.clouds.common import Rules
from kubeml_simulator.clouds.common.models import nearest
from kubeml_simulator.provider import Failure

from .case import Case, last
from .locations import MULTI, exists, is_zone, region_of, regions, zones
from .tables import TABLES

# https://cloud.google.com/iam/docs/principal-identifiers (2026-09)
EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
MEMBER = re.compile(
    r"(user|group|serviceAccount|domain|projectOwner|projectEditor|projectViewer|principal|principalSet|principalHierarchy"
    r"|deleted|iamMember):(\S+)"
)
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
POOL = re.compile(r"[a-z0-9.:-]+\.svc\.id\.goog(\[[^\[\]/]+/[^\[\]/]+\])?")


def place(_: Case, path: str, value: Any, argument: str) -> Iterator[Failure]:
    """A place that exists, of one of the kinds given: `region`, `zone`, `multi` (a continent, or everywhere)."""
    kinds, name = argument.split("|"), last(value).lower()
    if "multi" in kinds and (name in MULTI or re.fullmatch(r"(nam|eur|asia)\d+", name)):
        return
    if exists(name) and ("zone" if is_zone(name) else "region") in kinds:
        return
    near = zones(region_of(name)) if "zone" in kinds and zones(region_of(name)) else regions()
    why = f"there is no such {' or '.join(kind for kind in kinds if kind != 'multi')}"
    yield Failure(path, value, nearest(name, near), why)


def member(_: Case, path: str, value: Any, __: str) -> Iterator[Failure]:
    """Who is granted something: a kind and a name, as `group:ml@example.com`."""
    if value in EVERYBODY:
        return
    found = MEMBER.fullmatch(value)
    kind, name = found.groups() if found else ("", "")
    addressed = kind in {"user", "group", "serviceAccount"} and not POOL.fullmatch(name)
    if not found or (addressed and not ADDRESS.fullmatch(name)):
        allowed = "user:, group:, serviceAccount: with an address, domain:, principal://, principalSet://, allUsers"
        yield Failure(path, value, allowed, "googleapi: Error 400: Invalid member")


RULE_TABLE = Rules(TABLES, {"place": place, "member": member})
RULES = RULE_TABLE.rules
