"""What a LimitRange forbids of a pod: least and most of containers and pods, and how far a limit may be above its request.

As the LimitRanger admission of Kubernetes 1.37 has it (kubernetes/kubernetes, plugin/pkg/admission/limitranger, v1.37.2; judged by the
real API server in tests/cluster).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_kubeml.capacity.graph.requests import (
    Amounts,
    Defaults,
    container_limits,
    container_requests,
    spec_limits,
    spec_requests,
)
from pulumi_kubeml.capacity.graph.values import mapping, sequence
from pulumi_kubeml.capacity.quantity import amounts, parse, show


def violations(limits: Any, spec: Mapping[str, Any], defaults: Defaults | None = None) -> list[str]:
    """Make what the viewed `spec.limits` of a LimitRange forbid of a pod spec, in the API server's words.

    >>> rules = [{"type": "Container", "max": {"cpu": "1"}}]
    >>> violations(rules, {"containers": [{"resources": {"limits": {"cpu": "2"}}}]}, Defaults.of(rules))
    ['maximum cpu usage per Container is 1, but limit is 2']
    """
    found: list[str] = []
    for rule in map(mapping, sequence(limits)):
        kind = str(rule.get("type"))
        for asked, most in _amounts(kind, spec, defaults):
            found += _least(rule, kind, asked, most)
            found += _most(rule, kind, asked, most)
            found += _ratio(rule, kind, asked, most)
    return found


def _amounts(kind: str, spec: Mapping[str, Any], defaults: Defaults | None) -> Iterator[tuple[Amounts, Amounts]]:
    """Yield requests and limits of what a rule is about: each container, or the pod, whose overhead does not count here."""
    if kind == "Container":
        for each in (*sequence(spec.get("containers")), *sequence(spec.get("initContainers"))):
            yield container_requests(each, defaults), container_limits(each, defaults)
    elif kind == "Pod":
        bare = {key: value for key, value in spec.items() if key != "overhead"}
        yield spec_requests(bare, defaults), spec_limits(bare, defaults)


def _least(rule: Mapping[str, Any], kind: str, asked: Amounts, most: Amounts) -> Iterator[str]:
    for key, least in amounts(mapping(rule.get("min"))).items():
        text = f"minimum {key} usage per {kind} is {show(key, least)}"
        if key not in asked:
            yield f"{text}.  No request is specified"
        elif asked[key] < least:
            yield f"{text}, but request is {show(key, asked[key])}"
        elif key in most and most[key] < least:
            yield f"{text}, but limit is {show(key, most[key])}"


def _most(rule: Mapping[str, Any], kind: str, asked: Amounts, most: Amounts) -> Iterator[str]:
    for key, highest in amounts(mapping(rule.get("max"))).items():
        text = f"maximum {key} usage per {kind} is {show(key, highest)}"
        if key not in most:
            yield f"{text}.  No limit is specified"
        elif most[key] > highest:
            yield f"{text}, but limit is {show(key, most[key])}"
        elif asked.get(key, 0) > highest:
            yield f"{text}, but request is {show(key, asked[key])}"


def _ratio(rule: Mapping[str, Any], kind: str, asked: Amounts, most: Amounts) -> Iterator[str]:
    for key, value in mapping(rule.get("maxLimitRequestRatio")).items():
        text = f"{key} max limit to request ratio per {kind} is {value}"
        if not asked.get(key):
            yield f"{text}, but no request is specified or request is 0"
        elif not most.get(key):
            yield f"{text}, but no limit is specified or limit is 0"
        elif most[key] > parse(value) * asked[key]:
            yield f"{text}, but provided ratio is {most[key] / asked[key]:f}"
