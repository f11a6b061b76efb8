"""Workloads, autoscalers, disruption budgets, claims and quotas: what must agree within one object."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kubeml_simulator.kubernetes.rules import names, quantities
from kubeml_simulator.kubernetes.rules.walk import Manifest, at, entries, number, pairs, text
from kubeml_simulator.provider.failures import Failure
from kubeml_simulator.provider.values import UNKNOWN, join

Rule = Callable[[Manifest], Iterator[Failure]]
_SCALABLE = {"Deployment": "apps/v1", "ReplicaSet": "apps/v1", "StatefulSet": "apps/v1", "ReplicationController": "v1"}
_METRIC_SOURCES = {
    "Resource": "resource", "Pods": "pods", "Object": "object", "External": "external", "ContainerResource": "containerResource",
}  # fmt: skip
_TARGET_FIELDS = {"Utilization": "averageUtilization", "AverageValue": "averageValue", "Value": "value"}


def selects_its_template(manifest: Manifest) -> Iterator[Failure]:
    """The selector of a workload matches the labels of its own pods."""
    wanted, given = (
        at(manifest, "spec", "selector", "matchLabels"),
        at(manifest, "spec", "template", "metadata", "labels"),
    )
    yield from names.selector(at(manifest, "spec", "selector"), "spec.selector")
    yield from names.labels(given, "spec.template.metadata.labels")
    if given == UNKNOWN:
        return
    labels: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    for path, key, value in pairs(wanted, "spec.selector.matchLabels"):
        has = labels.get(key)
        if has not in (value, UNKNOWN):
            allowed = (
                f'"{has}", the label of the template'
                if has is not None
                else f"a label of the template: {', '.join(labels) or 'it has none'}"
            )
            yield Failure(path, value, allowed, "the selector does not match the labels of the template")


def deployment(manifest: Manifest) -> Iterator[Failure]:
    """The rules for a Deployment."""
    yield from selects_its_template(manifest)
    strategy = at(manifest, "spec", "strategy")
    if at(strategy, "type") == "Recreate" and at(strategy, "rollingUpdate") not in (None, UNKNOWN):
        yield Failure(
            "spec.strategy.rollingUpdate",
            why="strategy Recreate rolls nothing",
            allowed="nothing, or type RollingUpdate",
        )
    rolling = at(strategy, "rollingUpdate")
    if all(at(rolling, field) in (0, "0", "0%") for field in ("maxSurge", "maxUnavailable")):
        yield Failure(
            "spec.strategy.rollingUpdate.maxUnavailable",
            at(rolling, "maxUnavailable"),
            "more than 0 when maxSurge is 0",
            "no pod could ever be replaced",
        )
    yield from not_negative(manifest, "replicas", "revisionHistoryLimit", "minReadySeconds")


def not_negative(manifest: Manifest, *fields: str) -> Iterator[Failure]:
    """The rule that counts of a specification are zero or more."""
    for field in fields:
        given = number(at(manifest, "spec", field))
        if given is not None and given < 0:
            yield Failure(f"spec.{field}", given, "0 or more", "negative")


def stateful_set(manifest: Manifest) -> Iterator[Failure]:
    """The rules for a StatefulSet."""
    yield from selects_its_template(manifest)
    yield from not_negative(manifest, "replicas", "revisionHistoryLimit")
    for path, template in entries(at(manifest, "spec", "volumeClaimTemplates"), "spec.volumeClaimTemplates"):
        yield from quantities.claim(template.get("spec"), join(path, "spec"))


def job(manifest: Manifest) -> Iterator[Failure]:
    """The rules for a Job."""
    yield from not_negative(
        manifest, "parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"
    )
    if at(manifest, "spec", "completionMode") == "Indexed" and at(manifest, "spec", "completions") is None:
        yield Failure("spec.completions", why="required for an Indexed Job", allowed="the number of completions")


def autoscaler(manifest: Manifest) -> Iterator[Failure]:
    """The rules for a HorizontalPodAutoscaler: bounds, a target that has replicas, each metric with its own source and target."""
    spec = at(manifest, "spec")
    low, high = number(at(spec, "minReplicas")), number(at(spec, "maxReplicas"))
    if high is not None and high < 1:
        yield Failure("spec.maxReplicas", high, "1 or more", "not a number of replicas")
    if low is not None and high is not None and low > high:
        yield Failure("spec.minReplicas", low, f"at most maxReplicas, {high}", "bounds must not cross")
    target, version = at(spec, "scaleTargetRef"), text(at(spec, "scaleTargetRef", "apiVersion"))
    kind = text(at(target, "kind"))
    if kind in _SCALABLE and at(target, "apiVersion") != UNKNOWN and version != _SCALABLE[kind]:
        yield Failure(
            "spec.scaleTargetRef.apiVersion", version, _SCALABLE[kind], f'no matches for kind "{kind}" in this version'
        )
    if kind is not None and version in {"apps/v1", "v1", "batch/v1"} and kind not in _SCALABLE:
        yield Failure("spec.scaleTargetRef.kind", kind, ", ".join(_SCALABLE), "it has no replicas to scale")
    for path, metric in entries(at(spec, "metrics"), "spec.metrics"):
        source = _METRIC_SOURCES.get(text(metric.get("type")) or "")
        if source is None or metric.get(source) == UNKNOWN:
            continue
        if metric.get(source) is None:
            yield Failure(
                join(path, source),
                why=f"required for type {metric['type']}, and missing",
                allowed="the source of the metric",
            )
            continue
        field = _TARGET_FIELDS.get(text(at(metric, source, "target", "type")) or "")
        if field is not None and at(metric, source, "target", field) is None:
            yield Failure(
                f"{path}.{source}.target.{field}",
                why="required for this type of target, and missing",
                allowed="a positive number",
            )


def disruption_budget(manifest: Manifest) -> Iterator[Failure]:
    """The rules for a PodDisruptionBudget."""
    low, high = at(manifest, "spec", "minAvailable"), at(manifest, "spec", "maxUnavailable")
    if low not in (None, UNKNOWN) and high not in (None, UNKNOWN):
        yield Failure("spec.maxUnavailable", high, "one of minAvailable and maxUnavailable", "both are set")
    yield from names.selector(at(manifest, "spec", "selector"), "spec.selector")


def claim(manifest: Manifest) -> Iterator[Failure]:
    """The rules for a PersistentVolumeClaim."""
    yield from quantities.claim(at(manifest, "spec"), "spec")


RULES: Mapping[tuple[str, str], Rule] = {
    ("apps", "Deployment"): deployment,
    ("apps", "ReplicaSet"): selects_its_template,
    ("apps", "DaemonSet"): selects_its_template,
    ("apps", "StatefulSet"): stateful_set,
    ("batch", "Job"): job,
    ("autoscaling", "HorizontalPodAutoscaler"): autoscaler,
    ("policy", "PodDisruptionBudget"): disruption_budget,
    ("", "PersistentVolumeClaim"): claim,
    ("", "ResourceQuota"): quantities.quota,
    ("", "LimitRange"): quantities.limit_range,
}
