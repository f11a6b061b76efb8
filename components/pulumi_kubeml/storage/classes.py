"""Storage classes by purpose, so that a claim says what it is for and not which cloud it is on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_kubernetes as kubernetes

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


@dataclass(frozen=True, kw_only=True)
class StorageClassSpec:
    """One class: its purpose is its name in the cluster."""

    purpose: str
    """ "block" for one pod's disk, "shared" for files of several pods."""
    provisioner: str
    """The driver that makes the volumes."""
    parameters: Mapping[str, pulumi.Input[str]]
    """What the driver is told."""
    binding: Literal["WaitForFirstConsumer", "Immediate"]
    """Whether a volume waits for its first pod, and so is made in that pod's zone."""
    expandable: bool
    """Whether a claim may grow."""
    default: bool = False
    """Whether a claim that names no class gets this one."""
    after: Sequence[pulumi.Resource] = field(default_factory=tuple[pulumi.Resource, ...])
    """The driver, and whatever volumes are made of."""


@dataclass(frozen=True, kw_only=True)
class StorageClassesArgs:
    """Arguments of `StorageClasses`."""

    classes: Sequence[StorageClassSpec]
    """The classes."""
    keep_volumes: bool
    """Whether a volume outlives its claim."""
    cluster: pulumi.Resource
    """The cluster that they go away with; a class owns nothing outside it."""


class StorageClasses(pulumi.ComponentResource):
    """Makes storage classes. Costs nothing by itself: volumes do."""

    names: Mapping[str, str]
    """Name of the class by purpose; known in a preview."""
    classes: Mapping[str, pulumi.Resource]
    """The class by purpose; a claim that depends on it waits for the driver."""

    def __init__(self, name: str, args: StorageClassesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubeml:storage:StorageClasses", name, None, opts)
        self.names = {spec.purpose: spec.purpose for spec in args.classes}
        self.classes = {spec.purpose: self._make(name, spec, args) for spec in args.classes}
        self.register_outputs({"names": dict(self.names)})

    def _make(self, name: str, spec: StorageClassSpec, args: StorageClassesArgs) -> kubernetes.storage.v1.StorageClass:
        return kubernetes.storage.v1.StorageClass(
            f"{name}-{spec.purpose}",
            metadata=kubernetes.meta.v1.ObjectMetaArgs(
                name=spec.purpose, annotations={DEFAULT_CLASS: "true"} if spec.default else None
            ),
            provisioner=spec.provisioner,
            parameters=dict(spec.parameters),
            volume_binding_mode=spec.binding,
            allow_volume_expansion=spec.expandable,
            reclaim_policy="Retain" if args.keep_volumes else "Delete",
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(spec.after), deleted_with=args.cluster),
        )
