"""What an import costs, in processes of their own."""

import subprocess
import sys
from collections.abc import Iterator

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
    start, nothing = interleaved(
        lambda: python("from kubeml_simulator.cli import main; main(['--help'])"), lambda: python(""), rounds=5
    )
    yield Row(
        what="kubeml --help", figure=start, budget=None, unit="s", detail=f"{nothing:.2f} s of it are Python's start"
    )
