"""Runs all benchmarks and prints each figure with its budget; ends with 1 where a ratio is over."""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table
from tests.bench import capacity, engine, imports, policy
from tests.bench.measure import Row
from tests.bench.programs import evaluated

ROOT = Path(__file__).resolve().parents[2]
STACK = "dev-eks"


def main() -> int:
    """Measures, prints, and gives the exit code."""
    console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
    done: list[Row] = []
    with TemporaryDirectory(prefix="kubeml-bench-") as scratch:
        for row in _rows(Path(scratch)):
            done.append(row)
            print(f"{row.what}: {_figure(row)}", file=sys.stderr, flush=True)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name, side in (("what", "left"), ("figure", "right"), ("budget", "right"), ("", "left"), ("measured", "left")):
        table.add_column(name, justify=side)
    for row in done:
        budget = "" if row.budget is None else f"{row.budget:g} {row.unit}".strip()
        style = "red" if row.verdict == "OVER" else "yellow" if row.over else "green"
        table.add_row(row.what, _figure(row), budget, f"[{style}]{row.verdict}[/]", row.detail)
    console.print(table)
    return int(any(row.over and row.gates for row in done))


def _rows(scratch: Path) -> Iterator[Row]:
    yield from imports.rows()
    yield from capacity.rows()
    yield from policy.rows(evaluated(ROOT, STACK, "up").resources)
    yield from engine.rows(ROOT, STACK, scratch)


def _figure(row: Row) -> str:
    return f"{row.figure:.2f} {row.unit}".strip()


if __name__ == "__main__":
    sys.exit(main())
