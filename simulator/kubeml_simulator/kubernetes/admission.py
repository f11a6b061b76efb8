"""What the API server looks up before it makes an object: the kind, the namespace, whether the name is free, and a claim's class."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kubeml_simulator.kubernetes import definitions, volumes
from kubeml_simulator.kubernetes.cluster import ClusterFacts
from kubeml_simulator.kubernetes.kinds import RELEASE, Kind
from kubeml_simulator.kubernetes.naming import identity
from kubeml_simulator.kubernetes.rules.walk import at
from kubeml_simulator.kubernetes.tables import rows
from kubeml_simulator.provider.world import Existing, World

NAMESPACE = "kubernetes:core/v1:Namespace"


def built_in(cloud: str) -> Iterator[Existing]:
    """What a fresh cluster holds: system namespaces and priority classes, and what its cloud or distribution adds."""
    for row in rows("built_in"):
        if row["cloud"] in {"", cloud}:
            properties = json.loads(row["properties"])
            named = {"name": row["name"], **({"namespace": row["namespace"]} if row["namespace"] else {})}
            metadata = {**named, **properties.pop("metadata", {})}
            yield Existing(
                "", row["token"], identity(row["namespace"], row["name"]), {"metadata": metadata, **properties}
            )


def namespaces(world: World) -> set[str]:
    """The namespaces that exist: the system's, those made as objects, by releases that make theirs, by applied manifests."""
    found = {held.id for held in (*built_in(""), *world.all(NAMESPACE)) if held.token == NAMESPACE}
    for release in world.all(RELEASE):
        if release.state.get("createNamespace") is True:
            found.add(str(release.state.get("namespace")))
    for token, argument in definitions.SOURCES.items():
        for source in world.all(token):
            place = source.state.get(argument)
            for each in place if isinstance(place, list) else [place]:
                found |= set(_applied(each)) if isinstance(each, str) else set()
    return found


def _applied(place: str) -> Iterator[str]:
    yield from (row.namespace for row in definitions.rows_of_source(place))
    for document in definitions.local_documents(place):
        if document.get("kind") == "Namespace" and at(document, "metadata", "name"):
            yield at(document, "metadata", "name")


def storage_classes(world: World, cloud: str) -> dict[str, Mapping[str, Any]]:
    """The storage classes of the cluster by name: its cloud's own, then those that were made."""
    own = {held.id: held.state for held in built_in(cloud) if held.token == volumes.CLASS}
    return {**own, **{held.id: held.state for held in world.all(volumes.CLASS)}}


def refusal(
    kind: Kind, token: str, inputs: Mapping[str, Any], world: World, facts: ClusterFacts, *, custom: bool
) -> str:
    """Why the API server does not make the object, empty if it does.

    >>> service = {"metadata": {"namespace": "research", "name": "ml-model"}}
    >>> refusal(Kind("", "v1", "Service"), "kubernetes:core/v1:Service", service, World(), ClusterFacts(), custom=False)
    'namespaces "research" not found'
    """
    if custom and (reason := definitions.refusal(world, kind, facts.cloud)):
        return reason
    metadata = inputs.get("metadata")
    namespace, name = at(metadata, "namespace") or "", at(metadata, "name") or ""
    if kind.namespaced and (reason := missing_namespace(namespace, world)):
        return reason
    own = {(held.token, held.id) for held in built_in(facts.cloud)}
    if name and (
        (token, identity(namespace, name)) in own or world.find(token, id=identity(namespace, name)) is not None
    ):
        return f'{kind.resource} "{name}" already exists'
    if token == volumes.CLAIM:
        try:
            volumes.bind(inputs, storage_classes(world, facts.cloud), volume="", region=facts.region)
        except volumes.UnbindableError as unbindable:
            return f"the claim would stay Pending: {unbindable}"
    return ""


def missing_namespace(namespace: str, world: World) -> str:
    """`namespaces "x" not found`, or empty when it exists or something unknown was applied that may have made it."""
    if namespace in namespaces(world) or definitions.manifests_unknown(world):
        return ""
    return f'namespaces "{namespace}" not found'
