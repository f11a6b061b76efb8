"""The local control plane of one run: started for it, stopped at its end."""

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kubeml_simulator.cli.errors import Refusal

if TYPE_CHECKING:
    from kubeml_simulator.cli.options import Cluster
    from kubeml_simulator.kubernetes.control_plane.cluster import LocalCluster

_PLAIN = "counts only with --kubernetes control-plane"


@contextmanager
def local(options: "Cluster", folder: Path) -> "Generator[LocalCluster | None]":
    """Gives the cluster that the options ask for, None for the embedded one; logs are kept below `folder` if it fails."""
    counts = sizes(options.nodes)
    if options.kubernetes == "embedded":
        given = [("--nodes", _PLAIN)] * bool(counts) + [("--crds", _PLAIN)] * bool(options.crds)
        if given:
            raise Refusal(given)
        yield None
        return
    if options.crds and not options.crds.is_dir():
        raise Refusal([("--crds", f"{options.crds} is no folder")])
    from kubeml_simulator.kubernetes.control_plane import ControlPlane, binaries
    from kubeml_simulator.kubernetes.control_plane.cluster import LocalCluster

    programs = binaries.build(lambda text: print(text, file=sys.stderr))
    with ControlPlane(logs=folder / "control-plane", folder=programs) as plane:
        cluster = LocalCluster(plane, sizes=counts, definitions=options.crds)
        try:
            yield cluster
        finally:
            cluster.close()


def sizes(nodes: Sequence[str]) -> dict[str, int]:
    """Reads POOL=N; raises Refusal with all that is wrong.

    >>> sizes(["train=3", "serve=0"])
    {'train': 3, 'serve': 0}
    """
    wrong: list[str] = []
    first: dict[str, str] = {}
    for each in nodes:
        pool, _, count = each.partition("=")
        if not pool or not count.isdecimal():
            wrong.append(f'"{each}" is not POOL=N, as in train=3')
        elif pool in first:
            wrong.append(f'"{each}" comes after "{first[pool]}"; a pool has one number of nodes')
        else:
            first[pool] = each
    if wrong:
        raise Refusal([("--nodes", each) for each in wrong])
    return {pool: int(each.rpartition("=")[2]) for pool, each in first.items()}
