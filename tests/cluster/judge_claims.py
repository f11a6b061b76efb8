"""The judge of claims: brings devices, templates and claims of a case before the real scheduler, and reads what it gave to whom."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from tests.cluster.drawn import HOST, NAMESPACES, Manifest
from tests.cluster.drawn_claims import CLASSES, PROBE_DRIVER, VERSION
from tests.cluster.judge import PROBE, Case, Client, Judge

from pulumi_kubeml.capacity.cel import Facts
from pulumi_kubeml.capacity.claims import Claim, Device, Grant
from pulumi_kubeml.capacity.graph import known_pod
from pulumi_kubeml.capacity.graph.devices import claim_of, class_of
from pulumi_kubeml.capacity.model import Pod
from pulumi_kubeml.capacity.quantity import parse

ROOT = f"/apis/{VERSION}"
KNOWN = {each["metadata"]["name"]: class_of(each) for each in CLASSES}


class ClaimJudge(Judge):
    """The real scheduler with classes of devices, as long as the block lasts."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        for each in CLASSES:
            self.made(f"{ROOT}/deviceclasses", each)

    def close(self) -> None:
        for each in CLASSES:
            self.delete(f"{ROOT}/deviceclasses/{each['metadata']['name']}")

    @contextmanager
    def devices(
        self, nodes: Sequence[Manifest], devices: Sequence[list[Manifest]], objects: Sequence[Manifest]
    ) -> Generator["ClaimCase", None, None]:
        """Gives the case with these nodes, the devices on them, and the claims and templates that pods name."""
        with self.nodes(nodes) as case:
            found = ClaimCase(self, case.prefix, case.nodes, objects)
            slices = found.slices(devices)
            try:
                for each in slices:
                    self.client.request("POST", f"{ROOT}/resourceslices", each)
                for each in objects:
                    own = found.named_object(each)
                    self.client.request("POST", f"{ROOT}/namespaces/{own['metadata']['namespace']}/{_plural(own)}", own)
                found.probe_devices()
                yield found
            finally:
                for namespace in (*NAMESPACES, PROBE):
                    self.client.request("DELETE", f"/api/v1/namespaces/{namespace}/pods?gracePeriodSeconds=0")
                    for plural in ("resourceclaims", "resourceclaimtemplates"):
                        self.client.request("DELETE", f"{ROOT}/namespaces/{namespace}/{plural}")
                for each in slices:
                    self.delete(f"{ROOT}/resourceslices/{each['metadata']['name']}")


