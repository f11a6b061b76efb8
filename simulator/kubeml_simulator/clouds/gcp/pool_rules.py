"""What a node pool cannot have together: `pools.tsv`, a row a rule.

A condition is terms joined by ` & `. A term is `PATH?` (something is given), `PATH=A|B` (one of the values; an empty one means that nothing is
given), `PATH~PATTERN`, or `#PATH=N` (how many). A path is one of the pool, `@cluster.PATH` one of its cluster, `zones` the number of its zones.
A rule of which anything is unknown is not asked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Failure, has_unknown

from .behaviours import checks
from .case import Case
from .clusters import bad
from .locations import is_zone, zones
from .node_pools import POOL, cluster_of, location_of
from .tables import rows

TERM = re.compile(r"(#?)(@cluster\.)?([A-Za-z.\[\]*]+)(?:([=~])(.*)|(\?))")


@dataclass(frozen=True)
class Term:
    """One term of a condition.

    >>> Term.read("nodeConfig.spot=|false")
    Term(path='nodeConfig.spot', sign='=', value='|false', of_cluster=False, counts=False)
    """

    path: str
    sign: str
    value: str
    of_cluster: bool = False
    counts: bool = False

    @classmethod
    def read(cls, text: str) -> "Term":
        """A term as it is written in the table."""
        match = TERM.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no term")
        counted, cluster, path, sign, value, _ = match.groups()
        return cls(path, sign or "?", value or "", bool(cluster), bool(counted))

    def holds(self, value: Any) -> bool:
        """Whether the term holds of a value, which is None where nothing is given."""
        if self.sign == "?":
            return value not in (None, [], {})
        if self.counts:
            return str(len(value or ())) in self.value.split("|")
        text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        return text in self.value.split("|") if self.sign == "=" else bool(re.fullmatch(self.value, text))


def terms(condition: str) -> tuple[Term, ...]:
    """The terms of a condition."""
    return tuple(Term.read(text) for text in condition.split(" & "))


def value_of(case: Case, term: Term) -> Any:
    """The value that a term is about; the unknown where it cannot be said yet."""
    if term.of_cluster:
        cluster = cluster_of(case)
        return UNKNOWN if cluster is None else cluster[term.path]
    if term.path == "zones":
        return _zones(case)
    return UNKNOWN if case.unknown(term.path) else case.known(term.path)


def _zones(case: Case) -> Any:
    listed, where = case.known("nodeLocations"), location_of(case)
    if case.unknown("nodeLocations") or (listed is None and where in ("", UNKNOWN)):
        return UNKNOWN
    cluster = cluster_of(case)
    theirs = cluster["nodeLocations"] if cluster else None
    if listed is None and theirs == UNKNOWN:
        return UNKNOWN if not is_zone(where) else 1
    return len(set(listed or theirs or ([where] if is_zone(where) else zones(where)[:3])))


@checks(POOL)
def what_excludes_each_other(case: Case) -> Iterator[Failure]:
    """Every rule of the table whose condition holds."""
    for row in rows("pools.tsv"):
        when, must = ([(term, value_of(case, term)) for term in terms(row[name])] for name in ("when", "must"))
        if any(has_unknown(value) for _, value in (*when, *must)):
            continue
        if not all(term.holds(value) for term, value in when) or all(term.holds(value) for term, value in must):
            continue
        because, allowed = bad(f"{row['why']} ({said(row['when'])})"), said(row["must"])
        given = case.known(row["path"])
        if given is None:
            yield Failure(row["path"], why=f"missing: {because}", allowed=allowed)
        else:
            yield Failure(row["path"], given, allowed, because)


def said(condition: str) -> str:
    """A condition in words.

    >>> said("nodeConfig.spot=|false"), said("autoscaling?"), said("#values=1")
    ('nodeConfig.spot none or false', 'some autoscaling', '1 of values')
    """
    return " and ".join(_term_said(term) for term in terms(condition))


def _term_said(term: Term) -> str:
    path = f"the cluster's {term.path}" if term.of_cluster else term.path
    if term.sign == "?":
        return f"some {path}"
    if term.sign == "~":
        return f"{path} of the pattern {term.value}"
    values = " or ".join(value or "none" for value in term.value.split("|"))
    return f"{values} of {path}" if term.counts else f"{path} {values}"
