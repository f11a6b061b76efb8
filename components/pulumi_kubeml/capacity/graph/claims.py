"""The claims that pods mount, read out of objects: which volume each has or may get, and where that can be used.

A claim of the objects of a stack is bound to the volume that names it or that it names; one of a class that waits gets
its volume when a pod is placed; any other gets at once the smallest volume that does, or has one made. A cluster's own
objects say what is bound already: `Claims(live=True)` believes those alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from pulumi_kubeml.capacity.drivers import NO_DRIVER, is_zonal, zone_keys
from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.values import Undetermined, Unknown, dig, mapping, sequence, settled
from pulumi_kubeml.capacity.model import Mount, Terms, Volume
from pulumi_kubeml.capacity.node import ZONE
from pulumi_kubeml.capacity.quantity import amount
from pulumi_kubeml.capacity.selectors import selects
from pulumi_kubeml.capacity.volumes import TOPOLOGY, UNBOUND, absent

DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_BOUND = "pv.kubernetes.io/bind-completed"
_ONE_POD = "ReadWriteOncePod"
Object = Mapping[str, Any]


class Template(NamedTuple):
    """A claim that is made for each pod: of a StatefulSet, or of a volume that lives as long as the pod."""

    name: str
    claim: Object


class Claims:
    """The claims of one cluster by namespace and name, with its classes and volumes."""

    def __init__(
        self,
        claims: Iterable[tuple[str, Object]],
        classes: Iterable[Object],
        volumes: Iterable[Object],
        *,
        live: bool = False,
    ) -> None:
        self._live = live
        self._claims = {(namespace, _name(claim)): claim for namespace, claim in claims}
        self._classes = {_name(each): each for each in classes}
        self._volumes = {_name(each): each for each in volumes}
        self._claimed: dict[tuple[str, str], str] = {}
        self._by_class: dict[str, list[Object]] = defaultdict(list)
        for name, volume in self._volumes.items():
            named = mapping(dig(volume, "spec", "claimRef"))
            if named:
                self._claimed[str(named.get("namespace") or ""), str(named.get("name") or "")] = name
            elif not live or dig(volume, "status", "phase") == "Available":
                self._by_class[str(dig(volume, "spec", "storageClassName") or "")].append(volume)

    def mounts(self, spec: Object, namespace: str, templates: Iterable[Template] = ()) -> tuple[Mount, ...]:
        """Make what a pod of a spec mounts; `templates` are the claims that its StatefulSet makes for each pod."""
        own = {each.name: each.claim for each in templates}
        found: list[Mount] = []
        for volume in map(mapping, sequence(spec.get("volumes"))):
            named = dig(volume, "persistentVolumeClaim", "claimName")
            inline = dig(volume, "ephemeral", "volumeClaimTemplate")
            if own and str(volume.get("name")) in own:
                continue  # a StatefulSet's own claim takes the place of a volume of its name
            if named:
                found.append(self.mount(namespace, str(named)))
            elif inline:
                found.append(self._mount("", "", mapping(inline)))
        return (*found, *(self._mount("", "", claim) for claim in own.values()))

    def mount(self, namespace: str, name: str) -> Mount:
        """Make what mounting a claim means."""
        claim = self._claims.get((namespace, name))
        return Mount(name, absent(name)) if claim is None else self._mount(namespace, name, claim)

    def _mount(self, namespace: str, name: str, claim: Object) -> Mount:
        alone = bool(name) and _ONE_POD in sequence(dig(claim, "spec", "accessModes"))
        volume = self._bound(namespace, name, claim)
        if volume is not None:
            return Mount(name, terms=_affinity(volume), places=_places(volume), alone=alone)
        if dig(claim, "spec", "volumeName"):
            return Mount(name, UNBOUND)
        kind = self._class(claim)
        size = _size(claim, "resources", "requests")
        driver = dig(kind, "provisioner")
        allowed = _allowed(kind)
        if kind is not None and dig(kind, "volumeBindingMode") == "WaitForFirstConsumer":
            choices = tuple(_volume(each) for each in self._fitting(claim, size))
            made = bool(driver) and driver != NO_DRIVER
            return Mount(
                name,
                terms=allowed,
                waits=True,
                bytes=size,
                choices=choices,
                made=made,
                zonal=is_zonal(driver),
                alone=alone,
            )
        if kind is None and not self._live and dig(claim, "spec", "storageClassName") != "":
            return Mount(name, waits=True, bytes=size, made=True, zonal=True, alone=alone)  # a class of the cloud's own
        if self._live:
            return Mount(name, UNBOUND)
        chosen = min(self._fitting(claim, size), key=lambda each: _size(each, "capacity"), default=None)
        if chosen is not None:
            return Mount(name, terms=_affinity(chosen), places=_places(chosen), alone=alone)
        nowhere = not driver or driver == NO_DRIVER or (is_zonal(driver) and len(_zones(allowed)) != 1)
        return Mount(name, UNBOUND) if nowhere else Mount(name, terms=allowed, alone=alone)

    def _bound(self, namespace: str, name: str, claim: Object) -> Object | None:
        """Make the volume that a claim is bound to, or will be before any pod is looked at."""
        named = str(dig(claim, "spec", "volumeName") or "")
        if self._live:
            return self._volumes.get(named) if _BOUND in mapping(dig(claim, "metadata", "annotations")) else None
        return self._volumes.get(named or self._claimed.get((namespace, name), ""))

    def _class(self, claim: Object) -> Object | None:
        named = dig(claim, "spec", "storageClassName")
        if named is not None:
            return self._classes.get(str(named))
        return next((each for each in self._classes.values() if _is_default(each)), None)

    def _fitting(self, claim: Object, size: int) -> list[Object]:
        """Make the volumes that nobody has claimed and that a claim may have, wherever they are."""
        kind = self._class(claim)
        wanted = str(dig(claim, "spec", "storageClassName") or ("" if kind is None else _name(kind)))
        modes = set(map(str, sequence(dig(claim, "spec", "accessModes"))))
        selector = mapping(dig(claim, "spec", "selector"))
        mode = dig(claim, "spec", "volumeMode") or "Filesystem"
        return [
            each
            for each in self._by_class.get(wanted, ())
            if _size(each, "capacity") >= size
            and modes <= set(map(str, sequence(dig(each, "spec", "accessModes"))))
            and (dig(each, "spec", "volumeMode") or "Filesystem") == mode
            and selects(selector, mapping(dig(each, "metadata", "labels")))
        ]


NO_CLAIMS = Claims((), (), ())
"""Those of a cluster of which nothing is told."""


def read_claims(
    of_kind: Callable[[str, str], Iterable[Resource]], home_of: Callable[[Resource], tuple[str, str | Unknown]]
) -> dict[str, Claims]:
    """Make the claims of each cluster of a graph; an object of which something that decides is not known is left out."""
    kinds = (("", "PersistentVolumeClaim"), ("storage.k8s.io", "StorageClass"), ("", "PersistentVolume"))
    found: dict[str, tuple[list[tuple[str, Object]], ...]] = defaultdict(lambda: ([], [], []))
    for index, (group, kind) in enumerate(kinds):
        for resource in of_kind(group, kind):
            with suppress(Undetermined):
                cluster, namespace = home_of(resource)
                metadata = {**mapping(resource.properties.get("metadata")), "name": str(resource.object_name)}
                item = {**resource.properties, "metadata": metadata}
                item.pop("parameters", None)  # a class's are for its driver: a file system not made yet decides nothing
                if index:
                    settled(item)
                found[cluster][index].append((str(namespace) if not index else "", item))
    return {
        cluster: Claims(claims, (each for _, each in classes), (each for _, each in volumes))
        for cluster, (claims, classes, volumes) in found.items()
    }


def own_claims(resource: Resource) -> list[Template]:
    """Make the claims that a StatefulSet makes for each of its pods."""
    if resource.kind is None or resource.kind[:2] != ("apps", "StatefulSet"):
        return []
    listed = (mapping(each) for each in sequence(dig(resource.properties, "spec", "volumeClaimTemplates")))
    return [Template(_name(each), each) for each in listed]


def _name(item: Object) -> str:
    return str(dig(item, "metadata", "name") or "")


def _size(item: Object, *keys: str) -> int:
    given = dig(item, "spec", *keys, "storage")
    return 0 if given is None else amount("storage", given)


def _volume(item: Object) -> Volume:
    return Volume(_name(item), _size(item, "capacity"), _affinity(item))


def _affinity(volume: Object) -> Terms:
    """Make the terms of the nodes that a volume can be used on; a driver's label of the zone is that of the node."""
    required = sequence(dig(volume, "spec", "nodeAffinity", "required", "nodeSelectorTerms"))
    return tuple(_translated(mapping(term)) for term in required)


