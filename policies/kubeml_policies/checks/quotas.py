"""Quotas: every namespace has one, it caps accelerators, and together they fit the pools."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from kubeml_policies.model import Check, Framework, Option, Settings, Violation
from kubeml_policies.subjects import Namespace, namespaces
from pulumi_kubeml.capacity.accelerators import devices, is_device
from pulumi_kubeml.capacity.charges import counts
from pulumi_kubeml.capacity.graph import Graph, Resource, Undetermined
from pulumi_kubeml.capacity.graph.values import dig, join, mapping, some
from pulumi_kubeml.capacity.model import Pod, Quota
from pulumi_kubeml.capacity.quota import PREFIX, grants, over_capacity

EXEMPT = Option(
    {"type": "array", "items": {"type": "string"}},
    "namespaces that are left alone, as patterns",
    ["kube-system", "kube-public", "kube-node-lease"],
)


@dataclass(frozen=True)
class QuotaObject:
    """A ResourceQuota as a subject."""

    resource: Resource
    path: str = "spec.hard"


@dataclass(frozen=True)
class GpuNamespace:
    """A namespace in which pods ask for accelerators, made here or not."""

    resource: Resource
    graph: Graph
    cluster: str
    namespace: str
    made_here: bool
    path: str = "metadata.name"

    @property
    def pods(self) -> list[Pod]:
        """Its groups of pods, by name."""
        return sorted(self.graph.pods_in(self.cluster, self.namespace), key=lambda pod: (pod.name, pod.role, pod.urn))

    @property
    def quotas(self) -> list[Quota]:
        """Its quotas of which the amounts are known."""
        return self.graph.quotas_in(self.cluster, self.namespace)


@dataclass(frozen=True)
class Cluster:
    """All quotas of one cluster against all of its pools."""

    resource: Resource
    graph: Graph
    cluster: str
    path: str = "spec.hard"


def exempt(name: str, settings: Settings) -> bool:
    """Whether a namespace is left alone."""
    return any(fnmatchcase(name, pattern) for pattern in settings["exempt"])


def _quota_objects(graph: Graph) -> Iterator[QuotaObject]:
    for resource in sorted(graph.of_kind("", "ResourceQuota"), key=lambda resource: resource.urn):
        yield QuotaObject(resource)


def _gpu_namespaces(graph: Graph) -> Iterator[GpuNamespace | QuotaObject]:
    yield from _quota_objects(graph)
    made = {(graph.cluster_of(each.resource), _name(each)): each.resource for each in namespaces(graph)}
    homes = sorted({(pod.cluster, pod.namespace) for pod in graph.pods})
    for cluster, namespace in homes:
        first = min(pod.urn for pod in graph.pods_in(cluster, namespace))
        resource = made.get((cluster, namespace)) or graph.find(first)
        if resource is not None:
            yield GpuNamespace(resource, graph, cluster, namespace, (cluster, namespace) in made)


def _name(namespace: Namespace) -> str:
    try:
        return namespace.name
    except Undetermined:
        return ""


def _has_quota(subject: Namespace, settings: Settings) -> Iterator[Violation]:
    if exempt(subject.name, settings):
        return
    if not some(subject.members("", "ResourceQuota"), lambda quota: bool(mapping(dig(quota, "spec", "hard")))):
        yield Violation(
            "metadata.name",
            f'namespace "{subject.name}" has no ResourceQuota: its pods may take the whole cluster',
            "a ResourceQuota",
        )


def _covers_accelerators(subject: GpuNamespace | QuotaObject, _: Settings) -> Iterator[Violation]:
    if isinstance(subject, QuotaObject):
        yield from _spelled(subject)
        return
    if not subject.namespace:
        for pod in subject.pods:
            if devices(pod.requests) or not pod.requests:
                raise Undetermined(f"{pod}: {pod.undetermined}", "")
        return
    asked: dict[str, list[str]] = {}
    doubts: list[str] = []
    for pod in subject.pods:
        for key in devices(pod.requests):
            if not any(f"{PREFIX}{key}" in quota.hard and counts(quota, pod) for quota in subject.quotas):
                asked.setdefault(key, []).append(str(pod))
        if pod.undetermined and not pod.requests:
            doubts.append(f"{pod}: {pod.undetermined}")
    missing = sorted(asked)
    if missing and subject.graph.unread_quotas:
        raise Undetermined(min(subject.graph.unread_quotas.values()), "")
    if (
        missing
        and not subject.made_here
        and (unnamed := [each for each in namespaces(subject.graph) if not _name(each)])
    ):
        raise Undetermined(f"{unnamed[0].resource.name}.metadata.name")
    if missing and not subject.made_here and not subject.quotas:
        raise Undetermined(f'namespace "{subject.namespace}"', "is not made by this stack, nor are its quotas")
    for key in missing:
        users = ", ".join(dict.fromkeys(asked[key]))
        yield Violation(
            subject.path,
            f'namespace "{subject.namespace}" runs pods with {key} ({users}), but no quota of it caps {PREFIX}{key}',
            f"{PREFIX}{key} in the hard limits of a quota",
        )
    if doubts:
        raise Undetermined(doubts[0], "")


def _spelled(subject: QuotaObject) -> Iterator[Violation]:
    hard = mapping(dig(subject.resource.properties, "spec", "hard"))
    for key in sorted(hard):
        device = key.removeprefix("limits.")
        if is_device(device):
            yield Violation(
                join(subject.path, key),
                f'quota "{subject.resource.object_name}" caps "{key}": an accelerator is capped as {PREFIX}{device} only',
                f"{PREFIX}{device}",
                key,
            )


def _clusters(graph: Graph) -> Iterator[Cluster]:
    first: dict[str, Resource] = {}
    for resource in sorted(graph.of_kind("", "ResourceQuota"), key=lambda resource: resource.urn):
        first.setdefault(graph.pools_cluster(resource), resource)
    for cluster, resource in sorted(first.items()):
        yield Cluster(resource, graph, cluster)


def _within_capacity(subject: Cluster, settings: Settings) -> Iterator[Violation]:
    graph = subject.graph
    quotas = [
        quota
        for quota in graph.quotas
        if (holder := graph.find(quota.urn)) is not None and graph.pools_cluster(holder) == subject.cluster
    ]
    if not grants(quotas) and not graph.unread_quotas:
        return
    pools = [pool for pool in graph.pools if subject.cluster in {"", pool.cluster}]
    pods = [pod for home in {(quota.cluster, quota.namespace) for quota in quotas} for pod in graph.pods_in(*home)]
    unread = sorted({**graph.unread_pools, **graph.unread_quotas}.values())
    if unread:
        raise Undetermined(unread[0], "")
    if not pools:
        raise Undetermined("the cluster's node pools", "are not in this stack")
    for excess in over_capacity(quotas, pools, pods, overcommit=settings["overcommit"]):
        key = f"{PREFIX}{excess.resource}"
        holder = graph.find(excess.largest.urn)
        yield Violation(join("spec.hard", key), str(excess), excess.allowed, excess.total, holder)


CHECKS = (
    Check(
        id="QTA-01",
        name="ns-has-resource-quota",
        title="Every namespace has a resource quota",
        severity="high",
        dev="advisory",
        prod="mandatory",
        frameworks=(Framework("Kyverno", "namespace-inventory-check"),),
        options={"exempt": EXEMPT},
        why="Without a quota one namespace can take every node, and the autoscaler buys more.",
        fix="Make the namespace by a Team, or add a ResourceQuota with hard limits to it.",
        scope="stack",
        subjects=namespaces,
        evaluate=_has_quota,
    ),
    Check(
        id="QTA-03",
        name="quota-covers-accelerators",
        title="A namespace with accelerator pods caps them",
        severity="high",
        dev="mandatory",
        prod="mandatory",
        why="A quota on CPU and memory leaves GPUs unlimited, and a key without the prefix requests. is refused by the API server.",
        fix="Add requests.<accelerator>, such as requests.nvidia.com/gpu, to the hard limits of the namespace's quota.",
        scope="stack",
        subjects=_gpu_namespaces,
        evaluate=_covers_accelerators,
    ),
    Check(
        id="QTA-04",
        name="gpu-quota-within-capacity",
        title="The accelerators that quotas grant exist",
        severity="medium",
        dev="advisory",
        prod="mandatory",
        options={
            "overcommit": Option(
                {"type": "number", "minimum": 1}, "how many times the pools' maximum may be granted", 1
            ),
        },
        why="What is granted twice is there once: the second team's pods wait while its quota says that they may run.",
        fix="Raise the maximum of a pool, lower a quota, or allow an overcommit on purpose.",
        scope="stack",
        subjects=_clusters,
        evaluate=_within_capacity,
    ),
)
