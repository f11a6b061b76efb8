"""Which changes force a replacement: `replace.tsv` row by row, with the conditions that only Google Cloud has."""

import ipaddress
from typing import Any

from kubeml_simulator.clouds.common import Question, Replacement
from kubeml_simulator.provider import MISSING

from .tables import TABLES


def _contains(wider: Any, narrower: Any) -> bool:
    try:
        return ipaddress.IPv4Network(narrower).subnet_of(ipaddress.IPv4Network(wider))
    except ValueError:
        return False


def _loses(question: Question, _: list[str]) -> bool:
    """Whether the value is gone, or one of its items; a whole list, or one item of it, may have changed."""
    old, new = question.change.old, question.change.new
    if isinstance(old, list) and isinstance(new, list):
        return any(item not in new for item in old)
    return old is not MISSING


REPLACEMENT = Replacement(
    TABLES,
    {
        "if-on": lambda q, words: q.new.get(words[0]) is True,
        "switched-off": lambda q, _: q.change.old is True and q.change.new is not True,
        "unless-contains": lambda q, _: not q.comes_or_goes and not _contains(q.change.new, q.change.old),
        "loses-items": _loses,
    },
)
