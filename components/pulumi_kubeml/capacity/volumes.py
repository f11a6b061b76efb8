"""Where a pod may run for the sake of the volumes that it mounts, in the scheduler's words.

A bound volume can be used on some nodes only; a claim that waits for its first pod takes a volume that is there, the
smallest that does, or has one made where its class allows; all other claims must be bound before any node is asked.
Order and texts are those of Kubernetes 1.37 (kubernetes/kubernetes, pkg/scheduler/framework/plugins/volumerestrictions,
volumebinding and volumezone, v1.37.2).

>>> zone = {"matchExpressions": [{"key": ZONE, "operator": "In", "values": ["a"]}]}
>>> pod = Pod("db", volumes=(Mount("data", terms=(zone,)),))
>>> Storage().rejections(pod, {ZONE: "b"}), Storage().rejections(pod, {ZONE: "a"})
(["node(s) didn't match PersistentVolume's node affinity"], [])
"""

from collections.abc import Iterable, Mapping

from pulumi_kubeml.capacity.model import Mount, Pod, Terms, Volume
from pulumi_kubeml.capacity.node import REGION, ZONE
from pulumi_kubeml.capacity.selectors import node_term

IN_USE = (
    "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod"
)
ELSEWHERE = "node(s) didn't match PersistentVolume's node affinity"
NONE_TO_BIND = "node(s) didn't find available persistent volumes to bind"
NO_ZONE = "node(s) had no available volume zone"
UNBOUND = "pod has unbound immediate PersistentVolumeClaims"

_BETA = {"failure-domain.beta.kubernetes.io/zone": ZONE, "failure-domain.beta.kubernetes.io/region": REGION}
TOPOLOGY = (*_BETA, ZONE, REGION)
"""Labels by which a volume says where it is."""

Claim = tuple[str, str]
"""Namespace and name."""


def absent(claim: str) -> str:
    """Make what is said of a claim that there is not.

    >>> absent("data")
    'persistentvolumeclaim "data" not found'
    """
    return f'persistentvolumeclaim "{claim}" not found'


def problem(pod: Pod) -> str:
    """Make why no node is even asked, empty when nodes are: claims that are not there come before those that are not bound."""
    said = [mount.problem for mount in pod.volumes if mount.problem]
    return min(said, key=lambda text: (text == UNBOUND, not text.endswith("not found")), default="")


class Storage:
    """What the pods that have a node have made of claims and volumes."""

    def __init__(self, pods: Iterable[Pod] = ()) -> None:
        self._used = {(pod.namespace, mount.claim) for pod in pods for mount in pod.volumes}
        self._bound: dict[Claim, Terms] = {}
        self._taken: set[str] = set()

    def take(self, pod: Pod, labels: Mapping[str, str]) -> None:
        """Note that a pod is on a node with some labels: the volumes that its claims waited for are there from now on."""
        for mount, volume in self._chosen(pod, labels) or ():
            self._taken |= {volume.name} if volume else set()
            if mount.claim:
                self._bound[pod.namespace, mount.claim] = volume.terms if volume else _here(mount, labels)
        self._used |= {(pod.namespace, mount.claim) for mount in pod.volumes if mount.claim}

    def rejections(self, pod: Pod, labels: Mapping[str, str]) -> list[str]:
        """Make the reasons of the first thing about volumes that a node with some labels fails; empty when it fails none."""
        if any(mount.alone and (pod.namespace, mount.claim) in self._used for mount in pod.volumes):
            return [IN_USE]
        terms = [mount.terms for mount in pod.volumes if not mount.waits]
        terms += [self._bound[key] for mount in pod.volumes if (key := (pod.namespace, mount.claim)) in self._bound]
        found = [] if all(_takes(each, labels) for each in terms) else [ELSEWHERE]
        found += [] if self._chosen(pod, labels) is not None else [NONE_TO_BIND]
        return found or [NO_ZONE for _ in (1,) if not _in_zone(pod.volumes, labels)]

    def _chosen(self, pod: Pod, labels: Mapping[str, str]) -> list[tuple[Mount, Volume | None]] | None:
        """Make the volume that each waiting claim takes on such a node, None for one that is made; None when one gets none."""
        found: list[tuple[Mount, Volume | None]] = []
        taken = set(self._taken)
        for mount in sorted((each for each in pod.volumes if each.waits), key=lambda each: each.bytes):
            if (pod.namespace, mount.claim) in self._bound:
                continue
            fitting = (each for each in mount.choices if each.name not in taken and _takes(each.terms, labels))
            volume = min(fitting, key=lambda each: each.bytes, default=None)
            if volume is None and not (mount.made and _takes(mount.terms, labels)):
                return None
            found.append((mount, volume))
            taken |= {volume.name} if volume else set()
        return found


def _takes(terms: Terms, labels: Mapping[str, str]) -> bool:
    return not terms or any(node_term(term, labels, name="") for term in terms)


def _here(mount: Mount, labels: Mapping[str, str]) -> Terms:
    """Make where the volume can be used that a driver makes for a claim on such a node."""
    if not mount.zonal or ZONE not in labels:
        return ()
    return ({"matchExpressions": [{"key": ZONE, "operator": "In", "values": [labels[ZONE]]}]},)


def _in_zone(mounts: Iterable[Mount], labels: Mapping[str, str]) -> bool:
    """Whether a node is where the labels of the volumes say; one that has no such label is everywhere."""
    if not any(key in labels for key in TOPOLOGY):
        return True
    said = [item for mount in mounts for item in mount.places]
    return all(labels.get(key, labels.get(_BETA.get(key, key))) in values for key, values in said)
