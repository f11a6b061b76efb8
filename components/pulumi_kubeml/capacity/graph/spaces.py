"""The labels of namespaces, by which the affinity of pods and the queues of Kueue select them."""

from collections.abc import Iterable

from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.values import dig, is_unknown

NAME = "kubernetes.io/metadata.name"
"""The label with its own name that the API server gives to every namespace."""


def space_labels(objects: Iterable[Resource], names: Iterable[str] = ()) -> dict[str, dict[str, str]]:
    """Make the labels of namespaces by name: of those that some objects make or patch, and of those that are only named.

    A label whose value is not known yet is left out, and so is a namespace whose name is not.

    >>> made = Resource({"type": "kubernetes:core/v1:Namespace", "inputs": {"metadata": {"name": "research", "labels": {"kind": "ml"}}}})
    >>> space_labels([made], ["vision"])["research"]["kind"], space_labels([made], ["vision"])["vision"]
    ('ml', {'kubernetes.io/metadata.name': 'vision'})
    """
    found = {name: {NAME: name} for name in names}
    for each in objects:
        name, labels = each.object_name, dig(each.properties, "metadata", "labels")
        if is_unknown(name):
            continue
        mine = found.setdefault(str(name), {NAME: str(name)})
        if not is_unknown(labels):
            mine.update({key: str(value) for key, value in (labels or {}).items() if not is_unknown(value)})
    return found
