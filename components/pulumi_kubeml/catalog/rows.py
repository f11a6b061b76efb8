"""Reading the tables: one row a line, one class a table, read once and only when asked for."""

import csv
from collections.abc import Iterator
from importlib.resources import files


def read(table: str) -> Iterator[dict[str, str]]:
    """Make the rows of a table of this package, each a mapping of column to text.

    >>> next(read("accelerators"))["key"]
    't4'
    """
    text = (files("pulumi_kubeml.catalog") / "data" / f"{table}.csv").read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


def number(text: str) -> float | None:
    """Make a number of a cell; an empty cell is not known.

    >>> number("0.125"), number("")
    (0.125, None)
    """
    return float(text) if text else None


def exists(table: str) -> bool:
    """Whether this package has a table of that name."""
    return (files("pulumi_kubeml.catalog") / "data" / f"{table}.csv").is_file()
