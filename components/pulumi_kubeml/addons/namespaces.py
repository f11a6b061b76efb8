"""Namespaces of the platform: a Pod Security level, no devices and no way in from outside, and closed but for what add-ons need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from pulumi_kubeml.addons.contract import Addon
from pulumi_kubeml.clusters.contract import Cluster
from pulumi_kubeml.observability.values import NAMESPACE as MONITORING
from pulumi_kubeml.observability.values import PROMETHEUS_PODS
from pulumi_kubeml.tenancy import isolation
from pulumi_kubeml.tenancy.labels import LEVELS, ownership, pod_security

KUBE_SYSTEM = "kube-system"
"""Belongs to the cluster: nothing about it is changed here."""
NODE_PORTS = (9100, 10250)
"""Node exporter and kubelet, which answer on the node's own address."""


@dataclass(frozen=True)
class PlatformNamespace:
    """One namespace and what was chosen to live in it."""

    name: str
    prefix: str
    addons: tuple[Addon, ...]
    cluster: Cluster
    parent: pulumi.Resource
    resources: list[pulumi.Resource]
    """The namespace itself; empty until `guard`, where a kustomization brings its own."""

    @property
    def labels(self) -> dict[str, str]:
        """Ownership as the cluster has it, and the strictest Pod Security level that every add-on in it can live with."""
        level = max((each.row.pod_security for each in self.addons), key=LEVELS.index)
        return {**ownership(self.cluster.tags), "kubeml.io/tier": "platform", **pod_security(level)}

    def make(self) -> None:
        """Register the namespace, and close it."""
        made = kubernetes.core.v1.Namespace(
            f"{self.prefix}-{self.name}",
            metadata={"name": self.name, "labels": self.labels},
            opts=pulumi.ResourceOptions(parent=self.parent),
        )
        self.resources.append(made)
        self._close([made])

    def guard(self, *, after: Sequence[pulumi.Resource]) -> None:
        """Label and close a namespace that something else has made."""
        made = kubernetes.core.v1.NamespacePatch(
            f"{self.prefix}-{self.name}",
            metadata={"name": self.name, "labels": self.labels},
            opts=pulumi.ResourceOptions(parent=self.parent, depends_on=after),
        )
        self.resources.append(made)
        self._close([made])

    def _close(self, after: Sequence[pulumi.Resource]) -> None:
        opts = pulumi.ResourceOptions(parent=self.parent, depends_on=after)
        kubernetes.core.v1.ResourceQuota(
            f"{self.prefix}-{self.name}-quota",
            metadata={"name": "platform", "namespace": self.name},
            spec={"hard": self.quota()},
            opts=opts,
        )
        for policy, spec in self.policies().items():
            kubernetes.networking.v1.NetworkPolicy(
                f"{self.prefix}-{self.name}-{policy}",
                metadata={"name": policy, "namespace": self.name},
                spec=spec,
                opts=opts,
            )

    def quota(self) -> dict[str, str]:
        """Make the limits: the volumes that the charts claim, and no device, no load balancer, no port on a node."""
        devices = {key for pool in self.cluster.node_pools for key in pool.resource_keys}
        claims = sum(claim.count for each in self.addons for claim in each.row.claims)
        return {
            "persistentvolumeclaims": str(claims),
            "services.loadbalancers": "0",
            "services.nodeports": "0",
            **{f"requests.{key}": "0" for key in sorted(devices)},
        }

    def policies(self) -> Mapping[str, isolation.Spec]:
        """Make the network policies: closed, then names, neighbours, scrapes, the API server both ways."""
        found = {
            "default-deny": isolation.default_deny(),
            "allow-dns": isolation.allow_dns(),
            "allow-same-namespace": isolation.allow_same_namespace(),
            "allow-https": isolation.allow_https(),
        }
        ports = [port for each in self.addons for port in each.webhook_ports]
        if ports:
            # The API server calls from addresses of the cluster's network that the cloud may change.
            found["allow-webhooks"] = isolation.allow_ports(ports, isolation.PRIVATE)
        if self.name == MONITORING:
            found["allow-scraping"] = isolation.allow_scraping(PROMETHEUS_PODS, NODE_PORTS)
        else:
            found["allow-prometheus"] = isolation.allow_from(MONITORING, PROMETHEUS_PODS)
        return found


def namespaces(
    prefix: str, order: Sequence[Addon], cluster: Cluster, *, parent: pulumi.Resource
) -> dict[str, PlatformNamespace]:
    """Make the namespaces that the add-ons live in, by name; those of kustomizations are left for `guard`."""
    found: dict[str, PlatformNamespace] = {}
    for name in sorted({each.row.namespace for each in order} - {KUBE_SYSTEM}):
        inside = tuple(each for each in order if each.row.namespace == name)
        space = found[name] = PlatformNamespace(name, prefix, inside, cluster, parent, [])
        if any(each.row.chart for each in inside):
            space.make()
    return found
