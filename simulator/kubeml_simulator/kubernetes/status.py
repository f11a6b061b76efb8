"""The status that a built-in kind reaches when its controllers are done."""

from collections.abc import Callable, Mapping
from typing import Any

from kubeml_simulator.kubernetes.cluster import ClusterFacts
from kubeml_simulator.kubernetes.kinds import Kind
from kubeml_simulator.kubernetes.rules.walk import at

Manifest = Mapping[str, Any]
_INTERNAL = {
    "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
}
_NETWORK_TYPES = {"external", "nlb", "nlb-ip"}
_TYPE = "service.beta.kubernetes.io/aws-load-balancer-type"


def status(kind: Kind, manifest: Manifest, digest: str, facts: ClusterFacts) -> dict[str, Any]:
    """The status of an object of a kind in `HAS_STATUS`; `digest` decides what the cluster would draw."""
    if (kind.group, kind.name) in _BALANCED:
        return {"loadBalancer": _balancer(kind, manifest, digest, facts)}
    return HAS_STATUS[kind.group, kind.name](manifest)


def _condition(name: str, reason: str) -> dict[str, Any]:
    return {"type": name, "status": "True", "reason": reason}


def _replicated(manifest: Manifest) -> dict[str, Any]:
    wanted = at(manifest, "spec", "replicas")
    count = 1 if wanted is None else wanted
    available = {} if count == 0 else {"readyReplicas": count, "availableReplicas": count}
    return {"observedGeneration": at(manifest, "metadata", "generation"), "replicas": count, **available}


def _deployment(manifest: Manifest) -> dict[str, Any]:
    conditions = [
        _condition("Available", "MinimumReplicasAvailable"),
        _condition("Progressing", "NewReplicaSetAvailable"),
    ]
    found = _replicated(manifest)
    return {**found, "updatedReplicas": found["replicas"], "conditions": conditions}


def _job(manifest: Manifest) -> dict[str, Any]:
    wanted = at(manifest, "spec", "completions")
    return {"succeeded": 1 if wanted is None else wanted, "conditions": [_condition("Complete", "CompletionsReached")]}


def _autoscaler(manifest: Manifest) -> dict[str, Any]:
    low = at(manifest, "spec", "minReplicas")
    count = 1 if low is None else low
    return {"currentReplicas": count, "desiredReplicas": count}


def _definition(manifest: Manifest) -> dict[str, Any]:
    names = at(manifest, "spec", "names")
    conditions = [_condition("NamesAccepted", "NoConflicts"), _condition("Established", "InitialNamesAccepted")]
    return {
        "acceptedNames": names,
        "conditions": conditions,
        "storedVersions": _stored(at(manifest, "spec", "versions")),
    }


def _stored(versions: Any) -> list[Any]:
    return [at(each, "name") for each in versions if at(each, "storage") is True] if isinstance(versions, list) else []


def _balancer(kind: Kind, manifest: Manifest, digest: str, facts: ClusterFacts) -> dict[str, Any]:
    """The address of a load balancer; its form tells the kind of balancer and whether it is internal."""
    if kind.name == "Service" and at(manifest, "spec", "type") != "LoadBalancer":
        return {}
    if facts.cloud != "aws":
        return {"ingress": [{"ip": f"203.0.113.{int(digest[:2], 16) % 254 + 1}"}]}
    annotations = at(manifest, "metadata", "annotations")
    given = annotations if isinstance(annotations, Mapping) else {}
    internal = any(str(given.get(key)).lower() == value for key, value in _INTERNAL.items())
    network = at(manifest, "spec", "loadBalancerClass") == "service.k8s.aws/nlb" or given.get(_TYPE) in _NETWORK_TYPES
    if kind.name == "Service" and not network:
        return {
            "ingress": [
                {
                    "hostname": f"{'internal-' if internal else ''}a{digest[:31]}-{int(digest[:8], 16)}.{facts.region}.elb.amazonaws.com"
                }
            ]
        }
    parts = [str(at(manifest, "metadata", key)).replace("-", "")[:8] for key in ("namespace", "name")]
    host = f"k8s-{'-'.join(parts)}-{digest[:10]}"
    if kind.name == "Service":
        return {"ingress": [{"hostname": f"{host}-{digest[10:26]}.elb.{facts.region}.amazonaws.com"}]}
    return {"ingress": [{"hostname": f"{host}-{int(digest[:8], 16)}.{facts.region}.elb.amazonaws.com"}]}


def _none(manifest: Manifest) -> dict[str, Any]:  # noqa: ARG001 (the form of the table)
    return {}


_BALANCED = {("", "Service"), ("networking.k8s.io", "Ingress")}
HAS_STATUS: Mapping[tuple[str, str], Callable[[Manifest], dict[str, Any]]] = {
    ("", "Namespace"): lambda _: {"phase": "Active"},
    ("", "Pod"): lambda _: {"phase": "Running", "conditions": [_condition("Ready", "ContainersReady")]},
    ("", "PersistentVolume"): lambda _: {"phase": "Available"},
    ("", "PersistentVolumeClaim"): lambda _: {"phase": "Pending"},
    ("", "ResourceQuota"): lambda manifest: {"hard": at(manifest, "spec", "hard") or {}},
    ("", "Service"): _none,
    ("networking.k8s.io", "Ingress"): _none,
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _replicated,
    ("apps", "ReplicaSet"): _replicated,
    ("apps", "DaemonSet"): lambda manifest: {"observedGeneration": at(manifest, "metadata", "generation")},
    ("batch", "Job"): _job,
    ("autoscaling", "HorizontalPodAutoscaler"): _autoscaler,
    ("policy", "PodDisruptionBudget"): lambda manifest: {"observedGeneration": at(manifest, "metadata", "generation")},
    ("apiregistration.k8s.io", "APIService"): lambda _: {"conditions": [_condition("Available", "Passed")]},
    ("apiextensions.k8s.io", "CustomResourceDefinition"): _definition,
}
