"""Which resource keys are devices: the rows of `data/device_keys.csv`.

>>> is_device("nvidia.com/gpu"), is_device("nvidia.com/mig-1g.10gb"), is_device("memory"), is_device("vpc.amazonaws.com/efa")
(True, True, False, False)
"""

import csv
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files


@lru_cache(maxsize=1024)
def is_device(resource: str) -> bool:
    """Whether a container that asks for this key gets an accelerator, whole or in part."""
    exact, prefixes = _keys()
    return resource in exact or resource.startswith(prefixes)


def devices(requests: Mapping[str, int]) -> dict[str, int]:
    """Make the accelerators among some requests, none of them zero.

    >>> devices({"cpu": 1000, "nvidia.com/gpu": 2})
    {'nvidia.com/gpu': 2}
    """
    return {key: count for key, count in requests.items() if count and is_device(key)}


@cache
def _keys() -> tuple[frozenset[str], tuple[str, ...]]:
    text = (files("pulumi_kubeml.capacity") / "data" / "device_keys.csv").read_text(encoding="utf-8")
    keys = [row["key"] for row in csv.DictReader(text.splitlines())]
    return frozenset(key for key in keys if key[-1] != "*"), tuple(key[:-1] for key in keys if key[-1] == "*")
