"""What a stack file holds, as plain data: one part a key of `config`, each a spec that a component takes as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_kubeml.addons import PlatformSpec
from pulumi_kubeml.clusters.args import AnyClusterArgs, Environment
from pulumi_kubeml.nodes import NodePoolSpec
from pulumi_kubeml.serving import ModelServerSpec
from pulumi_kubeml.tenancy import TeamSpec
from pulumi_kubeml.training import TFJobSpec

NAMESPACE = "kubeml"
"""Namespace of the keys, which is the project's name."""
NAME = "ml"
"""Name of the cluster's component; its name at the cloud has the stack's beside it."""
ELSEWHERE = ("node_pools", "environment")
"""Arguments of a cluster that are keys of their own in a stack file."""
LISTS: Mapping[str, type[Any]] = {
    "pools": NodePoolSpec,
    "teams": TeamSpec,
    "serving": ModelServerSpec,
    "training": TFJobSpec,
}
"""Keys that hold a list, and what one item is; a pool is what its kind of cluster says."""
KEYS = ("environment", "cluster", "pools", "platform", "teams", "serving", "training")
"""Every key, in the order in which a stack file reads best."""
REQUIRED = ("cluster", "pools")


@dataclass(frozen=True, kw_only=True)
class StackSpec:
    """One environment: a cluster with its pools, what is installed, who works there, and what runs."""

    environment: Environment
    """Stage; decides what is protected and what checks demand."""
    kind: str
    """Kind of the cluster, a key of `stack.kinds.KINDS`."""
    cluster: AnyClusterArgs
    """The cluster, its pools included."""
    platform: PlatformSpec = field(default_factory=PlatformSpec)
    teams: Sequence[TeamSpec] = ()
    serving: Sequence[ModelServerSpec] = ()
    training: Sequence[TFJobSpec] = ()
