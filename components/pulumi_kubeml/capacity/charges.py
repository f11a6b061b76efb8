"""What a pod counts for in a ResourceQuota, which pods a quota counts, and whether the API server admits one more.

As the quota admission of Kubernetes 1.37 has it (kubernetes/kubernetes, pkg/quota/v1/evaluator/core/pods.go, v1.37.2; judged by the
real API server in tests/cluster). A key of another kind of object (`count/services`) is none of a pod's business.

>>> from pulumi_kubeml.capacity.model import Quota
>>> quota = Quota("team", "gpus", {"requests.nvidia.com/gpu": 4, "pods": 10})
>>> refusal(Pod("a", requests={"nvidia.com/gpu": 2}), quota, {"requests.nvidia.com/gpu": 3, "pods": 2})
'exceeded quota: gpus, requested: requests.nvidia.com/gpu=2, used: requests.nvidia.com/gpu=3, limited: requests.nvidia.com/gpu=4'
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_kubeml.capacity.model import Pod, Quota
from pulumi_kubeml.capacity.quantity import show
from pulumi_kubeml.capacity.selectors import requirement

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_PRIORITY = "PriorityClass"
_LONG = {"cpu": "requests.cpu", "memory": "requests.memory"}


def charges(pod: Pod) -> dict[str, int]:
    """Make what one pod counts for, by every key that a quota may have for it.

    >>> charges(Pod("a", requests={"nvidia.com/gpu": 1}, limits={"cpu": 500}))
    {'pods': 1, 'count/pods': 1, 'requests.nvidia.com/gpu': 1, 'limits.cpu': 500}
    """
    found = {"pods": 1, "count/pods": 1}
    for key, amount in pod.requests.items():
        if key in _COMPUTE or key.startswith("hugepages-"):
            found[key] = amount
        found[f"requests.{key}"] = amount
    return found | {f"limits.{key}": amount for key, amount in pod.limits.items() if key in _COMPUTE}


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
    asked = {key: amount for key, amount in charges(pod).items() if amount and key in quota.hard}
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
    total: Counter[str] = Counter(dict.fromkeys(quota.hard, 0))
    for pod in pods:
        if pod.namespace == quota.namespace and counts(quota, pod):
            for key, amount in charges(pod).items():
                if key in quota.hard:
                    total[key] += amount * pod.replicas
    return dict(total)


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
            mine = {_PRIORITY: pod.priority_class} if pod.priority_class else {}
            return requirement({**scope, "key": _PRIORITY}, mine)
        case "CrossNamespacePodAffinity":
            return any(
                term.get("namespaces") or term.get("namespaceSelector") is not None for term in (*pod.near, *pod.apart)
            )
        case _:
            return False