class ClaimCase(Case):
    """A case whose nodes have devices."""

    def __init__(self, judge: Judge, prefix: str, nodes: list[Any], objects: Sequence[Manifest]) -> None:
        super().__init__(judge, prefix, nodes)
        self._specs = {
            (each["kind"], each["metadata"]["namespace"], each["metadata"]["name"]): each["spec"] for each in objects
        }

    def slices(self, devices: Sequence[list[Manifest]]) -> list[Manifest]:
        """Makes the slices of all nodes, and tells the arithmetic's nodes of the devices; a probe's slice comes last."""
        made: list[Manifest] = []
        for node, here in zip(self.nodes, devices, strict=True):
            node.devices = tuple(device_of(each) for each in here)
            for driver in sorted({each["driver"] for each in here}):
                made.append(_slice(node.name, driver, [each["device"] for each in here if each["driver"] == driver]))
        return [*made, _slice(self.nodes[-1].name, PROBE_DRIVER, [{"name": "probe"}])]

    def probe_devices(self) -> None:
        """Waits until the scheduler has seen the last slice, by a pod that claims its device."""
        request = {"name": "probe", "exactly": {"deviceClassName": "probe"}}
        own = self.named_object(
            {"kind": "ResourceClaim", "metadata": {"name": "probe", "namespace": PROBE}, "spec": {}}
        )
        own["spec"] = {"devices": {"requests": [request]}}
        self.judge.client.request("POST", f"{ROOT}/namespaces/{PROBE}/resourceclaims", own)
        spec: Manifest = {
            "nodeSelector": {HOST: self.nodes[-1].labels[HOST]},
            "tolerations": [{"operator": "Exists"}],
            "resourceClaims": [{"name": "probe", "resourceClaimName": own["metadata"]["name"]}],
            "containers": [{"name": "probe", "image": "registry.example.com/none"}],
            "terminationGracePeriodSeconds": 0,
        }
        manifest = {"metadata": {"name": f"{self.prefix}probe-devices", "namespace": PROBE}, "spec": spec}
        pods = f"/api/v1/namespaces/{PROBE}/pods"
        self.judge.client.request("POST", pods, manifest)
        self.await_pod(manifest["metadata"], lambda pod: bool(pod["spec"].get("nodeName")))
        self.judge.delete(f"{pods}/{manifest['metadata']['name']}")

    def named_object(self, drawn: Manifest) -> Manifest:
        """Makes a drawn object one of this case."""
        metadata = {**drawn["metadata"], "name": self.prefix + drawn["metadata"]["name"]}
        return {**drawn, "apiVersion": VERSION, "metadata": metadata}

    def own(self, drawn: Manifest) -> Manifest:
        """Makes the drawn pod one of this case, the objects that it names too."""
        manifest = super().own(drawn)
        for entry in manifest["spec"].get("resourceClaims", ()):
            for key in ("resourceClaimName", "resourceClaimTemplateName"):
                if key in entry:
                    entry[key] = self.prefix + entry[key]
        return manifest

    def pod(self, drawn: Manifest) -> Pod:
        """Makes the arithmetic's pod of a drawn one, with its claims."""
        claims: list[Claim] = []
        namespace = drawn["metadata"]["namespace"]
        for entry in drawn["spec"].get("resourceClaims", ()):
            shared = entry.get("resourceClaimName")
            kind, name = (
                ("ResourceClaim", shared) if shared else ("ResourceClaimTemplate", entry["resourceClaimTemplateName"])
            )
            spec = self._specs[kind, namespace, name]
            doubts: list[str] = []
            claims.append(
                claim_of(
                    spec if shared else spec["spec"],
                    entry["name"],
                    KNOWN,
                    key=f"{namespace}/{shared}" if shared else "",
                    doubts=doubts,
                    complete=True,
                )
            )
            assert not doubts, doubts
        return known_pod(self.own(drawn), devices=tuple(claims), classes=KNOWN)

    def grant(self, drawn: Manifest, pod: Pod, held: dict[str, str]) -> Grant:
        """Reads which devices a placed pod got for the claims that had none before."""
        own = self.own(drawn)["metadata"]
        status = self.judge.client.request("GET", f"/api/v1/namespaces/{own['namespace']}/pods/{own['name']}")
        named = {
            each["name"]: each["resourceClaimName"] for each in status["status"].get("resourceClaimStatuses") or ()
        }
        extended = (status["status"].get("extendedResourceClaimStatus") or {}).get("resourceClaimName")
        got: list[Device] = []
        shared: dict[str, tuple[Device, ...]] = {}
        for entry, claim in zip(drawn["spec"].get("resourceClaims", ()), pod.claims, strict=True):
            if claim.key not in held:
                name = self.prefix + entry["resourceClaimName"] if claim.key else named[entry["name"]]
                here = self._allocated(own["namespace"], name)
                got += here
                shared |= {claim.key: here} if claim.key else {}
        return Grant((*got, *(self._allocated(own["namespace"], extended) if extended else ())), shared)

    def _allocated(self, namespace: str, name: str) -> tuple[Device, ...]:
        claim = self.judge.client.request("GET", f"{ROOT}/namespaces/{namespace}/resourceclaims/{name}")
        results = claim["status"]["allocation"]["devices"]["results"]
        return tuple(Device(f"{each['driver']}/{each['device']}") for each in results)


def device_of(drawn: Manifest) -> Device:
    """Makes the arithmetic's device of a drawn one; a name without a domain is in that of the driver."""
    driver, device = drawn["driver"], drawn["device"]
    attributes = {name: next(iter(value.values())) for name, value in device["attributes"].items()}
    capacity = {name: Fraction(parse(value["value"])) for name, value in device.get("capacity", {}).items()}
    facts = Facts(driver, _full(attributes, driver), _full(capacity, driver), complete=True)
    return Device(f"{driver}/{device['name']}", facts)


def _full(named: dict[str, Any], driver: str) -> dict[str, Any]:
    return {name if "/" in name else f"{driver}/{name}": value for name, value in named.items()}


def _slice(node: str, driver: str, devices: list[Manifest]) -> Manifest:
    pool = {"name": node, "generation": 1, "resourceSliceCount": 1}
    spec = {"driver": driver, "nodeName": node, "pool": pool, "devices": devices}
    return {"apiVersion": VERSION, "kind": "ResourceSlice", "metadata": {"name": f"{node}-{driver}"}, "spec": spec}


def _plural(manifest: Manifest) -> str:
    return f"{manifest['kind'].lower()}s"
