"""From a pod template to a group of equal pods: how many, what each asks for, and where it may land."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pulumi_kubeml.capacity.claims import Claim, DeviceClass
from pulumi_kubeml.capacity.graph import constraints
from pulumi_kubeml.capacity.graph.claims import NO_CLAIMS, Claims, own_claims
from pulumi_kubeml.capacity.graph.devices import UNMET, DeviceClaims, mapped
from pulumi_kubeml.capacity.graph.requests import (
    Defaults,
    best_effort,
    pod_requests,
    spec_limits,
    spec_requests,
    unsaid,
)
from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.templates import Template
from pulumi_kubeml.capacity.graph.values import Undetermined, Unknown, dig, is_unknown, mapping, sequence, text
from pulumi_kubeml.capacity.model import Pod

KEDA_MOST = 100
"""KEDA's maximum when a ScaledObject gives none (https://keda.sh/docs/latest/reference/scaledobject-spec/, 2026-09)."""

SCALED = "spec.replicas"
"""What an autoscaler sets, in every kind that can be scaled."""

Target = tuple[str, str, str, str]
Home = Callable[[Resource], tuple[str, str | Unknown]]
"""Cluster and namespace of an object."""


class Autoscalers:
    """The most replicas that autoscalers allow, by cluster, namespace, kind and name of their target."""

    def __init__(self, hpas: Iterable[Resource], scaled: Iterable[Resource], home: Home) -> None:
        self._most: dict[Target, Any] = {}
        for resource in hpas:
            self._note(home, resource, dig(resource.properties, "spec", "maxReplicas"))
        for resource in scaled:
            most = dig(resource.properties, "spec", "maxReplicaCount")
            self._note(home, resource, KEDA_MOST if most is None else most)

    def most(self, target: Target) -> int | None:
        """Make the most replicas of a target, None without an autoscaler; raises Undetermined while that is not known."""
        most = self._most.get(target)
        return None if most is None else int(most)

    def _note(self, home: Home, resource: Resource, most: Any) -> None:
        named = dig(resource.properties, "spec", "scaleTargetRef")
        cluster, namespace = home(resource)
        if (
            is_unknown(named)
            or is_unknown(namespace)
            or is_unknown(dig(named, "name"))
            or is_unknown(dig(named, "kind"))
        ):
            return
        target = (
            cluster,
            str(namespace),
            dig(named, "kind") or "Deployment",
            dig(named, "name") or "",
        )
        self._most[target] = most


