"""What pods count for in a ResourceQuota, which pods a quota counts, and whether the API server admits one more.

As the quota admission of Kubernetes 1.37 has it (kubernetes/kubernetes, pkg/quota/v1/evaluator/core/pods.go, v1.37.2; judged by the
real API server in tests/cluster). A key of another kind of object (`count/services`) is none of a pod's business.

>>> quota = Quota("team", "gpus", {"requests.nvidia.com/gpu": 4, "pods": 10})
>>> refusal(Pod("a", requests={"nvidia.com/gpu": 2}), quota, {"requests.nvidia.com/gpu": 3, "pods": 2})
'exceeded quota: gpus, requested: requests.nvidia.com/gpu=2, used: requests.nvidia.com/gpu=3, limited: requests.nvidia.com/gpu=4'
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_kubeml.capacity.model import Pod, Quota
from pulumi_kubeml.capacity.quantity import show
from pulumi_kubeml.capacity.selectors import requirement

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_LONG = {"cpu": "requests.cpu", "memory": "requests.memory"}


def counts(quota: Quota, pod: Pod) -> bool:
    """Whether a quota counts a pod: the pod meets all its scopes.

    >>> serving = {"scopeName": "PriorityClass", "operator": "In", "values": ["serving-l4"]}
    >>> quota = Quota("team", "l4", {}, scopes=(serving,))
    >>> counts(quota, Pod("a", priority_class="serving-l4")), counts(quota, Pod("a"))
    (True, False)
    """
    return all(_meets(pod, scope) for scope in quota.scopes)


def refusal(pod: Pod, quota: Quota, used: Mapping[str, int]) -> str:
    """Make why a quota does not admit one more pod, in the API server's words, empty when it does; `used` is what it has counted."""
    if not counts(quota, pod):
        return ""
    open_keys = sorted(key for key in quota.hard if _LONG.get(key, key) in pod.unsaid)
    if open_keys:
        return f"failed quota: {quota.name}: must specify {'; '.join(open_keys)}"
    asked = {key: amount for key in quota.hard if (amount := _charge(pod, key))}
    over = sorted(key for key, amount in asked.items() if used.get(key, 0) + amount > quota.hard[key])
    if not over:
        return ""
    told = (("requested", asked), ("used", used), ("limited", quota.hard))
    lists = (f"{what}: {','.join(f'{key}={show(key, amounts.get(key, 0))}' for key in over)}" for what, amounts in told)
    return f"exceeded quota: {quota.name}, {', '.join(lists)}"


def charged(quota: Quota, pods: Iterable[Pod]) -> dict[str, int]:
    """Make what a quota counts when every one of its namespace's pods runs, by its own keys.

    >>> charged(Quota("team", "q", {"pods": 9}), [Pod("a", "team", replicas=4), Pod("b", "other")])
    {'pods': 4}
    """
    total = dict.fromkeys(quota.hard, 0)
    for pod in pods:
        if pod.namespace == quota.namespace and counts(quota, pod):
            for key in total:
                total[key] += _charge(pod, key) * pod.replicas
    return total


def overdrawn(quotas: Iterable[Quota], pods: Iterable[Pod]) -> list[tuple[Quota, str, int]]:
    """Make each quota with each of its keys of which it would count more than it has, and how much that is.

    >>> quota = Quota("team", "gpus", {"requests.nvidia.com/gpu": 4})
    >>> [(each.name, key, asked) for each, key, asked in overdrawn([quota], [Pod("a", "team", 5, {"nvidia.com/gpu": 1})])]
    [('gpus', 'requests.nvidia.com/gpu', 5)]
    """
    homes: dict[tuple[str, str], list[Pod]] = defaultdict(list)
    for pod in pods:
        homes[pod.cluster, pod.namespace].append(pod)
    found: list[tuple[Quota, str, int]] = []
    for quota in quotas:
        counted = charged(quota, homes.get((quota.cluster, quota.namespace), ()))
        found += [(quota, key, amount) for key, amount in sorted(counted.items()) if amount > quota.hard[key]]
    return found


def _charge(pod: Pod, key: str) -> int:
    """Make what one pod counts for by one key of a quota, 0 when the key is about something else."""
    if key in {"pods", "count/pods"}:
        return 1
    if key.startswith("limits."):
        resource = key.removeprefix("limits.")
        return pod.limits.get(resource, 0) if resource in _COMPUTE else 0
    resource = key.removeprefix("requests.")
    plain = resource in _COMPUTE or resource.startswith("hugepages-")
    return pod.requests.get(resource, 0) if plain or resource != key else 0


def _meets(pod: Pod, scope: Mapping[str, Any]) -> bool:
    match scope.get("scopeName"):
        case "Terminating":
            return pod.terminating
        case "NotTerminating":
            return not pod.terminating
        case "BestEffort":
            return pod.best_effort
        case "NotBestEffort":
            return not pod.best_effort
        case "PriorityClass":
            return requirement(
                scope, {"PriorityClass": pod.priority_class} if pod.priority_class else {}, key="PriorityClass"
            )
        case "CrossNamespacePodAffinity":
            return any(
                term.get("namespaces") or term.get("namespaceSelector") is not None for term in (*pod.near, *pod.apart)
            )
        case _:
            return False
