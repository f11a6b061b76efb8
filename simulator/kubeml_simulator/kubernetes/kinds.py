"""Which Kubernetes kind a Pulumi type is: group, version, kind, scope, and whether the resource is a whole object or a patch of one."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from kubeml_simulator.kubernetes.tables import cluster_scoped

RELEASE = "kubernetes:helm.sh/v3:Release"


@dataclass(frozen=True)
class Kind:
    """A kind that an API server may serve."""

    group: str
    version: str
    name: str
    form: Literal["object", "patch", "list"] = "object"

    @property
    def api_version(self) -> str:
        """`apps/v1`, or `v1` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def namespaced(self) -> bool:
        """Whether objects of the kind live in a namespace; kinds that no table knows do."""
        return (self.group, self.name) not in cluster_scoped()

    @property
    def resource(self) -> str:
        """The name that the API server's messages use: `deployments.apps`, `namespaces`."""
        plural = self.name.lower()
        if plural.endswith("y") and plural[-2] not in "aeiou":
            plural = f"{plural[:-1]}ies"
        elif plural.endswith(("s", "x", "ch")):
            plural = plural if plural == "endpoints" else f"{plural}es"
        else:
            plural = f"{plural}s"
        return f"{plural}.{self.group}" if self.group else plural

    @property
    def described(self) -> str:
        """`Deployment.apps`, as `kind.group` in messages about one object."""
        return f"{self.name}.{self.group}" if self.group else self.name


@cache
def kind_of(token: str) -> Kind:
    """The kind behind a resource type of the Kubernetes package.

    >>> kind_of("kubernetes:core/v1:ConfigMap").api_version, kind_of("kubernetes:apps/v1:DeploymentPatch")
    ('v1', Kind(group='apps', version='v1', name='Deployment', form='patch'))
    >>> kind_of("kubernetes:networking.k8s.io/v1:NetworkPolicy").resource
    'networkpolicies.networking.k8s.io'
    """
    _, module, name = token.split(":", 2)
    group, _, version = module.rpartition("/")
    group = "" if group == "core" else group
    forms: tuple[tuple[str, Literal["patch", "list"]], ...] = (("Patch", "patch"), ("List", "list"))
    for suffix, form in forms:
        if name.endswith(suffix) and name != suffix:
            return Kind(group, version, name.removesuffix(suffix), form)
    return Kind(group, version, name)
