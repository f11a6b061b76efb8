"""What a cloud publishes about its properties: values, lengths, bounds and patterns.

`models.tsv` says which property has which published shape; `models.json` holds those shapes, as a cloud's `generate` module wrote them from the
published models.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from kubeml_simulator.provider.failures import Failure

from .tables import Tables

FILE = "models.json"


@dataclass(frozen=True)
class Shape:
    """One published shape: where it is published, its kind, and the limits it has."""

    name: str
    kind: str
    enum: tuple[str, ...] = ()
    min: int | None = None
    max: int | None = None
    pattern: str | None = None

    def judge(self, path: str, value: Any) -> Iterator[Failure]:
        """What the shape forbids about one known value.

        >>> size = Shape("eks.ZeroCapacity", "integer", min=0)
        >>> [failure.allowed for failure in size.judge("scalingConfig.minSize", -1)]
        ['at least 0']
        """
        if self.enum and value not in self.enum:
            yield Failure(path, value, allowed=nearest(str(value), self.enum), why=f"no value of {self.name}")
        amount = value if self.kind in {"integer", "long"} else len(value) if isinstance(value, str) else None
        unit = "" if self.kind in {"integer", "long"} else " characters"
        if isinstance(amount, int) and self.min is not None and amount < self.min:
            yield Failure(
                path, value, allowed=f"at least {self.min}{unit}", why=f"too {'small' if not unit else 'short'}"
            )
        if isinstance(amount, int) and self.max is not None and amount > self.max:
            yield Failure(
                path, value, allowed=f"at most {self.max}{unit}", why=f"too {'large' if not unit else 'long'}"
            )
        if self.pattern and isinstance(value, str) and not re.fullmatch(self.pattern, value, re.ASCII):
            yield Failure(path, value, allowed=f"the pattern {self.pattern}", why="characters that the service refuses")


def nearest(value: str, allowed: tuple[str, ...], most: int = 30) -> str:
    """The allowed values in words; of a long list those that begin like the value given, and how many there are.

    >>> nearest("c", ("a", "b"))
    'a, b'
    >>> nearest("p9.large", tuple(f"m{n}.large" for n in range(40)) + ("p4.large", "p5.large"))
    'p4.large, p5.large, ... (42 in all)'
    """
    if len(allowed) <= most:
        return ", ".join(allowed)
    for length in range(len(value), 0, -1):
        near = [option for option in allowed if option.startswith(value[:length])]
        if len(near) > 1:
            return f"{', '.join(near[:most])}, ... ({len(allowed)} in all)"
    return f"{', '.join(allowed[:most])}, ... ({len(allowed)} in all)"


class Models:
    """The published shapes of one cloud.

    >>> Models(Tables("kubeml_simulator.clouds.aws")).shape("eks", "CapacityTypes").enum
    ('ON_DEMAND', 'SPOT', 'CAPACITY_BLOCK')
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    @cache  # noqa: B019 (one a cloud, as long as the process)
    def published(self) -> Mapping[str, Any]:
        """The committed content of `models.json`."""
        return json.loads(self.tables.text(FILE))

    @cache  # noqa: B019
    def shape(self, service: str, name: str) -> Shape:
        """A shape by service and name."""
        raw = self.published()["shapes"][f"{service}.{name}"]
        limits = (raw.get("min"), raw.get("max"), raw.get("pattern"))
        return Shape(f"{service}.{name}", raw["type"], tuple(raw.get("enum", ())), *limits)

    @cache  # noqa: B019
    def shapes(self, token: str) -> Mapping[str, Shape]:
        """The shapes of a type's properties, by property pattern."""
        rows = self.tables.by_token("models.tsv").get(token, ())
        return {row["property"]: self.shape(row["service"], row["shape"]) for row in rows}
