"""Regions and their availability zones."""

from functools import cache

from .tables import rows


@cache
def zones(region: str) -> tuple[str, ...]:
    """The names of a region's zones, empty for a region that does not exist.

    >>> zones("eu-west-1")
    ('eu-west-1a', 'eu-west-1b', 'eu-west-1c')
    """
    return next(
        (tuple(region + z for z in row["zones"].split(",")) for row in rows("regions.tsv") if row["region"] == region),
        (),
    )


def zone_id(region: str, zone: str) -> str:
    """The id of a zone; in this account the letters follow the numbers.

    >>> zone_id("us-east-1", "us-east-1b")
    'use1-az2'
    """
    prefix = next(row["zone_id"] for row in rows("regions.tsv") if row["region"] == region)
    return f"{prefix}-az{zones(region).index(zone) + 1}"


@cache
def regions() -> tuple[str, ...]:
    """Every region."""
    return tuple(row["region"] for row in rows("regions.tsv"))
