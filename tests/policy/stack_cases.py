"""Cases of the checks that look at whole stacks: the resources, and exactly what must be found."""

from dataclasses import dataclass, field
from typing import Any

from tests.policy.kinds import resource
from tests.policy.stacks import (
    BOTH,
    DNS_PEER,
    GPU,
    class_quota,
    deny,
    dns,
    gpu_quota,
    namespace,
    node_group,
    policy,
    quota,
    served,
    unnamed,
    workload,
)

from pulumi_kubeml.capacity.graph import UNKNOWN

Found = tuple[str, str, str]


@dataclass(frozen=True)
class Case:
    """A stack, and the resource name, path and message of each finding."""

    what: str
    resources: list[dict[str, Any]]
    found: list[Found] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)


RESEARCH = namespace()
NO_QUOTA = 'namespace "research" has no ResourceQuota: its pods may take the whole cluster'
UNCAPPED = f'namespace "research" runs pods with {GPU} (chat, train), but no quota of it caps requests.{GPU}'
NO_DNS = 'namespace "research" denies egress by default, but no rule for all of its pods lets DNS out over {}'
HARD = f'spec.hard["requests.{GPU}"]'
CILIUM = resource(
    "kubernetes:cilium.io/v2:CiliumNetworkPolicy", "c", {"metadata": {"namespace": "research"}, "spec": {}}
)


CLASSES = [served("chat", "l4", "l4"), served("see", "t4", "t4")]
POOLS = [node_group("l4", "g6.xlarge", 3), node_group("t4", "g4dn.xlarge", 2)]


def denies_no(ways: str) -> list[Found]:
    """The finding about a namespace that is open."""
    return [("research", "metadata.name", f'namespace "research" denies no {ways} by default')]


def open_dns(protocols: str) -> list[Found]:
    """The finding about a namespace without DNS."""
    return [("research", "metadata.name", NO_DNS.format(protocols))]


