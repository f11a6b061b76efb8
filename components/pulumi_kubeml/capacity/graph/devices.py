"""Claims of devices read out of a graph: classes, claim templates and claims (resource.k8s.io), and what pods say of them.

What cannot be decided is never taken to be met: the claim then asks for something that no node has, and the pod says why in
`undetermined`, with the path.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi_kubeml import catalog
from pulumi_kubeml.capacity.cel import Facts, UndecidableError, selector
from pulumi_kubeml.capacity.claims import Choice, Claim, Constraint, Device, DeviceClass, Request
from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.values import Undetermined, Unknown, dig, is_unknown, join, mapping, sequence, text
from pulumi_kubeml.catalog.charts import released
from pulumi_kubeml.problems import listed

GROUP = "resource.k8s.io"
Home = Callable[[Resource], tuple[str, str | Unknown]]
Classes = Mapping[str, DeviceClass]
UNMET = Claim("", (Request("", ()),))
"""A claim that no device meets."""
_UNMET = UNMET.requests


def class_of(manifest: Mapping[str, Any]) -> DeviceClass:
    """Make the class of a DeviceClass object in which everything is known."""
    spec = mapping(manifest.get("spec"))
    return DeviceClass(
        text(dig(manifest, "metadata", "name")),
        _expressions(spec.get("selectors"), "spec.selectors", []),
        text(spec.get("extendedResourceName")),
    )


def claim_of(
    spec: Any,
    name: str,
    classes: Classes,
    *,
    key: str = "",
    path: str = "spec",
    doubts: list[str],
    complete: bool = False,
) -> Claim:
    """Make the claim of a viewed claim spec; what cannot be decided is noted, and then nothing meets the claim.

    Where the classes are `complete`, one that is not among them does not exist.

    >>> noted = []
    >>> request = {"name": "gpu", "exactly": {"deviceClassName": "a", "adminAccess": True}}
    >>> claim_of({"devices": {"requests": [request]}}, "gpus", {"a": DeviceClass("a")}, doubts=noted).requests, noted
    ((Request(name='', choices=()),), ['spec.devices.requests[0].exactly.adminAccess is asked for, which takes devices of others and is not counted'])
    """
    noted: list[str] = []
    devices = join(path, "devices")
    try:
        values = mapping(mapping(spec).get("devices"))
        requests = tuple(
            _request(mapping(each), classes, join(join(devices, "requests"), index), noted)
            for index, each in enumerate(sequence(values.get("requests")))
        )
        constraints = tuple(
            _constraint(mapping(each), join(join(devices, "constraints"), index), noted)
            for index, each in enumerate(sequence(values.get("constraints")))
        )
    except (Undetermined, ValueError, TypeError) as doubt:
        noted.append(str(doubt))
        requests, constraints = _UNMET, ()
    lacking = sorted({each.class_name for one in requests for each in one.choices if each.device_class is None})
    if lacking and not complete:
        noted.append(f"{devices}.requests name the class {listed(lacking)}, which nothing in this stack makes")
    doubts += noted
    return Claim(name, _UNMET if noted else requests, constraints, key)


@dataclass(frozen=True)
class DeviceClaims:
    """What a graph says of claims: classes by cluster and name, specs of templates and of claims by cluster, namespace and name."""

    classes: Mapping[str, Classes] = field(default_factory=dict[str, Classes])
    templates: Mapping[tuple[str, str, str], Any] = field(default_factory=dict[tuple[str, str, str], Any])
    named: Mapping[tuple[str, str, str], Any] = field(default_factory=dict[tuple[str, str, str], Any])

    @classmethod
    def read(
        cls, classes: Iterable[Resource], templates: Iterable[Resource], named: Iterable[Resource], home: Home
    ) -> "DeviceClaims":
        """Make them of the objects of a graph; an object whose name or namespace is not known yet is none."""
        made: dict[str, dict[str, DeviceClass]] = {}
        for resource in classes:
            try:
                found = class_of(resource.properties)
            except Undetermined:
                continue
            made.setdefault(home(resource)[0], {})[found.name] = found
        return cls(
            {cluster: _with_standard(found) for cluster, found in made.items()},
            _by_home(templates, home, ("spec", "spec")),
            _by_home(named, home, ("spec",)),
        )

    def of_pod(
        self, spec: Mapping[str, Any], cluster: str, namespace: str, path: str, doubts: list[str]
    ) -> tuple[Claim, ...]:
        """Make the claims of a viewed pod spec that stands at a path."""
        classes = self.classes.get(cluster) or _with_standard({})
        found: list[Claim] = []
        for index, each in enumerate(map(mapping, sequence(spec.get("resourceClaims")))):
            at = join(join(path, "resourceClaims"), index)
            name = text(each.get("name"))
            template, shared = text(each.get("resourceClaimTemplateName")), text(each.get("resourceClaimName"))
            held = (self.templates if template else self.named).get((cluster, namespace, template or shared))
            if held is None:
                field_name = "resourceClaimTemplateName" if template else "resourceClaimName"
                doubts.append(f'{at}.{field_name} names "{template or shared}", which this stack does not make')
                found.append(Claim(name, _UNMET))
                continue
            key = f"{cluster}/{namespace}/{shared}" if shared else ""
            found.append(claim_of(held, name, classes, key=key, path=f"{template or shared}.spec", doubts=doubts))
        return tuple(found)

    def mapped(self, requests: Iterable[str], cluster: str) -> dict[str, DeviceClass]:
        """Make the classes that stand for some extended resources."""
        return mapped(requests, self.classes.get(cluster) or {})


def drivers(releases: Iterable[Resource]) -> list[catalog.DeviceKind]:
    """Make the classes whose driver some release brings and tells of whole devices."""
    found: list[catalog.DeviceKind] = []
    for release in releases:
        try:
            repository = dig(release.properties, "repositoryOpts", "repo")
            row = released(text(release.properties.get("chart")), None if repository is None else str(repository))
            told = row is not None and dig(release.properties, "values", "resources", "gpus", "enabled") is not False
        except Undetermined:
            continue
        found += [each for each in catalog.device_classes() if row is not None and told and each.chart == row.key]
    return found


def advertised(allocatable: Mapping[str, int], kinds: Iterable[catalog.DeviceKind]) -> tuple[Device, ...]:
    """Make the devices that drivers tell of on a node, one for each whole device that a device plugin would offer."""
    keys = {each.resource_key: each.vendor for each in catalog.accelerators().values()}
    return tuple(
        Device(f"{kind.driver}/{number}", Facts(kind.driver, dict(kind.attributes)))
        for kind in kinds
        for key, count in allocatable.items()
        if keys.get(key) == kind.vendor
        for number in range(count)
    )


def mapped(requests: Iterable[str], classes: Classes) -> dict[str, DeviceClass]:
    """Make the classes that stand for some extended resources; of several the first by name.

    >>> mapped(["cpu", "example.com/gpu"], {"a": DeviceClass("a", extended="example.com/gpu")})
    {'example.com/gpu': DeviceClass(name='a', selectors=(), extended='example.com/gpu')}
    """
    wanted = [key for key in requests if "/" in key]
    if not wanted:
        return {}
    standing = {key: classes[name] for name in sorted(classes, reverse=True) for key in classes[name].resources}
    return {key: standing[key] for key in wanted if key in standing}


def _request(values: Mapping[str, Any], classes: Classes, path: str, noted: list[str]) -> Request:
    exactly, first = values.get("exactly"), values.get("firstAvailable")
    name = text(values.get("name"))
    if first is not None:
        at = join(path, "firstAvailable")
        alternatives = enumerate(sequence(first))
        return Request(
            name, tuple(_choice(mapping(each), classes, join(at, index), noted) for index, each in alternatives)
        )
    if exactly is None:  # as before resource.k8s.io/v1, where it stood here
        return Request(name, (replace(_choice(values, classes, path, noted), name=""),))
    return Request(name, (_choice(mapping(exactly), classes, join(path, "exactly"), noted),))


def _choice(values: Mapping[str, Any], classes: Classes, path: str, noted: list[str]) -> Choice:
    class_name = text(values.get("deviceClassName"))
    if values.get("adminAccess"):
        noted.append(f"{path}.adminAccess is asked for, which takes devices of others and is not counted")
    for key in ("capacity", "derivedAttributes"):
        if values.get(key):
            noted.append(f"{path}.{key} cannot be decided")
    every = values.get("allocationMode") == "All"
    counted = values.get("count")
    return Choice(
        class_name,
        classes.get(class_name),
        None if every else int(1 if counted is None else counted),
        _expressions(values.get("selectors"), f"{path}.selectors", noted),
        text(values.get("name")),
    )


def _expressions(selectors: Any, path: str, noted: list[str]) -> tuple[str, ...]:
    found: list[str] = []
    for index, each in enumerate(sequence(selectors)):
        expression = text(dig(mapping(each), "cel", "expression"))
        found.append(expression)
        try:
            selector(expression)
        except UndecidableError as doubt:
            noted.append(f"{path}[{index}].cel.expression: {doubt}")
    return tuple(found)


def _constraint(values: Mapping[str, Any], path: str, noted: list[str]) -> Constraint:
    attribute = text(values.get("matchAttribute"))
    if not attribute:
        noted.append(f"{path} is no matchAttribute, and cannot be decided")
    return Constraint(attribute, frozenset(text(each) for each in sequence(values.get("requests"))))


def _by_home(resources: Iterable[Resource], home: Home, keys: Sequence[str]) -> dict[tuple[str, str, str], Any]:
    found: dict[tuple[str, str, str], Any] = {}
    for resource in resources:
        cluster, namespace = home(resource)
        name = resource.object_name
        if not is_unknown(namespace) and not is_unknown(name):
            found[cluster, str(namespace), str(name)] = dig(resource.properties, *keys)
    return found


def _with_standard(classes: Classes) -> dict[str, DeviceClass]:
    """Add the classes that drivers bring with them."""
    return {
        **{row.name: DeviceClass(row.name, (row.selector,)) for row in catalog.device_classes() if row.selector},
        **classes,
    }
