"""Does a pod fit a node, and if not, every reason why.

>>> from pulumi_kubeml.capacity.model import Pod, Pool, Taint
>>> serve = Pool("serve", 4, {"kubeml.io/pool": "serve"}, (Taint("nvidia.com/gpu", "present", "NoSchedule"),),
...              {"cpu": 3920, "memory": 13 * 2**30, "pods": 110, "nvidia.com/gpu": 1})
>>> obstacles(Pod("train", requests={"nvidia.com/gpu": 2}), serve)
('does not tolerate nvidia.com/gpu=present:NoSchedule', 'needs 2 nvidia.com/gpu, a node has 1')
"""

from collections.abc import Mapping, Sequence

from pulumi_kubeml.capacity.claims import Claim, Device, doubts, granted, missing_class
from pulumi_kubeml.capacity.model import NodeLike, Pod
from pulumi_kubeml.capacity.node import Node
from pulumi_kubeml.capacity.quantity import show
from pulumi_kubeml.capacity.selectors import NODE_OWN, node_term, tolerates


def fits(pod: Pod, node: NodeLike) -> bool:
    """Whether an empty node of this kind takes the pod."""
    return not obstacles(pod, node)


def obstacles(pod: Pod, node: NodeLike) -> tuple[str, ...]:
    """Make every reason why an empty node does not take the pod: selector, affinity, taints, then resources."""
    return (*exclusions(pod, node), *shortfalls(asked(pod, node.allocatable), node.allocatable), *unmet(pod, node))


def asked(pod: Pod, allocatable: Mapping[str, int]) -> dict[str, int]:
    """Make what a pod asks of the resources of a node: not those that a class of devices stands for where the node has none."""
    return {key: amount for key, amount in pod.requests.items() if key not in pod.mapped or allocatable.get(key)}


def unmet(pod: Pod, node: NodeLike, taken: Sequence[Device] = ()) -> tuple[str, ...]:
    """Make why the devices of a node, of which some may be taken, do not meet the claims of a pod, and what cannot be decided of them.

    >>> from pulumi_kubeml.capacity.claims import Choice, Claim, DeviceClass, Request
    >>> from pulumi_kubeml.capacity.model import Pool
    >>> gpu = DeviceClass("gpu.nvidia.com", ('device.driver == "gpu.nvidia.com"',))
    >>> unmet(Pod("a", claims=(Claim("gpus", (Request("gpu", (Choice(gpu.name, gpu, 2),)),)),)), Pool("serve", 1, {}, (), {}))
    ('claims 2 gpu.nvidia.com, which its devices do not meet',)
    """
    if not (pod.claims or pod.mapped):
        return ()
    devices: tuple[Device, ...] = tuple(getattr(node, "devices", ()))
    claims = Node("", allocatable=node.allocatable).open_claims(pod)
    if not claims or (not missing_class(claims) and granted(claims, devices, taken) is not None):
        return ()
    return (f"claims {', '.join(map(_shown, claims))}, which its devices do not meet", *doubts(claims, devices))


def _shown(claim: Claim) -> str:
    """Make what a claim wants, as a message tells it."""
    told = (
        " or ".join(
            f"{'all' if choice.count is None else choice.count} {choice.class_name}" for choice in request.choices
        )
        for request in claim.requests
    )
    return " and ".join(each for each in told if each) or f'what "{claim.name}" says'


def exclusions(pod: Pod, node: NodeLike) -> tuple[str, ...]:
    """Make the reasons that have nothing to do with resources: node selector, required affinity, taints.

    >>> from pulumi_kubeml.capacity.model import Pool
    >>> exclusions(Pod("a", node_selector={"kubeml.io/pool": "train"}), Pool("serve", 1, {"kubeml.io/pool": "serve"}, (), {}))
    ('selects kubeml.io/pool=train, a node has serve',)
    """
    reasons: list[str] = []
    for key, wanted in pod.node_selector.items():
        if node.labels.get(key) != wanted and (key in node.labels or key not in NODE_OWN):
            got = node.labels.get(key)
            reasons.append(f"selects {key}={wanted}, a node has {'no such label' if got is None else got}")
    if pod.affinity and not any(node_term(term, node.labels) for term in pod.affinity):
        reasons.append("its required node affinity does not match")
    reasons += [
        f"does not tolerate {taint.key}{'=' if taint.value else ''}{taint.value or ''}:{taint.effect}"
        for taint in node.taints
        if taint.effect != "PreferNoSchedule" and not tolerates(pod.tolerations, taint)
    ]
    return tuple(reasons)


def shortfalls(requests: Mapping[str, int], free: Mapping[str, int]) -> tuple[str, ...]:
    """Make the resources that a pod asks for and a node does not have, each with both figures.

    >>> shortfalls({"cpu": 4000, "memory": 2**30}, {"cpu": 3920, "memory": 2**34})
    ('needs 4 cpu, a node has 3920m',)
    """
    return tuple(
        f"needs {show(resource, wanted)} {resource}, a node has {show(resource, free.get(resource, 0))}"
        for resource, wanted in sorted(requests.items())
        if wanted > free.get(resource, 0)
    )
