"""Helm releases and kustomizations: opaque in a graph, so their pods come from the footprints of the chart table.

The table knows what a chart's pods ask for; where they may run is in the release's own values. Tolerations and node
selectors found there count for every pod of the release that is not one a node.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.values import dig, is_unknown
from pulumi_kubeml.capacity.model import Pod
from pulumi_kubeml.catalog.charts import Chart, Workload, charts, released

KUSTOMIZATION = "kubernetes:kustomize/v2:Directory"
TOKENS = ("kubernetes:helm.sh/v3:Release", "kubernetes:helm.sh/v4:Chart", KUSTOMIZATION)
_GPU_NODES = ({"matchExpressions": [{"key": "nvidia.com/gpu.present", "operator": "In", "values": ["true"]}]},)


def release_pods(release: Resource, cluster: str) -> Iterator[Pod]:
    """Yield the pods that a release keeps running; none for a chart that the table does not know.

    Raises Undetermined while the chart's name is not known.
    """
    row = _row(release)
    if row is None:
        return
    values = release.properties
    settings = dig(values, "values")
    tolerations = tuple(_tolerations(settings))
    selectors = list(_selectors(settings))
    selector = selectors[0] if selectors and all(each == selectors[0] for each in selectors) else {}
    named = values.get("namespace")
    home = named if isinstance(named, str) and named else row.namespace
    for workload in row.footprint:
        daemon = workload.replicas is None
        yield Pod(
            name=workload.name,
            namespace=workload.namespace or home,
            replicas=1 if workload.replicas is None else workload.replicas,
            requests={key: value for key, value in (("cpu", workload.cpu), ("memory", workload.memory)) if value},
            node_selector=dict(workload.selector) if daemon else {**workload.selector, **selector},
            affinity=_GPU_NODES if daemon and workload.runs_on == "gpu" else (),
            tolerations=(*_taint_of(workload), *tolerations),
            daemon=daemon,
            kind="Release",
            urn=release.urn,
            cluster=cluster,
        )


def _row(release: Resource) -> Chart | None:
    values = release.properties
    if release.type == KUSTOMIZATION:
        directory = str(values.get("directory") or "")
        return next((row for row in charts().values() if not row.chart and row.repository == directory), None)
    repository = dig(values, "repositoryOpts", "repo")
    return released(str(values.get("chart") or ""), None if repository is None else str(repository))


def _taint_of(workload: Workload) -> tuple[Mapping[str, Any], ...]:
    if workload.gpu_taint is True:
        return (
            ({"operator": "Exists"},)
            if workload.runs_on == "linux"
            else ({"key": "nvidia.com/gpu", "operator": "Exists"},)
        )
    return ({"key": "nvidia.com/gpu", "value": workload.gpu_taint},) if workload.gpu_taint else ()


def _tolerations(values: Any) -> Iterator[Mapping[str, Any]]:
    for key, value in _settings(values):
        if key == "tolerations" and isinstance(value, list):
            yield from (entry for entry in value if isinstance(entry, dict))


def _selectors(values: Any) -> Iterator[Mapping[str, str]]:
    for key, value in _settings(values):
        if key == "nodeSelector" and isinstance(value, dict) and value:
            yield value


def _settings(values: Any) -> Iterator[tuple[str, Any]]:
    """Yield every key and value below a release's values, unknown ones left out."""
    if is_unknown(values):
        return
    if isinstance(values, dict):
        for key, value in values.items():
            if not is_unknown(value):
                yield key, value
                yield from _settings(value)
    elif isinstance(values, list):
        for value in values:
            yield from _settings(value)
