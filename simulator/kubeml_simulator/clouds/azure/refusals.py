"""Updates that azure-native sends and the services refuse, as `refused.tsv` has them, with the services' words.

azure-native replaces for the few properties of its own table; everything else goes out as an update, whatever the service says to it. A
component declares such properties in `replaceOnChanges`: then the engine replaces, and no update comes here.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kubeml_simulator.clouds.common.case import steps
from kubeml_simulator.provider import has_unknown

from . import arm
from .tables import by_token

PLACE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Move:
    """A value before and after an update; None where there is none."""

    old: Any
    new: Any

    def is_(self, value: Any, word: str) -> bool:
        """Whether a value is the one that a table's word means."""
        return (str(value).lower() if isinstance(value, bool) else str(value)) == word


def _redundancy(move: Move, _: list[str]) -> bool:
    """Whether a storage account would change its tier, or between zone-redundant and other copies."""
    tiers = [str(sku).partition("_")[0] for sku in (move.old, move.new)]
    zonal = [str(sku).rpartition("_")[2] in {"ZRS", "GZRS", "RAGZRS"} for sku in (move.old, move.new)]
    return tiers[0] != tiers[1] or zonal[0] != zonal[1]


# What stands in the column `when`, by its first word; the further words are its arguments.
WHEN: Mapping[str, Callable[[Move, list[str]], bool]] = {
    "never": lambda _move, _words: False,
    "changed": lambda _move, _words: True,
    "removed": lambda move, _: move.new is None,
    "comes-or-goes": lambda move, _: None in (move.old, move.new),
    "unless-added": lambda move, _: move.old is not None,
    "from": lambda move, words: move.is_(move.old, words[0]),
    "to": lambda move, words: move.is_(move.new, words[0]),
    "from-to": lambda move, words: move.is_(move.old, words[0]) and move.is_(move.new, words[1]),
    "unless-to": lambda move, words: not move.is_(move.new, words[0]),
    "unless-from-to": lambda move, words: not (move.is_(move.old, words[0]) and move.is_(move.new, words[1])),
    "unless-among": lambda move, words: not (move.old in words and move.new in words),
    "redundancy": _redundancy,
}


def refusals(
    token: str, given: Mapping[str, Any], state: Mapping[str, Any], new: Mapping[str, Any], facts: Mapping[str, str]
) -> Iterator[str]:
    """What the service says to an update: `given` is what the program wanted before, `state` what is, `new` what it wants now.

    A property that the service filled in by itself and that the program does not give is no change, nor is one that is unknown.
    What a row has `unless` another property is set does not hold where it is.
    """
    for row in by_token("refused.tsv").get(token, ()):
        when, _, unless = row["when"].partition(" unless ")
        if unless and any(wants is True for _, _, wants in _along(list(steps(unless)), given, state, new)):
            continue
        word, *arguments = when.split()
        for move in moves(row["property"], given, state, new):
            if WHEN[word](move, arguments):
                shown = {**facts, "property": _said(token, row["property"])}
                shown |= {"old": _text(move.old), "new": _text(move.new)}
                yield PLACE.sub(lambda place, shown=shown: shown.get(place[1], ""), row["words"])


def moves(pattern: str, given: Any, state: Any, new: Any) -> Iterator[Move]:
    """The changes at a property pattern; items of a list are compared by their names where they have one.

    >>> before = {"pools": [{"name": "a", "zones": ["1"]}]}
    >>> list(moves("pools[*].zones", before, before, {"pools": [{"name": "b"}, {"name": "a", "zones": ["2"]}]}))
    [Move(old=['1'], new=['2'])]
    """
    for wanted, has, wants in _along(list(steps(pattern)), given, state, new):
        if has_unknown(wants) or has_unknown(has) or _equal(wanted, has, wants):
            continue
        yield Move(wanted if wants is None or has is None else has, wants)


def _along(path: list[str], given: Any, state: Any, new: Any) -> Iterator[tuple[Any, Any, Any]]:
    if not path:
        yield given, state, new
        return
    step, rest = path[0], path[1:]
    if step == "*":
        wanted, has = _by_name(given), _by_name(state)
        for name, item in _by_name(new).items():
            if name in has or name in wanted:
                yield from _along(rest, wanted.get(name), has.get(name), item)
    else:
        yield from _along(rest, _get(given, step), _get(state, step), _get(new, step))


def _get(value: Any, step: str) -> Any:
    return value.get(step) if isinstance(value, Mapping) else None


def _by_name(items: Any) -> dict[Any, Any]:
    listed = items if isinstance(items, list) else []
    return {_get(item, "name") or index: item for index, item in enumerate(listed)}


def _equal(given: Any, state: Any, new: Any) -> bool:
    """Whether the service sees the same: what it added to a block, or filled in where the program says nothing, is no change."""
    if new is None:
        return given is None
    if isinstance(new, Mapping):
        kept = set(given if isinstance(given, Mapping) else ()) <= set(new)
        return kept and all(_equal(_get(given, key), _get(state, key), value) for key, value in new.items())
    has = given if state is None else state
    if isinstance(has, list) and isinstance(new, list):
        return sorted(map(str, has)) == sorted(map(str, new))
    return has == new or arm.same(has, new)


def _said(token: str, path: str) -> str:
    """A property as the service names it in its answer."""
    if token.endswith(":AgentPool"):
        return f"properties.{path}"
    return path.replace("agentPoolProfiles[*]", "agentPoolProfile")


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "NoZone" if value is None else str(value)
