"""Reads the tables beside a cloud's code: tab-separated rows with a source each.

| table | a row says |
|---|---|
| `types.tsv` | the id of a type, the property that is named automatically, its greatest length, what must be unique |
| `outputs.tsv` | a default, or what the cloud computes |
| `rules.tsv` | the format of a property, or what it refers to |
| `models.tsv` | the published shape of a property |
| `replace.tsv` | whether a change of a property replaces |
| `durations.tsv` | seconds that an operation takes |
"""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

Row = Mapping[str, str]


class Tables:
    """The tables inside one importable package.

    >>> Tables("kubeml_simulator.clouds.aws").by_token("durations.tsv")["aws:eks/cluster:Cluster"][0]["create"]
    '617'
    """

    def __init__(self, package: str) -> None:
        self.package = package

    def text(self, name: str) -> str:
        """The content of a file of the package."""
        return (files(self.package) / name).read_text(encoding="utf-8")

    @cache  # noqa: B019 (tables live as long as the process)
    def rows(self, name: str) -> Sequence[Row]:
        """All rows of a table; quotes are ordinary characters."""
        return tuple(csv.DictReader(self.text(name).splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))

    @cache  # noqa: B019
    def by_token(self, name: str) -> Mapping[str, Sequence[Row]]:
        """The rows of a table by their token."""
        found: dict[str, list[Row]] = {}
        for row in self.rows(name):
            found.setdefault(row["token"], []).append(row)
        return found
