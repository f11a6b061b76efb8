"""Storage for the judge: volumes in zones and on nodes, claims in every state, and pods that mount them.

Classes are the same in all cases; volumes and claims are drawn. `fixed` has no driver and waits, so that the scheduler picks
volumes that are there; `made` and `made-in-a` have a driver that makes them when a node is chosen; `at-once` has no driver
and does not wait, so that a claim without a volume stays unbound.
"""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from tests.cluster.drawn import DISK, HOST, NAMESPACES, ZONE, Manifest, sometimes
from tests.cluster.drawn import pods as drawn_pods

DRIVER = "ebs.csi.aws.com"
MINE = "judge.kubeml.io/mine"
_IN_A = {"matchLabelExpressions": [{"key": ZONE, "values": ["a"]}]}
CLASSES: list[Manifest] = [
    {"metadata": {"name": name}, "provisioner": driver, "volumeBindingMode": mode, **more}
    for name, driver, mode, more in (
        ("judge-fixed", "kubernetes.io/no-provisioner", "WaitForFirstConsumer", {}),
        ("judge-at-once", "kubernetes.io/no-provisioner", "Immediate", {}),
        ("judge-made", DRIVER, "WaitForFirstConsumer", {}),
        ("judge-made-in-a", DRIVER, "WaitForFirstConsumer", {"allowedTopologies": [_IN_A]}),
    )
]
CLAIMS = 4
_MODES = [["ReadWriteOnce"], ["ReadWriteOncePod"], ["ReadWriteMany"]]
_EXPRESSIONS = [
    {"key": ZONE, "operator": "In", "values": ["a"]},
    {"key": ZONE, "operator": "In", "values": ["b", "c"]},
    {"key": DISK, "operator": "NotIn", "values": ["ssd"]},
    {"key": HOST, "operator": "In", "values": ["n0", "n1"]},
]
_LABELS = [{}, {}, {}, {ZONE: "a"}, {ZONE: "a__b"}, {"failure-domain.beta.kubernetes.io/zone": "c"}]


@dataclass(frozen=True)
class Storage:
    """Volumes and claims; a claim's volume is named where it is bound from the start."""

    volumes: list[Manifest]
    claims: list[Manifest]


@st.composite
def storage(draw: st.DrawFn) -> Storage:
    """Draws the claims of both namespaces, a volume for each that is bound, and some that nobody has claimed."""
    volumes: list[Manifest] = []
    claims: list[Manifest] = []
    for number in range(CLAIMS):
        namespace = draw(st.sampled_from(sorted(NAMESPACES)))
        state = draw(
            st.sampled_from(
                [
                    "bound",
                    "bound",
                    "bound",
                    "judge-fixed",
                    "judge-fixed",
                    "judge-made",
                    "judge-made-in-a",
                    "judge-at-once",
                ]
            )
        )
        spec: Manifest = {
            "accessModes": draw(st.sampled_from(_MODES[:2] if "made" in state else _MODES)),
            "resources": {"requests": {"storage": f"{draw(st.integers(1, 4))}Gi"}},
            "storageClassName": "judge-fixed" if state == "bound" else state,
        }
        if state == "judge-fixed":
            spec |= draw(sometimes(st.just({"selector": {"matchLabels": {MINE: "yes"}}}), 4, {}))
        claim = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": f"c{number}", "namespace": namespace},
        }
        if state == "bound":
            spec["volumeName"] = f"v{number}"
            volumes.append(draw(_volume(f"v{number}", 10, spec["accessModes"], [[_EXPRESSIONS[number % 2]]])))
        claims.append({**claim, "spec": spec})
    for number in range(draw(st.integers(0, 3))):
        # no two of one size, so that the smallest is one
        volumes.append(
            draw(_volume(f"free{number}", 1 + number + draw(st.integers(0, 1)) * 3, ["ReadWriteOnce", "ReadWriteMany"]))
        )
    return Storage(volumes, claims)


@st.composite
def _volume(draw: st.DrawFn, name: str, size: int, modes: list[str], otherwise: Any = None) -> Manifest:
    """Draws a volume; where no terms are drawn it has those of `otherwise`."""
    labels = draw(st.sampled_from(_LABELS)) | draw(st.sampled_from([{}, {MINE: "yes"}]))
    spec: Manifest = {
        "accessModes": modes,
        "capacity": {"storage": f"{size}Gi"},
        "storageClassName": "judge-fixed",
        "persistentVolumeReclaimPolicy": "Retain",
        "hostPath": {"path": "/nowhere"},
    }
    terms = draw(
        sometimes(
            st.lists(
                st.lists(st.sampled_from(_EXPRESSIONS), min_size=1, max_size=2, unique_by=str), min_size=1, max_size=2
            ),
            2,
            otherwise,
        )
    )
    if terms:
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [{"matchExpressions": each} for each in terms]}}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name, "labels": labels}, "spec": spec}


@st.composite
def plain(draw: st.DrawFn, number: int) -> Manifest:
    """Draws a pod that asks for nothing by itself."""
    spec: Manifest = {
        "containers": [{"name": "main", "image": "registry.example.com/none"}],
        "terminationGracePeriodSeconds": 0,
        "tolerations": [{"operator": "Exists"}],
    }
    metadata = {"name": f"p{number}", "namespace": draw(st.sampled_from(sorted(NAMESPACES)))}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@st.composite
def pods(draw: st.DrawFn, claims: list[Manifest]) -> list[Manifest]:
    """Draws pods that mount claims; in half of the sets nothing else decides."""
    alone = draw(st.booleans())
    made = [draw(plain(number)) for number in range(draw(st.integers(1, 6)))] if alone else draw(drawn_pods())
    return [draw(mounting(pod, claims)) for pod in made]


@st.composite
def mounting(draw: st.DrawFn, pod: Manifest, claims: list[Manifest]) -> Manifest:
    """Draws the same pod with claims of its namespace mounted, or one that there is not."""
    mine = [
        each["metadata"]["name"] for each in claims if each["metadata"]["namespace"] == pod["metadata"]["namespace"]
    ]
    names = draw(st.lists(st.sampled_from([*mine, *mine, *mine, "absent"]), max_size=2, unique=True))
    volumes = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in names]
    spec: dict[str, Any] = {**pod["spec"], "volumes": volumes} if volumes else pod["spec"]
    return {**pod, "spec": spec}
