"""Whether a pod fits a node: every reason, each with both figures."""

import pytest

from pulumi_kubeml.capacity.fits import fits, obstacles
from pulumi_kubeml.capacity.model import Pod, Pool, Taint

GPU = "nvidia.com/gpu"
NODE = Pool(
    "train",
    2,
    {"kubeml.io/pool": "train", "zone-class": "2", "kubernetes.io/arch": "amd64"},
    (Taint(GPU, "present", "NoSchedule"), Taint("slow", "", "PreferNoSchedule")),
    {"cpu": 4000, "memory": 2**34, "pods": 110, GPU: 4},
)
TOLERANT = {"tolerations": ({"key": GPU, "operator": "Exists"},)}


def wants(*expressions: dict[str, object]) -> dict[str, object]:
    return {"affinity": ({"matchExpressions": list(expressions)},), **TOLERANT}


@pytest.mark.parametrize(
    ("what", "pod", "reasons"),
    [
        ("nothing asked", TOLERANT, ()),
        ("just as much as there is", {**TOLERANT, "requests": {"cpu": 4000, "memory": 2**34, GPU: 4}}, ()),
        ("a millicore too many", {**TOLERANT, "requests": {"cpu": 4001}}, ("needs 4001m cpu, a node has 4",)),
        (
            "two resources, one that no node has",
            {**TOLERANT, "requests": {GPU: 5, "amd.com/gpu": 1}},
            ("needs 1 amd.com/gpu, a node has 0", "needs 5 nvidia.com/gpu, a node has 4"),
        ),
        ("no toleration", {}, ("does not tolerate nvidia.com/gpu=present:NoSchedule",)),
        ("a toleration of all", {"tolerations": ({"operator": "Exists"},)}, ()),
        ("an equal value", {"tolerations": ({"key": GPU, "value": "present"},)}, ()),
        (
            "another value",
            {"tolerations": ({"key": GPU, "operator": "Equal", "value": "true"},)},
            ("does not tolerate nvidia.com/gpu=present:NoSchedule",),
        ),
        (
            "another effect",
            {"tolerations": ({"key": GPU, "operator": "Exists", "effect": "NoExecute"},)},
            ("does not tolerate nvidia.com/gpu=present:NoSchedule",),
        ),
        ("its label", {**TOLERANT, "node_selector": {"kubeml.io/pool": "train"}}, ()),
        (
            "another label",
            {**TOLERANT, "node_selector": {"kubeml.io/pool": "serve"}},
            ("selects kubeml.io/pool=serve, a node has train",),
        ),
        (
            "an absent label",
            {**TOLERANT, "node_selector": {"disk": "ssd"}},
            ("selects disk=ssd, a node has no such label",),
        ),
        (
            "a label of each node's own",
            {**TOLERANT, "node_selector": {"topology.kubernetes.io/zone": "us-east-1a"}},
            (),
        ),
        ("In", wants({"key": "kubeml.io/pool", "operator": "In", "values": ["serve", "train"]}), ()),
        (
            "NotIn",
            wants({"key": "kubeml.io/pool", "operator": "NotIn", "values": ["train"]}),
            ("its required node affinity does not match",),
        ),
        ("NotIn of an absent label", wants({"key": "disk", "operator": "NotIn", "values": ["ssd"]}), ()),
        ("Exists", wants({"key": "disk", "operator": "Exists"}), ("its required node affinity does not match",)),
        ("DoesNotExist", wants({"key": "disk", "operator": "DoesNotExist"}), ()),
        ("Gt", wants({"key": "zone-class", "operator": "Gt", "values": ["1"]}), ()),
        (
            "Gt of what is no number",
            wants({"key": "kubeml.io/pool", "operator": "Gt", "values": ["1"]}),
            ("its required node affinity does not match",),
        ),
        (
            "Lt",
            wants({"key": "zone-class", "operator": "Lt", "values": ["2"]}),
            ("its required node affinity does not match",),
        ),
        ("a term without expressions", wants(), ("its required node affinity does not match",)),
        (
            "one of two terms",
            {
                "affinity": (
                    {"matchExpressions": [{"key": "x", "operator": "Exists"}]},
                    {"matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]},
                ),
                **TOLERANT,
            },
            (),
        ),
        (
            "everything wrong at once",
            {"requests": {GPU: 8}, "node_selector": {"a": "b"}, "affinity": ({},)},
            (
                "selects a=b, a node has no such label",
                "its required node affinity does not match",
                "does not tolerate nvidia.com/gpu=present:NoSchedule",
                "needs 8 nvidia.com/gpu, a node has 4",
            ),
        ),
    ],
)
def test_every_reason_is_given(what: str, pod: dict[str, object], reasons: tuple[str, ...]) -> None:
    assert obstacles(Pod("p", **pod), NODE) == reasons, what
    assert fits(Pod("p", **pod), NODE) is not bool(reasons)
