"""The platform: everything that is installed into a cluster before anyone works in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_kubernetes.helm.v3 import Release, ReleaseArgs, RepositoryOptsArgs
from pulumi_kubernetes.kustomize.v2 import Directory

from pulumi_kubeml.addons.check import check
from pulumi_kubeml.addons.contract import Addon, PlatformSpec
from pulumi_kubeml.addons.namespaces import PlatformNamespace, namespaces
from pulumi_kubeml.addons.order import plan
from pulumi_kubeml.addons.standard import STANDARD
from pulumi_kubeml.catalog.charts import defining
from pulumi_kubeml.clusters.contract import Cluster
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.nodes import NodePool
from pulumi_kubeml.problems import ConfigurationError, Problem, Problems, listed


@dataclass(frozen=True, kw_only=True)
class PlatformArgs:
    """Arguments of `Platform`."""

    cluster: Cluster
    """Where to install; its node pools decide which add-ons it has a use for."""
    addons: Sequence[Addon] = STANDARD
    """What to install; order does not matter, except between add-ons that do not need each other."""
    spec: PlatformSpec = field(default_factory=PlatformSpec)
    """How much is measured, and for how long."""


class Platform(pulumi.ComponentResource):
    """The add-ons of a cluster, each in its namespace, each after what it needs.

    Costs what the pods of the charts ask for (the chart table says how much) and the volumes of Prometheus and Alertmanager.
    A release is atomic: what fails is rolled back. Nothing is drawn at random, so a second `up` changes nothing.
    """

    installed: pulumi.Output[dict[str, str]]
    """Version of each chart or kustomization, by the add-on's name."""

    def __init__(self, name: str, args: PlatformArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        cluster = args.cluster
        problems = Problems()
        check(args.spec, problems=problems.under("spec"))
        problems.raise_if_any(InvalidArgs)
        unwanted = {each.name for each in args.addons if not each.wanted(cluster)}
        try:
            chosen = plan(
                args.addons, kind=cluster.kind, cloud=cluster.cloud, built_in=cluster.built_in, unwanted=unwanted
            )
        except ConfigurationError as error:
            raise InvalidArgs(error.problems) from None
        super().__init__(
            "kubeml:index:Platform",
            name,
            None,
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(provider=cluster.provider), opts),
        )
        self.cluster = cluster
        self.spec = args.spec
        self._addons = {each.name: each for each in chosen.order}
        self._made: dict[str, pulumi.Resource] = {}
        for skipped, why in chosen.skipped.items():
            pulumi.log.info(f"{skipped} is not installed: {why}", resource=self)
        spaces = namespaces(name, chosen.order, cluster, parent=self)
        for each in chosen.order:
            self._made[each.name] = self._install(name, each, spaces)
        for each in chosen.order:
            if not each.row.chart and not spaces[each.row.namespace].resources:
                spaces[each.row.namespace].guard(after=[self._made[each.name]])
        self.installed = pulumi.Output.from_input({each.name: each.row.version for each in chosen.order})
        self.register_outputs({"installed": self.installed})

    def __contains__(self, addon: str) -> bool:
        return addon in self._addons or addon in self.cluster.built_in

    def after(self, *needs: str) -> list[pulumi.Resource]:
        """Make what a resource must wait for: add-ons by name, or the add-on that defines a kind ("kubeflow.org/TFJob").

        What is built into the cluster needs no waiting. InvalidArgs, with what would help, for anything that nobody gives.
        """
        found: list[pulumi.Resource] = []
        for need in needs:
            group, _, kind = need.rpartition("/")
            able = defining(group, kind) if group else {need}
            given = [each.name for each in self._addons.values() if each.gives(group, kind)]
            if not given and not able & self.cluster.built_in:
                raise InvalidArgs(
                    [
                        Problem(
                            "platform",
                            f"{need} is needed, but no add-on gives it; add {listed(sorted(able)) or 'one that does'}",
                        )
                    ]
                )
            found += [self._made[each] for each in given]
        return found

    def before_pods(self, pool: NodePool, accelerators: int) -> list[pulumi.Resource]:
        """Make what pods on a pool must wait for: a cluster that takes pods, nodes that come, and devices that they advertise."""
        nvidia = bool(accelerators) and pool.accelerator is not None and pool.accelerator.vendor == "nvidia"
        wanted = ["cluster-autoscaler", *(["nvidia-device-plugin"] if nvidia else [])]
        # Nodes of the pool too: so its pods find some, and are gone before it is.
        nodes = self.cluster.nodes.get(pool.name, ())
        return [*self.cluster.ready, *nodes, *self.after(*(each for each in wanted if each in self))]

    def _install(self, name: str, addon: Addon, spaces: Mapping[str, PlatformNamespace]) -> pulumi.Resource:
        row, cluster = addon.row, self.cluster
        values = dict(addon.values(cluster, self.spec))
        nodes = cluster.ready if row.footprint else []  # definitions alone need no node
        needs = [*nodes, *(self._made[need] for need in addon.requires if need in self._made)]
        if addon.permissions:
            identity = cluster.workload_identity(
                f"{name}-{addon.name}",
                namespace=row.namespace,
                service_account=addon.service_account or addon.name,
                policy=addon.permissions[cluster.cloud](cluster),
                opts=pulumi.ResourceOptions(parent=self),
            )
            needs += identity.resources
            if identity.annotations:
                values = _with(values, (*addon.account_values, "annotations"), dict(identity.annotations))
        if row.namespace in spaces:
            needs += spaces[row.namespace].resources
        opts = pulumi.ResourceOptions(parent=self, depends_on=needs)
        if not row.chart:
            return Directory(f"{name}-{addon.name}", directory=row.repository, opts=opts)
        chart, repository = row.reference
        return Release(
            f"{name}-{addon.name}",
            ReleaseArgs(
                name=addon.name,
                chart=chart,
                version=row.version,
                repository_opts=RepositoryOptsArgs(repo=repository) if repository else None,
                namespace=row.namespace,
                atomic=True,
                timeout=addon.timeout_seconds,
                values=values,
            ),
            opts,
        )


def _with(values: dict[str, Any], path: Sequence[str], value: object) -> dict[str, Any]:
    """Values with one more, however deep, and nothing of the others lost."""
    first, *rest = path
    return {**values, first: _with(dict(values.get(first, {})), rest, value) if rest else value}
