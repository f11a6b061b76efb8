"""What a kubeconfig says about its cluster: the address, the version of the API server, the cloud and region it stands in.

A kubeconfig has no field for the version of its cluster, but clusters may carry named extensions. The simulated and the component's own
kubeconfigs use `{name: kubeml.io/cluster, extension: {kubernetesVersion: "1.35", cloud: gcp}}`; without it the version counts as unknown, and
inputs are checked against the newest version that has schemas. The cloud is said where the address does not tell it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from pulumi_kubeml.catalog import distribution_of

EXTENSION = "kubeml.io/cluster"
_EKS = re.compile(r"^https://[0-9A-Za-z-]+\.[0-9a-z-]+\.(?P<region>[a-z0-9-]+)\.eks\.amazonaws\.com(\.cn)?$")


@dataclass(frozen=True)
class ClusterFacts:
    """What is known about the cluster behind a provider; an empty string is an unknown fact."""

    server: str = ""
    version: str = ""
    cloud: str = ""
    """The cloud, or the distribution that names its contexts as this one is named ("kind")."""
    region: str = ""


class KubeconfigError(ValueError):
    """A kubeconfig that is no kubeconfig; the message never holds any of its content."""


@cache
def read(kubeconfig: str, context: str = "") -> ClusterFacts:
    """The facts of a kubeconfig's current (or the given) context.

    Raises:
        KubeconfigError: if the text is not YAML or lacks the context or its cluster.

    >>> read('{"apiVersion": "v1", "kind": "Config", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c"}}],'
    ...      '"clusters": [{"name": "c", "cluster": {"server": "https://A1.gr7.us-east-1.eks.amazonaws.com"}}]}').region
    'us-east-1'
    """
    try:
        document = yaml.safe_load(kubeconfig)
    except yaml.YAMLError:
        raise KubeconfigError("is not YAML") from None
    if not isinstance(document, Mapping):
        raise KubeconfigError("is not a mapping with clusters, contexts and users")
    wanted = context or document.get("current-context")
    chosen = _named(document, "contexts", wanted)
    if chosen is None:
        raise KubeconfigError(f"has no context {wanted!r}")
    name = (chosen.get("context") or {}).get("cluster")
    entry = _named(document, "clusters", name)
    if entry is None:
        raise KubeconfigError(f"has no cluster {name!r}, which its context refers to")
    cluster = entry.get("cluster") or {}
    server = str(cluster.get("server") or "")
    eks, said = _EKS.match(server), _extension(cluster.get("extensions"))
    known = distribution_of(str(wanted or ""))
    return ClusterFacts(
        server=server,
        version=str(said.get("kubernetesVersion") or ""),
        cloud="aws" if eks else str(said.get("cloud") or (known.name if known else "")),
        region=eks["region"] if eks else "",
    )


def _named(document: Mapping[str, Any], section: str, name: Any) -> Mapping[str, Any] | None:
    entries = document.get(section)
    candidates = entries if isinstance(entries, list) else []
    return next((e for e in candidates if isinstance(e, Mapping) and e.get("name") == name), None)


def _extension(extensions: Any) -> Mapping[str, Any]:
    for extension in extensions if isinstance(extensions, list) else []:
        if isinstance(extension, Mapping) and extension.get("name") == EXTENSION:
            content = extension.get("extension")
            return content if isinstance(content, Mapping) else {}
    return {}
