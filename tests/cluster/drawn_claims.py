"""Devices of nodes, and claims of pods, for the judge: drawn as the slices, templates and claims that anyone can apply."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from tests.cluster.drawn import Manifest, nodes, pod, sometimes

VERSION = "resource.k8s.io/v1"
GPU_DRIVER, NIC_DRIVER, PROBE_DRIVER = "gpu.example.com", "nic.example.com", "probe.example.com"
PART, SPARE = "example.com/part", "deviceclass.resource.kubernetes.io/nic"
"""Extended resources for which classes stand: by the name that a class gives, and by the class's own."""
_SELECTORS = {
    "gpu": f'device.driver == "{GPU_DRIVER}"',
    "big": f'device.driver == "{GPU_DRIVER}" && device.capacity["{GPU_DRIVER}"].memory.compareTo(quantity("80Gi")) >= 0',
    "part": f'device.driver == "{GPU_DRIVER}" && device.attributes["{GPU_DRIVER}"].model == "b"',
    "nic": f'device.driver == "{NIC_DRIVER}"',
    "probe": f'device.driver == "{PROBE_DRIVER}"',
}
CLASSES: list[Manifest] = [
    {
        "apiVersion": VERSION,
        "kind": "DeviceClass",
        "metadata": {"name": name},
        "spec": {
            "selectors": [{"cel": {"expression": expression}}],
            **({"extendedResourceName": PART} if name == "part" else {}),
        },
    }
    for name, expression in _SELECTORS.items()
]
_OF_GPUS = [
    f'device.attributes["{GPU_DRIVER}"].model == "a"',
    f'device.attributes["{GPU_DRIVER}"].model != "a" && device.attributes["{GPU_DRIVER}"].index < 2',
    f'device.attributes["{GPU_DRIVER}"]["index"] >= 1',
    f'!device.attributes["{GPU_DRIVER}"].healthy',
    f'"model" in device.attributes["{GPU_DRIVER}"] && device.attributes["example.com"].numa == 0',
    f'device.capacity["{GPU_DRIVER}"].memory.isGreaterThan(quantity("40Gi"))',
]
_OF_ANY = ['device.attributes["example.com"].numa == 1', f'device.driver != "{NIC_DRIVER}"', "true"]


@st.composite
def nodes_with_devices(draw: st.DrawFn) -> tuple[list[Manifest], list[list[Manifest]]]:
    """Draws nodes, some with a resource for which a class stands elsewhere, and the devices of each."""
    made = draw(nodes())
    for node in made:
        for key in (PART, SPARE):
            count = draw(sometimes(st.sampled_from(["1", "2", "0"]), 5, ""))
            if count:
                node["status"]["allocatable"][key] = node["status"]["capacity"][key] = count
    return made, [draw(_devices()) for _ in made]


@st.composite
def _devices(draw: st.DrawFn) -> list[Manifest]:
    """Draws the devices of a node, each with the name of its driver."""
    found: list[Manifest] = []
    for driver, most in ((GPU_DRIVER, 4), (NIC_DRIVER, 2)):
        for number in range(draw(st.integers(0, most))):
            device: Manifest = {"name": f"dev-{number}", "attributes": {}}
            device["attributes"]["example.com/numa"] = {"int": draw(st.integers(0, 1))}
            if driver == GPU_DRIVER:
                device["attributes"] |= {
                    "model": {"string": draw(st.sampled_from("ab"))},
                    "index": {"int": number},
                    "healthy": {"bool": draw(st.booleans())},
                }
                device["capacity"] = {"memory": {"value": draw(st.sampled_from(["40Gi", "80Gi"]))}}
            found.append({"driver": driver, "device": device})
    return found


