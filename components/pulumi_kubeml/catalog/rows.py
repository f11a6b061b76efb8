"""Reading the tables: one row a line, one class a table, read once and only when asked for."""

import csv
import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any


def read(table: str) -> Iterator[dict[str, str]]:
    """Make the rows of a table of this package, each a mapping of column to text.

    >>> next(read("accelerators"))["key"]
    't4'
    """
    yield from csv.DictReader(_text(f"{table}.csv").splitlines())


def read_lines(table: str) -> Iterator[dict[str, Any]]:
    """Make the rows of a table whose cells are not all text: one JSON object a line.

    >>> next(read_lines("preconditions"))["id"]
    'static-xor-autoscaling'
    """
    yield from (json.loads(line) for line in _text(f"{table}.jsonl").splitlines())


def number(text: str) -> float | None:
    """Make a number of a cell; an empty cell is not known.

    >>> number("0.125"), number("")
    (0.125, None)
    """
    return float(text) if text else None


def whole(text: str) -> int | None:
    """Make a whole number of a cell; an empty cell is not known.

    >>> whole("16384"), whole("")
    (16384, None)
    """
    return int(text) if text else None


def exists(table: str) -> bool:
    """Whether this package has a table of that name."""
    return (files("pulumi_kubeml.catalog") / "data" / f"{table}.csv").is_file()


def _text(name: str) -> str:
    return (files("pulumi_kubeml.catalog") / "data" / name).read_text(encoding="utf-8")
