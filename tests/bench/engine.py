"""What the evaluator costs: the reference stack against bare resources, its runner against the SDK's, growth, and virtual time."""

from collections.abc import Iterator
from pathlib import Path

from tests.bench.measure import Row, compared, interleaved
from tests.bench.programs import bare, classes_of, evaluated, multiplied, packages
from tests.bench.recorder import recorded

BARE_RESOURCES = 2_000


def rows(root: Path, stack: str, scratch: Path) -> Iterator[Row]:
    """The figures of the engine on the reference stack."""
    yield from _preview(root, stack, scratch)
    yield from _runner(scratch)
    yield from _growth(root, stack, scratch)
    yield from _order(root, stack)


def _preview(root: Path, stack: str, scratch: Path) -> Iterator[Row]:
    """As many bare resources, package by package, with the same modules of the SDKs loaded, through the same engine."""
    resources = evaluated(root, stack).resources
    counts = packages(resources)
    folder = bare(scratch / "bare", counts, classes_of(resources))
    whole, base = interleaved(lambda: evaluated(root, stack), lambda: evaluated(folder, "dev"), rounds=5)
    detail = f"{compared(whole, base)}, {sum(counts.values())} resources"
    yield Row(what=f"preview of {stack} / bare resources", figure=whole / base, budget=1.5, detail=detail)


def _runner(scratch: Path) -> Iterator[Row]:
    """Against a monitor that only records: there the whole difference is how the program waits and logs."""
    folder = bare(scratch / "many", {"kubernetes": BARE_RESOURCES})
    assert recorded(folder, "fast") > BARE_RESOURCES, "the stack itself is registered too"
    fast, sdk = interleaved(lambda: recorded(folder, "fast"), lambda: recorded(folder, "sdk"), rounds=5, warm=0)
    detail = f"{compared(fast, sdk)}, {BARE_RESOURCES:,} resources"
    yield Row(what="fast runner / the SDK's own", figure=fast / sdk, budget=0.5, detail=detail)


def _growth(root: Path, stack: str, scratch: Path) -> Iterator[Row]:
    tenfold = multiplied(root, scratch / "tenfold", stack, 10)
    few, many = interleaved(lambda: evaluated(root, stack), lambda: evaluated(tenfold, stack), rounds=3)
    size = len(evaluated(tenfold, stack).resources)
    detail = f"{compared(many, few)}, {size} resources"
    yield Row(what="10 times the teams / one time", figure=many / few, budget=11, detail=detail)


def _order(root: Path, stack: str) -> Iterator[Row]:
    result = evaluated(root, stack, "up")
    chain = longest_chain(result.resources, {span.urn: span.end - span.start for span in result.spans})
    detail = f"{result.duration:,.0f} against {chain:,.0f} virtual seconds"
    yield Row(
        what="simulated up / longest chain of dependencies", figure=result.duration / chain, budget=1.05, detail=detail
    )


def longest_chain(resources: list[dict], seconds: dict[str, float]) -> float:
    """Makes the length of the longest chain in which each waits for the one before: what no order of work can undercut.

    A resource waits for the resources whose outputs it was given, those it names as dependencies, and its provider.

    >>> longest_chain([{"urn": "a"}, {"urn": "b", "dependencies": ["a"]}, {"urn": "c"}], {"a": 2, "b": 3, "c": 4})
    5
    """
    ends: dict[str, float] = {}
    for each in resources:  # a graph is in the order of registration: what a resource needs stands before it
        needed = {*each.get("dependencies", ()), each.get("provider", "").rpartition("::")[0]}
        start = max((ends.get(urn, 0) for urn in needed), default=0)
        ends[each["urn"]] = start + seconds.get(each["urn"], 0)
    return max(ends.values(), default=0)
