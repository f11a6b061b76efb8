"""How long an operation takes, in virtual seconds, as far as that has been measured.

A table has the columns `token`, `create`, `update`, `delete` (seconds, empty where nothing was measured) and `source`. An operation without
a typical value counts one second and is marked as unmeasured; a provider's timeout is never taken for a duration.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

UNMEASURED = (1.0, False)
Table = Mapping[tuple[str, str], float]


@cache
def durations(package: str, file: str = "durations.tsv") -> Table:
    """Seconds by (token, operation), from a table inside an importable package; rows without a figure are left out."""
    seconds: dict[tuple[str, str], float] = {}
    lines = (files(package) / file).read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(lines, delimiter="\t"):
        for operation in ("create", "update", "delete"):
            if row[operation]:
                seconds[row["token"], operation] = float(row[operation])
    return seconds


def latency(table: Table, token: str, operation: str) -> tuple[float, bool]:
    """Virtual seconds of an operation, and whether they were measured.

    >>> latency({("aws:eks/cluster:Cluster", "create"): 617.0}, "aws:eks/cluster:Cluster", "create")
    (617.0, True)
    >>> latency({}, "aws:eks/cluster:Cluster", "update")
    (1.0, False)
    """
    known = table.get((token, operation))
    return UNMEASURED if known is None else (known, True)
