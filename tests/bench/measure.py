"""Measures: medians of interleaved repetitions, and rows of a figure against its budget."""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure; a ratio over its budget fails the run, an absolute figure (`gates` false) is only told."""

    what: str
    figure: float
    budget: float | None
    unit: str = ""
    detail: str = ""
    gates: bool = True

    @property
    def over(self) -> bool:
        """Whether the figure is over its budget."""
        return self.budget is not None and self.figure > self.budget

    @property
    def verdict(self) -> str:
        """What the table says of it."""
        if self.budget is None:
            return ""
        if self.over:
            return "OVER" if self.gates else "over target"
        return "ok"


def interleaved(*actions: Callable[[], object], rounds: int, warm: int = 1) -> list[float]:
    """Makes the median seconds of each action; they take turns, so that a slow spell of the machine hits all of them.

    >>> a, b = interleaved(lambda: sum(range(10)), lambda: sum(range(100_000)), rounds=3)
    >>> a < b
    True
    """
    for _ in range(warm):
        for action in actions:
            action()
    taken: list[list[float]] = [[] for _ in actions]
    for _ in range(rounds):
        for times, action in zip(taken, actions, strict=True):
            gc.collect()
            start = perf_counter()
            action()
            times.append(perf_counter() - start)
    return [median(times) for times in taken]


def compared(slow: float, fast: float) -> str:
    """Writes the two times behind a ratio.

    >>> compared(1.5, 0.0021)
    '1.50 s against 2.1 ms'
    """
    return f"{_time(slow)} against {_time(fast)}"


def _time(seconds: float) -> str:
    return (
        f"{seconds:.2f} s"
        if seconds >= 0.1
        else f"{seconds * 1e3:.1f} ms"
        if seconds >= 1e-3
        else f"{seconds * 1e6:.0f} µs"
    )
