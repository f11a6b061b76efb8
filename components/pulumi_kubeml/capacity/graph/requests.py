"""The effective requests of a pod, the way the API server and the scheduler work them out.

A missing request is the container's limit; then a LimitRange of the namespace fills what is still missing. A pod asks for
the larger of all running containers and of each init container beside the side-cars started before it; pod-level
resources replace the sum, and overhead is added (https://kubernetes.io/docs/concepts/workloads/pods/init-containers/
and https://kubernetes.io/docs/concepts/scheduling-eviction/pod-overhead/, 2026-09).

>>> container_requests({"resources": {"limits": {"cpu": "2", "nvidia.com/gpu": 1}, "requests": {"cpu": "1"}}})
{'cpu': 1000, 'nvidia.com/gpu': 1}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_kubeml.capacity.graph.templates import Container, Template
from pulumi_kubeml.capacity.graph.values import dig, mapping
from pulumi_kubeml.capacity.quantity import amount, amounts


@dataclass(frozen=True)
class Defaults:
    """What a LimitRange gives to containers that say nothing."""

    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    requests: Mapping[str, int] = field(default_factory=dict[str, int])


def container_requests(container: Any, defaults: Defaults | None = None) -> dict[str, int]:
    """Make the requests of one viewed container; raises Undetermined for an unknown amount, QuantityError for a wrong one."""
    resources = mapping(dig(mapping(container), "resources"))
    limits = amounts(mapping(resources.get("limits")))
    asked = {**limits, **amounts(mapping(resources.get("requests")))}
    if defaults is None:
        return asked
    return {**defaults.limits, **defaults.requests, **asked}


def pod_requests(template: Template, defaults: Defaults | None = None) -> dict[str, int]:
    """Make the requests of one pod of a template, zeros left out."""
    running: dict[str, int] = {}
    peak: dict[str, int] = {}
    sidecars: dict[str, int] = {}
    for container in template.containers:
        asked = container_requests(container.values, defaults)
        if not container.init:
            _add(running, asked)
        elif _is_sidecar(container):
            _add(sidecars, asked)
            _raise(peak, sidecars)
        else:
            _raise(peak, _sum(sidecars, asked))
    total = _sum(running, sidecars)
    _raise(total, peak)
    if template.row.holds != "container":
        resources = mapping(dig(template.spec, "resources"))
        whole = amounts({**mapping(resources.get("limits")), **mapping(resources.get("requests"))})
        total |= {
            key: value for key, value in whole.items() if key in {"cpu", "memory"} or key.startswith("hugepages-")
        }
        for key, value in mapping(dig(template.spec, "overhead")).items():
            total[key] = total.get(key, 0) + amount(key, value)
    return {key: value for key, value in sorted(total.items()) if value}


def _is_sidecar(container: Container) -> bool:
    return container.init and mapping(container.values).get("restartPolicy") == "Always"


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