def _allowed(kind: Object | None) -> Terms:
    """Make the terms of the nodes for which a class makes volumes; none where it may for all."""
    topologies = [] if kind is None else sequence(kind.get("allowedTopologies"))
    found: list[Mapping[str, Any]] = []
    for topology in map(mapping, topologies):
        rules = (mapping(each) for each in sequence(topology.get("matchLabelExpressions")))
        expressions = [
            {"key": rule.get("key"), "operator": "In", "values": sequence(rule.get("values"))} for rule in rules
        ]
        found.append(_translated({"matchExpressions": expressions}))
    return tuple(found)


def _translated(term: Mapping[str, Any]) -> Mapping[str, Any]:
    rules = [mapping(each) for each in sequence(term.get("matchExpressions"))]
    return {**term, "matchExpressions": [{**each, "key": _key(each.get("key"))} for each in rules]}


def _key(key: Any) -> Any:
    return ZONE if key in zone_keys() else key


def _zones(terms: Terms) -> set[str]:
    rules = (rule for term in terms for rule in term["matchExpressions"] if rule["key"] == ZONE)
    return {str(value) for rule in rules for value in sequence(rule.get("values"))}


def _places(volume: Object) -> tuple[tuple[str, frozenset[str]], ...]:
    """Make where a volume's labels say that it is; several values stand between two underscores."""
    labels = mapping(dig(volume, "metadata", "labels"))
    return tuple((key, frozenset(str(labels[key]).split("__"))) for key in TOPOLOGY if key in labels)


def _is_default(kind: Object) -> bool:
    return str(mapping(dig(kind, "metadata", "annotations")).get(DEFAULT_CLASS)).lower() == "true"
