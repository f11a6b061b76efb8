"""Which changes force a replacement: `replace.tsv` row by row, with the conditions of the rows that depend on more than the path."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from kubeml_simulator.provider import MISSING, Change
from kubeml_simulator.provider.difference import leaves

from .tables import Row, Tables

INDEX = re.compile(r"\[\d+\]")
BLOCK = re.compile(
    r"(^|; )block($|;)"
)  # in a note: the row is about the block itself, what is in it has rows of its own


@dataclass(frozen=True)
class Question:
    """One change, with all inputs before and after and the provider's region or location."""

    change: Change
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    place: str

    @property
    def comes_or_goes(self) -> bool:
        """Whether the property was not there before, or is not there any more."""
        return MISSING in (self.change.old, self.change.new)

    @property
    def decreases(self) -> bool:
        """Whether a figure or a version became smaller."""
        return not self.comes_or_goes and figures(self.change.new) < figures(self.change.old)

    def effective_place(self, value: Any) -> Any:
        """A region, which is the provider's where none is given."""
        return self.place if value is MISSING else value


def figures(value: Any) -> tuple[int, ...]:
    """The numbers in a version or a size, to compare by.

    >>> figures("2.15") < figures("2.16"), figures(1200)
    (True, (1200,))
    """
    return tuple(int(part) for part in re.findall(r"\d+", str(value)))


Condition = Callable[[Question, list[str]], bool]
# What stands in the column `condition`, by its first word; the further words are its arguments.
CONDITIONS: dict[str, Condition] = {
    "never": lambda _question, _words: False,
    "effective-region": lambda q, _: q.effective_place(q.change.old) != q.effective_place(q.change.new),
    "unless-new": lambda q, words: q.new.get(words[0]) is None if len(words) == 1 else q.new.get(words[0]) != words[1],
    "if-new": lambda q, words: q.new.get(words[0]) == words[1],
    "if-old": lambda q, words: str(q.old.get(words[0])).lower() == words[1],
    "if-from": lambda q, words: q.change.old == words[0],
    "unless-from-to": lambda q, words: [q.change.old, q.change.new] != words,
    "removed": lambda q, _: q.change.new is MISSING,
    "kind-switches": lambda q, _: q.comes_or_goes,
    "unless-added-account": lambda q, _: q.change.old is not MISSING,
    "decreases": lambda q, _: q.decreases,
    "decreases-or": lambda q, words: q.decreases or q.new.get(words[0]) == words[1],
}
ABOUT_THE_WHOLE = frozenset({"removed", "kind-switches"})


class Replacement:
    """The replacing properties of one cloud; `conditions` are its own beside the shared ones.

    >>> aws = Replacement(Tables("kubeml_simulator.clouds.aws"))
    >>> aws.forces("aws:ec2/subnet:Subnet", Question(Change("cidrBlock", "10.0.0.0/24", "10.0.1.0/24"), {}, {}, "us-east-1"))
    True
    >>> aws.forces("aws:ec2/vpc:Vpc", Question(Change("region", MISSING, "us-east-1"), {}, {}, "us-east-1"))
    False
    """

    def __init__(self, tables: Tables, conditions: Mapping[str, Condition] | None = None) -> None:
        self.tables = tables
        self.conditions = {**CONDITIONS, **(conditions or {})}

    @cache  # noqa: B019 (one a cloud, as long as the process)
    def _by_path(self, token: str) -> Mapping[str, Row]:
        return {row["property"]: row for row in self.tables.by_token("replace.tsv").get(token, ())}

    def row_of(self, token: str, path: str) -> Row | None:
        """The row about a property path; indices count as `[*]`, and a path without a row has that of the list it stands in."""
        rows = self._by_path(token)
        pattern = INDEX.sub("[*]", path)
        return rows.get(pattern) or rows.get(pattern.removesuffix("[*]"))

    def forces(self, token: str, question: Question) -> bool:
        """Whether a change replaces the resource; a type or path without a row is updated in place."""
        paths = (*ancestors(question.change.path), *leaves(question.change))
        return any(self._row_forces(token, path, question) for path in paths)

    def _row_forces(self, token: str, path: str, question: Question) -> bool:
        row = self.row_of(token, path)
        if row is None or row["forces"] == "update":
            return False
        if BLOCK.search(row["note"]) and not about_the_block(path, question.change.path):
            return False
        if row["forces"] == "replace":
            return True
        word, *arguments = row["condition"].split()
        if path != question.change.path and word in ABOUT_THE_WHOLE:
            return False  # a part of the property came or went, or something around it did
        return self.conditions[word](question, arguments)

    def keeps(self, token: str, change: Change) -> bool:
        """Whether a removed property keeps its value, since the cloud computes it when it is unset: then nothing changes.

        An item that is taken out of a list is another matter: the list is still given, and shorter.
        """
        row = self.row_of(token, change.path)
        whole = re.search(r"\[\d+\]$", change.path) is None
        return change.new is MISSING and whole and row is not None and row["computed"] == "yes"


def about_the_block(block: str, changed: str) -> bool:
    """Whether a change makes a block come or go: the whole of it, or one of a list of them.

    >>> about_the_block("nodeConfig", "nodeConfig.machineType"), about_the_block("taints", "taints[1]"), about_the_block("a.b", "a")
    (False, True, True)
    """
    return not changed.startswith(block) or not INDEX.sub("", changed.removeprefix(block), count=1)


def ancestors(path: str) -> list[str]:
    """The paths that a path lies in: a replacing block replaces with each of its parts.

    >>> ancestors("remoteAccess.sourceSecurityGroupIds[0]")
    ['remoteAccess.sourceSecurityGroupIds', 'remoteAccess']
    """
    found: list[str] = []
    while path := re.sub(r"(\.[^.\[\]]+|\[[^\]]*\]|^[^.\[\]]+)$", "", path):
        found.append(path)
    return found
