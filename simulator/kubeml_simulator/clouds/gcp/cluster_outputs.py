"""What GKE fills in about a cluster: addresses, certificates, ranges, versions, zones."""

import base64
import ipaddress
from collections.abc import Mapping
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Existing

from .behaviours import computes
from .case import Case, last
from .clusters import CLUSTER
from .locations import is_zone, zones
from .networks import SUBNETWORK, found
from .versions import full

PODS, SERVICES, CONTROL_PLANE = "10.4.0.0/14", "34.118.224.0/20", "172.16.0.0/28"  # what GKE takes by itself
# https://cloud.google.com/kubernetes-engine/docs/how-to/alias-ips#defaults_limits (2026-09)


@computes(CLUSTER)
def endpoints(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """Where the control plane is reached: by an address of the internet, a private one, and a name."""
    given = state.get("privateClusterConfig")
    if preview and not case.old:
        return {}  # nothing of it is known before the cluster is there
    config = dict(given) if isinstance(given, Mapping) else {}
    block = ipaddress.ip_network(_text(config.get("masterIpv4CidrBlock")) or CONTROL_PLANE)
    number = int(case.digest("endpoint", 8), 16)
    public = f"34.{number % 64 + 66}.{number // 64 % 256}.{number // 16384 % 254 + 1}"
    private = str(block[2])
    config = {
        "enablePrivateEndpoint": False,
        "enablePrivateNodes": False,
        "peeringName": "",
        "masterGlobalAccessConfig": {"enabled": False},
        **config,
        "privateEndpoint": private,
        "publicEndpoint": public,
    }
    certificate = base64.b64encode(
        f"-----BEGIN CERTIFICATE-----\n{case.digest('ca', 64)}\n-----END CERTIFICATE-----\n".encode()
    )
    plane = state.get("controlPlaneEndpointsConfig")
    plane = dict(plane) if isinstance(plane, Mapping) else {}
    dns = plane.get("dnsEndpointConfig")
    name = f"gke-{case.digest('dns', 32)}-{case.number}.{case.region}.gke.goog"
    return {
        "endpoint": private if config["enablePrivateEndpoint"] else public,
        "privateClusterConfig": config,
        "masterAuth": {
            **_mapping(state.get("masterAuth")),
            "clientCertificate": "",
            "clientKey": "",
            "clusterCaCertificate": certificate.decode(),
        },
        "controlPlaneEndpointsConfig": {
            "ipEndpointsConfig": {"enabled": True},
            **plane,
            "dnsEndpointConfig": {"allowExternalTraffic": False, **_mapping(dns), "endpoint": name},
        },
    }


@computes(CLUSTER)
def placed(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """Network and subnetwork by their paths, and the zones of the nodes."""
    location = case.location
    made: dict[str, Any] = {"location": location} if location != UNKNOWN else {}
    for name, path in (("network", "global/networks"), ("subnetwork", f"regions/{case.region}/subnetworks")):
        value = state.get(name)
        if isinstance(value, str) and value != UNKNOWN and not case.foreign(value):
            made[name] = f"projects/{case.project}/{path}/{last(value)}"
    if not state.get("nodeLocations") and location != UNKNOWN:
        everywhere = [] if is_zone(location) else list(zones(location))[:3]
        made["nodeLocations"] = UNKNOWN if preview and not case.old else case.old.get("nodeLocations", everywhere)
    kind = "zones" if is_zone(location) else "locations"
    if not preview:
        name = state.get("name")
        address = f"projects/{case.project}/{kind}/{location}/clusters/{name}"
        made["selfLink"] = f"https://container.googleapis.com/v1beta1/{address}"
    return made


@computes(CLUSTER)
def versions(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The version that runs: the one asked for with Google's number, else the newest in its first support."""
    from pulumi_kubeml.catalog.versions import kubernetes_versions

    wanted = state.get("minMasterVersion")
    newest = next(iter(kubernetes_versions("gke")))
    if wanted == UNKNOWN or (preview and not case.old):
        return {"masterVersion": UNKNOWN, "nodeVersion": state.get("nodeVersion") or UNKNOWN}
    version = full(wanted if isinstance(wanted, str) and wanted != "latest" else newest)
    before = case.old.get("masterVersion")
    kept = isinstance(before, str) and isinstance(wanted, str) and before.startswith(f"{wanted}.")
    running = before if kept or (before and not wanted) else version
    return {"masterVersion": running, "nodeVersion": state.get("nodeVersion") or running}


@computes(CLUSTER)
def addresses(case: Case, state: dict[str, Any], preview: bool) -> dict[str, Any]:
    """The ranges of pods and services: those of the subnetwork, those asked for, or GKE's own choice."""
    if preview and not case.old:
        return {}
    policy = _mapping(state.get("ipAllocationPolicy"))
    subnetwork = found(case, SUBNETWORK, state.get("subnetwork"))
    pods = _range(policy, "cluster", subnetwork) or PODS
    services = _range(policy, "services", subnetwork) or SERVICES
    return {
        "clusterIpv4Cidr": state.get("clusterIpv4Cidr")
        if state.get("clusterIpv4Cidr") not in (None, UNKNOWN)
        else pods,
        "servicesIpv4Cidr": services,
        "ipAllocationPolicy": {
            "stackType": "IPV4",
            **policy,
            "clusterIpv4CidrBlock": pods,
            "servicesIpv4CidrBlock": services,
        },
    }


def _range(policy: Mapping[str, Any], kind: str, subnetwork: Existing | None) -> str:
    name = policy.get(f"{kind}SecondaryRangeName")
    more: Any = subnetwork["secondaryIpRanges"] if subnetwork else None
    for each in more if isinstance(more, list) else ():
        if name is not None and each.get("rangeName") == name:
            return _text(each.get("ipCidrRange"))
    asked = _text(policy.get(f"{kind}Ipv4CidrBlock"))
    return asked if asked and not asked.startswith("/") else ""


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value != UNKNOWN else ""
