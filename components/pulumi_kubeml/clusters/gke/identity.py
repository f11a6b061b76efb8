"""Who may act as what: the account of the nodes, and single service accounts by Workload Identity Federation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi
import pulumi_gcp as gcp

from pulumi_kubeml.clusters.contract import Policy, WorkloadIdentity
from pulumi_kubeml.clusters.gke.place import Place
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.names import fit
from pulumi_kubeml.problems import Problems, listed, suggestion

NODE_ROLES = {
    "logs": "roles/logging.logWriter",
    "metrics": "roles/monitoring.metricWriter",
    "monitoring": "roles/monitoring.viewer",
    "metadata": "roles/stackdriver.resourceMetadata.writer",
    "pull": "roles/artifactregistry.reader",
}
"""The least that a node needs (github.com/GoogleCloudPlatform/cluster-toolkit@1047080375af modules/scheduler/gke-cluster, less
what it gives of storage: pods have identities of their own)."""
BASIC_ROLES = ("roles/owner", "roles/editor", "roles/viewer")

Grant = Callable[..., pulumi.Resource]


def _project(name: str, project: Any, **given: Any) -> pulumi.Resource:
    return gcp.projects.IAMMember(name, project=project, **given)


def _bucket(name: str, bucket: Any, **given: Any) -> pulumi.Resource:
    return gcp.storage.BucketIAMMember(name, bucket=bucket, **given)


def _secret(name: str, secret: Any, **given: Any) -> pulumi.Resource:
    return gcp.secretmanager.SecretIamMember(name, secret_id=secret, **given)


def _key(name: str, key: Any, **given: Any) -> pulumi.Resource:
    return gcp.kms.CryptoKeyIAMMember(name, crypto_key_id=key, **given)


def _account(name: str, account: Any, **given: Any) -> pulumi.Resource:
    return gcp.serviceaccount.IAMMember(name, service_account_id=account, **given)


TARGETS: Mapping[str, Grant] = {
    "bucket": _bucket,
    "secret": _secret,
    "key": _key,
    "service_account": _account,
    "project": _project,
}
"""On what a role may be given, the narrowest first; the value names the resource."""


def node_account(
    name: str, *, cluster_name: str, place: Place, opts: pulumi.ResourceOptions
) -> tuple[gcp.serviceaccount.Account, list[pulumi.Resource]]:
    """Make what nodes act as: they may write logs and metrics, and pull images."""
    account = gcp.serviceaccount.Account(
        name,
        account_id=fit("google-service-account", cluster_name, "nodes"),
        display_name=f"Nodes of the cluster {cluster_name}",
        opts=opts,
    )
    member = pulumi.Output.concat("serviceAccount:", account.email)
    roles: list[pulumi.Resource] = [
        gcp.projects.IAMMember(f"{name}-{short}", project=place.project, role=role, member=member, opts=opts)
        for short, role in NODE_ROLES.items()
    ]
    return account, roles


def federated(
    name: str, *, place: Place, namespace: str, service_account: str, policy: Policy, opts: pulumi.ResourceOptions
) -> WorkloadIdentity:
    """Give a service account roles on named resources. It needs no annotation, and no account of Google's.

    Clusters of one project share their identities: the account of the same name in the same namespace of another cluster of
    the project has the roles too (https://cloud.google.com/kubernetes-engine/docs/concepts/workload-identity, 2026-09).
    """
    check_policy(policy)
    member = place.principal(namespace, service_account)
    given: list[pulumi.Resource] = []
    for index, statement in enumerate(policy):
        (target,) = (key for key in statement if key in TARGETS)
        called = f"{name}-{index}-{statement['role'].rpartition('/')[2]}"
        given.append(TARGETS[target](called, statement[target], role=statement["role"], member=member, opts=opts))
    return WorkloadIdentity(annotations={}, resources=tuple(given))


def check_policy(policy: Policy) -> None:
    """Raise InvalidArgs with everything that is wrong with roles on resources.

    >>> check_policy([{"role": "roles/editor", "project": "shop"}, {"role": "roles/storage.objectViewer", "buckett": "corpus"}])
    Traceback (most recent call last):
        ...
    pulumi_kubeml.errors.InvalidArgs: policy[0].role  "roles/editor" is far more than one workload needs; name the role of what it does, such as roles/storage.objectViewer
    policy[1].buckett  unknown key; did you mean bucket?
    policy[1]  on nothing; allowed, one of them: bucket, secret, key, service_account, project
    """
    problems = Problems("policy")
    for index, statement in enumerate(policy):
        _statement(statement, problems.under(index))
    problems.raise_if_any(InvalidArgs)


def _statement(statement: Mapping[str, Any], problems: Problems) -> None:
    role = statement.get("role")
    if not isinstance(role, str) or "roles/" not in role:
        problems.add("role", f"{role!r} is not the name of a role, such as roles/storage.objectViewer")
    elif role in BASIC_ROLES:
        problems.add(
            "role",
            f'"{role}" is far more than one workload needs; name the role of what it does, such as roles/storage.objectViewer',
        )
    known = ["role", *TARGETS]
    for key in statement:
        if key not in known:
            problems.add(key, "unknown key" + (suggestion(key, known) or f"; allowed: {listed(known)}"))
    named: Sequence[str] = [key for key in TARGETS if key in statement]
    if len(named) != 1:
        problems.add("", f"on {listed(named) or 'nothing'}; allowed, one of them: {listed(TARGETS)}")
