"""Quantities: that they parse, that requests stay within limits, that whole devices are asked for as a request and a limit alike."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from kubeml_simulator.kubernetes.rules.names import qualified
from kubeml_simulator.kubernetes.rules.walk import Manifest, at, entries, pairs
from kubeml_simulator.provider.failures import Failure
from kubeml_simulator.provider.values import join
from pulumi_kubeml.capacity.quantity import QuantityError, parse

_NATIVE = {"cpu", "memory", "ephemeral-storage"}
# The keys without a slash that a quota may hold (https://kubernetes.io/docs/concepts/policy/resource-quotas/, 2026-09).
_QUOTA_KEYS = {
    "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage", "requests.ephemeral-storage",
    "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods", "services", "replicationcontrollers", "resourcequotas",
    "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
}  # fmt: skip


def quantity(value: Any, path: str) -> tuple[Fraction | None, list[Failure]]:
    """The exact value of a known quantity, and what is wrong with it.

    >>> quantity("2Gi", "p")[0] == 2**31, quantity("2 GB", "p")[1][0].why
    (True, 'not a quantity')
    """
    try:
        parsed = parse(value)
    except QuantityError:
        return None, [Failure(path, value, "a number with a suffix such as m, k, M, G, Ki, Mi, Gi", "not a quantity")]
    if parsed < 0:
        return None, [Failure(path, value, "zero or more", "negative")]
    return parsed, []


def amounts(content: Any, path: str) -> Iterator[Failure]:
    """The rules for a list of amounts by resource key."""
    for where, key, value in pairs(content, path):
        if rule := _key(key):
            yield Failure(where, key, rule, "not a resource")
        parsed, failures = quantity(value, where)
        yield from failures
        if parsed is not None and "/" in key and parsed.denominator != 1:
            yield Failure(where, value, "a whole number", f"{key} is counted in whole devices")


def _key(key: str) -> str:
    if "/" not in key and key not in _NATIVE and not key.startswith("hugepages-"):
        return "cpu, memory, ephemeral-storage, hugepages-SIZE, or an extended resource with a domain"
    return qualified(key)


def container(resources: Any, path: str) -> Iterator[Failure]:
    """The rules for the `resources` of one container."""
    yield from amounts(at(resources, "requests"), join(path, "requests"))
    yield from amounts(at(resources, "limits"), join(path, "limits"))
    limits = {key: value for _, key, value in pairs(at(resources, "limits"), "")}
    requests = at(resources, "requests")
    for where, key, value in pairs(requests, join(path, "requests")):
        asked, limit = quantity(value, "")[0], quantity(limits[key], "")[0] if key in limits else None
        if asked is not None and limit is not None and asked > limit:
            yield Failure(where, value, f"at most the limit, {limits[key]}", "more than the limit")
        if asked is not None and "/" in key and limit is not None and asked < limit:
            yield Failure(where, value, f"the limit, {limits[key]}", f"{key} cannot be overcommitted")
        if "/" in key and key not in limits and _known_without(at(resources, "limits"), key):
            yield Failure(
                join(join(path, "limits"), key), value, "the same as the request", f"a request of {key} needs a limit"
            )


def _known_without(limits: Any, key: str) -> bool:
    return limits is None or (isinstance(limits, dict) and key not in limits)


def quota(manifest: Manifest) -> Iterator[Failure]:
    """The rules for a ResourceQuota: keys that exist, amounts that parse."""
    for path, key, value in pairs(at(manifest, "spec", "hard"), "spec.hard"):
        if "/" not in key and key not in _QUOTA_KEYS and not key.startswith(("hugepages-", "requests.hugepages-")):
            yield Failure(path, key, ", ".join(sorted(_QUOTA_KEYS)), "not a resource that a quota can count")
        elif rule := qualified(key):
            yield Failure(path, key, rule, "not a valid key")
        yield from quantity(value, path)[1]


def limit_range(manifest: Manifest) -> Iterator[Failure]:
    """The rules for a LimitRange: every default, minimum and maximum parses, and the minimum stays below the maximum."""
    for path, item in entries(at(manifest, "spec", "limits"), "spec.limits"):
        for field in ("default", "defaultRequest", "max", "min", "maxLimitRequestRatio"):
            for where, _, value in pairs(item.get(field), join(path, field)):
                yield from quantity(value, where)[1]
        for lower, upper in (
            ("min", "max"),
            ("defaultRequest", "default"),
            ("default", "max"),
            ("min", "defaultRequest"),
        ):
            bounds = {key: value for _, key, value in pairs(item.get(upper), "")}
            for where, key, value in pairs(item.get(lower), join(path, lower)):
                low, high = quantity(value, "")[0], quantity(bounds[key], "")[0] if key in bounds else None
                if low is not None and high is not None and low > high:
                    yield Failure(where, value, f"at most {upper}, {bounds[key]}", f"{lower} above {upper}")


def claim(spec: Any, path: str) -> Iterator[Failure]:
    """The rules for the specification of a claim: access modes, and a request for storage."""
    modes, requests = at(spec, "accessModes"), at(spec, "resources", "requests")
    if isinstance(spec, dict):
        if modes is None or modes == []:
            yield Failure(join(path, "accessModes"), why="required, and missing", allowed="at least one access mode")
        if requests is None or (isinstance(requests, dict) and "storage" not in requests):
            yield Failure(
                f"{path}.resources.requests.storage", why="required, and missing", allowed="a quantity of bytes"
            )
    for where, _, value in pairs(requests, f"{path}.resources.requests"):
        parsed, failures = quantity(value, where)
        yield from failures
        if parsed == 0:
            yield Failure(where, value, "more than zero", "an empty volume")
