"""Services and network policies: ports, addresses, selectors."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network

from kubeml_simulator.kubernetes.rules import names
from kubeml_simulator.kubernetes.rules.pods import port_number
from kubeml_simulator.kubernetes.rules.walk import Manifest, at, entries, number, text
from kubeml_simulator.kubernetes.rules.workloads import Rule
from kubeml_simulator.provider.failures import Failure
from kubeml_simulator.provider.values import UNKNOWN, join

_NODE_PORTS = range(30000, 32768)


def service(manifest: Manifest) -> Iterator[Failure]:
    """The rules for a Service."""
    spec = at(manifest, "spec")
    kind, ports = at(spec, "type"), at(spec, "ports")
    yield from names.labels(at(spec, "selector"), "spec.selector")
    if kind == "ExternalName" and at(spec, "externalName") in (None, ""):
        yield Failure("spec.externalName", why="required for type ExternalName, and missing", allowed="a DNS name")
    headless = at(spec, "clusterIP") in ("None", UNKNOWN)
    if ports in (None, []) and not headless and kind not in ("ExternalName", UNKNOWN) and spec != UNKNOWN:
        yield Failure("spec.ports", why="required, and missing", allowed="at least one port")
    if at(spec, "loadBalancerClass") not in (None, UNKNOWN) and kind not in ("LoadBalancer", UNKNOWN):
        yield Failure(
            "spec.loadBalancerClass",
            at(spec, "loadBalancerClass"),
            "type LoadBalancer",
            "only a load balancer has a class",
        )
    seen: set[str] = set()
    listed = list(entries(ports, "spec.ports"))
    for path, port in listed:
        yield from port_number(port.get("port"), join(path, "port"))
        yield from port_number(port.get("targetPort"), join(path, "targetPort"))
        node_port = number(port.get("nodePort"))
        if node_port is not None and node_port not in _NODE_PORTS:
            yield Failure(join(path, "nodePort"), node_port, "30000 to 32767", "outside of the cluster's node ports")
        name = text(port.get("name"))
        if port.get("name") in (None, "") and len(listed) > 1:
            yield Failure(join(path, "name"), why="required when there are several ports", allowed="a name")
        if name in seen:
            yield Failure(join(path, "name"), name, "a name that no other port has", "duplicate")
        if name:
            seen.add(name)
            if rule := names.label(name):
                yield Failure(join(path, "name"), name, rule, "not a valid name")


def network_policy(manifest: Manifest) -> Iterator[Failure]:
    """The rules for a NetworkPolicy: peers, address blocks, ports."""
    spec = at(manifest, "spec")
    yield from names.selector(at(spec, "podSelector"), "spec.podSelector")
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for path, rule in entries(at(spec, direction), f"spec.{direction}"):
            for where, peer in entries(rule.get(peers), join(path, peers)):
                yield from _peer(where, peer)
            for where, port in entries(rule.get("ports"), join(path, "ports")):
                yield from port_number(port.get("port"), join(where, "port"))
                first, last = number(port.get("port")), number(port.get("endPort"))
                if first is not None and last is not None and last < first:
                    yield Failure(join(where, "endPort"), last, f"at least port, {first}", "the range is empty")


def _peer(path: str, peer: Mapping[str, object]) -> Iterator[Failure]:
    yield from names.selector(peer.get("podSelector"), join(path, "podSelector"))
    yield from names.selector(peer.get("namespaceSelector"), join(path, "namespaceSelector"))
    block = peer.get("ipBlock")
    if block is None:
        return
    if any(peer.get(other) not in (None, UNKNOWN) for other in ("podSelector", "namespaceSelector")):
        yield Failure(join(path, "ipBlock"), why="a selector is set too", allowed="either ipBlock or selectors")
    outer = _block(at(block, "cidr"))
    if text(at(block, "cidr")) is not None and outer is None:
        yield Failure(
            f"{path}.ipBlock.cidr", at(block, "cidr"), "an address block such as 10.0.0.0/16", "not an address block"
        )
    excluded = at(block, "except")
    for index, cidr in enumerate(excluded if isinstance(excluded, list) else []):
        inner = _block(cidr)
        if text(cidr) is not None and (inner is None or (outer is not None and not _within(inner, outer))):
            yield Failure(
                join(f"{path}.ipBlock.except", index),
                cidr,
                f"a block within {at(block, 'cidr')}",
                "not inside of the block",
            )


def _block(value: object) -> IPv4Network | IPv6Network | None:
    cidr = text(value)
    try:
        return ip_network(cidr, strict=False) if cidr is not None and "/" in cidr else None
    except ValueError:
        return None


def _within(inner: IPv4Network | IPv6Network, outer: IPv4Network | IPv6Network) -> bool:
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer) and inner != outer
    return isinstance(outer, IPv6Network) and inner.subnet_of(outer) and inner != outer


RULES: Mapping[tuple[str, str], Rule] = {
    ("", "Service"): service,
    ("networking.k8s.io", "NetworkPolicy"): network_policy,
}
