"""Reading a graph of resources back into pools, pods and quotas; the one place where that is done.

Input is the exchange format: a list of resources as in Pulumi's deployment format. Nothing else is read.

>>> deployment = {"urn": "urn:pulumi:dev::p::kubernetes:apps/v1:Deployment::chat", "type": "kubernetes:apps/v1:Deployment",
...     "inputs": {"metadata": {"name": "chat", "namespace": "research"}, "spec": {"replicas": 3, "template": {"spec": {
...         "containers": [{"name": "server", "resources": {"limits": {"nvidia.com/gpu": 1}}}]}}}}}
>>> for pod in pods([deployment]):
...     print(pod, pod.namespace, pod.replicas, pod.requests)
chat research 3 {'nvidia.com/gpu': 1}
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_kubeml.capacity.graph.claims import Claims
from pulumi_kubeml.capacity.graph.index import Graph
from pulumi_kubeml.capacity.graph.landing import landing, scaling
from pulumi_kubeml.capacity.graph.pods import known_pod
from pulumi_kubeml.capacity.graph.resource import Kind, Resource, kind_of
from pulumi_kubeml.capacity.graph.templates import Container, Template, templates
from pulumi_kubeml.capacity.graph.values import UNKNOWN, Undetermined, Unknown, is_unknown, view
from pulumi_kubeml.capacity.model import Pod, Pool, Quota

__all__ = [
    "UNKNOWN",
    "Claims",
    "Container",
    "Graph",
    "Kind",
    "Resource",
    "Template",
    "Undetermined",
    "Unknown",
    "is_unknown",
    "kind_of",
    "known_pod",
    "landing",
    "namespaces",
    "pods",
    "pools",
    "quotas",
    "scaling",
    "templates",
    "view",
]

Resources = Iterable[Mapping[str, Any]]


def pools(resources: Resources) -> list[Pool]:
    """Make the node pools of a graph, with labels, taints, bounds and what one node leaves to pods."""
    return Graph(resources).pools


def pods(resources: Resources) -> list[Pod]:
    """Make every group of equal pods: templates of all kinds, known Helm releases, EKS add-ons; autoscalers at their most."""
    return Graph(resources).pods


def quotas(resources: Resources) -> list[Quota]:
    """Make the resource quotas of a graph."""
    return Graph(resources).quotas


def namespaces(resources: Resources) -> list[str]:
    """Make the sorted names of the namespaces that a graph makes, those that are known."""
    names = (namespace.object_name for namespace in Graph(resources).namespaces)
    return sorted(str(name) for name in names if not is_unknown(name))