CASES: dict[str, dict[str, list[Case]]] = {
    "QTA-01": {
        "pass": [
            Case("a namespace with a quota", [RESEARCH, quota({"cpu": "8"})]),
            Case("a system namespace", [namespace("kube-system")]),
            Case("a namespace left alone", [RESEARCH], config={"ns-has-resource-quota": {"exempt": ["rese*"]}}),
            Case(
                "a quota beside one of another namespace",
                [RESEARCH, quota({"cpu": "8"}), quota({"cpu": "8"}, "vision")],
            ),
        ],
        "violation": [
            Case("a namespace alone", [RESEARCH], [("research", "metadata.name", NO_QUOTA)]),
            Case(
                "a quota of another namespace",
                [RESEARCH, quota({"cpu": "8"}, "vision")],
                [("research", "metadata.name", NO_QUOTA)],
            ),
            Case("a quota that limits nothing", [RESEARCH, quota({})], [("research", "metadata.name", NO_QUOTA)]),
        ],
        "undetermined": [
            Case(
                "a quota of a namespace not known yet",
                [RESEARCH, unnamed(quota({"cpu": "8"}))],
                [
                    (
                        "research",
                        "metadata.name",
                        "cannot be checked yet: research-quota.metadata.namespace is not known yet",
                    )
                ],
            ),
        ],
    },
    "QTA-03": {
        "pass": [
            Case("capped GPUs", [RESEARCH, workload("chat", 1), gpu_quota(4)]),
            Case("no GPUs", [RESEARCH, workload("web"), quota({"cpu": "8"})]),
            Case(
                "one quota a class",
                [RESEARCH, *CLASSES, class_quota(4, "serving-l4"), class_quota(4, "serving-t4")],
            ),
        ],
        "violation": [
            Case(
                "a pod that no quota of a class counts",
                [RESEARCH, *CLASSES, class_quota(4, "serving-l4")],
                [
                    (
                        "research",
                        "metadata.name",
                        f'namespace "research" runs pods with {GPU} (see), but no quota of it caps requests.{GPU}',
                    )
                ],
            ),
            Case(
                "GPUs in a namespace without a quota",
                [RESEARCH, workload("train", 2), workload("chat", 1), workload("web")],
                [("research", "metadata.name", UNCAPPED)],
            ),
            Case(
                "GPUs under a quota on CPU",
                [RESEARCH, workload("train", 2), workload("chat", 1), quota({"cpu": "8"})],
                [("research", "metadata.name", UNCAPPED)],
            ),
            Case(
                "a key without its prefix",
                [RESEARCH, quota({GPU: 4})],
                [
                    (
                        "research-quota",
                        f'spec.hard["{GPU}"]',
                        f'quota "quota" caps "{GPU}": an accelerator is capped as requests.{GPU} only',
                    )
                ],
            ),
            Case(
                "a key with the prefix of limits",
                [RESEARCH, quota({f"limits.{GPU}": 4})],
                [
                    (
                        "research-quota",
                        f'spec.hard["limits.{GPU}"]',
                        f'quota "quota" caps "limits.{GPU}": an accelerator is capped as requests.{GPU} only',
                    )
                ],
            ),
        ],
        "undetermined": [
            Case(
                "a quota with unknown limits",
                [RESEARCH, workload("chat", 1), quota(UNKNOWN)],
                [
                    ("research-quota", "spec.hard", "cannot be checked yet: spec.hard is not known yet"),
                    ("research", "metadata.name", "cannot be checked yet: research-quota: spec.hard is not known yet"),
                ],
            ),
            Case(
                "a namespace made elsewhere",
                [workload("chat", 1)],
                [
                    (
                        "chat",
                        "metadata.name",
                        'cannot be checked yet: namespace "research" is not made by this stack, nor are its quotas',
                    )
                ],
            ),
        ],
    },
    "QTA-04": {
        "pass": [
            Case("as much as there is", [gpu_quota(12), node_group("serve", "g6.xlarge", 12)]),
            Case(
                "two pools",
                [
                    gpu_quota(8),
                    gpu_quota(8, "vision"),
                    node_group("serve", "g6.xlarge", 8),
                    node_group("train", "g6.12xlarge", 2),
                ],
            ),
            Case(
                "the least of two quotas",
                [gpu_quota(99), gpu_quota(1, name="less"), node_group("serve", "g6.xlarge", 1)],
            ),
            Case(
                "an overcommit",
                [gpu_quota(2), node_group("serve", "g6.xlarge", 1)],
                config={"gpu-quota-within-capacity": {"overcommit": 2}},
            ),
            Case("no GPUs", [quota({"cpu": "8"})]),
            Case(
                "one quota a class, each within its pools",
                [*CLASSES, class_quota(3, "serving-l4"), class_quota(2, "serving-t4"), *POOLS],
            ),
            Case(
                "classes without pods, on the sum",
                [class_quota(4, "serving-l4"), class_quota(1, "serving-t4"), *POOLS],
            ),
        ],
        "violation": [
            Case(
                "more of a class than its pools have",
                [*CLASSES, class_quota(4, "serving-l4"), class_quota(1, "serving-t4"), *POOLS],
                [
                    (
                        "research-serving-l4",
                        HARD,
                        f"the quotas grant 4 {GPU} (research serving-l4 4), the pools that their pods may use have 3 at most (l4 3 x 1)",
                    )
                ],
            ),
            Case(
                "more than there is",
                [
                    gpu_quota(12),
                    gpu_quota(5, "vision"),
                    node_group("serve", "g6.xlarge", 8),
                    node_group("train", "g6.12xlarge", 2),
                ],
                [
                    (
                        "research-quota",
                        HARD,
                        f"the quotas grant 17 {GPU} (research 12, vision 5), the pools have 16 at most (serve 8 x 1, train 2 x 4)",
                    )
                ],
            ),
            Case(
                "no such device",
                [gpu_quota(1), node_group("general", "m7i.large", 8)],
                [
                    (
                        "research-quota",
                        HARD,
                        f"the quotas grant 1 {GPU} (research 1), the pools have 0 at most (no pool has any)",
                    )
                ],
            ),
            Case(
                "more than the overcommit allows",
                [gpu_quota(4), node_group("serve", "g6.xlarge", 2)],
                [
                    (
                        "research-quota",
                        HARD,
                        f"the quotas grant 4 {GPU} (research 4), the pools have 2 at most (serve 2 x 1); an overcommit of 1.5 allows 3",
                    )
                ],
                {"gpu-quota-within-capacity": {"overcommit": 1.5}},
            ),
        ],
        "undetermined": [
            Case(
                "a pool of unknown size",
                [gpu_quota(12), node_group("serve", "g6.xlarge", UNKNOWN)],
                [("research-quota", "spec.hard", "cannot be checked yet: scalingConfig.maxSize is not known yet")],
            ),
            Case(
                "a machine that the catalog does not know",
                [gpu_quota(12), node_group("serve", "z9.huge", 1)],
                [
                    (
                        "research-quota",
                        "spec.hard",
                        'cannot be checked yet: serve.instanceTypes names "z9.huge", which the catalog does not know',
                    )
                ],
            ),
            Case(
                "no pools",
                [gpu_quota(12)],
                [
                    (
                        "research-quota",
                        "spec.hard",
                        "cannot be checked yet: the cluster's node pools are not in this stack",
                    )
                ],
            ),
        ],
    },
    "NET-01": {
        "pass": [
            Case("one policy for both ways", [RESEARCH, deny()]),
            Case("one policy a way", [RESEARCH, deny("Ingress"), policy("out", policyTypes=["Egress"])]),
            Case(
                "a policy that lets only some through",
                [
                    RESEARCH,
                    policy("same", policyTypes=["Ingress", "Egress"], ingress=[{"from": [{"podSelector": {}}]}]),
                ],
            ),
            Case("a system namespace", [namespace("kube-public")]),
        ],
        "violation": [
            Case("no policy", [RESEARCH], denies_no("ingress and no egress")),
            Case("one way only, as policyTypes default", [RESEARCH, policy("in")], denies_no("egress")),
            Case(
                "some pods only",
                [RESEARCH, deny(podSelector={"matchLabels": {"app": "chat"}})],
                denies_no("ingress and no egress"),
            ),
            Case("another namespace", [RESEARCH, deny(namespace="vision")], denies_no("ingress and no egress")),
            Case("a policy that lets everything in", [RESEARCH, deny(ingress=[{}])], denies_no("ingress")),
        ],
        "undetermined": [
            Case(
                "a policy not known yet",
                [RESEARCH, deny(podSelector=UNKNOWN)],
                [("research", "metadata.name", "cannot be checked yet: spec.podSelector is not known yet")],
            ),
            Case(
                "policies of another kind",
                [RESEARCH, CILIUM],
                [
                    (
                        "research",
                        "metadata.name",
                        'cannot be checked yet: namespace "research" has policies of kind CiliumNetworkPolicy, which are not read',
                    )
                ],
            ),
        ],
    },
    "NET-02": {
        "pass": [
            Case("DNS let out", [RESEARCH, deny(), dns()]),
            Case("egress not denied", [RESEARCH, deny("Ingress")]),
            Case("everything let out", [RESEARCH, policy("out", policyTypes=["Egress"], egress=[{}])]),
            Case(
                "any port to any namespace",
                [RESEARCH, deny(), policy("out", policyTypes=["Egress"], egress=[{"to": [{"namespaceSelector": {}}]}])],
            ),
            Case(
                "a range of ports",
                [RESEARCH, deny(), dns({"protocol": "UDP", "port": 1, "endPort": 100}, {"port": "dns-tcp"})],
            ),
            Case("the node's own cache", [RESEARCH, deny(), dns(to=[{"ipBlock": {"cidr": "169.254.20.10/32"}}])]),
        ],
        "violation": [
            Case("no way out", [RESEARCH, deny()], open_dns("UDP or TCP")),
            Case("UDP only", [RESEARCH, deny(), dns(BOTH[0])], open_dns("TCP")),
            Case("another port", [RESEARCH, deny(), dns({"protocol": "UDP", "port": 443}, BOTH[1])], open_dns("UDP")),
            Case(
                "some pods only",
                [RESEARCH, deny(), dns(podSelector={"matchLabels": {"app": "chat"}})],
                open_dns("UDP or TCP"),
            ),
            Case("the namespace's own pods", [RESEARCH, deny(), dns(to=[{"podSelector": {}}])], open_dns("UDP or TCP")),
            Case(
                "another namespace",
                [
                    RESEARCH,
                    deny(),
                    dns(to=[{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "vision"}}}]),
                ],
                open_dns("UDP or TCP"),
            ),
            Case(
                "other pods of the system",
                [RESEARCH, deny(), dns(to=[{**DNS_PEER, "podSelector": {"matchLabels": {"app": "x"}}}])],
                open_dns("UDP or TCP"),
            ),
        ],
        "undetermined": [
            Case(
                "a rule not known yet",
                [RESEARCH, deny(), dns(to=[UNKNOWN])],
                [("research", "metadata.name", "cannot be checked yet: spec.egress[0].to[0] is not known yet")],
            ),
        ],
    },
}