def pod_of(
    template: Template,
    home: Home,
    defaults: Mapping[tuple[str, str], Defaults],
    autoscalers: Autoscalers,
    claims: Mapping[str, Claims],
    *,
    device_claims: DeviceClaims,
) -> Pod:
    """Make the group of one template; what is not known is left out and said in `undetermined`."""
    doubts: list[str] = []
    resource = template.resource
    cluster, where = home(resource)

    def read(make: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return make()
        except (Undetermined, ValueError, TypeError) as doubt:
            doubts.append(str(doubt))
            return otherwise

    name = read(lambda: str(resource.object_name), resource.name)
    namespace = read(lambda: str(where), "")
    kind = resource.kind.kind if resource.kind else ""
    spec = {} if template.row.holds == "container" else read(lambda: mapping(template.spec), {})
    if template.row.holds == "container":
        doubts.append(f"{template.path} is completed by its runtime")
    given = defaults.get((cluster, namespace))
    labels = read(lambda: dict(mapping(dig(template.metadata, "labels"))), {})
    requests = read(lambda: pod_requests(template, given), {})
    return Pod(
        name=name,
        namespace=namespace,
        replicas=read(lambda: _replicas(template, autoscalers, (cluster, namespace, kind, name)), 1),
        requests=requests,
        node_selector=read(lambda: {key: str(value) for key, value in mapping(spec.get("nodeSelector")).items()}, {}),
        affinity=read(lambda: constraints.node_affinity(spec), ()),
        tolerations=read(lambda: tuple(mapping(each) for each in sequence(spec.get("tolerations"))), ()),
        labels=labels,
        daemon=template.row.replicas == "node",
        alone=read(lambda: constraints.alone(spec, labels), False),
        ports=read(lambda: constraints.ports(spec), ()),
        near=read(lambda: constraints.near(spec), ()),
        apart=read(lambda: constraints.apart(spec), ()),
        spread=read(lambda: constraints.spread(spec), ()),
        volumes=read(lambda: claims.get(cluster, NO_CLAIMS).mounts(spec, namespace, own_claims(resource)), ()),
        gates=read(lambda: constraints.gates(spec), ()),
        limits=read(lambda: spec_limits(spec, given), {}),
        priority_class=read(lambda: text(spec.get("priorityClassName")), ""),
        terminating=spec.get("activeDeadlineSeconds") is not None,
        best_effort=read(lambda: best_effort(spec, given), False),
        unsaid=read(lambda: unsaid(spec, given), frozenset()),
        claims=read(lambda: device_claims.of_pod(spec, cluster, namespace, template.path, doubts), (UNMET,)),
        mapped=device_claims.mapped(requests, cluster),
        role=template.role,
        kind=kind,
        path=template.path,
        urn=resource.urn,
        cluster=cluster,
        undetermined="; ".join(dict.fromkeys(doubts)),
    )


def known_pod(
    manifest: Mapping[str, Any],
    defaults: Defaults | None = None,
    claims: Claims | None = None,
    devices: tuple[Claim, ...] = (),
    classes: Mapping[str, DeviceClass] | None = None,
) -> Pod:
    """Make the one pod of a manifest in which everything is known, as the scheduler reads it.

    Without `claims` it has no volumes; `devices` are the claims of devices that it names, of some `classes`.

    >>> pod = known_pod({"metadata": {"name": "chat"}, "spec": {"containers": [{"resources": {"limits": {"cpu": "2"}}}]}})
    >>> pod.name, pod.requests
    ('chat', {'cpu': 2000})
    """
    metadata, spec = mapping(manifest.get("metadata")), mapping(manifest.get("spec"))
    labels = dict(mapping(metadata.get("labels")))
    requests = spec_requests(spec, defaults)
    return Pod(
        name=str(metadata.get("name") or metadata.get("generateName") or ""),
        namespace=str(metadata.get("namespace") or "default"),
        requests=requests,
        node_selector=mapping(spec.get("nodeSelector")),
        affinity=constraints.node_affinity(spec),
        tolerations=tuple(mapping(each) for each in sequence(spec.get("tolerations"))),
        labels=labels,
        alone=constraints.alone(spec, labels),
        ports=constraints.ports(spec),
        near=constraints.near(spec),
        apart=constraints.apart(spec),
        spread=constraints.spread(spec),
        volumes=() if claims is None else claims.mounts(spec, str(metadata.get("namespace") or "default")),
        limits=spec_limits(spec, defaults),
        priority_class=str(spec.get("priorityClassName") or ""),
        terminating=spec.get("activeDeadlineSeconds") is not None,
        best_effort=best_effort(spec, defaults),
        unsaid=unsaid(spec, defaults),
        claims=devices,
        mapped=mapped(requests, classes or {}),
        kind="Pod",
    )


def _replicas(template: Template, autoscalers: Autoscalers, target: Target) -> int:
    row = template.row
    if row.replicas in {"", "node"}:
        return 1
    scaled = autoscalers.most(target)
    if row.most and (not row.when or _number(template, row.when, 0)):
        most = _product(template, row.most, absent=0)
        if most:
            return most
    return _product(template, row.replicas, absent=1, scaled=scaled)


def _product(template: Template, expression: str, *, absent: int, scaled: int | None = None) -> int:
    """Make the product of an expression's paths; an autoscaler's maximum stands for the replicas that it sets."""
    total = 1
    for index, factor in enumerate(expression.split(" x ")):
        path = factor.removesuffix("-1")
        if path == SCALED and scaled is not None:
            total *= scaled
        else:
            total *= _number(template, path, absent if index == 0 else 1) - (path != factor)
    return max(total, 0)


def _number(template: Template, path: str, absent: int) -> int:
    """Make the number at a path; the stars stand for what they stood for in the template's own path."""
    value: Any = template.resource.properties
    stars = iter(template.stars)
    for step in path.split("."):
        key = next(stars) if step == "*" else step
        if is_unknown(value):
            break
        value = value[int(key)] if isinstance(value, list) else dig(value, str(key))
    return absent if value is None else int(value)
