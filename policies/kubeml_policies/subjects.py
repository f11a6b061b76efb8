"""What checks are asked about: containers and pod templates of a resource, namespaces of a graph.

Nothing here touches a value that may be unknown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pulumi_kubeml.capacity.graph import Container, Graph, Resource, Template, Undetermined, is_unknown, templates
from pulumi_kubeml.capacity.graph.values import dig, mapping


class Object:
    """One resource with its pod templates, found once for all checks."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource

    @cached_property
    def templates(self) -> tuple["PodTemplate", ...]:
        """Every place with a pod template, once each."""
        return tuple(
            PodTemplate(self.resource, template) for template in templates(self.resource) if not template.again
        )

    @cached_property
    def containers(self) -> tuple["PodContainer", ...]:
        """Every container of every template."""
        return tuple(
            PodContainer(self.resource, each.template, container)
            for each in self.templates
            for container in each.template.containers
        )


@dataclass(frozen=True)
class PodTemplate:
    """A pod template as a subject."""

    resource: Resource
    template: Template

    @property
    def path(self) -> str:
        """Where the pod spec stands."""
        return self.template.path


@dataclass(frozen=True)
class PodContainer:
    """A container as a subject."""

    resource: Resource
    template: Template
    container: Container

    @property
    def path(self) -> str:
        """Where the container stands."""
        return self.container.path

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.container.name

    def get(self, *keys: str) -> Any:
        """Make the value below some keys, None when it is absent; raises Undetermined for an unknown container."""
        return dig(mapping(self.container.values), *keys)


@dataclass(frozen=True)
class Namespace:
    """A namespace that the stack makes, with the graph around it."""

    resource: Resource
    graph: Graph
    path: str = "metadata.name"

    @property
    def name(self) -> str:
        """Its name; raises Undetermined while that is not known."""
        return str(self.resource.object_name)

    def holds(self, resource: Resource) -> bool:
        """Whether an object is in this namespace; raises Undetermined while that is not known."""
        cluster, namespace = self.graph.home_of(resource)
        if cluster != self.graph.cluster_of(self.resource):
            return False
        if is_unknown(namespace) or is_unknown(self.resource.object_name):
            # A namespace not known yet is this one when the object takes it from here.
            if self.resource.urn in resource.dependencies("metadata"):
                return True
            raise Undetermined(f"{resource.name}.metadata.namespace")
        return namespace == self.name


def containers(item: Object) -> tuple[PodContainer, ...]:
    """Every container of a resource."""
    return item.containers


def pod_templates(item: Object) -> tuple[PodTemplate, ...]:
    """Every pod template of a resource."""
    return item.templates


def namespaces(graph: Graph) -> Iterator[Namespace]:
    """Every namespace that a stack makes, in the order of their URNs; patches of namespaces made elsewhere are not."""
    made = (resource for resource in graph.namespaces if resource.kind is None or not resource.kind.patch)
    for resource in sorted(made, key=lambda resource: resource.urn):
        yield Namespace(resource, graph)
