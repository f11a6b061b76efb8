"""Keeps virtual time: an operation starts when everything it depends on has ended; nothing sleeps."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from kubeml_simulator.engine.events import Span


@dataclass(slots=True)
class Clock:
    """The spans of operations by node (a URN, or `-` and a URN for a deletion), in virtual seconds from the start.

    >>> clock = Clock()
    >>> clock.run("a", "a", "create", [], 60.0, measured=True).end
    60.0
    >>> clock.run("b", "b", "create", ["a"], 5.0, measured=False).start
    60.0
    >>> [span.urn for span in clock.critical_path()]
    ['a', 'b']
    """

    spans: dict[str, Span] = field(default_factory=dict[str, Span])
    _before: dict[str, str] = field(default_factory=dict[str, str])

    def start(self, after: Iterable[str]) -> tuple[float, str]:
        """When something that comes after these nodes starts, and the node it waits for last; of equals the first by name."""
        latest, by = 0.0, ""
        for node in sorted(after):
            span = self.spans.get(node)
            if span is not None and (span.end > latest or not by):
                latest, by = max(latest, span.end), node
        return latest, by

    def run(self, node: str, urn: str, op: str, after: Iterable[str], seconds: float, *, measured: bool) -> Span:
        """Records an operation that comes after the given nodes and lasts so many seconds."""
        at, by = self.start(after)
        earlier = self.spans.get(node)
        if earlier is not None and earlier.end >= at:
            at, by = earlier.end, self._before.get(node, "")
        span = Span(urn, op, at, at + seconds, measured)
        self.spans[node], self._before[node] = span, by
        return span

    @property
    def end(self) -> float:
        """When the last operation ended."""
        return max((span.end for span in self.spans.values()), default=0.0)

    def last(self) -> list[str]:
        """The node that ended last, in a list; an empty list where nothing ran."""
        return [max(self.spans, key=lambda node: (self.spans[node].end, node))] if self.spans else []

    def critical_path(self) -> list[Span]:
        """The chain of operations that the duration is made of, first to last; what takes no time is left out."""
        found: list[Span] = []
        node = next(iter(self.last()), "")
        while node:
            span = self.spans[node]
            if span.end > span.start:
                found.append(span)
            node = self._before.get(node, "")
        return found[::-1]
