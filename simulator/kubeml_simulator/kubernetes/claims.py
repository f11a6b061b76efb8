"""The claims of a cluster and their volumes: what becomes of a new one, and which are bound by now."""

from collections.abc import Iterator, Mapping
from typing import Any

from kubeml_simulator.kubernetes.admission import storage_classes
from kubeml_simulator.kubernetes.cluster import ClusterFacts
from kubeml_simulator.kubernetes.rules.walk import at, pod_spec
from kubeml_simulator.kubernetes.state import Moment, uid
from kubeml_simulator.kubernetes.volumes import CLAIM, Binding, UnbindableError, bind
from kubeml_simulator.provider.world import Existing, World

_WORKLOADS = (
    *(f"kubernetes:apps/v1:{kind}" for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")),
    *(f"kubernetes:{place}" for place in ("core/v1:Pod", "batch/v1:Job", "batch/v1:CronJob")),
)


def binding(claim: Mapping[str, Any], urn: str, world: World, facts: ClusterFacts) -> Binding:
    """What becomes of a claim in this cluster. Raises UnbindableError."""
    volume = f"pvc-{uid(Moment(urn, preview=False, old={}), at(claim, 'metadata', 'name'))}"
    return bind(claim, storage_classes(world, facts.cloud), volume=volume, region=facts.region)


def completed(
    claim: Mapping[str, Any], urn: str, old: Mapping[str, Any], world: World, facts: ClusterFacts
) -> dict[str, Any]:
    """A claim with its class, its volume and its status; one that has a volume already keeps it. Raises UnbindableError."""
    kept = at(old, "spec", "volumeName")
    if not kept:
        bound = binding(claim, urn, world, facts)
        return {**claim, "spec": bound.spec, "status": bound.status}
    spec = {**(at(old, "spec") or {}), **(at(claim, "spec") or {}), "volumeName": kept}
    status = {**(at(old, "status") or {}), "capacity": {"storage": at(spec, "resources", "requests", "storage")}}
    return {**claim, "spec": spec, "status": status}


def bindings(world: World, facts: ClusterFacts) -> Iterator[tuple[str, Binding]]:
    """Every claim that has its volume by now, by id: at once, or because a workload in its namespace uses it."""
    used = {
        f"{at(workload.state, 'metadata', 'namespace')}/{name}"
        for token in _WORKLOADS
        for workload in world.all(token)
        for name in _mounted(workload)
    }
    for claim in world.all(CLAIM):
        try:
            found = binding(claim.state, claim.urn, world, facts)
        except UnbindableError:
            continue  # its class is not known here, or no more
        if not found.waits or claim.id in used:
            yield claim.id, found


def _mounted(workload: Existing) -> Iterator[str]:
    """The claims that the pods of a workload mount."""
    found = pod_spec(str(workload.state.get("kind")), workload.state)
    listed = at(found[1], "volumes") if found else None
    for volume in listed if isinstance(listed, list) else []:
        name = at(volume, "persistentVolumeClaim", "claimName")
        if isinstance(name, str):
            yield name
