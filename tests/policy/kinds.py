"""One resource of every kind that carries pods, made from the table of kinds itself."""

from typing import Any

from pulumi_kubeml.capacity.graph.templates import Row, table

LISTS = {"workerGroupSpecs", "replicatedJobs", "runtimePatches", "canary"}
ROWS = [row for rows in table().values() for row in rows]
WHOLE = [row for row in ROWS if not row.partial]
WHOLE_IDS = [f"{row.kind}{'/' + row.role if row.role else ''}:{row.path}" for row in WHOLE]
BUILT_IN = {"": "core/v1", "apps": "apps/v1", "batch": "batch/v1"}

GOOD: dict[str, Any] = {
    "name": "main",
    "image": f"registry.example.com/app:v1.0.0@sha256:{'a' * 64}",
    "resources": {"requests": {"cpu": "1", "memory": "1Gi"}},
}
"""A container that every check of pods lets pass."""


def token(row: Row) -> str:
    """The type token of a row's kind."""
    return f"kubernetes:{BUILT_IN.get(row.group, row.group + '/v1')}:{row.kind}"


def resource(kind: str, name: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A resource in the exchange format."""
    return {"urn": f"urn:pulumi:dev::test::{kind}::{name}", "custom": True, "type": kind, "inputs": inputs, **more}


def carrying(row: Row, container: Any, spec: dict[str, Any] | None = None) -> tuple[dict[str, Any], str, str]:
    """A resource of the row's kind with one container; with it the paths of the pod spec and of the container."""
    path = row.path.split("|")[0]
    if row.holds == "container":
        values = dict(container) if isinstance(container, dict) else container
        if isinstance(values, dict) and "resources" in values:
            values["resourcesPerNode"] = values.pop("resources")
        inputs, place = _nest(path, values)
        return resource(token(row), "it", inputs), place, place
    pod = {**(spec or {}), "containers": [container]}
    inputs, place = _nest(path, {"spec": pod} if row.holds == "template" else pod)
    if row.holds == "template":
        place = f"{place}.spec".lstrip(".")
    return (
        resource(token(row), "it", {"metadata": {"name": "it", "namespace": "research"}, **inputs}),
        place,
        f"{place}.containers[0]",
    )


def _nest(path: str, inner: Any) -> tuple[dict[str, Any], str]:
    """Values with something at a path of the table, and that place as findings write it."""
    steps = path.split(".") if path else []
    value = inner
    for index in range(len(steps) - 1, -1, -1):
        step = steps[index]
        key = "worker" if step == "*" else step
        value = [value] if step == "*" and steps[index - 1] in LISTS else {key: value}
    place = ""
    for index, step in enumerate(steps):
        if step == "*":
            place += "[0]" if steps[index - 1] in LISTS else ".worker"
        else:
            place += f".{step}"
    return value, place.lstrip(".")
