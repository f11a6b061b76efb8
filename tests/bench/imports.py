"""What an import costs, in processes of their own."""

import subprocess
import sys
from collections.abc import Callable, Iterator

from tests.bench.measure import Row, compared, interleaved

_SDKS = ("pulumi_aws", "pulumi_kubernetes", "pulumi_gcp", "pulumi_azure_native")


def rows() -> Iterator[Row]:
    """`import pulumi_kubeml` against `import pulumi`, and the cloud SDKs that it loads (none)."""

    def python(code: str) -> str:
        return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    ours, theirs = interleaved(lambda: python("import pulumi_kubeml"), lambda: python("import pulumi"), rounds=9)
    yield Row(
        what="import pulumi_kubeml / import pulumi", figure=ours / theirs, budget=1.2, detail=compared(ours, theirs)
    )
    loaded = python(f"import sys, pulumi_kubeml; print(sum(name in sys.modules for name in {_SDKS}))")
    yield Row(what="cloud SDKs loaded by import pulumi_kubeml", figure=int(loaded), budget=0)
    needed = _least(python, "import dataclasses, typing")
    for what, statement in (
        ("import pulumi_kubeml.catalog", "import pulumi_kubeml.catalog"),
        ("all names of the catalog", "from pulumi_kubeml.catalog import *"),
    ):
        taken = _least(python, statement)
        yield Row(
            what=what,
            figure=taken * 1e3,
            budget=30,
            unit="ms",
            detail=f"{taken / needed:.1f} times dataclasses and typing, which its rows are made of",
            gates=False,
        )
    start, nothing = interleaved(
        lambda: python("from kubeml_simulator.cli import main; main(['--help'])"), lambda: python(""), rounds=5
    )
    yield Row(
        what="kubeml --help", figure=start, budget=None, unit="s", detail=f"{nothing:.2f} s of it are Python's start"
    )


def _least(python: Callable[[str], str], statement: str, rounds: int = 9) -> float:
    """Makes the least seconds of processor time of an import, beyond the start of Python."""
    code = f"import time\nstart = time.process_time()\n{statement}\nprint(time.process_time() - start)"
    return min(float(python(code)) for _ in range(rounds))
