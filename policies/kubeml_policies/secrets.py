"""Keeping secret values out of findings: checks judge them, nobody reads them.

>>> hidden = secrets({"image": {SIGNATURE: SECRET, "value": "registry.example.com/app"}})
>>> redact("image registry.example.com/app has no digest", hidden)
'image [secret] has no digest'
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from kubeml_policies.model import Finding
from pulumi_kubeml.capacity.graph.values import OUTPUT, SECRET, SIGNATURE

SHORTEST = 4
"""Shorter values are not looked for: they would be found inside other words."""
SHOWN = "[secret]"


def secrets(value: Any) -> set[str]:
    """Make every text or number that is marked secret somewhere in a value of the exchange format."""
    return {text for text in _marked(value) if len(text) >= SHORTEST}


def redact(value: Any, hidden: Iterable[str]) -> Any:
    """Make the same text, or the same number as a text, without what is hidden; anything else stays as it is."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    text = str(value)
    for secret in sorted(hidden, key=lambda each: (-len(each), each)):
        text = text.replace(secret, SHOWN)
    return text if text != str(value) else value


def clean(finding: Finding, hidden: set[str]) -> Finding:
    """Make the finding without secret values."""
    if not hidden:
        return finding
    return replace(
        finding,
        message=redact(finding.message, hidden),
        path=redact(finding.path, hidden),
        expected=redact(finding.expected, hidden),
        actual=redact(finding.actual, hidden),
    )


def _marked(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET or (value.get(SIGNATURE) == OUTPUT and value.get("secret")):
            yield from _leaves(value.get("value"))
            return
        for item in value.values():
            yield from _marked(item)
    elif isinstance(value, list):
        for item in value:
            yield from _marked(item)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key != SIGNATURE:
                yield str(key)
                yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)
