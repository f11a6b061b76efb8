"""A TFJob: chief, workers and parameter servers, each role on its pool."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from pulumi_kubeml import pods
from pulumi_kubeml.clusters.contract import Cluster
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.nodes import NodePool, Placement
from pulumi_kubeml.problems import Problems
from pulumi_kubeml.storage import claims
from pulumi_kubeml.tenancy.team import Team
from pulumi_kubeml.training.check import FIELDS, check
from pulumi_kubeml.training.spec import RoleSpec, TFJobSpec

KIND = "kubeflow.org/TFJob"
CONTAINER = "tensorflow"
"""The operator looks for a container of this name."""
SCRATCH = "50Gi"
"""Disk that a pod may fill under /tmp."""


@dataclass(frozen=True, kw_only=True)
class TFJobArgs:
    """Arguments of `TFJob`."""

    team: Team
    """Whose it is."""
    spec: TFJobSpec
    """What it is."""


class TFJob(pulumi.ComponentResource):
    """A distributed TensorFlow job (kubeflow.org/v1), run by the platform's training operator.

    Costs the devices of all its roles from its start to its end, at most until its deadline. Whatever changes in its spec
    ends the run and begins another.
    """

    job: pulumi.Output[str]
    """Name of the job in the team's namespace."""

    def __init__(self, name: str, args: TFJobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        team, spec = args.team, args.spec
        platform, cluster = team.platform, team.platform.cluster
        pools = _pools(spec, cluster)
        before = platform.after(KIND)
        for role, each in spec.roles.items():
            needs = platform.before_pods(pools[role], each.accelerators)
            before += [need for need in needs if need not in before]
        super().__init__("kubeml:index:TFJob", name, None, team.opts(opts))
        self.spec = spec
        self._labels = {**team.labels, "app": spec.name}
        account = kubernetes.core.v1.ServiceAccount(
            f"{name}-account",
            metadata=team.metadata(spec.name),
            automount_service_account_token=False,
            opts=team.inside(self),
        )
        volumes = claims.make(name, spec.claims, team.metadata, cluster, opts=team.inside(self))
        job = kubernetes.apiextensions.CustomResource(
            f"{name}-job",
            api_version="kubeflow.org/v1",
            kind="TFJob",
            metadata=team.metadata(spec.name, app=spec.name),
            spec={
                "runPolicy": {
                    "activeDeadlineSeconds": spec.deadline_hours * 3600,
                    "backoffLimit": spec.backoff_limit,
                    "cleanPodPolicy": spec.clean_pod_policy,
                    "ttlSecondsAfterFinished": spec.keep_hours * 3600,
                },
                "tfReplicaSpecs": {
                    role: {
                        "replicas": each.replicas,
                        "restartPolicy": spec.restart_policy,
                        "template": self._template(role, each, pools[role].placement(each.accelerators)),
                    }
                    for role, each in spec.roles.items()
                },
            },
            opts=pulumi.ResourceOptions.merge(
                team.inside(self, *before, account, *volumes),
                # The operator does not touch the pods of a job that runs: another spec is another run.
                pulumi.ResourceOptions(replace_on_changes=["spec"], delete_before_replace=True),
            ),
        )
        self.job = job.id.apply(lambda _: spec.name)
        self.register_outputs({"job": self.job})

    def _template(self, role: str, each: RoleSpec, placement: Placement) -> dict[str, Any]:
        spec = self.spec
        mounted = spec.claims if role != "PS" else ()
        volumes, mounts = pods.scratch(each.limits.get("memory"), disk=SCRATCH)
        return {
            "metadata": {"labels": self._labels},
            "spec": {
                **pods.placed(placement),
                "serviceAccountName": spec.name,
                "automountServiceAccountToken": False,
                "securityContext": pods.pod_security(spec.user),
                "containers": [
                    {
                        "name": CONTAINER,
                        "image": spec.image,
                        "command": list(spec.command),
                        "env": pods.environment(pods.HOME, placement.environment, spec.env),
                        "resources": pods.resources(each.requests, each.limits, placement.resources),
                        "volumeMounts": [*claims.mounts(mounted), *mounts],
                        "securityContext": pods.container_security(),
                    }
                ],
                "volumes": [*claims.volumes(mounted), *volumes],
            },
        }


def _pools(spec: TFJobSpec, cluster: Cluster) -> dict[str, NodePool]:
    """The pool of each role, or everything that is wrong with the job."""
    problems = Problems()
    check(spec, problems=problems, lacks=cluster.lacks)
    found: dict[str, NodePool] = {}
    for role, each in spec.roles.items():
        at = problems.under(FIELDS[role])
        pool = pods.fitting(
            cluster.pool,
            each.pool,
            requests=each.requests,
            limits=each.limits,
            accelerators=each.accelerators,
            problems=at,
        )
        if pool is not None:
            found[role] = pool
    problems.raise_if_any(InvalidArgs)
    return found
