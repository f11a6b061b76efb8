"""Cases of the checks that look at pods: what is put into a container or its pod, and what must be found.

Paths: {c} is the container, {p} the pod spec.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.policy.kinds import GOOD

from pulumi_kubeml.capacity.graph import UNKNOWN

DIGEST = GOOD["image"]
GPU = "nvidia.com/gpu"
ENOUGH = {"cpu": "1", "memory": "1Gi"}
TOLERATION = {"key": GPU, "operator": "Exists", "effect": "NoSchedule"}
LABELS = (
    "kubeml.io/accelerator, kubeml.io/pool, nvidia.com/gpu.present, nvidia.com/gpu.product, cloud.google.com/gke-accelerator, "
    "cloud.google.com/gke-nodepool, cloud.google.com/gke-tpu-accelerator, kubernetes.azure.com/agentpool, "
    "eks.amazonaws.com/nodegroup, karpenter.sh/nodepool, karpenter.k8s.aws/instance-gpu-name, node.kubernetes.io/instance-type"
)


@dataclass(frozen=True)
class Case:
    """One container and pod, and the finding; `message` empty: none."""

    what: str
    container: dict[str, Any] = field(default_factory=dict)
    spec: dict[str, Any] = field(default_factory=dict)
    path: str = ""
    message: str = ""
    profile: str = "prod"
    whole_only: bool = False
    """Makes no sense where something else completes the container."""


def gpus(limits: Any, requests: Any = None, key: str = GPU) -> dict[str, Any]:
    """A container that asks for GPUs."""
    sides = {"limits": limits, "requests": requests}
    return {"resources": {side: {**ENOUGH, key: count} for side, count in sides.items() if count is not None}}


SHARE, INSTANCE = "nvidia.com/gpu.shared", "nvidia.com/mig-1g.10gb"
SELECTOR = {"nodeSelector": {"kubeml.io/pool": "train"}, "tolerations": [TOLERATION]}
UNTOLERATED = "a pod with nvidia.com/gpu does not tolerate the taint of nodes that have it: it never starts"
UNPLACED = "a pod with nvidia.com/gpu does not say on which accelerator: any node with a free device takes it"


def affinity(key: str) -> dict[str, Any]:
    """A required node affinity on one label."""
    terms = [{"matchExpressions": [{"key": key, "operator": "Exists"}]}]
    return {
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}
    }


CASES: dict[str, dict[str, list[Case]]] = {
    "POD-01": {
        "pass": [Case("says nothing"), Case("says false", {"securityContext": {"privileged": False}})],
        "violation": [
            Case(
                "is privileged",
                {"securityContext": {"privileged": True}},
                path="{c}.securityContext.privileged",
                message='container "main" is privileged: it has every right and every device of its node',
            )
        ],
        "undetermined": [
            Case(
                "has an unknown privilege",
                {"securityContext": {"privileged": UNKNOWN}},
                path="{c}",
                message="cannot be checked yet: {c}.securityContext.privileged is not known yet",
            )
        ],
    },
    "POD-09": {
        "pass": [
            Case("has a digest"),
            Case("has a digest without a tag", {"image": f"app@sha256:{'0' * 64}"}),
            Case("has a tag in dev", {"image": "localhost:5000/team/app:v1"}, profile="dev"),
        ],
        "violation": [
            Case(
                "has a tag in prod",
                {"image": "localhost:5000/team/app:v1"},
                path="{c}.image",
                message='image "localhost:5000/team/app:v1" of container "main" has no digest: its tag may move',
            ),
            Case(
                "has no tag, only a registry's port, in dev",
                {"image": "localhost:5000/team/app"},
                path="{c}.image",
                message='image "localhost:5000/team/app" of container "main" is whatever "latest" is when a node pulls it',
                profile="dev",
            ),
            Case(
                "has the tag latest in dev",
                {"image": "app:latest"},
                path="{c}.image",
                message='image "app:latest" of container "main" is whatever "latest" is when a node pulls it',
                profile="dev",
            ),
        ],
        "undetermined": [
            Case(
                "has an unknown image",
                {"image": UNKNOWN},
                path="{c}",
                message="cannot be checked yet: {c}.image is not known yet",
            )
        ],
    },
    "RES-01": {
        "pass": [
            Case("requests both"),
            Case("limits both, which is then requested", {"resources": {"limits": ENOUGH}}),
            Case(
                "requests nothing itself, but its pod does",
                {"resources": {}},
                {"resources": {"requests": ENOUGH}},
                whole_only=True,
            ),
        ],
        "violation": [
            Case(
                "requests CPU only",
                {"resources": {"requests": {"cpu": "1"}}},
                path="{c}.{resources}.requests",
                message='container "main" requests no memory',
            ),
            Case(
                "requests nothing",
                {"resources": {}},
                path="{c}.{resources}.requests",
                message='container "main" requests no cpu and no memory',
            ),
            Case(
                "requests zero",
                {"resources": {"requests": {"cpu": "0", "memory": "1Gi"}}},
                path="{c}.{resources}.requests",
                message='container "main" requests no cpu',
            ),
            Case(
                "requests what is no quantity",
                {"resources": {"requests": {"cpu": "1", "memory": "1GB"}}},
                path="{c}.{resources}",
                message='container "main": "1GB" is not a quantity: a number with one of n u m k M G T P E or Ki Mi Gi Ti Pi Ei, or an exponent such as e3',
            ),
        ],
        "undetermined": [
            Case(
                "requests an unknown amount",
                {"resources": {"requests": {"cpu": "1", "memory": UNKNOWN}}},
                path="{c}",
                message="cannot be checked yet: {c}.{resources}.requests.memory is not known yet",
            )
        ],
    },
    "GPU-01": {
        "pass": [
            Case("asks for none"),
            Case("limits two", gpus(2)),
            Case("requests what it limits, written otherwise", gpus("2", 2)),
            Case("limits two instances of a device", gpus(2, key=INSTANCE)),
            Case("limits one share of a device", gpus(1, key=SHARE)),
        ],
        "violation": [
            Case(
                "requests other than it limits",
                gpus(2, 1),
                path='{c}.{resources}.requests["nvidia.com/gpu"]',
                message='container "main" requests 1 nvidia.com/gpu with a limit of 2: both must be the same',
            ),
            Case(
                "asks for half of one",
                gpus("500m"),
                path='{c}.{resources}.limits["nvidia.com/gpu"]',
                message='container "main" asks for 500m nvidia.com/gpu: devices are whole',
            ),
            Case(
                "limits two shares of a device",
                gpus(2, key=SHARE),
                path='{c}.{resources}.limits["nvidia.com/gpu.shared"]',
                message='container "main" asks for 2 nvidia.com/gpu.shared: more than one share gives no more of a device, and is refused',
            ),
            Case(
                "asks for half of an instance",
                gpus("500m", key=INSTANCE),
                path='{c}.{resources}.limits["nvidia.com/mig-1g.10gb"]',
                message='container "main" asks for 500m nvidia.com/mig-1g.10gb: devices are whole',
            ),
            Case(
                "requests without a limit",
                gpus(None, 1),
                path='{c}.{resources}.limits["nvidia.com/gpu"]',
                message='container "main" requests 1 nvidia.com/gpu without a limit, which the API server refuses',
                whole_only=True,
            ),
        ],
        "undetermined": [
            Case(
                "limits an unknown number",
                gpus(UNKNOWN),
                path="{c}",
                message='cannot be checked yet: {c}.{resources}.limits["nvidia.com/gpu"] is not known yet',
            )
        ],
    },
    "GPU-02": {
        "pass": [
            Case("asks for none"),
            Case("tolerates and selects", gpus(1), SELECTOR),
            Case("tolerates the nodes of a share and selects", gpus(1, key=SHARE), SELECTOR),
            Case("tolerates the nodes of an instance and selects", gpus(1, key=INSTANCE), SELECTOR),
            Case(
                "tolerates everything and has an affinity",
                gpus(1),
                {"tolerations": [{"operator": "Exists"}], **affinity("nvidia.com/gpu.product")},
            ),
        ],
        "violation": [
            Case(
                "selects only",
                gpus(1),
                {"nodeSelector": {"kubeml.io/pool": "train"}},
                "{p}.tolerations",
                UNTOLERATED,
                whole_only=True,
            ),
            Case(
                "selects nodes of shares only",
                gpus(1, key=SHARE),
                {"nodeSelector": {"kubeml.io/pool": "train"}},
                "{p}.tolerations",
                UNTOLERATED.replace(GPU, SHARE),
                whole_only=True,
            ),
            Case(
                "tolerates only", gpus(1), {"tolerations": [TOLERATION]}, "{p}.nodeSelector", UNPLACED, whole_only=True
            ),
            Case(
                "tolerates another effect",
                gpus(1),
                {**SELECTOR, "tolerations": [{**TOLERATION, "effect": "NoExecute"}]},
                "{p}.tolerations",
                UNTOLERATED,
            ),
            Case(
                "selects by a label that tells no accelerator",
                gpus(1),
                {**SELECTOR, "nodeSelector": {"disk": "ssd"}},
                "{p}.nodeSelector",
                UNPLACED,
            ),
        ],
        "undetermined": [
            Case(
                "has unknown tolerations",
                gpus(1),
                {**SELECTOR, "tolerations": UNKNOWN},
                path="{p}",
                message="cannot be checked yet: {p}.tolerations is not known yet",
            )
        ],
    },
}
