"""Pods: containers and their names, ports, mounts, probes and amounts; volumes; tolerations."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kubeml_simulator.kubernetes.rules import quantities
from kubeml_simulator.kubernetes.rules.names import label, subdomain
from kubeml_simulator.kubernetes.rules.walk import Manifest, at, entries, number, pod_spec, text
from kubeml_simulator.provider.failures import Failure
from kubeml_simulator.provider.values import UNKNOWN, has_unknown, join

_PORT_NAME = re.compile(r"(?!.*--)(?=.*[a-z])[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?")
_ENVIRONMENT_NAME = re.compile(r"[^=\x00-\x1f\x7f]+")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_RESTART = {
    "Deployment": ("Always",), "ReplicaSet": ("Always",), "StatefulSet": ("Always",), "DaemonSet": ("Always",),
    "ReplicationController": ("Always",), "Job": ("OnFailure", "Never"), "CronJob": ("OnFailure", "Never"),
}  # fmt: skip


def template(kind: str, manifest: Manifest) -> Iterator[Failure]:
    """The rules for the pod template of any built-in kind that has one."""
    found = pod_spec(kind, manifest)
    if found is None:
        return
    path, spec = found
    volumes = _volume_names(kind, manifest, spec)
    seen: set[str] = set()
    if spec.get("containers") in (None, []):
        yield Failure(join(path, "containers"), why="required, and missing", allowed="at least one container")
    for field in ("initContainers", "containers"):
        for where, content in entries(spec.get(field), join(path, field)):
            name = text(content.get("name"))
            if name in seen:
                yield Failure(join(where, "name"), name, "a name that no other container of the pod has", "duplicate")
            if name is not None:
                seen.add(name)
            yield from _container(where, content, volumes, kind)
    yield from _volumes(spec, path)
    for where, toleration in entries(spec.get("tolerations"), join(path, "tolerations")):
        yield from _toleration(where, toleration)
    policy = text(spec.get("restartPolicy"))
    if (
        kind in _RESTART
        and policy not in _RESTART[kind]
        and spec.get("restartPolicy") != UNKNOWN
        and (policy or kind in {"Job", "CronJob"})
    ):
        yield Failure(
            join(path, "restartPolicy"), policy, ", ".join(_RESTART[kind]), f"the pods of a {kind} restart otherwise"
        )


def _volume_names(kind: str, manifest: Manifest, spec: Mapping[str, Any]) -> set[str] | None:
    """The names that a mount may use, or None while one of them is not known."""
    sources = [spec.get("volumes")]
    if kind == "StatefulSet":
        sources.append([at(t, "metadata") for t in at(manifest, "spec", "volumeClaimTemplates") or []])
    names: set[str] = set()
    for source in sources:
        for entry in source if isinstance(source, list) else []:
            name = text(at(entry, "name"))
            if name is None:
                return None
            names.add(name)
        if source == UNKNOWN:
            return None
    return None if at(manifest, "spec", "volumeClaimTemplates") == UNKNOWN else names


def _container(path: str, content: Mapping[str, Any], volumes: set[str] | None, kind: str) -> Iterator[Failure]:
    name, image = text(content.get("name")), content.get("image")
    if name is not None and (rule := label(name)):
        yield Failure(join(path, "name"), name, rule, "not a valid name")
    if image is None and kind != "PodTemplate":
        yield Failure(join(path, "image"), why="required, and missing", allowed="an image reference")
    elif isinstance(image, str) and (not image or image != image.strip()):
        yield Failure(join(path, "image"), image, "an image reference without spaces around it", "not an image")
    yield from quantities.container(content.get("resources"), join(path, "resources"))
    yield from _ports(content.get("ports"), join(path, "ports"))
    for where, variable in entries(content.get("env"), join(path, "env")):
        given = text(variable.get("name"))
        if given is not None and not _ENVIRONMENT_NAME.fullmatch(given):
            yield Failure(join(where, "name"), given, "printable characters without '='", "not a name of a variable")
        if variable.get("value") not in (None, "", UNKNOWN) and variable.get("valueFrom") not in (None, UNKNOWN):
            yield Failure(join(where, "valueFrom"), why="value is set too", allowed="one of value and valueFrom")
    mounted: set[str] = set()
    for where, mount in entries(content.get("volumeMounts"), join(path, "volumeMounts")):
        volume, target = text(mount.get("name")), text(mount.get("mountPath"))
        if volumes is not None and volume is not None and volume not in volumes:
            yield Failure(
                join(where, "name"),
                volume,
                ", ".join(sorted(volumes)) or "none: the pod has no volumes",
                "no such volume",
            )
        if target in mounted:
            yield Failure(join(where, "mountPath"), target, "a path that nothing else is mounted at", "duplicate")
        if target is not None:
            mounted.add(target)
    for probe in _PROBES:
        yield from _probe(content.get(probe), join(path, probe))


def _ports(content: Any, path: str) -> Iterator[Failure]:
    names: set[str] = set()
    for where, port in entries(content, path):
        for field in ("containerPort", "hostPort"):
            yield from port_number(port.get(field), join(where, field))
        name = text(port.get("name"))
        if name is None:
            continue
        if not _PORT_NAME.fullmatch(name):
            allowed = "at most 15 lower case letters, digits and single '-', at least one letter"
            yield Failure(join(where, "name"), name, allowed, "not a name of a port")
        if name in names:
            yield Failure(join(where, "name"), name, "a name that no other port of the container has", "duplicate")
        names.add(name)


def port_number(value: Any, path: str) -> Iterator[Failure]:
    """The rule for a port number."""
    given = number(value)
    if given is not None and not 1 <= given <= 65535:
        yield Failure(path, given, "1 to 65535", "not a port")


def _probe(probe: Any, path: str) -> Iterator[Failure]:
    if not isinstance(probe, Mapping):
        return
    handlers = [name for name in _HANDLERS if probe.get(name) is not None]
    if len(handlers) != 1 and not any(probe.get(name) == UNKNOWN for name in _HANDLERS):
        why = "no handler" if not handlers else f"{len(handlers)} handlers: {', '.join(handlers)}"
        yield Failure(path, why=why, allowed=f"exactly one of {', '.join(_HANDLERS)}")
    for handler in ("httpGet", "tcpSocket", "grpc"):
        yield from port_number(at(probe, handler, "port"), f"{path}.{handler}.port")
    if path.endswith(("livenessProbe", "startupProbe")):
        threshold = number(probe.get("successThreshold"))
        if threshold not in (None, 1):
            yield Failure(
                join(path, "successThreshold"), threshold, "1", "only readiness may want more than one success"
            )


def _volumes(spec: Mapping[str, Any], path: str) -> Iterator[Failure]:
    seen: set[str] = set()
    for where, volume in entries(spec.get("volumes"), join(path, "volumes")):
        name = text(volume.get("name"))
        if name in seen:
            yield Failure(join(where, "name"), name, "a name that no other volume of the pod has", "duplicate")
        if name is not None:
            seen.add(name)
            if rule := label(name):
                yield Failure(join(where, "name"), name, rule, "not a valid name")
        sources = [key for key, value in volume.items() if key != "name" and value is not None]
        if len(sources) > 1 and not any(volume[key] == UNKNOWN for key in sources):
            yield Failure(
                where, why=f"{len(sources)} sources: {', '.join(sorted(sources))}", allowed="exactly one source"
            )
        claim = text(at(volume, "persistentVolumeClaim", "claimName"))
        if claim is not None and (rule := subdomain(claim)):
            yield Failure(f"{where}.persistentVolumeClaim.claimName", claim, rule, "not a valid name")
        size = at(volume, "emptyDir", "sizeLimit")
        if size is not None and not has_unknown(size):
            yield from quantities.quantity(size, f"{where}.emptyDir.sizeLimit")[1]


def _toleration(path: str, toleration: Mapping[str, Any]) -> Iterator[Failure]:
    operator, value = text(toleration.get("operator")), text(toleration.get("value"))
    if operator == "Exists" and value:
        yield Failure(join(path, "value"), value, "no value", "operator Exists compares no value")
    if toleration.get("key") in (None, "") and operator != "Exists" and toleration.get("operator") != UNKNOWN:
        yield Failure(join(path, "operator"), operator, "Exists", "a toleration without a key tolerates every taint")
    effect = toleration.get("effect")
    if toleration.get("tolerationSeconds") not in (None, UNKNOWN) and effect not in ("NoExecute", UNKNOWN):
        yield Failure(join(path, "effect"), effect, "NoExecute", "tolerationSeconds is set")
