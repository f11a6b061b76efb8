"""What is wrong with the inputs of a resource: its shape in the cluster's version of Kubernetes, then what must agree within it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kubeml_simulator.kubernetes import releases, rules, schemas
from kubeml_simulator.kubernetes.kinds import RELEASE, Kind, kind_of
from kubeml_simulator.kubernetes.rules.walk import at
from kubeml_simulator.provider.failures import Failure
from kubeml_simulator.provider.sdk import Schema
from kubeml_simulator.provider.values import UNKNOWN


def sdk() -> Schema:
    """The names and types of the installed pulumi_kubernetes."""
    return Schema.for_package("pulumi_kubernetes")


def is_custom(token: str) -> bool:
    """Whether a type is a custom resource: the SDK has no class of its own for it.

    >>> is_custom("kubernetes:kubeflow.org/v1:TFJob"), is_custom("kubernetes:apps/v1:Deployment")
    (True, False)
    """
    return token not in sdk().tokens


def failures(token: str, inputs: Mapping[str, Any], version: str) -> list[Failure]:
    """Everything that is wrong with the inputs of any type of the package; unknown values are never judged.

    Args:
        token: the resource's type.
        inputs: its inputs, secrets revealed.
        version: the cluster's version of Kubernetes; empty when it is not known, then the newest with schemas counts, and is named.

    >>> [failure.path for failure in failures("kubernetes:core/v1:ConfigMap", {"data": {"size": 3}}, "1.35")]
    ['data.size']
    """
    if token == RELEASE:
        return [*sdk().failures(token, inputs), *releases.violations(inputs)]
    kind, checked = kind_of(token), schemas.nearest(version)
    if is_custom(token):
        return [*_custom_shape(inputs), *rules.violations(kind, inputs)]
    if schemas.serves(checked, kind.api_version, kind.name):
        manifest = {"apiVersion": kind.api_version, "kind": kind.name, **inputs}
        shape = schemas.failures(checked, manifest, partial=kind.form == "patch")
        found = shape if version else list(_guessed(shape, checked))
        return [*found, *_patch_target(kind, inputs), *rules.violations(kind, inputs)]
    served = schemas.serving(kind.api_version, kind.name)
    if served:
        why = f'no matches for kind "{kind.name}" in version "{kind.api_version}" on Kubernetes {checked}'
        return [Failure("apiVersion", kind.api_version, f"Kubernetes {served[0]} to {served[-1]} have it", why)]
    return [*sdk().failures(token, inputs), *rules.violations(kind, inputs)]


def _guessed(found: Iterable[Failure], version: str) -> Iterator[Failure]:
    """The failures, each with the version that was asked because the cluster's is not known."""
    for failure in found:
        why = f"{failure.why} (Kubernetes {version}; the cluster's version is not known)"
        yield Failure(failure.path, failure.value, failure.allowed, why)


def _custom_shape(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    for field in ("apiVersion", "kind"):
        if not inputs.get(field):
            yield Failure(field, why="required, and missing")
    metadata = inputs.get("metadata")
    if metadata not in (None, UNKNOWN) and not isinstance(metadata, Mapping):
        yield Failure("metadata", metadata, "an object", "wrong type")


def _patch_target(kind: Kind, inputs: Mapping[str, Any]) -> Iterator[Failure]:
    if kind.form == "patch" and at(inputs, "metadata", "name") in (None, ""):
        yield Failure("metadata.name", why="required, and missing", allowed="the name of the object to patch")
