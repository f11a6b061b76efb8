"""The effective requests and limits of a pod, the way the API server and the scheduler work them out.

A missing request is the container's limit; then a LimitRange of the namespace fills what is still missing. A pod asks for
the larger of all running containers and of each init container beside the side-cars started before it; pod-level
resources replace the sum, and overhead is added (https://kubernetes.io/docs/concepts/workloads/pods/init-containers/,
https://kubernetes.io/docs/concepts/scheduling-eviction/pod-overhead/ and
https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/, 2026-09).

>>> container_requests({"resources": {"limits": {"cpu": "2", "nvidia.com/gpu": 1}, "requests": {"cpu": "1"}}})
{'cpu': 1000, 'nvidia.com/gpu': 1}
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_kubeml.capacity.graph.templates import Template
from pulumi_kubeml.capacity.graph.values import dig, mapping, sequence
from pulumi_kubeml.capacity.quantity import amount, amounts

Amounts = Mapping[str, int]
Listed = tuple[Any, bool]
"""A viewed container, and whether it is an init container."""


@dataclass(frozen=True)
class Defaults:
    """What a LimitRange gives to containers that say nothing."""

    limits: Amounts = field(default_factory=dict[str, int])
    requests: Amounts = field(default_factory=dict[str, int])

    @classmethod
    def of(cls, limits: Any) -> "Defaults":
        """Make the defaults of the viewed `spec.limits` of a LimitRange: a maximum is a default limit, a limit a default request.

        >>> Defaults.of([{"type": "Container", "max": {"cpu": "2"}, "min": {"cpu": "1"}}])
        Defaults(limits={'cpu': 2000}, requests={'cpu': 2000})
        """
        most: dict[str, int] = {}
        asked: dict[str, int] = {}
        for rule in map(mapping, sequence(limits)):
            if rule.get("type") == "Container":
                given = {**amounts(mapping(rule.get("max"))), **amounts(mapping(rule.get("default")))}
                most |= given
                asked |= {**amounts(mapping(rule.get("min"))), **given, **amounts(mapping(rule.get("defaultRequest")))}
        return cls(most, asked)

    def beside(self, other: "Defaults") -> "Defaults":
        """Make the defaults of two ranges: the API server takes them in any order, so the larger is counted."""
        limits, requests = dict(self.limits), dict(self.requests)
        _raise(limits, other.limits)
        _raise(requests, other.requests)
        return Defaults(limits, requests)


def container_requests(container: Any, defaults: Defaults | None = None) -> dict[str, int]:
    """Make the requests of one viewed container; raises Undetermined for an unknown amount, QuantityError for a wrong one."""
    resources = mapping(dig(mapping(container), "resources"))
    asked = {**amounts(mapping(resources.get("limits"))), **amounts(mapping(resources.get("requests")))}
    return asked if defaults is None else {**defaults.requests, **asked}


def container_limits(container: Any, defaults: Defaults | None = None) -> dict[str, int]:
    """Make the limits of one viewed container."""
    given = amounts(mapping(dig(mapping(container), "resources", "limits")))
    return given if defaults is None else {**defaults.limits, **given}


def pod_requests(template: Template, defaults: Defaults | None = None) -> dict[str, int]:
    """Make the requests of one pod of a template, zeros left out."""
    listed = [(container.values, container.init) for container in template.containers]
    return _requests(listed, {} if template.row.holds == "container" else template.spec, defaults)


def spec_requests(spec: Mapping[str, Any], defaults: Defaults | None = None) -> dict[str, int]:
    """Make the requests of one pod of a pod spec, zeros left out.

    >>> spec_requests({"containers": [{"resources": {"limits": {"cpu": "1"}}}], "overhead": {"cpu": "250m"}})
    {'cpu': 1250}
    """
    return _requests(_containers(spec), spec, defaults)


def spec_limits(spec: Mapping[str, Any], defaults: Defaults | None = None) -> dict[str, int]:
    """Make the limits of one pod of a pod spec; overhead counts where there is a limit.

    >>> spec_limits({"containers": [{"resources": {"limits": {"cpu": "1"}}}], "overhead": {"cpu": "250m", "memory": "1Mi"}})
    {'cpu': 1250}
    """
    total = _aggregate((container_limits(values, defaults), *_role(values, init)) for values, init in _containers(spec))
    total |= _pod_level(amounts(mapping(dig(spec, "resources", "limits"))))
    for key, value in amounts(mapping(spec.get("overhead"))).items():
        if total.get(key):
            total[key] += value
    return {key: value for key, value in sorted(total.items()) if value}


def best_effort(spec: Mapping[str, Any], defaults: Defaults | None = None) -> bool:
    """Whether nothing of cpu or memory is said for the pod, nor for any of its containers where it is not said for the pod."""
    whole = mapping(spec.get("resources"))
    said = [amounts(mapping(whole.get(key))) for key in ("requests", "limits")]
    if not any(said):
        parts = [values for values, _ in _containers(spec)]
        said = [make(values, defaults) for values in parts for make in (container_requests, container_limits)]
    return not any(each.get(key) for each in said for key in ("cpu", "memory"))


def unsaid(spec: Mapping[str, Any], defaults: Defaults | None = None) -> frozenset[str]:
    """Make the compute keys of a quota (`requests.cpu`, `limits.memory`) that some container leaves open.

    A pod with resources of its own leaves none open.

    >>> sorted(unsaid({"containers": [{"resources": {"limits": {"cpu": 1}}}]}))
    ['limits.memory', 'requests.memory']
    """
    if any(mapping(dig(spec, "resources")).values()):
        return frozenset()
    makers = (("requests", container_requests), ("limits", container_limits))
    return frozenset(
        f"{what}.{key}"
        for values, _ in _containers(spec)
        for what, make in makers
        for key in {"cpu", "memory"} - set(make(values, defaults))
    )


def _requests(containers: Iterable[Listed], spec: Any, defaults: Defaults | None) -> dict[str, int]:
    total = _aggregate((container_requests(values, defaults), *_role(values, init)) for values, init in containers)
    resources = mapping(dig(spec, "resources"))
    for key, value in _pod_level(amounts(mapping(resources.get("limits")))).items():
        total[key] = total.get(key, value) if key in {"cpu", "memory"} else value
    total |= _pod_level(amounts(mapping(resources.get("requests"))))
    for key, value in mapping(dig(spec, "overhead")).items():
        total[key] = total.get(key, 0) + amount(key, value)
    return {key: value for key, value in sorted(total.items()) if value}


def _containers(spec: Mapping[str, Any]) -> list[Listed]:
    running: list[Listed] = [(each, False) for each in sequence(spec.get("containers"))]
    return running + [(each, True) for each in sequence(spec.get("initContainers"))]


def _role(values: Any, init: bool) -> tuple[bool, bool]:
    return init, init and mapping(values).get("restartPolicy") == "Always"


def _pod_level(given: Amounts) -> dict[str, int]:
    """Make the amounts that Kubernetes knows for a whole pod."""
    return {key: value for key, value in given.items() if key in {"cpu", "memory"} or key.startswith("hugepages-")}


def _aggregate(containers: Iterable[tuple[Amounts, bool, bool]]) -> dict[str, int]:
    """Make what a pod's containers need together, of what each needs, whether it is an init container, and a side-car."""
    running: dict[str, int] = {}
    peak: dict[str, int] = {}
    sidecars: dict[str, int] = {}
    for asked, init, sidecar in containers:
        if not init:
            _add(running, asked)
        elif sidecar:
            _add(sidecars, asked)
            _raise(peak, sidecars)
        else:
            _raise(peak, _sum(sidecars, asked))
    total = _sum(running, sidecars)
    _raise(total, peak)
    return total


def _sum(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
    total = dict(left)
    _add(total, right)
    return total


def _add(total: dict[str, int], more: Mapping[str, int]) -> None:
    for key, value in more.items():
        total[key] = total.get(key, 0) + value


def _raise(total: dict[str, int], floor: Mapping[str, int]) -> None:
    for key, value in floor.items():
        total[key] = max(total.get(key, 0), value)
