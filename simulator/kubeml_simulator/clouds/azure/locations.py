"""Locations and their availability zones."""

from functools import cache

from .tables import rows


@cache
def locations() -> tuple[str, ...]:
    """Every location."""
    return tuple(row["location"] for row in rows("locations.tsv"))


@cache
def zones(location: str) -> tuple[str, ...]:
    """The zones of a location, empty for one without and for one that does not exist.

    >>> zones("westeurope"), zones("westus")
    (('1', '2', '3'), ())
    """
    return next(
        (tuple(filter(None, row["zones"].split(","))) for row in rows("locations.tsv") if row["location"] == location),
        (),
    )