@st.composite
def pods_with_claims(draw: st.DrawFn) -> tuple[list[Manifest], list[Manifest]]:
    """Draws pods that claim devices by templates, by claims that they share and as extended resources; and those objects."""
    objects: list[Manifest] = []
    made: list[Manifest] = []
    easy = {"devices": {"requests": [{"name": "q0", "exactly": {"deviceClassName": "gpu"}}]}}
    shared = {("s0", space): draw(sometimes(_claim_spec(), 2, easy)) for space in ("judge-a", "judge-b")}
    for number in range(draw(st.integers(1, 7))):
        manifest = draw(pod(number)) if draw(sometimes(st.just(value=True), 3)) else _plain(number)
        namespace = manifest["metadata"]["namespace"]
        entries: list[Manifest] = []
        for index in range(draw(sometimes(st.integers(1, 2), 5, 1))):
            if draw(st.booleans()):
                entries.append({"name": f"r{index}", "resourceClaimName": "s0"})
            else:
                name = f"t{number}-{index}"
                objects.append(_object("ResourceClaimTemplate", name, namespace, {"spec": draw(_claim_spec())}))
                entries.append({"name": f"r{index}", "resourceClaimTemplateName": name})
        if len({each.get("resourceClaimName", index) for index, each in enumerate(entries)}) == len(entries):
            manifest["spec"]["resourceClaims"] = entries
        extended = draw(
            sometimes(st.sampled_from([{PART: "1"}, {PART: "2"}, {SPARE: "1"}, {PART: "1", SPARE: "1"}]), 4)
        )
        if extended:
            limits = manifest["spec"]["containers"][0].setdefault("resources", {}).setdefault("limits", {})
            limits.update(extended)
            # Beside a claim of its own, a pod whose extended resource is the node's own is bound by no scheduler of 1.37.
            manifest["spec"].pop("resourceClaims", None)
        made.append(manifest)
    objects += [_object("ResourceClaim", name, space, spec) for (name, space), spec in shared.items()]
    return made, objects


def _plain(number: int) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"p{number}", "namespace": "judge-a", "labels": {}},
        "spec": {
            "containers": [{"name": "main", "image": "registry.example.com/none"}],
            "tolerations": [{"operator": "Exists"}],
            "terminationGracePeriodSeconds": 0,
        },
    }


def _object(kind: str, name: str, namespace: str, spec: Manifest) -> Manifest:
    return {"apiVersion": VERSION, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": spec}


@st.composite
def _claim_spec(draw: st.DrawFn) -> Manifest:
    requests = [draw(_request(f"q{number}")) for number in range(draw(sometimes(st.integers(2, 3), 3, 1)))]
    devices: Manifest = {"requests": requests}
    constraints = draw(sometimes(st.lists(_constraint(requests), min_size=1, max_size=2), 3, []))
    if constraints and "All" not in str(
        requests
    ):  # all devices that break a constraint are an error, with words of its own
        devices["constraints"] = constraints
    return {"devices": devices}


@st.composite
def _request(draw: st.DrawFn, name: str) -> Manifest:
    if draw(sometimes(st.just(value=True), 4)):
        choices = [draw(_choice()) | {"name": f"c{number}"} for number in range(draw(st.integers(1, 2)))]
        return {"name": name, "firstAvailable": choices}
    return {"name": name, "exactly": draw(_choice())}


@st.composite
def _choice(draw: st.DrawFn) -> Manifest:
    name = draw(sometimes(st.just("absent"), 40)) or draw(st.sampled_from(["gpu", "gpu", "big", "part", "nic"]))
    made: Manifest = {"deviceClassName": name}
    expressions = _OF_ANY if name == "nic" else [*_OF_GPUS, *_OF_ANY]
    chosen = draw(sometimes(st.lists(st.sampled_from(expressions), min_size=1, max_size=2, unique=True), 3, []))
    if chosen:
        made["selectors"] = [{"cel": {"expression": each}} for each in chosen]
    if draw(sometimes(st.just(value=True), 6)):
        return made | {"allocationMode": "All"}
    return made | {"count": draw(st.sampled_from([1, 1, 2, 3]))}


@st.composite
def _constraint(draw: st.DrawFn, requests: Sequence[Manifest]) -> Manifest:
    names = [each["name"] for each in requests]
    names += [f"{each['name']}/{one['name']}" for each in requests for one in each.get("firstAvailable", ())]
    attribute = draw(st.sampled_from(["example.com/numa", f"{GPU_DRIVER}/model", f"{GPU_DRIVER}/healthy"]))
    chosen: Any = draw(sometimes(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True), 2, []))
    return {"matchAttribute": attribute, **({"requests": chosen} if chosen else {})}
