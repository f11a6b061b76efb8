"""Which custom kinds the cluster serves: those of the charts, manifests and definitions that were applied to it, and the cloud's own.

What is inside a Helm release or a kustomization is known from the chart table of pulumi_kubeml. As soon as something was applied whose
content is not known, a kind that nothing known defines is not refused any more.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from kubeml_simulator.kubernetes.kinds import RELEASE, Kind
from kubeml_simulator.kubernetes.rules.walk import at
from kubeml_simulator.kubernetes.tables import rows
from kubeml_simulator.provider.world import World
from pulumi_kubeml.catalog.charts import Chart, charts, released

DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
SOURCES: Mapping[str, str] = {
    "kubernetes:kustomize/v2:Directory": "directory",
    "kubernetes:yaml/v2:ConfigFile": "file",
    "kubernetes:yaml/v2:ConfigGroup": "files",
    "kubernetes:helm.sh/v4:Chart": "chart",
}
Served = tuple[str, str, str]  # group, version, kind


def refusal(world: World, kind: Kind, cloud: str) -> str:
    """What the API server says to an object of a kind that it does not serve; empty if it serves it, or may do so.

    >>> refusal(World(), Kind("kubeflow.org", "v1", "TFJob"), "aws")
    'no matches for kind "TFJob" in version "kubeflow.org/v1": nothing in this cluster defines it; the chart table has it in training-operator'
    """
    served = set(_served(world, cloud))
    if (kind.group, kind.version, kind.name) in served or (content_unknown(world) and not _elsewhere(kind, served)):
        return ""
    versions = sorted(version for group, version, name in served if (group, name) == (kind.group, kind.name))
    if versions:
        hint = f"it is served in {', '.join(f'{kind.group}/{version}' for version in versions)}"
    else:
        known = sorted(row.key for row in charts().values() if (kind.group, kind.name) in row.kinds)
        hint = "nothing in this cluster defines it"
        hint += f"; the chart table has it in {', '.join(known)}" if known else ""
    return f'no matches for kind "{kind.name}" in version "{kind.api_version}": {hint}'


def _elsewhere(kind: Kind, served: set[Served]) -> bool:
    return any((group, name) == (kind.group, kind.name) for group, _, name in served)


def _served(world: World, cloud: str) -> Iterator[Served]:
    yield from ((group, version, kind) for group, versions, kind in of_cloud(cloud) for version in versions)
    for resource in world.all(DEFINITION):
        yield from of_definition(resource.state)
    for resource in world.all(RELEASE):
        row = chart_of(resource.state)
        if row is not None and defines(row, resource.state):
            yield from of_chart(row)
    for token, argument in SOURCES.items():
        for resource in world.all(token):
            yield from _of_source(resource.state.get(argument))


def of_cloud(cloud: str) -> Iterator[tuple[str, list[str], str]]:
    """The kinds that a cloud's clusters serve by themselves: group, versions and kind of each.

    >>> [kind for group, _, kind in of_cloud("gcp") if group == "networking.gke.io"]
    ['Network', 'GKENetworkParamSet']
    """
    for row in rows("cloud_definitions"):
        if row["cloud"] == cloud:
            yield from ((row["group"], row["versions"].split(), kind) for kind in row["kinds"].split())


def chart_of(release: Mapping[str, Any]) -> Chart | None:
    """The row of the chart table that a Helm release installs, or None."""
    chart, repository = release.get("chart"), at(release, "repositoryOpts", "repo")
    return released(chart, repository) if isinstance(chart, str) else None


def defines(row: Chart, release: Mapping[str, Any]) -> bool:
    """Whether a release with these values brings the chart's definitions along."""
    if release.get("skipCrds") is True:
        return False
    switches = [switch for switch in rows("definition_switches") if switch["chart"] == row.key]
    for switch in switches:
        given = at(release.get("values"), *switch["value"].split("."))
        if (switch["default"] == "true" if given is None else given) is False:
            return False
    return True


def of_chart(row: Chart) -> Iterator[Served]:
    """Every kind that a row of the chart table defines, in every version."""
    for each in row.definitions:
        yield from ((each.group, version, kind) for version in each.versions for kind in each.kinds)


def of_definition(manifest: Mapping[str, Any]) -> Iterator[Served]:
    """The kinds of one CustomResourceDefinition: its served versions."""
    spec = manifest.get("spec")
    versions = at(spec, "versions")
    for version in versions if isinstance(versions, list) else []:
        if at(version, "served") is not False:
            yield at(spec, "group"), at(version, "name"), at(spec, "names", "kind")


def rows_of_source(source: str) -> list[Chart]:
    """The rows of the chart table that a kustomization or manifest at this address holds."""
    return [row for row in charts().values() if not row.chart and source.rstrip("/") == row.repository.rstrip("/")]


def _of_source(source: Any) -> Iterator[Served]:
    for place in source if isinstance(source, list) else [source]:
        if isinstance(place, str):
            for row in rows_of_source(place):
                yield from of_chart(row)
            for document in local_documents(place):
                if document.get("kind") == "CustomResourceDefinition":
                    yield from of_definition(document)


def local_documents(place: str) -> list[Mapping[str, Any]]:
    """The objects of a manifest file on this machine; none for an address, a folder or anything that cannot be read."""
    if "://" in place or not Path(place).is_file():
        return []
    try:
        documents = list(yaml.safe_load_all(Path(place).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return []
    return [document for document in documents if isinstance(document, Mapping)]


def content_unknown(world: World) -> bool:
    """Whether something was applied of which nobody here knows what it defines."""
    return manifests_unknown(world) or any(chart_of(resource.state) is None for resource in world.all(RELEASE))


def manifests_unknown(world: World) -> bool:
    """Whether a kustomization or manifest was applied whose content nobody here knows."""
    for token, argument in SOURCES.items():
        for resource in world.all(token):
            source = resource.state.get(argument)
            places = source if isinstance(source, list) else [source]
            if any(
                not isinstance(place, str) or not (rows_of_source(place) or local_documents(place)) for place in places
            ):
                return True
    return False
