"""Reads the tables beside this file: tab-separated rows with a source each."""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

Row = Mapping[str, str]
PACKAGE = "kubeml_simulator.clouds.aws"


@cache
def rows(name: str) -> Sequence[Row]:
    """All rows of a table; quotes are ordinary characters.

    >>> rows("durations.tsv")[0]["token"]
    'aws:ec2/vpc:Vpc'
    """
    lines = (files(PACKAGE) / name).read_text(encoding="utf-8").splitlines()
    return tuple(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def by_token(name: str) -> Mapping[str, Sequence[Row]]:
    """The rows of a table by their token."""
    found: dict[str, list[Row]] = {}
    for row in rows(name):
        found.setdefault(row["token"], []).append(row)
    return found
