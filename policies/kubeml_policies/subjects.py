"""What checks are asked about: containers and pod templates of a resource, namespaces of a graph.

Nothing here touches a value that may be unknown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pulumi_kubeml.capacity.graph import Container, Graph, Resource, Template, Unknown, templates
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

    @property
    def resources_path(self) -> str:
        """Where its requests and limits stand."""
        return f"{self.path}.{self.container.resources}"

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

    def members(self, group: str, kind: str) -> list[Any]:
        """Make the properties of every object of a kind in this namespace, known by its name.

        One whose namespace is not known yet is unknown itself, unless it takes its namespace from here.
        """
        cluster = self.graph.cluster_of(self.resource)
        found: list[Any] = [resource.properties for resource in self.graph.inside(group, kind, cluster, self.name)]
        for resource in self.graph.adrift(group, kind, cluster):
            mine = self.resource.urn in resource.dependencies("metadata")
            found.append(resource.properties if mine else Unknown(f"{resource.name}.metadata.namespace"))
        return found


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
