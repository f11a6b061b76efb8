"""Kueue's quotas: what a queue may use alone, what it may borrow, what a cohort has in total, and whether the pools have it.

As Kueue 0.19 computes it (kubernetes-sigs/kueue v0.19.2, pkg/cache/scheduler/resource_node.go and
pkg/scheduler/flavorassigner/flavorassigner.go; 0.17 differs only in amounts too large to count). Plain data: `capacity.graph` reads it.

>>> from pulumi_kubeml.capacity.kueue.model import ClusterQueue, ResourceGroup, Share
>>> def queue(name, nominal):
...     return ClusterQueue(name, "team-ab", (ResourceGroup(("cpu",), {"default": {"cpu": Share(nominal)}}),))
>>> queues = Queues([queue("a", 9000), queue("b", 12000)])
>>> print(queues.line("a", "default", "cpu"))
a: 9 cpu of default, may borrow 12; used 0, 21 left
>>> print(verdict(queues, "a", "default", "cpu", 22000))
a can never use 22 cpu of default: 9 of its own and 12 borrowed are 21 at most
"""

from pulumi_kubeml.capacity.kueue.admit import Admission, Verdict, admit, verdict
from pulumi_kubeml.capacity.kueue.doors import ClosedDoor, closed_doors
from pulumi_kubeml.capacity.kueue.findings import Finding, Promise
from pulumi_kubeml.capacity.kueue.model import (
    ClusterQueue,
    Cohort,
    Flavor,
    FlavorResource,
    Kueue,
    LocalQueue,
    ResourceGroup,
    Share,
)
from pulumi_kubeml.capacity.kueue.supply import judge
from pulumi_kubeml.capacity.kueue.tree import Line, Queues, Total

__all__ = [
    "Admission",
    "ClosedDoor",
    "ClusterQueue",
    "Cohort",
    "Finding",
    "Flavor",
    "FlavorResource",
    "Kueue",
    "Line",
    "LocalQueue",
    "Promise",
    "Queues",
    "ResourceGroup",
    "Share",
    "Total",
    "Verdict",
    "admit",
    "closed_doors",
    "judge",
    "verdict",
]
