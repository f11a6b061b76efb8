"""Helm releases: their arguments, their names, and what they leave in the cluster as far as the chart table knows."""

from collections.abc import Iterator, Mapping
from typing import Any

from kubeml_simulator.kubernetes.admission import missing_namespace
from kubeml_simulator.kubernetes.definitions import chart_of, defines
from kubeml_simulator.kubernetes.kinds import RELEASE, Kind
from kubeml_simulator.kubernetes.naming import automatic, identity
from kubeml_simulator.kubernetes.rules.names import label, subdomain
from kubeml_simulator.kubernetes.rules.walk import at, text
from kubeml_simulator.provider.failures import Failure
from kubeml_simulator.provider.values import UNKNOWN, has_unknown
from kubeml_simulator.provider.world import World

_NAME_LIMIT = 53  # https://helm.sh/docs/chart_best_practices, so that names derived from it stay below 63


def complete(urn: str, inputs: dict[str, Any], old: Mapping[str, Any], *, default_namespace: str) -> dict[str, Any]:
    """The arguments of a release with its name and namespace."""
    filled = dict(inputs)
    filled.setdefault("namespace", default_namespace)
    if not filled.get("name"):
        generated = automatic(urn, lambda _: False)
        filled["name"] = old.get("name") if old.get("name", "").startswith(generated.rpartition("-")[0]) else generated
    return filled


def violations(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    """What Helm refuses in the arguments of a release."""
    name, namespace = text(inputs.get("name")), text(inputs.get("namespace"))
    if name is not None and (subdomain(name) or len(name) > _NAME_LIMIT):
        allowed = f"at most {_NAME_LIMIT} lower case letters, digits, '-' and '.'"
        yield Failure("name", name, allowed, "not a name of a release")
    if namespace and (rule := label(namespace)):
        yield Failure("namespace", namespace, rule, "not a valid name")
    chart, repository = text(inputs.get("chart")), at(inputs, "repositoryOpts", "repo")
    if chart == "":
        yield Failure("chart", chart, "a name, a path or an oci:// address", "no chart")
    if text(repository) and not repository.startswith(("https://", "http://", "oci://")):
        yield Failure("repositoryOpts.repo", repository, "an https://, http:// or oci:// address", "not a repository")
    if chart and chart.startswith("oci://") and repository not in (None, "", UNKNOWN):
        yield Failure("repositoryOpts.repo", repository, "nothing", "the chart's own address says where it is")
    row = chart_of(inputs)
    if row is not None and row.key == "nvidia-device-plugin" and namespace == "default":
        yield Failure("namespace", namespace, "any other namespace", "this chart refuses to render into default")


def status(inputs: Mapping[str, Any], *, revision: int) -> dict[str, Any]:
    """What Helm reports about a deployed release."""
    row = chart_of(inputs)
    chart = str(inputs.get("chart") or "")
    return {
        "name": inputs.get("name"),
        "namespace": inputs.get("namespace"),
        "chart": row.chart if row else chart.rsplit("/", 1)[-1],
        "version": inputs.get("version") or (row.version if row else ""),
        "appVersion": row.app_version if row and inputs.get("version") in (None, row.version) else "",
        "revision": revision,
        "status": "deployed",
    }


def resource_names(inputs: Mapping[str, Any]) -> dict[str, list[str]]:
    """The objects of a release by `Kind/apiVersion`, as far as the chart table knows them: workloads and definitions."""
    row = chart_of(inputs)
    if row is None or has_unknown([inputs.get("name"), inputs.get("namespace")]):
        return {}
    found: dict[str, list[str]] = {}
    for each in row.footprint:
        version = "batch/v1" if each.kind in {"Job", "CronJob"} else "apps/v1"
        found.setdefault(f"{each.kind}/{version}", []).append(
            f"{each.namespace or inputs.get('namespace')}/{each.name}"
        )
    if defines(row, inputs):
        names = [Kind(each.group, each.versions[0], kind).resource for each in row.definitions for kind in each.kinds]
        if names:
            found["CustomResourceDefinition/apiextensions.k8s.io/v1"] = names
    return {key: sorted(names) for key, names in sorted(found.items())}


def refusal(inputs: Mapping[str, Any], world: World) -> str:
    """Why Helm does not install the release, empty if it does."""
    namespace, name = str(inputs.get("namespace")), str(inputs.get("name"))
    if world.find(RELEASE, id=identity(namespace, name)) is not None:
        return "cannot re-use a name that is still in use"
    missing = "" if inputs.get("createNamespace") is True else missing_namespace(namespace, world)
    return f"{missing}; set createNamespace, or depend on the namespace" if missing else ""


def state(inputs: Mapping[str, Any], *, preview: bool, old: Mapping[str, Any]) -> dict[str, Any]:
    """The state of a release after an installation or an upgrade."""
    revision = at(old, "status", "revision")
    changed = any(old.get(key) != value for key, value in inputs.items())
    names = resource_names(inputs)
    if preview:
        return {
            **inputs,
            "resourceNames": names or UNKNOWN,
            "status": UNKNOWN if changed else old.get("status", UNKNOWN),
        }
    number = revision + changed if isinstance(revision, int) else 1
    return {**inputs, "resourceNames": names, "status": status(inputs, revision=number)}
