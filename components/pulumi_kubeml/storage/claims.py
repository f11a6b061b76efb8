"""Volume claims of workloads: the class is chosen by purpose, and says how many nodes may mount the volume."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import pulumi
import pulumi_kubernetes as kubernetes

from pulumi_kubeml.clusters.contract import Cluster
from pulumi_kubeml.problems import Problems
from pulumi_kubeml.specs import IN_STACK_FILES

NOTHING: Mapping[str, str] = MappingProxyType({})
ACCESS_MODES: Mapping[str, str] = {"block": "ReadWriteOnce", "shared": "ReadWriteMany"}
"""How many nodes may mount a volume of each purpose: one, or all of them."""


@dataclass(frozen=True)
class ClaimSpec:
    """A volume that a workload mounts; with a size it is made, without it must be there already.

    >>> ClaimSpec("model-pvc", "/models", size="100Gi").access_mode
    'ReadWriteMany'
    """

    name: str
    """Name of the claim in the team's namespace."""
    path: str
    """Where containers see it."""
    _: KW_ONLY
    size: str | None = None
    """Size of the volume to make; by default the claim exists already."""
    purpose: Literal["block", "shared"] = "shared"
    """Which storage class: "shared" is mounted by many pods at once, "block" by those of one node."""
    read_only: bool = False
    """Whether containers only read it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = IN_STACK_FILES

    @property
    def access_mode(self) -> str:
        """The access mode of the claim."""
        return ACCESS_MODES[self.purpose]

    def spec(self, storage: Mapping[str, str]) -> Any:
        """Make the claim's spec for a cluster's storage classes by purpose.

        >>> ClaimSpec("model-pvc", "/models", size="100Gi").spec({"shared": "shared"})["storageClassName"]
        'shared'
        """
        return {
            "accessModes": [self.access_mode],
            "storageClassName": storage[self.purpose],
            "resources": {"requests": {"storage": self.size}},
        }


def check_claims(claims: Sequence[ClaimSpec], lacks: Mapping[str, str], problems: Problems) -> None:
    """Note each claim that a cluster has no storage class for; `lacks` is what it cannot give, each with the reason."""
    for index, claim in enumerate(claims):
        if claim.size is not None and claim.purpose in lacks:
            problems.add(f"claims[{index}].purpose", f'"{claim.purpose}": {lacks[claim.purpose]}')


def volumes(claims: Sequence[ClaimSpec]) -> list[dict[str, Any]]:
    """Make the volumes of a pod that mounts these claims."""
    return [{"name": claim.name, "persistentVolumeClaim": {"claimName": claim.name}} for claim in claims]


def mounts(claims: Sequence[ClaimSpec]) -> list[dict[str, Any]]:
    """Make the mounts of a container that sees these claims."""
    return [
        {"name": claim.name, "mountPath": claim.path, **({"readOnly": True} if claim.read_only else {})}
        for claim in claims
    ]


def make(
    name: str,
    claims: Sequence[ClaimSpec],
    metadata: Callable[[str], Any],
    cluster: Cluster,
    *,
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Make the claims that have a size, each after the class that serves it.

    A claim owns a disk or a directory: it is deleted by itself, before the cluster, never together with it.
    """
    return [
        kubernetes.core.v1.PersistentVolumeClaim(
            f"{name}-{claim.name}",
            metadata=metadata(claim.name),
            spec=claim.spec(cluster.storage),
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=_class_of(claim, cluster))),
        )
        for claim in claims
        if claim.size is not None
    ]


def _class_of(claim: ClaimSpec, cluster: Cluster) -> list[pulumi.Resource]:
    """The class that serves a claim; none where it was there before this stack."""
    made = cluster.storage_classes.get(claim.purpose)
    return [] if made is None else [made]
