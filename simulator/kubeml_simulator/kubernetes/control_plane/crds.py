"""The definitions of custom kinds: true ones where they are given, else open ones, which take any content, from the chart table."""

import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from kubeml_simulator.kubernetes.control_plane.client import Client
from kubeml_simulator.kubernetes.control_plane.errors import ControlPlaneError
from kubeml_simulator.kubernetes.control_plane.waiting import until
from kubeml_simulator.kubernetes.kinds import Kind
from pulumi_kubeml.catalog.charts import Chart

API_VERSION, KIND = "apiextensions.k8s.io/v1", "CustomResourceDefinition"
_APPROVAL = "api-approved.kubernetes.io"  # asked of groups that are Kubernetes' own
_OPEN = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
_SECONDS = 30.0
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SEPARATOR = re.compile(r"^---.*$", re.MULTILINE)
_IS_DEFINITION = re.compile(r"^kind: *[\"']?CustomResourceDefinition[\"']? *$", re.MULTILINE)
_GROUP = re.compile(r"^  group: *[\"']?([^\s\"']+)", re.MULTILINE)
_KIND = re.compile(r"^    kind: *[\"']?([^\s\"']+)", re.MULTILINE)
Manifest = dict[str, Any]


class Definitions:
    """Definitions by group and kind; reads the true ones once, on first use.

    Args:
        folder: a folder with definitions as YAML files, or archives (`*.tgz`) of such files; None for none.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._texts: dict[tuple[str, str], str] | None = None

    def of_chart(self, row: Chart) -> list[Manifest]:
        """Makes a definition for every kind that a chart defines."""
        wanted: dict[tuple[str, str], tuple[list[str], bool]] = {}
        for each in row.definitions:
            for kind in each.kinds:
                versions, _ = wanted.setdefault((each.group, kind), ([], each.cluster))
                versions += [version for version in each.versions if version not in versions]
        return [self._one(group, kind, *how) for (group, kind), how in wanted.items()]

    def _one(self, group: str, kind: str, versions: list[str], cluster: bool) -> Manifest:
        if self._texts is None:
            self._texts = _indexed(self._folder) if self._folder else {}
        text = self._texts.get((group, kind))
        true = _read(text) if text else None
        if true is not None and {each["name"] for each in true["spec"]["versions"]} & set(versions):
            return true
        return opened(group, kind, versions, cluster=cluster)


def opened(group: str, kind: str, versions: Iterable[str], *, cluster: bool = False) -> Manifest:
    """Makes a definition that takes any content; the first version is the one that is stored.

    >>> opened("kubeflow.org", "TFJob", ["v1"])["metadata"]["name"]
    'tfjobs.kubeflow.org'
    """
    name = Kind(group, "", kind).resource
    names = {"kind": kind, "listKind": f"{kind}List", "plural": name.partition(".")[0], "singular": kind.lower()}
    rows = [
        {"name": version, "served": True, "storage": place == 0, "schema": _OPEN}
        for place, version in enumerate(versions)
    ]
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": name, "annotations": {_APPROVAL: "unapproved, stands for a definition of a chart"}},
        "spec": {"group": group, "names": names, "scope": "Cluster" if cluster else "Namespaced", "versions": rows},
    }


def apply(client: Client, definitions: Sequence[Manifest]) -> None:
    """Applies definitions, leaves the versions that others have brought, and waits until the kinds are served."""
    for each in definitions:
        known = client.get(API_VERSION, KIND, each["metadata"]["name"])
        if known is None:
            client.create(each)  # applying is slow for objects of this size
        else:
            client.apply(_merged(each, known), strict=False)
    served(client, definitions)


def served(client: Client, definitions: Sequence[Mapping[str, Any]]) -> None:
    """Waits until the kinds of applied definitions are served; raises ControlPlaneError if they are not in time."""
    wanted = [
        (f"{each['spec']['group']}/{version['name']}", each["spec"]["names"]["kind"])
        for each in definitions
        for version in each["spec"]["versions"]
        if version.get("served")
    ]

    def missing() -> list[str]:
        return [f"{kind} {version}" for version, kind in wanted if not client.serves(version, kind)]

    until(
        lambda: not missing(),
        seconds=_SECONDS,
        otherwise=lambda: ControlPlaneError(f"the API server does not serve {', '.join(missing())}"),
    )


def _merged(wanted: Manifest, known: Mapping[str, Any]) -> Manifest:
    """Adds the versions that a definition does not have yet; it keeps those that it has."""
    versions = list(known["spec"]["versions"])
    have = {each["name"] for each in versions}
    versions += [{**each, "storage": False} for each in wanted["spec"]["versions"] if each["name"] not in have]
    spec = {key: known["spec"][key] for key in ("group", "names", "scope")}
    return {**wanted, "spec": {**spec, "versions": versions}}


def _indexed(folder: Path) -> dict[tuple[str, str], str]:
    """Finds definitions by group and kind; a definition is read as YAML only when it is wanted, for they are long."""
    if not folder.is_dir():
        raise ControlPlaneError(f"--crds {folder}: is no folder")
    found: dict[tuple[str, str], str] = {}
    for text in _texts(folder):
        for document in _SEPARATOR.split(text):
            group, kind = _GROUP.search(document), _KIND.search(document)
            if _IS_DEFINITION.search(document) and group and kind:
                found[group[1], kind[1]] = document
    if not found:
        raise ControlPlaneError(f"--crds {folder}: there is no definition in it (*.yaml, *.yml or *.tgz)")
    return found


def _texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".yaml", ".yml"}:
            yield path.read_text(encoding="utf-8")
        elif path.name.endswith((".tgz", ".tar.gz")):
            with tarfile.open(path) as archive:
                for member in archive:
                    file = archive.extractfile(member) if member.name.endswith((".yaml", ".yml")) else None
                    if file is not None:
                        yield file.read().decode()


def _read(text: str) -> Manifest:
    document = yaml.load(text, Loader=_LOADER)  # noqa: S506 - the safe loader, written in C
    metadata = document["metadata"]
    approval = (metadata.get("annotations") or {}).get(_APPROVAL) or "unapproved, of a chart"
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": metadata["name"], "annotations": {_APPROVAL: approval}},
        "spec": {key: value for key, value in document["spec"].items() if key != "conversion"},  # no webhook runs
    }
