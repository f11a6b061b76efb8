"""Reading the tables: one row a line, one class a table, read once and only when asked for."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def read(table: str) -> Iterator[dict[str, str]]:
    """Make the rows of a table of this package, each a mapping of column to text.

    >>> next(read("accelerators"))["key"]
    't4'
    """
    import csv  # with the first table, as what finds the folder

    yield from csv.DictReader(_text(f"{table}.csv").splitlines())


def read_lines(table: str) -> Iterator[dict[str, Any]]:
    """Make the rows of a table whose cells are not all text: one JSON object a line.

    >>> next(read_lines("preconditions"))["id"]
    'static-xor-autoscaling'
    """
    import json

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
    return (folder() / f"{table}.csv").is_file()


def folder() -> "Traversable":
    """Make the folder of the tables; what finds it is loaded with the first table, as it is slower than all else here."""
    from importlib.resources import files

    return files("pulumi_kubeml.catalog") / "data"


def _text(name: str) -> str:
    return (folder() / name).read_text(encoding="utf-8")
