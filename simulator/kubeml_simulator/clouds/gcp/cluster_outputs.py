"""What GKE fills in about a cluster: addresses, certificates, ranges, versions, zones."""

import base64
import ipaddress
from collections.abc import Mapping
from typing import Any

from kubeml_simulator.provider import UNKNOWN, Existing, Refused

from .behaviours import computes
from .case import Case, last
from .clusters import CLUSTER, bad
from .locations import is_zone, zones
from .networks import SUBNETWORK, found
from .versions import compare, figures, full

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
    before = case.old.get("masterVersion")
    if not isinstance(wanted, str) or wanted == "latest":
        running = before if isinstance(before, str) else full(newest)
    else:
        running = upgraded(before, wanted) if isinstance(before, str) and figures(before) else full(wanted)
    return {"masterVersion": running, "nodeVersion": state.get("nodeVersion") or running}


def upgraded(before: str, wanted: str) -> str:
    """The version after an update: never an older one, and never more than one minor version newer.

    The provider asks for nothing when the control plane is as new as it shall be (hashicorp/terraform-provider-google-beta@93c65b2
    resource_container_cluster.go); the API refuses to skip a minor version (https://cloud.google.com/kubernetes-engine/upgrades, 2026-09).

    >>> upgraded("1.34.1-gke.1000000", "1.35"), upgraded("1.35.1-gke.1000000", "1.34"), upgraded("1.35.1-gke.1000000", "1.35")
    ('1.35.1-gke.1000000', '1.35.1-gke.1000000', '1.35.1-gke.1000000')
    """
    if compare(wanted, before) <= 0:
        return before
    if figures(wanted)[1] - figures(before)[1] > 1:
        said = f'Master cannot be upgraded to "{full(wanted)}": cannot upgrade the master more than a minor version at a time.'
        raise Refused(f"{bad(said)}; the control plane runs {before}")
    return full(wanted)


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
