"""What a cloud demands of a node pool before it makes one, as rows of `catalog/data/preconditions.jsonl`.

A row says when it holds and what must then be so, of facts by name. A fact that is not given is not judged, so that the
same rows serve a pool alone and, with more facts, a pool of a cluster whose network and version are known.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pulumi_kubeml.catalog.rows import read_lines

Facts = Mapping[str, Any]
"""What is known of a pool. None is a value too: it says that there is none, where no key says that nothing is known."""


@dataclass(frozen=True)
class Precondition:
    """One row: on this cloud, whenever all of `when` is so, all of `must` has to be so."""

    id: str
    cloud: str
    when: Mapping[str, Mapping[str, Any]]
    must: Mapping[str, Mapping[str, Any]]
    path: str
    """The property of a pool that a message points to."""
    why: str
    source: str
    date: str

    def broken(self, facts: Facts) -> str | None:
        """Make the reason why some facts break this row; None when they do not, or when too little is known.

        >>> row = next(each for each in preconditions("gcp") if each.id == "compact-one-zone")
        >>> row.broken({"placement": "compact", "zones": 3})
        'zones is 3, but must be at most 1: compact placement puts the nodes of a pool close together, in one zone'
        >>> row.broken({"placement": "compact"}) is None
        True
        """
        if not all(_holds(facts, fact, test) is True for fact, test in self.when.items()):
            return None
        for fact, test in self.must.items():
            if _holds(facts, fact, test) is False:
                return f"{_shown(fact, facts[fact])}, but must {_wanted(facts, test)}: {self.why}"
        return None


@cache
def preconditions(cloud: str) -> tuple[Precondition, ...]:
    """Make the rows of a cloud."""
    return tuple(Precondition(**row) for row in read_lines("preconditions") if row["cloud"] == cloud)


def broken(cloud: str, facts: Facts) -> list[tuple[str, str]]:
    """Make the path and the reason of everything that stands against a pool with these facts.

    >>> broken("gcp", {"queued": True, "min": 2, "spot": False})
    [('min', 'min is 2, but must be at most 0: queued provisioning makes nodes for a request that waits and takes them away after it')]
    """
    found = ((row.path, row.broken(facts)) for row in preconditions(cloud))
    return [(path, reason) for path, reason in found if reason]


def _holds(facts: Facts, fact: str, test: Mapping[str, Any]) -> bool | None:
    """Whether a fact passes; None when it, or what it is compared with, is not known."""
    if fact not in facts:
        return None
    verdicts = [_passes(facts, facts[fact], kind, wanted) for kind, wanted in test.items()]
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _passes(facts: Facts, value: Any, kind: str, wanted: Any) -> bool | None:
    if isinstance(wanted, str) and wanted.startswith("$"):
        if wanted[1:] not in facts:
            return None
        wanted = facts[wanted[1:]]
    if kind == "given":
        return (value is not None) == wanted
    if kind == "in":
        return value in wanted
    if kind in {"is", "is_not"}:
        return (value == wanted) == (kind == "is")
    if value is None or wanted is None:
        return None if kind == "version_at_least" else True
    tests = {
        "at_least": lambda: value >= wanted,
        "at_most": lambda: value <= wanted,
        "version_at_least": lambda: _version(value) >= _version(wanted),
    }
    return bool(tests[kind]())


def _version(text: str) -> list[int]:
    """Make the numbers of a version. GKE's build comes after the version that it is a build of.

    >>> _version("1.35.0-gke.274500") > _version("1.35.0"), _version("1.9") < _version("1.10")
    (True, True)
    """
    return [int(part) for part in re.findall(r"\d+", text)]


def _shown(fact: str, value: Any) -> str:
    name = fact.replace("_", " ")
    if value is None:
        return f"there is no {name}"
    if isinstance(value, bool):
        return f"{name} is {'on' if value else 'off'}"
    return f"{name} is {value}"


def _wanted(facts: Facts, test: Mapping[str, Any]) -> str:
    words: list[str] = []
    for kind, given in test.items():
        wanted = facts.get(given[1:]) if isinstance(given, str) and given.startswith("$") else given
        if isinstance(wanted, bool):
            words.append(
                ("be given" if wanted else "not be given") if kind == "given" else f"be {'on' if wanted else 'off'}"
            )
        elif kind == "in":
            words.append(f"be one of {', '.join(map(str, wanted or ()))}")
        else:
            said = {"is": "be", "is_not": "not be", "at_least": "be at least", "at_most": "be at most"}
            words.append(f"{said.get(kind, 'be at least')} {wanted}")
    return " and ".join(words)
