"""The data files of the simulated Kubernetes provider, read once: rows as dictionaries, each with its source and date."""

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from io import StringIO

from pulumi_kubeml.catalog.charts import charts

Row = dict[str, str]


@cache
def rows(name: str) -> Sequence[Row]:
    """All rows of `data/<name>.csv`.

    >>> rows("changes")[0]["property"]
    'spec.selector'
    """
    text = (files("kubeml_simulator.kubernetes") / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(StringIO(text, newline="")))


@cache
def cluster_scoped() -> frozenset[tuple[str, str]]:
    """Group and kind of everything that lives outside of namespaces: built-in kinds, and those that charts define.

    >>> ("", "Namespace") in cluster_scoped(), ("apps", "Deployment") in cluster_scoped()
    (True, False)
    """
    built_in = {(row["group"], kind) for row in rows("cluster_scoped") for kind in row["kinds"].split()}
    defined = {
        (each.group, kind)
        for row in charts().values()
        for each in row.definitions
        if each.cluster
        for kind in each.kinds
    }
    return frozenset(built_in | defined)
