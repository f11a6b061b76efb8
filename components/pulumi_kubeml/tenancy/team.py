"""A team: its namespace, who may enter, how much it may use, and which doors are open."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from pulumi_kubeml.addons.platform import Platform
from pulumi_kubeml.capacity.quantity import QuantityError, amount
from pulumi_kubeml.catalog import accelerators
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.names import is_label
from pulumi_kubeml.observability.values import NAMESPACE as MONITORING
from pulumi_kubeml.observability.values import PROMETHEUS_PODS
from pulumi_kubeml.problems import Problems, listed, suggestion
from pulumi_kubeml.tenancy import isolation
from pulumi_kubeml.tenancy.access import ROLES, rules
from pulumi_kubeml.tenancy.labels import ownership, pod_security
from pulumi_kubeml.tenancy.spec import TeamSpec

RBAC = "rbac.authorization.k8s.io"

CONTAINER_LIMITS = {"cpu": "1", "memory": "2Gi"}
"""Limits of a container that names none."""
CONTAINER_REQUESTS = {"cpu": "250m", "memory": "512Mi"}
"""Requests of a container that names none."""


@dataclass(frozen=True, kw_only=True)
class TeamArgs:
    """Arguments of `Team`."""

    platform: Platform
    """Where the team works."""
    spec: TeamSpec
    """Who they are and how much they may use."""


class Team(pulumi.ComponentResource):
    """A tenant's namespace, closed both ways but for names, neighbours and scrapes, with access, quota and defaults.

    Costs nothing by itself. The quota counts devices by resource key, serving and training together; it is the only bound
    until jobs are queued.
    """

    namespace: pulumi.Output[str]

    def __init__(self, name: str, args: TeamArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        spec, cluster = args.spec, args.platform.cluster
        check(spec)
        super().__init__(
            "kubeml:index:Team",
            name,
            None,
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(provider=cluster.provider), opts),
        )
        self.spec = spec
        self.platform = args.platform
        self.labels = ownership(
            cluster.tags,
            owner=spec.owner or next(iter(spec.members), None),
            team=spec.name,
            cost_center=spec.cost_center,
        )
        space = kubernetes.core.v1.Namespace(
            f"{name}-namespace",
            metadata={"name": spec.name, "labels": {**self.labels, **pod_security(spec.pod_security)}},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._space = space
        self.namespace = space.id.apply(lambda _: spec.name)
        # Nothing outside the namespace belongs to these: they may go with it.
        self._inside = pulumi.ResourceOptions(parent=self, depends_on=[space], deleted_with=space)
        self._quota(name)
        self._access(name)
        for policy, rule in self._policies().items():
            kubernetes.networking.v1.NetworkPolicy(
                f"{name}-{policy}", metadata=self.metadata(policy), spec=rule, opts=self._inside
            )
        self.register_outputs({"namespace": self.namespace})

    def metadata(self, name: str, **labels: str) -> Any:
        """Make the metadata of an object of the team."""
        return {"name": name, "namespace": self.spec.name, "labels": {**self.labels, **labels}}

    def inside(self, parent: pulumi.Resource, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        """Make the options of an object in the team's namespace, which it needs and which outlives it."""
        return pulumi.ResourceOptions(parent=parent, depends_on=[self._space, *after])

    def opts(self, opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions:
        """Make the options of a workload of the team: inside its cluster, after its quota and its rules."""
        mine = pulumi.ResourceOptions(provider=self.platform.cluster.provider, depends_on=[self])
        return pulumi.ResourceOptions.merge(mine, opts)

    def quota(self) -> dict[str, str]:
        """Make the limits of the namespace; a device that the cluster has and the team may not use is limited to none."""
        keys = {key for pool in self.platform.cluster.node_pools for key in pool.resource_keys}
        devices = {**dict.fromkeys(sorted(keys), 0), **self.spec.devices()}
        for pool in self.platform.cluster.node_pools:
            if pool.shares and pool.resource_key:
                devices[pool.resource_key] += self.spec.gpu_shares.get(pool.name, 0)
        return {
            "requests.cpu": str(self.spec.cpu),
            "requests.memory": str(self.spec.memory),
            "requests.storage": str(self.spec.storage),
            "persistentvolumeclaims": str(self.spec.claims),
            "services.loadbalancers": str(self.spec.load_balancers),
            "services.nodeports": "0",
            **{f"requests.{key}": str(count) for key, count in devices.items()},
        }

    def _quota(self, name: str) -> None:
        kubernetes.core.v1.ResourceQuota(
            f"{name}-quota", metadata=self.metadata("team"), spec={"hard": self.quota()}, opts=self._inside
        )
        limits: Any = [
            {"type": "Container", "default": CONTAINER_LIMITS, "defaultRequest": CONTAINER_REQUESTS},
            {"type": "PersistentVolumeClaim", "max": {"storage": str(self.spec.storage)}},
        ]
        kubernetes.core.v1.LimitRange(
            f"{name}-limits", metadata=self.metadata("team"), spec={"limits": limits}, opts=self._inside
        )

    def _access(self, name: str) -> None:
        groups = dict(zip(ROLES, (self.spec.viewers, self.spec.members, self.spec.operators), strict=True))
        for role, members in groups.items():
            if not members:
                continue
            kubernetes.rbac.v1.Role(
                f"{name}-{role}", metadata=self.metadata(role), rules=rules(role), opts=self._inside
            )
            kubernetes.rbac.v1.RoleBinding(
                f"{name}-{role}-binding",
                metadata=self.metadata(role),
                role_ref=kubernetes.rbac.v1.RoleRefArgs(api_group=RBAC, kind="Role", name=role),
                subjects=[
                    kubernetes.rbac.v1.SubjectArgs(api_group=RBAC, kind="Group", name=group) for group in members
                ],
                opts=self._inside,
            )

    @staticmethod
    def _policies() -> dict[str, isolation.Spec]:
        return {
            "default-deny": isolation.default_deny(),
            "allow-dns": isolation.allow_dns(),
            "allow-same-team": isolation.allow_same_namespace(),
            "allow-prometheus": isolation.allow_from(MONITORING, PROMETHEUS_PODS),
        }


def check(spec: TeamSpec) -> None:
    """Raise InvalidArgs with everything that is wrong with a spec by itself."""
    problems = Problems()
    if not is_label(spec.name):
        problems.add(
            "name", f'"{spec.name}" is no name of a namespace: lower-case letters, digits and dashes, at most 63'
        )
    for purpose in ("serving_gpus", "training_gpus"):
        for key, count in getattr(spec, purpose).items():
            if key not in accelerators():
                allowed = f"allowed: {listed(sorted(accelerators()))}"
                problems.add(f"{purpose}.{key}", f"not in the catalog; {allowed}" + suggestion(key, accelerators()))
            elif count < 0:
                problems.add(f"{purpose}.{key}", f"{count} devices; allowed: 0 or more")
    for resource in ("cpu", "memory", "storage"):
        value = getattr(spec, resource)
        try:
            if amount(resource, value) <= 0:
                problems.add(resource, f"{value}; allowed: more than 0")
        except QuantityError as error:
            problems.add(resource, str(error))
    for field in ("claims", "load_balancers"):
        if getattr(spec, field) < 0:
            problems.add(field, f"{getattr(spec, field)}; allowed: 0 or more")
    problems.raise_if_any(InvalidArgs)
