"""Network policies: nothing in or out by default, and names still resolve."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from kubeml_policies.checks.quotas import EXEMPT, exempt
from kubeml_policies.model import Check, Framework, Settings, Violation
from kubeml_policies.subjects import Namespace, namespaces
from pulumi_kubeml.capacity.graph import Undetermined
from pulumi_kubeml.capacity.graph.values import dig, mapping, sequence, some, text
from pulumi_kubeml.capacity.selectors import selects

DNS_NAMESPACE = {"kubernetes.io/metadata.name": "kube-system"}
DNS_POD = {"k8s-app": "kube-dns"}
DNS_PORT = 53
NODE_LOCAL_DNS = "169.254.20.10"
"""Where NodeLocal DNSCache listens (https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/, 2026-09)."""

_OTHER_KINDS = (
    ("cilium.io", "CiliumNetworkPolicy"),
    ("projectcalico.org", "NetworkPolicy"),
    ("crd.projectcalico.org", "NetworkPolicy"),
)


def _default_deny(subject: Namespace, settings: Settings) -> Iterator[Violation]:
    if exempt(subject.name, settings):
        return
    policies = _policies(subject)
    missing = [
        way
        for way in ("Ingress", "Egress")
        if not some(policies, lambda spec, way=way: _isolates(spec, way) and not _opens(spec, way))
    ]
    if not missing:
        return
    _only_kubernetes(subject)
    yield Violation(
        "metadata.name",
        f'namespace "{subject.name}" denies no {" and no ".join(way.lower() for way in missing)} by default',
        f"a NetworkPolicy with an empty podSelector and policyTypes {', '.join(missing)}",
    )


def _allows_dns(subject: Namespace, _: Settings) -> Iterator[Violation]:
    policies = _policies(subject)
    if not some(policies, lambda spec: _isolates(spec, "Egress")):
        return
    missing = [
        protocol
        for protocol in ("UDP", "TCP")
        if not some(policies, lambda spec, protocol=protocol: _dns(spec, protocol))
    ]
    if not missing:
        return
    _only_kubernetes(subject)
    yield Violation(
        "metadata.name",
        f'namespace "{subject.name}" denies egress by default, but no rule for all of its pods lets DNS out over {" or ".join(missing)}',
        "an egress rule to kube-dns in kube-system, port 53, UDP and TCP",
    )


def _policies(subject: Namespace) -> list[Any]:
    """Make the spec of each network policy of a namespace."""
    return [dig(policy, "spec") for policy in subject.members("networking.k8s.io", "NetworkPolicy")]


def _only_kubernetes(subject: Namespace) -> None:
    """Raise Undetermined when policies of another kind, which are not read, may say what is missing."""
    for group, kind in _OTHER_KINDS:
        if some(subject.members(group, kind), bool):
            raise Undetermined(f'namespace "{subject.name}"', f"has policies of kind {kind}, which are not read")


def _isolates(spec: Any, way: str) -> bool:
    """Whether a policy takes every pod and denies one way by default."""
    values = mapping(spec)
    if any(mapping(values.get("podSelector")).values()):
        return False
    types = sequence(values.get("policyTypes"))
    return way in types if types else way == "Ingress" or "egress" in values


def _opens(spec: Any, way: str) -> bool:
    """Whether a policy lets everything through one way: a rule without peers and without ports."""
    side = "from" if way == "Ingress" else "to"
    return some(
        sequence(mapping(spec).get(way.lower())),
        lambda rule: not mapping(rule).get(side) and not mapping(rule).get("ports"),
    )


def _dns(spec: Any, protocol: str) -> bool:
    values = mapping(spec)
    if not _isolates(values, "Egress"):
        return False
    return some(
        sequence(values.get("egress")), lambda rule: _port(mapping(rule), protocol) and _reaches_dns(mapping(rule))
    )


def _port(rule: Mapping[str, Any], protocol: str) -> bool:
    ports = sequence(rule.get("ports"))
    return not ports or some(ports, lambda entry: _is_dns_port(mapping(entry), protocol))


def _is_dns_port(entry: Mapping[str, Any], protocol: str) -> bool:
    if (entry.get("protocol") or "TCP") != protocol:
        return False
    port = entry.get("port")
    if port is None or str(port) in {"dns", "dns-tcp", "domain"}:
        return True
    first, last = str(port), str(entry.get("endPort") or port)
    return first.isdigit() and last.isdigit() and int(first) <= DNS_PORT <= int(last)


def _reaches_dns(rule: Mapping[str, Any]) -> bool:
    peers = sequence(rule.get("to"))
    return not peers or some(peers, lambda entry: _is_dns(mapping(entry)))


def _is_dns(peer: Mapping[str, Any]) -> bool:
    block = mapping(peer.get("ipBlock"))
    if block:
        return _holds(text(block.get("cidr")), NODE_LOCAL_DNS)
    if peer.get("namespaceSelector") is None:
        return False
    return selects(mapping(peer.get("namespaceSelector")), DNS_NAMESPACE) and selects(
        mapping(peer.get("podSelector")), DNS_POD
    )


def _holds(cidr: str, address: str) -> bool:
    try:
        return ip_address(address) in ip_network(cidr, strict=False)
    except ValueError:
        return False


CHECKS = (
    Check(
        id="NET-01",
        name="ns-default-deny",
        title="Every namespace denies traffic in and out by default",
        severity="high",
        dev="advisory",
        prod="mandatory",
        frameworks=(
            Framework("CIS Amazon EKS Benchmark", "4.3.2"),
            Framework("CIS GKE Benchmark", "4.3.2"),
            Framework("Kyverno", "add-network-policy"),
            Framework("Kubescape", "C-0260"),
            Framework("Checkov", "CKV2_K8S_6"),
        ),
        options={"exempt": EXEMPT},
        why="Pods of every namespace reach each other and the internet until a policy selects them: one broken notebook reads every model server.",
        fix="Make the namespace by a Team, or add a policy with an empty podSelector and both policyTypes, then allow what is needed.",
        scope="stack",
        subjects=namespaces,
        evaluate=_default_deny,
    ),
    Check(
        id="NET-02",
        name="netpol-allows-dns",
        title="A namespace that denies egress lets DNS out",
        severity="high",
        dev="mandatory",
        prod="mandatory",
        frameworks=(Framework("Kyverno", "add-networkpolicy-dns"),),
        why="Without DNS nothing resolves: every download, metric and storage mount of the namespace fails with a timeout.",
        fix="Allow port 53, UDP and TCP, to pods labelled k8s-app=kube-dns in kube-system for all pods of the namespace.",
        scope="stack",
        subjects=namespaces,
        evaluate=_allows_dns,
    ),
)
