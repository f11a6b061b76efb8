"""Groups of nodes that differ only in how they are bought are one pool: workloads go to whichever has room."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from pulumi_kubeml.capacity.model import Pool, Taint


def merged(groups: Iterable[Pool], given: Collection[Taint] = ()) -> Iterator[Pool]:
    """Yield one pool for all groups of one name, cluster, machine and taints: bounds summed, labels that all have, zones of any.

    Taints that a cloud gives to nodes for how they are bought (`given`) keep no groups apart: whoever is to land on the pool
    tolerates those of all.

    >>> def rung(most, bought):
    ...     return Pool("serve", most, {"kubeml.io/pool": "serve", "bought": bought}, (), {}, zones=("a",))
    >>> [(pool.max, dict(pool.labels)) for pool in merged([rung(4, "spot"), rung(2, "on demand")])]
    [(6, {'kubeml.io/pool': 'serve'})]
    """
    found: dict[tuple[Any, ...], Pool] = {}
    for pool in groups:
        key = (pool.cluster, pool.name, pool.machine, tuple(each for each in pool.taints if each not in given))
        known = found.get(key)
        if known is None:
            found[key] = pool
            continue
        same = {label: value for label, value in known.labels.items() if pool.labels.get(label) == value}
        zones = tuple(sorted({*known.zones, *pool.zones})) if known.zones and pool.zones else ()
        taints = (*known.taints, *(each for each in pool.taints if each not in known.taints))
        found[key] = replace(
            known, labels=same, taints=taints, max=known.max + pool.max, min=known.min + pool.min, zones=zones
        )
    yield from found.values()
