"""Resources of whole stacks, small: namespaces, quotas, network policies, node groups, workloads."""

from typing import Any

from tests.policy.kinds import GOOD, resource

from pulumi_kubeml.capacity.graph import UNKNOWN

GPU = "nvidia.com/gpu"
DNS_PEER = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
    "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
}
BOTH = ({"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53})


def namespace(name: str = "research", **metadata: Any) -> dict[str, Any]:
    """A namespace."""
    return resource("kubernetes:core/v1:Namespace", name, {"metadata": {"name": name, **metadata}})


def quota(hard: Any, namespace: Any = "research", name: str = "quota", **spec: Any) -> dict[str, Any]:
    """A resource quota."""
    inputs = {"metadata": {"name": name, "namespace": namespace}, "spec": {"hard": hard, **spec}}
    return resource("kubernetes:core/v1:ResourceQuota", f"{namespace}-{name}", inputs)


def gpu_quota(count: Any, namespace: Any = "research", **more: Any) -> dict[str, Any]:
    """A quota on GPUs."""
    return quota({f"requests.{GPU}": count}, namespace, **more)


def class_quota(count: Any, name: str, namespace: str = "research") -> dict[str, Any]:
    """A quota on the GPUs of one priority class."""
    scope = {"scopeName": "PriorityClass", "operator": "In", "values": [name]}
    return gpu_quota(count, namespace, name=name, scopeSelector={"matchExpressions": [scope]})


def served(name: str, accelerator: str, pool: str) -> dict[str, Any]:
    """A deployment with one GPU, of the class of its accelerator, in a pool."""
    selector = {"kubeml.io/pool": pool}
    return workload(name, 1, priorityClassName=f"serving-{accelerator}", nodeSelector=selector)


def policy(name: str, namespace: Any = "research", **spec: Any) -> dict[str, Any]:
    """A network policy for all pods unless the spec says otherwise."""
    inputs = {"metadata": {"name": name, "namespace": namespace}, "spec": {"podSelector": {}, **spec}}
    return resource("kubernetes:networking.k8s.io/v1:NetworkPolicy", f"{namespace}-{name}", inputs)


def deny(*ways: str, **more: Any) -> dict[str, Any]:
    """A default deny."""
    return policy("default-deny", policyTypes=list(ways or ("Ingress", "Egress")), **more)


def dns(*ports: Any, to: Any = (DNS_PEER,), **more: Any) -> dict[str, Any]:
    """An opening for DNS."""
    return policy("allow-dns", policyTypes=["Egress"], egress=[{"to": list(to), "ports": list(ports or BOTH)}], **more)


def workload(
    name: str, gpus: Any = None, replicas: Any = 1, namespace: str = "research", **spec: Any
) -> dict[str, Any]:
    """A deployment, with GPUs if some are asked for."""
    container = {**GOOD, **({"resources": {"limits": {"cpu": "1", "memory": "1Gi", GPU: gpus}}} if gpus else {})}
    inputs = {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [container], **spec}}},
    }
    return resource("kubernetes:apps/v1:Deployment", name, inputs)


def node_group(name: str, machine: Any, most: Any, cluster: str = "ml", **more: Any) -> dict[str, Any]:
    """An EKS node group of the pool of its name."""
    inputs = {
        "nodeGroupName": name,
        "clusterName": cluster,
        "instanceTypes": [machine],
        "scalingConfig": {"minSize": 0, "desiredSize": 0, "maxSize": most},
        "labels": {"kubeml.io/pool": name},
        **more,
    }
    return resource("aws:eks/nodeGroup:NodeGroup", name, inputs)


def unnamed(made: dict[str, Any], *urns: str) -> dict[str, Any]:
    """The same object with a namespace that is not known yet, and what that depends on."""
    metadata = {**made["inputs"]["metadata"], "namespace": UNKNOWN}
    return {
        **made,
        "inputs": {**made["inputs"], "metadata": metadata},
        "propertyDependencies": {"metadata": list(urns)},
    }
