"""The configuration of the Kubernetes provider: which cluster it names, what is wrong with it, what a change of it means."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kubeml_simulator.kubernetes import cluster
from kubeml_simulator.provider.difference import Change
from kubeml_simulator.provider.failures import Failure
from kubeml_simulator.provider.sdk import Schema
from kubeml_simulator.provider.values import UNKNOWN, reveal
from pulumi_kubeml.catalog import distribution_of

_ENGINE = {"version", "pluginDownloadURL", "pluginChecksums"}  # the engine's own
_CLUSTER_SETTINGS = {"cluster", "context", "clusterIdentifier"}


def facts(config: Mapping[str, Any]) -> cluster.ClusterFacts:
    """What a configuration says about its cluster; without a kubeconfig, no more than the name of the context does.

    >>> facts({"namespace": "research"})
    ClusterFacts(server='', version='', cloud='', region='')
    >>> facts({"context": "kind-ml"}).cloud
    'kind'
    """
    kubeconfig, given = config.get("kubeconfig"), config.get("context")
    context = given if isinstance(given, str) and given != UNKNOWN else ""
    if not isinstance(kubeconfig, str) or kubeconfig == UNKNOWN:
        known = distribution_of(context)
        return cluster.ClusterFacts(cloud=known.name if known else "")
    return _read(kubeconfig, context)


def server(provider: Mapping[str, Any]) -> str:
    """The address of the cluster that a provider resource of some state leads to; empty where that is not told."""
    try:
        return facts(reveal(provider.get("inputs") or {})).server
    except cluster.KubeconfigError:
        return ""


def _read(kubeconfig: str, context: str) -> cluster.ClusterFacts:
    """A kubeconfig may be given as text, or as the path of a file."""
    if kubeconfig and "\n" not in kubeconfig and "{" not in kubeconfig and Path(kubeconfig).expanduser().is_file():
        kubeconfig = Path(kubeconfig).expanduser().read_text(encoding="utf-8")
    return cluster.read(kubeconfig, context)


def failures(config: Mapping[str, Any]) -> Iterator[Failure]:
    """What is wrong with a configuration; nothing of a kubeconfig is ever shown."""
    yield from Schema.for_package("pulumi_kubernetes").failures("pulumi:providers:kubernetes", _decoded(config))
    try:
        facts(config)
    except cluster.KubeconfigError as error:
        yield Failure("kubeconfig", why=f"the kubeconfig {error}", allowed="a kubeconfig, or the path of one")


def replaces(change: Change) -> bool:
    """Whether a change leads to another cluster; another way into the same one does not."""
    if change.top != "kubeconfig":
        return change.top in _CLUSTER_SETTINGS
    given = (change.old, change.new)
    if UNKNOWN in given or not all(isinstance(value, str) for value in given):
        return False
    return _read(change.old, "").server != _read(change.new, "").server


def on(value: Any) -> bool:
    """Whether a switch is on; the SDK sends it as JSON text."""
    return str(value).lower() == "true"


def _decoded(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with the switches that the SDK sends as JSON text as what they are."""
    return {
        key: on(value) if value in ("true", "false") else value for key, value in config.items() if key not in _ENGINE
    }
