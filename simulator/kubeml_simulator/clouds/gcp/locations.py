"""Regions and their zones."""

import re
from functools import cache

from .tables import rows

ZONE = re.compile(r"([a-z]+-[a-z]+\d+)-[a-z0-9]+")
MULTI = frozenset({"us", "eu", "asia", "global"})  # https://cloud.google.com/storage/docs/locations


@cache
def zones(region: str) -> tuple[str, ...]:
    """The names of a region's zones, empty for a region that does not exist or whose zones are not known.

    >>> zones("europe-west1")
    ('europe-west1-b', 'europe-west1-c', 'europe-west1-d')
    """
    letters = next((row["zones"] for row in rows("locations.tsv") if row["region"] == region), "")
    return tuple(f"{region}-{letter}" for letter in letters.split(",") if letter)


@cache
def regions() -> tuple[str, ...]:
    """Every region."""
    return tuple(row["region"] for row in rows("locations.tsv"))


def region_of(location: str) -> str:
    """The region of a zone; a region is its own.

    >>> region_of("us-central1-f"), region_of("us-central1"), region_of("us-central1-ai1a")
    ('us-central1', 'us-central1', 'us-central1')
    """
    match = ZONE.fullmatch(location)
    return match[1] if match else location


def is_zone(location: str) -> bool:
    """Whether a location has the form of a zone."""
    return ZONE.fullmatch(location) is not None


def exists(location: str) -> bool:
    """Whether there is such a region or zone; zones that no source lists pass: those for AI, and those of the newest regions.

    >>> exists("us-central1"), exists("us-central1-z"), exists("mars-north1"), exists("us-south1-ai1b")
    (True, False, False, True)
    """
    region = region_of(location)
    known = zones(region)
    return region in regions() and (location == region or not known or location in known or "-ai" in location)
