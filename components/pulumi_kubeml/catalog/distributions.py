"""What a Kubernetes that nobody's cloud manages brings with it: rows of `data/distributions.csv`."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from pulumi_kubeml.catalog.rows import read


@dataclass(frozen=True)
class Distribution:
    """One way to make a cluster of machines of one's own."""

    name: str
    context: str
    """What kubectl calls a cluster of it, with * for any end; empty where anything goes."""
    storage_class: str
    """Name of the storage class for volumes of one node; empty where there is none."""
    provisioner: str
    """What makes volumes of that class."""
    binding: str
    """When a volume of it is made: at once ("Immediate"), or with its first pod."""
    balancers: str
    """Why no load balancer can be counted on."""
    source: str
    date: str


@cache
def distributions() -> Mapping[str, Distribution]:
    """Make the distributions by name.

    >>> distributions()["kind"].provisioner, distributions()["kubeadm"].storage_class
    ('rancher.io/local-path', '')
    """
    return {row["name"]: Distribution(**row) for row in read("distributions")}


def distribution_of(context: str) -> Distribution | None:
    """Make the distribution that names its clusters as this context of a kubeconfig is named; None where none is known to.

    >>> distribution_of("kind-ml").name, distribution_of("minikube").name, distribution_of("production")
    ('kind', 'minikube', None)
    """
    known = (each for each in distributions().values() if each.context)
    return next((each for each in known if fnmatchcase(context, each.context)), None)
