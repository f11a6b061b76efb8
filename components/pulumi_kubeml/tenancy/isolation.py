"""Network policies as plain specs: closed both ways first, then one opening a policy, each with the reason in its name."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

Spec: TypeAlias = Any
NAMESPACE_LABEL = "kubernetes.io/metadata.name"
METADATA_SERVICE = "169.254.169.254/32"
"""The instance's own credentials; no pod has business there."""
NODE_LOCAL_DNS = "169.254.20.10/32"
"""Where NodeLocal DNSCache answers (https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/)."""
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
"""Private addresses (RFC 1918): the cluster's network and what is connected to it, not the internet."""


def default_deny() -> Spec:
    """Make the policy that closes a namespace both ways."""
    return {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def allow_dns() -> Spec:
    """Make the opening for names: UDP, and TCP for long answers, to the cluster's DNS and to a node's own cache of it.

    >>> [port["protocol"] for port in allow_dns()["egress"][0]["ports"]]
    ['UDP', 'TCP']
    """
    dns = {"namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: "kube-system"}}}
    to = [{**dns, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}, {"ipBlock": {"cidr": NODE_LOCAL_DNS}}]
    ports = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    return {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": to, "ports": ports}]}


def allow_same_namespace() -> Spec:
    """Make the opening between the pods of one namespace."""
    inside = [{"podSelector": {}}]
    return {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": inside}],
        "egress": [{"to": inside}],
    }


def allow_from(namespace: str, pods: Mapping[str, str]) -> Spec:
    """Make the opening for pods of another namespace: Prometheus, which scrapes."""
    peer = {
        "namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: namespace}},
        "podSelector": {"matchLabels": dict(pods)},
    }
    return {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [peer]}]}


def allow_ports(ports: Iterable[int], cidrs: Sequence[str], pods: Mapping[str, str] | None = None) -> Spec:
    """Make the opening of TCP ports of some pods (all, if none are named) to ranges of addresses."""
    selector = {"matchLabels": dict(pods)} if pods else {}
    rule = {
        "from": [{"ipBlock": {"cidr": cidr}} for cidr in cidrs],
        "ports": [{"protocol": "TCP", "port": port} for port in sorted(set(ports))],
    }
    return {"podSelector": selector, "policyTypes": ["Ingress"], "ingress": [rule]}


def allow_https() -> Spec:
    """Make the way out over HTTPS, which controllers need to reach the API server and the cloud, never the metadata service."""
    everywhere = {"ipBlock": {"cidr": "0.0.0.0/0", "except": [METADATA_SERVICE]}}
    return {
        "podSelector": {},
        "policyTypes": ["Egress"],
        "egress": [{"to": [everywhere], "ports": [{"protocol": "TCP", "port": 443}]}],
    }


def allow_scraping(pods: Mapping[str, str], node_ports: Sequence[int]) -> Spec:
    """Make the way out for Prometheus: every pod, and on nodes the ports of kubelet and node exporter."""
    nodes = [{"ipBlock": {"cidr": cidr}} for cidr in PRIVATE]
    return {
        "podSelector": {"matchLabels": dict(pods)},
        "policyTypes": ["Egress"],
        "egress": [
            {"to": [{"namespaceSelector": {}}]},
            {"to": nodes, "ports": [{"protocol": "TCP", "port": port} for port in node_ports]},
        ],
    }
