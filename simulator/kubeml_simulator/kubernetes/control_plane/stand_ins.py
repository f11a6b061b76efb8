"""Stand-in workloads: what a Helm release or a cloud's add-on runs, as pods that ask for the same and do nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from kubeml_simulator.kubernetes.control_plane.nodes import quantity
from pulumi_kubeml.capacity.model import Pod
from pulumi_kubeml.catalog.charts import Chart, Claim

LABEL = "kubeml.io/stand-in"
IMAGE = "registry.k8s.io/pause:3.10"
_NOBODY = 65535
_CONTAINER_SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
_POD_SECURITY = {"runAsNonRoot": True, "runAsUser": _NOBODY, "seccompProfile": {"type": "RuntimeDefault"}}


def stand_in(pod: Pod, kind: str = "Deployment", claims: Sequence[Claim] = ()) -> dict[str, Any]:
    """Makes the workload of a group of equal pods; a daemon's is a DaemonSet whatever `kind` says.

    Each pod of a StatefulSet claims a volume of the default class for each of `claims`.

    It is within what the strictest Pod Security level allows, so that only requests and placement decide.

    >>> made = stand_in(Pod("coredns", "kube-system", 2, {"cpu": 100, "memory": 73400320}))
    >>> made["kind"], made["spec"]["replicas"], made["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]
    ('Deployment', 2, {'cpu': '100m', 'memory': '73400320'})
    """
    kind = "DaemonSet" if pod.daemon else kind
    labels = {LABEL: pod.name[:63].rstrip("-.")}
    spec: dict[str, Any] = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": _pod_spec(pod)},
    }
    if not pod.daemon:
        spec["replicas"] = pod.replicas
    if kind == "StatefulSet":
        spec |= {"serviceName": pod.name, "podManagementPolicy": "Parallel"}
        spec["volumeClaimTemplates"] = [_claim(each) for each in claims]
    metadata = {"name": pod.name, "namespace": pod.namespace, "labels": labels}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec}


def claims_of(row: Chart, workload: str) -> list[Claim]:
    """Finds the claims of a StatefulSet: those named after it, or all where the chart has no other.

    >>> from pulumi_kubeml.catalog.charts import chart
    >>> [each.name for each in claims_of(chart("kube-prometheus-stack"), "prometheus-kube-prometheus-stack")]
    ['prometheus-kube-prometheus-stack-db']
    """
    sets = [each.name for each in row.footprint if each.kind == "StatefulSet"]
    return [each for each in row.claims if workload in sets and (len(sets) == 1 or each.name.startswith(workload))]


def _claim(claim: Claim) -> dict[str, Any]:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": str(claim.bytes)}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": claim.name}, "spec": spec}


def _pod_spec(pod: Pod) -> dict[str, Any]:
    requests = {key: quantity(key, amount) for key, amount in pod.requests.items()}
    devices = {key: amount for key, amount in requests.items() if "/" in key}  # asked for only as limits
    spec: dict[str, Any] = {
        "containers": [
            {
                "name": "stand-in",
                "image": IMAGE,
                "resources": {"requests": requests, "limits": devices},
                "securityContext": _CONTAINER_SECURITY,
            }
        ],
        "securityContext": _POD_SECURITY,
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 0,
        "nodeSelector": dict(pod.node_selector),
        "tolerations": [toleration(each) for each in pod.tolerations],
    }
    if pod.affinity:
        terms = {"nodeSelectorTerms": [dict(term) for term in pod.affinity]}
        spec["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    return spec


def toleration(given: Mapping[str, Any]) -> dict[str, Any]:
    """Writes a toleration with its operator."""
    return {"operator": "Exists" if not given.get("value") and "operator" not in given else "Equal", **given}
