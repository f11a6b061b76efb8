"""Where the pods of a template may run: what its spec says of nodes, ports and other pods, as the scheduler reads it."""

from collections.abc import Mapping
from typing import Any

from pulumi_kubeml.capacity.graph.values import dig, mapping, sequence, settled
from pulumi_kubeml.capacity.model import HostPort
from pulumi_kubeml.capacity.node import HOSTNAME
from pulumi_kubeml.capacity.selectors import selects

Terms = tuple[Mapping[str, Any], ...]
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def node_affinity(spec: Mapping[str, Any]) -> Terms:
    """Make the required node selector terms."""
    return _known(dig(spec, "affinity", "nodeAffinity", _REQUIRED, "nodeSelectorTerms"))


def near(spec: Mapping[str, Any]) -> Terms:
    """Make the terms of required pod affinity."""
    return _known(dig(spec, "affinity", "podAffinity", _REQUIRED))


def apart(spec: Mapping[str, Any]) -> Terms:
    """Make the terms of required pod anti-affinity."""
    return _known(dig(spec, "affinity", "podAntiAffinity", _REQUIRED))


def spread(spec: Mapping[str, Any]) -> Terms:
    """Make the topology spread constraints that forbid.

    >>> spread({"topologySpreadConstraints": [{"topologyKey": "zone", "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway"}]})
    ()
    """
    constraints = _known(spec.get("topologySpreadConstraints"))
    return tuple(each for each in constraints if (each.get("whenUnsatisfiable") or "DoNotSchedule") == "DoNotSchedule")


def ports(spec: Mapping[str, Any]) -> tuple[HostPort, ...]:
    """Make the host ports of what runs as long as the pod: containers and side-cars; on the host's network all ports are.

    >>> ports({"containers": [{"ports": [{"containerPort": 8080, "hostPort": 80}, {"containerPort": 9090}]}]})
    (HostPort(port=80, protocol='TCP', address=''),)
    """
    running = [mapping(entry) for entry in sequence(spec.get("containers"))]
    early = [mapping(entry) for entry in sequence(spec.get("initContainers"))]
    running += [entry for entry in early if entry.get("restartPolicy") == "Always"]
    found: list[HostPort] = []
    for entry in (mapping(port) for container in running for port in sequence(container.get("ports"))):
        number = entry.get("hostPort") or (entry.get("containerPort") if spec.get("hostNetwork") else None)
        if number:
            found.append(HostPort(int(number), str(entry.get("protocol") or "TCP"), str(entry.get("hostIP") or "")))
    return tuple(found)


def gates(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """Make the names of the scheduling gates.

    >>> gates({"schedulingGates": [{"name": "example.com/data-is-there"}]})
    ('example.com/data-is-there',)
    """
    return tuple(str(mapping(each).get("name")) for each in sequence(spec.get("schedulingGates")))


def alone(spec: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether two of them cannot share a node: required anti-affinity to themselves on the host name, or a host port."""
    return any(
        term.get("topologyKey") == HOSTNAME and selects(mapping(term.get("labelSelector")), labels)
        for term in apart(spec)
    ) or bool(ports(spec))


def scopes(quota: Mapping[str, Any]) -> Terms:
    """Make what a pod must be to be counted by a quota, of the quota's spec.

    >>> scopes({"scopes": ["NotTerminating"]})
    ({'scopeName': 'NotTerminating', 'operator': 'Exists'},)
    """
    plain = ({"scopeName": str(name), "operator": "Exists"} for name in sequence(quota.get("scopes")))
    return (*plain, *_known(dig(quota, "scopeSelector", "matchExpressions")))


def _known(terms: Any) -> Terms:
    """Make a list of maps in which nothing is unknown, for others read them later; raises Undetermined."""
    return tuple(settled(mapping(term)) for term in sequence(terms))
