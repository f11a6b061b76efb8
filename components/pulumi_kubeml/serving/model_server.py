"""A model server: replicas behind one address inside the cluster's network, scaled by what they are asked for."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from pulumi_kubeml import pods
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.problems import Problems
from pulumi_kubeml.serving import scaling
from pulumi_kubeml.serving.check import check
from pulumi_kubeml.serving.spec import ModelServerSpec
from pulumi_kubeml.storage import claims
from pulumi_kubeml.tenancy import isolation
from pulumi_kubeml.tenancy.team import Team

CONNECTS = {"tcpSocket": {"port": "http"}}
"""The probe of a server without a path to ask."""
NODE_SECONDS = 600
"""How long a node with devices may take to come, at most."""
SCRATCH = "10Gi"
"""Disk that a replica may fill under /tmp."""


@dataclass(frozen=True, kw_only=True)
class ModelServerArgs:
    """Arguments of `ModelServer`."""

    team: Team
    """Whose it is."""
    spec: ModelServerSpec
    """What it is."""


class ModelServer(pulumi.ComponentResource):
    """A Deployment with its Service, autoscaler, disruption budget, volumes, monitor and the one opening in the team's walls.

    Costs its devices for as long as replicas run, and, with exposure "internal", one load balancer. It is never reachable
    from the internet. Raises InvalidArgs, with everything that is wrong, before it registers anything.
    """

    address: pulumi.Output[str]
    """Where pods of the cluster call it."""

    def __init__(self, name: str, args: ModelServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        self.team, self.spec = args.team, args.spec
        platform, cluster = self.team.platform, self.team.platform.cluster
        problems = Problems()
        offered = [metric.name for metric in platform.spec.external_metrics]
        check(self.spec, metrics=offered, lacks=cluster.lacks, problems=problems)
        pool = pods.fitting(
            cluster.pool,
            self.spec.pool,
            requests=self.spec.requests,
            limits=self.spec.limits,
            accelerators=self.spec.accelerators,
            problems=problems,
        )
        problems.raise_if_any(InvalidArgs)
        assert pool is not None, "a pool that was not found is a problem"
        self._placement = pool.placement(self.spec.accelerators)
        self._balancer = _balancers()[cluster.kind] if self.spec.exposure == "internal" else None
        balanced = platform.after(self._balancer["addon"]) if self._balancer and self._balancer["addon"] else []
        monitored = platform.after("monitoring.coreos.com/PodMonitor")
        scaled = platform.after(*scaling.needs(self.spec.autoscaling)) if self.spec.autoscaling else []
        before = platform.before_pods(pool, self.spec.accelerators)

        super().__init__("kubeml:index:ModelServer", name, None, self.team.opts(opts))
        self._selector = {"app": self.spec.name}
        deployment = self._deployment(name, before)
        # The controller must outlive the service, or its load balancer would stay behind.
        service = self._service(name, [deployment, *balanced])
        if self.spec.autoscaling:
            kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
                f"{name}-autoscaler",
                metadata=self.team.metadata(self.spec.name),
                spec=scaling.spec(self.spec.name, self.spec.autoscaling),
                opts=self.team.inside(self, deployment, *scaled),
            )
        kubernetes.policy.v1.PodDisruptionBudget(
            f"{name}-budget",
            metadata=self.team.metadata(self.spec.name),
            spec={"max_unavailable": 1, "selector": {"match_labels": self._selector}},
            opts=self.team.inside(self),
        )
        self._monitor(name, monitored)
        self.address = service.id.apply(lambda _: self._url())
        self.register_outputs({"address": self.address})

    def _deployment(self, name: str, before: Sequence[pulumi.Resource]) -> kubernetes.apps.v1.Deployment:
        team, spec = self.team, self.spec
        account = kubernetes.core.v1.ServiceAccount(
            f"{name}-account",
            metadata=team.metadata(spec.name),
            automount_service_account_token=False,
            opts=team.inside(self),
        )
        volumes = claims.make(name, spec.claims, team.metadata, team.platform.cluster, opts=team.inside(self))
        body: Any = {
            "replicas": spec.replicas,
            "selector": {"matchLabels": self._selector},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "progressDeadlineSeconds": spec.start_seconds + NODE_SECONDS,
            "template": {"metadata": {"labels": {**team.labels, **self._selector}}, "spec": self._pod()},
        }
        return kubernetes.apps.v1.Deployment(
            f"{name}-deployment",
            metadata=team.metadata(spec.name, **self._selector),
            spec=body,
            opts=pulumi.ResourceOptions.merge(
                team.inside(self, *before, account, *volumes),
                # The autoscaler has the say.
                pulumi.ResourceOptions(
                    ignore_changes=["spec.replicas"] if spec.autoscaling else None,
                    custom_timeouts=pulumi.CustomTimeouts(create=self._patience(), update=self._patience()),
                ),
            ),
        )

    def _service(self, name: str, before: Sequence[pulumi.Resource]) -> kubernetes.core.v1.Service:
        metadata = self.team.metadata(self.spec.name, **self._selector)
        body: Any = {
            "type": "ClusterIP",
            "selector": self._selector,
            "ports": [{"name": "http", "port": self.spec.service_port, "targetPort": "http", "protocol": "TCP"}],
        }
        if self._balancer:
            metadata["annotations"] = self._balancer["annotations"]
            body |= {
                "type": "LoadBalancer",
                **self._balancer["spec"],
                "loadBalancerSourceRanges": list(self.spec.callers),
                "allocateLoadBalancerNodePorts": False,  # it sends to pods, and a team's quota has no node ports
            }
        kubernetes.networking.v1.NetworkPolicy(
            f"{name}-callers",
            metadata=self.team.metadata(f"{self.spec.name}-callers"),
            spec=isolation.allow_ports([self.spec.port], self.spec.callers, self._selector),
            opts=self.team.inside(self),
        )
        return kubernetes.core.v1.Service(
            f"{name}-service", metadata=metadata, spec=body, opts=self.team.inside(self, *before)
        )

    def _monitor(self, name: str, before: Sequence[pulumi.Resource]) -> None:
        kubernetes.apiextensions.CustomResource(
            f"{name}-monitor",
            api_version="monitoring.coreos.com/v1",
            kind="PodMonitor",
            metadata=self.team.metadata(self.spec.name),
            spec={
                "selector": {"matchLabels": self._selector},
                "podTargetLabels": sorted(self._selector),
                "podMetricsEndpoints": [{"port": "http", "path": self.spec.metrics_path, "interval": "15s"}],
            },
            opts=self.team.inside(self, *before),
        )

    def _pod(self) -> dict[str, Any]:
        spec = self.spec
        volumes, mounts = pods.scratch(spec.limits.get("memory"), disk=SCRATCH)
        ready = {"httpGet": {"path": spec.probe_path, "port": "http"}} if spec.probe_path else CONNECTS
        return {
            **pods.placed(self._placement),
            "serviceAccountName": spec.name,
            "automountServiceAccountToken": False,
            "securityContext": pods.pod_security(spec.user),
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": "topology.kubernetes.io/zone",
                    # A zone without a free device must not keep the model from scaling.
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {"matchLabels": self._selector},
                }
            ],
            "containers": [
                {
                    "name": "model",
                    "image": spec.image,
                    "ports": [{"name": "http", "containerPort": spec.port, "protocol": "TCP"}],
                    "env": pods.environment(pods.HOME, self._placement.environment, spec.env),
                    "resources": pods.resources(spec.requests, spec.limits, self._placement.resources),
                    "volumeMounts": [*claims.mounts(spec.claims), *mounts],
                    "startupProbe": {
                        **ready,
                        "periodSeconds": 10,
                        "failureThreshold": max(1, spec.start_seconds // 10),
                    },
                    "readinessProbe": {**ready, "periodSeconds": 10, "failureThreshold": 3},
                    "livenessProbe": {**ready, "periodSeconds": 20, "failureThreshold": 3},
                    "securityContext": pods.container_security(),
                }
            ],
            "volumes": [*claims.volumes(spec.claims), *volumes],
        }

    def _patience(self) -> str:
        """How long a rollout may take: nodes come and models load, a few replicas after another."""
        return f"{2 * (self.spec.start_seconds + NODE_SECONDS)}s"

    def _url(self) -> str:
        return f"http://{self.spec.name}.{self.spec.team}.svc:{self.spec.service_port}"


@cache
def _balancers() -> dict[str, dict[str, Any]]:
    return json.loads(
        (files("pulumi_kubeml.serving") / "data" / "internal_load_balancers.json").read_text(encoding="utf-8")
    )
