"""A graph indexed once: everything that capacity, quotas and policies ask of it, read on first use.

What is not known yet never stops a reader: a pool that cannot be told is listed in `unread_pools`, a quota in `unread_quotas`, a group of pods says in
`undetermined` what is missing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from pulumi_kubeml.capacity.graph import devices, sharing
from pulumi_kubeml.capacity.graph.claims import Claims, read_claims
from pulumi_kubeml.capacity.graph.constraints import scopes
from pulumi_kubeml.capacity.graph.pods import Autoscalers, pod_of
from pulumi_kubeml.capacity.graph.queues import GROUP as KUEUE
from pulumi_kubeml.capacity.graph.queues import OBJECTS, QueueObject
from pulumi_kubeml.capacity.graph.readers import READERS
from pulumi_kubeml.capacity.graph.releases import TOKENS as RELEASES
from pulumi_kubeml.capacity.graph.releases import release_pods
from pulumi_kubeml.capacity.graph.requests import Defaults
from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.templates import Template, table, templates
from pulumi_kubeml.capacity.graph.values import Undetermined, Unknown, dig, is_unknown, mapping
from pulumi_kubeml.capacity.kueue.model import ClusterQueue, Cohort, Flavor, Kueue, LocalQueue
from pulumi_kubeml.capacity.model import Pod, Pool, Quota
from pulumi_kubeml.capacity.quantity import QuantityError, amounts
from pulumi_kubeml.catalog import DeviceKind, accelerators


class Graph:
    """All resources of one stack in the exchange format."""

    def __init__(self, resources: Iterable[Mapping[str, Any]]) -> None:
        self.resources = [Resource(raw) for raw in resources if not raw.get("delete")]
        self._by_urn = {resource.urn: resource for resource in self.resources}
        self._by_type: dict[str, list[Resource]] = defaultdict(list)
        self._by_kind: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        self._known_homes: dict[tuple[str, str], dict[tuple[str, str | None], list[Resource]]] = {}
        for resource in self.resources:
            self._by_type[resource.type].append(resource)
            if resource.kind is not None:
                self._by_kind[resource.kind.group, resource.kind.kind].append(resource)

    def find(self, urn: str) -> Resource | None:
        """Make the resource of a URN, None when the graph has none."""
        return self._by_urn.get(urn)

    def of_type(self, token: str) -> list[Resource]:
        """Make the resources of a type token."""
        return self._by_type.get(token, [])

    def of_kind(self, group: str, kind: str) -> list[Resource]:
        """Make the Kubernetes objects of a kind, whatever their version, patches included."""
        return self._by_kind.get((group, kind), [])

    def cluster_of(self, resource: Resource) -> str:
        """Make what tells the cluster of a Kubernetes object: providers with the same kubeconfig are one cluster.

        An engine keeps no provider of a component: one that stands for Kubernetes objects is in the cluster that the objects
        nearest to it are in, those below it, else below its parent, and so on up; empty where they are in several.
        """
        provider = resource.provider
        return self._clusters.get(provider, provider) if provider else self._cluster_around(resource)

    def namespace_of(self, resource: Resource) -> str | Unknown:
        """Make the namespace of an object: its own, else its provider's, else "default"; it may be unknown."""
        named = dig(resource.properties, "metadata", "namespace")
        if named is None:
            provider = self.find(resource.provider)
            named = None if provider is None else provider.properties.get("namespace")
        return "default" if named is None else named

    def home_of(self, resource: Resource) -> tuple[str, str | Unknown]:
        """Make cluster and namespace of an object."""
        return self.cluster_of(resource), self.namespace_of(resource)

    def inside(self, group: str, kind: str, cluster: str, namespace: str) -> list[Resource]:
        """Make the objects of a kind that are known to be in a namespace."""
        return self._homes(group, kind).get((cluster, namespace), [])

    def adrift(self, group: str, kind: str, cluster: str) -> list[Resource]:
        """Make the objects of a kind whose namespace is not known yet."""
        return self._homes(group, kind).get((cluster, None), [])

    def pods_in(self, cluster: str, namespace: str) -> list[Pod]:
        """Make the groups of pods of a namespace; of those whose namespace is not known for an empty one."""
        return self._pods_by_home.get((cluster, namespace), [])

    def quotas_in(self, cluster: str, namespace: str) -> list[Quota]:
        """Make the known quotas of a namespace."""
        return [
            quota
            for each in self.inside("", "ResourceQuota", cluster, namespace)
            if isinstance(quota := self._quotas[each.urn], Quota)
        ]

    @cached_property
    def templates(self) -> list[Template]:
        """Every pod template."""
        kinds = table()
        return [
            template
            for resource in self.resources
            if resource.kind is not None and resource.kind[:2] in kinds
            for template in templates(resource)
        ]

    @cached_property
    def claims(self) -> dict[str, Claims]:
        """The claims of each cluster, with its storage classes and volumes."""
        return read_claims(self.of_kind, self.home_of)

    @cached_property
    def pods(self) -> list[Pod]:
        """Every group of equal pods: those of templates, of known Helm releases and of add-ons of a cloud."""
        found = [
            pod_of(
                template, self.home_of, self.defaults, self._autoscalers, self.claims, device_claims=self._device_claims
            )
            for template in self.templates
            if template.row.replicas != "none" and not (template.resource.kind and template.resource.kind.patch)
        ]
        parents = {resource.raw.get("parent") for resource in self.resources}
        for token in RELEASES:
            # An engine that expands one registers its objects as children: those are counted, then, and nothing else.
            for release in (each for each in self.of_type(token) if each.urn not in parents):
                try:
                    found += release_pods(release, self.cluster_of(release))
                except Undetermined as unknown:
                    found.append(
                        Pod(release.name, replicas=0, kind="Release", urn=release.urn, undetermined=str(unknown))
                    )
        for reader in READERS:
            for addon in self.of_type(reader.addon):
                found += reader.addon_pods(addon)
        return found

    @cached_property
    def pools(self) -> list[Pool]:
        """Every node pool whose size and machine are known."""
        found: list[Pool] = []
        for reader in READERS:
            groups = [group for group in self.of_type(reader.group) if group.urn not in self.unread_pools]
            found += self._sharing(reader.pools(groups, self.find, self.of_type(reader.place)))
        return found

    def _sharing(self, pools: Iterable[Pool]) -> Iterator[Pool]:
        """Yield pools with what their nodes offer once the device plugin of the stack has told them how to share devices."""
        for pool in pools:
            told = () if self._plugins else devices.advertised(pool.allocatable, self._drivers)
            if told:  # one that a driver tells of is not offered as a resource too
                keys = {each.resource_key for each in accelerators().values()}
                rest = {key: amount for key, amount in pool.allocatable.items() if key not in keys}
                yield replace(pool, allocatable=rest, devices=told)
                continue
            yield replace(pool, allocatable=sharing.offered(pool.allocatable, pool.labels, self._plugins, pool.name))

    @cached_property
    def _device_claims(self) -> devices.DeviceClaims:
        classes, templates, named = (
            self.of_kind(devices.GROUP, kind) for kind in ("DeviceClass", "ResourceClaimTemplate", "ResourceClaim")
        )
        return devices.DeviceClaims.read(classes, templates, named, self.home_of)

    @cached_property
    def _drivers(self) -> list[DeviceKind]:
        return devices.drivers(release for token in RELEASES for release in self.of_type(token))

    @cached_property
    def _plugins(self) -> list[Resource]:
        return sharing.plugins(release for token in RELEASES for release in self.of_type(token))

    @cached_property
    def unread_pools(self) -> dict[str, str]:
        """Why a node group is no pool here: URN and what is missing."""
        reasons: dict[str, str] = {}
        for reader in READERS:
            for group in self.of_type(reader.group):
                try:
                    list(self._sharing(reader.pools([group], self.find, ())))
                except (Undetermined, ValueError, TypeError) as doubt:
                    reasons[group.urn] = f"{group.name}: {doubt}" if not isinstance(doubt, Undetermined) else str(doubt)
        return reasons

    @cached_property
    def namespaces(self) -> list[Resource]:
        """The namespaces that this stack makes or patches."""
        return self.of_kind("", "Namespace")

    @cached_property
    def quotas(self) -> list[Quota]:
        """The resource quotas of which namespace and amounts are known."""
        return [quota for quota in self._quotas.values() if isinstance(quota, Quota)]

    @cached_property
    def unread_quotas(self) -> dict[str, str]:
        """Why a resource quota is none here: URN and what is missing."""
        return {urn: quota for urn, quota in self._quotas.items() if isinstance(quota, str)}

    @cached_property
    def cluster_queues(self) -> list[ClusterQueue]:
        """Kueue's queues that are known."""
        return [each for each in self._queue_objects.values() if isinstance(each, ClusterQueue)]

    @cached_property
    def cohorts(self) -> list[Cohort]:
        """Kueue's cohorts that are known; others may only be named by queues."""
        return [each for each in self._queue_objects.values() if isinstance(each, Cohort)]

    @cached_property
    def flavors(self) -> list[Flavor]:
        """Kueue's flavors that are known."""
        return [each for each in self._queue_objects.values() if isinstance(each, Flavor)]

    @cached_property
    def local_queues(self) -> list[LocalQueue]:
        """The doors of namespaces to Kueue's queues that are known."""
        return [each for each in self._queue_objects.values() if isinstance(each, LocalQueue)]

    @cached_property
    def unread_queues(self) -> dict[str, str]:
        """Why an object of Kueue is none here: URN and what is missing."""
        return {urn: each for urn, each in self._queue_objects.items() if isinstance(each, str)}

    def kueue(self, cluster: str) -> Kueue:
        """Make Kueue's objects of one cluster, told as `cluster_of` does."""
        return Kueue(
            queues=tuple(each for each in self.cluster_queues if each.cluster == cluster),
            cohorts=tuple(each for each in self.cohorts if each.cluster == cluster),
            flavors=tuple(each for each in self.flavors if each.cluster == cluster),
            doors=tuple(each for each in self.local_queues if each.cluster == cluster),
        )

    def pools_cluster(self, resource: Resource) -> str:
        """Make what tells the cluster of a Kubernetes object the way pools tell it; empty while the stack has at most one.

        With several clusters it is the one that the object's provider depends on; raises Undetermined if that is none.
        """
        clusters = {pool.cluster for pool in self.pools}
        if len(clusters) < 2:
            return ""
        reached = self._reached(resource.provider or self._cluster_around(resource)) & clusters
        if len(reached) != 1:
            raise Undetermined(f"the cluster of {resource.name}", "cannot be told from its provider")
        return reached.pop()

    def _reached(self, urn: str) -> set[str]:
        """Make every URN that a resource depends on, through others too."""
        found: set[str] = set()
        front = [urn]
        while front:
            resource = self.find(front.pop())
            if resource is None or resource.urn in found:
                continue
            found.add(resource.urn)
            front += resource.raw.get("dependencies") or ()
        return found

    @cached_property
    def defaults(self) -> dict[tuple[str, str], Defaults]:
        """What LimitRanges give to containers, by cluster and namespace."""
        found: dict[tuple[str, str], Defaults] = {}
        for resource in self.of_kind("", "LimitRange"):
            namespace = self.namespace_of(resource)
            if is_unknown(namespace):
                continue
            key = (self.cluster_of(resource), str(namespace))
            try:
                range_ = Defaults.of(dig(resource.properties, "spec", "limits"))
                found[key] = found[key].beside(range_) if key in found else range_
            except (Undetermined, QuantityError):
                continue
        return found

    def _homes(self, group: str, kind: str) -> dict[tuple[str, str | None], list[Resource]]:
        found = self._known_homes.get((group, kind))
        if found is None:
            found = self._known_homes[group, kind] = defaultdict(list)
            for resource in self.of_kind(group, kind):
                cluster, namespace = self.home_of(resource)
                found[cluster, None if is_unknown(namespace) else str(namespace)].append(resource)
        return found

    @cached_property
    def _pods_by_home(self) -> dict[tuple[str, str], list[Pod]]:
        found: dict[tuple[str, str], list[Pod]] = defaultdict(list)
        for pod in self.pods:
            found[pod.cluster, pod.namespace].append(pod)
        return found

    @cached_property
    def _clusters(self) -> dict[str, str]:
        first: dict[Any, str] = {}
        found: dict[str, str] = {}
        for provider in self.of_type("pulumi:providers:kubernetes"):
            try:
                told = tuple(str(provider.properties.get(key) or "") for key in ("kubeconfig", "context", "cluster"))
            except Undetermined:
                told = (provider.dependencies("kubeconfig") or (provider.urn,),)
            found[provider.urn] = first.setdefault(told, provider.urn)
        return found

    def _cluster_around(self, resource: Resource) -> str:
        urn = resource.urn
        while urn:
            found = self._clusters_below.get(urn)
            if found:
                return next(iter(found)) if len(found) == 1 else ""
            above = self.find(urn)
            urn = "" if above is None else above.parent
        return ""

    @cached_property
    def _clusters_below(self) -> dict[str, set[str]]:
        """The clusters that the objects below each component are in."""
        found: dict[str, set[str]] = defaultdict(set)
        for resource in self.resources:
            cluster = self._clusters.get(resource.provider)
            above = self.find(resource.parent) if cluster else None
            while cluster and above is not None and cluster not in found[above.urn]:
                found[above.urn].add(cluster)
                above = self.find(above.parent)
        return found

    @cached_property
    def _autoscalers(self) -> Autoscalers:
        return Autoscalers(
            self.of_kind("autoscaling", "HorizontalPodAutoscaler"),
            self.of_kind("keda.sh", "ScaledObject"),
            self.home_of,
        )

    @cached_property
    def _quotas(self) -> dict[str, Quota | str]:
        found: dict[str, Quota | str] = {}
        for resource in self.of_kind("", "ResourceQuota"):
            try:
                spec = mapping(resource.properties.get("spec"))
                found[resource.urn] = Quota(
                    namespace=str(self.namespace_of(resource)),
                    name=str(resource.object_name),
                    hard=amounts(mapping(spec.get("hard"))),
                    scoped=bool(spec.get("scopes") or spec.get("scopeSelector")),
                    urn=resource.urn,
                    cluster=self.cluster_of(resource),
                    scopes=scopes(spec),
                )
            except (Undetermined, QuantityError) as doubt:
                found[resource.urn] = f"{resource.name}: {doubt}"
        return found

    @cached_property
    def _queue_objects(self) -> dict[str, QueueObject | str]:
        found: dict[str, QueueObject | str] = {}
        for kind, reader in OBJECTS.items():
            for resource in self.of_kind(KUEUE, kind):
                if resource.kind is not None and resource.kind.patch:
                    continue
                try:
                    namespace = str(self.namespace_of(resource)) if kind == "LocalQueue" else ""
                    found[resource.urn] = reader(resource, self.cluster_of(resource), namespace)
                except (Undetermined, ValueError) as doubt:
                    found[resource.urn] = f"{resource.name}: {doubt}"
        return found
