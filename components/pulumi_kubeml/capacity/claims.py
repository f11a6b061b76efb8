"""Claims of devices (dynamic resource allocation): what a pod asks for, what a node has, and whether the one can be had from the other.

A claim has requests, a request wants some or all devices that the selectors of its class and its own take, or is the first of several
alternatives that can be had; constraints want attributes to be equal. As the allocator of Kubernetes 1.37 has it
(kubernetes/kubernetes, staging/src/k8s.io/dynamic-resource-allocation/structured, v1.37.2; judged by the real scheduler in tests/cluster).

>>> gpu = DeviceClass("gpu.nvidia.com", ('device.driver == "gpu.nvidia.com"',))
>>> devices = [Device("gpu-0", Facts("gpu.nvidia.com")), Device("gpu-1", Facts("gpu.nvidia.com"))]
>>> [device.name for device in allocate([Claim("c", (Request("r", (Choice(gpu.name, gpu, 2),)),))], devices, []).devices]
['gpu-0', 'gpu-1']
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_kubeml.capacity.cel import Facts, UndecidableError, Verdict, selector

UNAVAILABLE = "cannot allocate all claims"
ELSEWHERE = "resourceclaim not available on the node"
BROKEN = "a claim constraint would not be satisfied"
MOST = 32
"""Devices that one claim may get at most (AllocationResultsMaxSize of resource.k8s.io/v1)."""


@dataclass(frozen=True)
class DeviceClass:
    """A class of devices: those that all its selectors take. `extended` is the resource name that stands for one of them."""

    name: str
    selectors: tuple[str, ...] = ()
    extended: str = ""

    @property
    def resources(self) -> tuple[str, ...]:
        """The names of extended resources that stand for its devices."""
        implicit = f"deviceclass.resource.kubernetes.io/{self.name}"
        return (self.extended, implicit) if self.extended else (implicit,)


@dataclass(frozen=True)
class Choice:
    """One way to meet a request: that many devices of a class, None for all that there are on the node."""

    class_name: str
    device_class: DeviceClass | None
    """The class; None where there is none of that name."""
    count: int | None = 1
    selectors: tuple[str, ...] = ()
    name: str = ""
    """Its name among alternatives."""


@dataclass(frozen=True)
class Request:
    """Devices that a claim wants; of several choices the first that can be had."""

    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Constraint:
    """An attribute that must be there and the same on all devices of some requests, of all where none is named."""

    attribute: str
    requests: frozenset[str] = frozenset()

    def about(self, request: str, choice: str) -> bool:
        """Whether devices of a request, or of one of its alternatives, are meant."""
        return not self.requests or not self.requests.isdisjoint({request, f"{request}/{choice}"})


@dataclass(frozen=True)
class Claim:
    """A claim of a pod; one with a `key` is an object that pods share, one without is made for each pod."""

    name: str
    requests: tuple[Request, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    key: str = ""


@dataclass(frozen=True)
class Device:
    """A device that a driver tells of on a node; `facts` are what is known of it."""

    name: str
    facts: Facts = field(default_factory=lambda: Facts(""))


@dataclass(frozen=True)
class Grant:
    """The devices that claims get on a node, and those of each claim that pods share."""

    devices: tuple[Device, ...]
    shared: Mapping[str, tuple[Device, ...]] = field(default_factory=dict[str, tuple[Device, ...]])


def missing_class(claims: Sequence[Claim]) -> str:
    """Make why no node is even asked, in the scheduler's words: a request names a class that there is not; else empty."""
    for claim in claims:
        for request in claim.requests:
            for choice in request.choices:
                if choice.device_class is None:
                    name = f"{request.name}/{choice.name}" if choice.name else request.name
                    return f"request {name}: device class {choice.class_name} does not exist"
    return ""


def allocate(claims: Sequence[Claim], devices: Sequence[Device], taken: Sequence[Device]) -> Grant | None:
    """Make what claims get of the devices of a node of which some are taken; None when they cannot all be met at once.

    Raises BrokenClaimError where all devices are wanted and those break a constraint.
    """
    search = _Search(claims, devices, frozenset(device.name for device in taken))
    found = search.claim(0)
    if found is None:
        return None
    shared = {claim.key: tuple(got) for claim, got in zip(claims, found, strict=True) if claim.key}
    return Grant(tuple(device for got in found for device in got), shared)


def granted(claims: Sequence[Claim], devices: Sequence[Device], taken: Sequence[Device]) -> Grant | None:
    """Make what claims get, None where they are not met for whatever reason."""
    try:
        return allocate(claims, devices, taken)
    except BrokenClaimError:
        return None


def takes(choice: Choice, device: Device) -> Verdict:
    """Whether a choice takes a device; None when that cannot be decided."""
    verdict: Verdict = True
    rules = choice.device_class.selectors if choice.device_class else ()
    for rule in (*rules, *choice.selectors):
        try:
            found = selector(rule)(device.facts)
        except UndecidableError:
            found = None
        if found is False:
            return False
        verdict = None if found is None else verdict
    return verdict


def doubts(claims: Sequence[Claim], devices: Sequence[Device]) -> list[str]:
    """Make what of some claims cannot be decided about devices of a node, each with its path; such devices are never counted."""
    return [
        f"claim {claim.name}, request {request.name}: what its selectors ask of a device is not known"
        for claim in claims
        for request in claim.requests
        if any(takes(choice, device) is None for choice in request.choices for device in devices)
    ]


class BrokenClaimError(Exception):
    """A claim wants all devices of a node, and those break a constraint: the scheduler gives up on the pod, whatever other nodes have."""


class _Search:
    """Tries devices for one request after the other, and goes back where the rest cannot be met."""

    def __init__(self, claims: Sequence[Claim], devices: Sequence[Device], taken: frozenset[str]) -> None:
        self.claims, self.devices = claims, devices
        self.used = set(taken)
        self._kinds = {device.name: repr(device.facts) for device in devices}
        self._fitting: dict[int, tuple[list[Device], bool]] = {}

    def claim(self, number: int) -> list[list[Device]] | None:
        """Meet the claims from a number on."""
        if number == len(self.claims):
            return []
        for got in self._requests(self.claims[number], 0, [], {}):
            rest = self.claim(number + 1)
            if rest is not None:
                return [got, *rest]
        return None

    def _requests(
        self, claim: Claim, number: int, got: list[Device], same: Mapping[int, Any]
    ) -> Iterator[list[Device]]:
        """Yield every way to meet the requests of a claim from a number on, with its devices marked as used meanwhile."""
        if number == len(claim.requests):
            yield list(got)
            return
        request = claim.requests[number]
        for choice in request.choices:
            fitting, certain = self._takes(choice)
            count = len(fitting) if choice.count is None else choice.count
            if count == 0 or len(got) + count > MOST or (choice.count is None and not certain):
                continue
            about = [
                (index, constraint.attribute)
                for index, constraint in enumerate(claim.constraints)
                if constraint.about(request.name, choice.name)
            ]
            for picked, now in self._pick(fitting, count, about, same, every=choice.count is None):
                yield from self._requests(claim, number + 1, [*got, *picked], now)

    def _pick(
        self,
        fitting: Sequence[Device],
        count: int,
        about: Sequence[tuple[int, str]],
        same: Mapping[int, Any],
        *,
        every: bool,
    ) -> Iterator[tuple[list[Device], Mapping[int, Any]]]:
        """Yield every way to take that many of some devices, with what the constraints then hold to."""
        if not count:
            yield [], same
            return
        alike: set[str] = set()
        for position, device in enumerate(fitting):
            kind = self._kinds[device.name]
            free = device.name not in self.used
            now = _held(device, about, same) if free and (every or kind not in alike) else None
            if every and free and now is None:
                raise BrokenClaimError
            if now is not None:
                alike.add(kind)  # where this one leads nowhere, one like it leads nowhere
                self.used.add(device.name)
                for rest, later in self._pick(fitting[position + 1 :], count - 1, about, now, every=every):
                    yield [device, *rest], later
                self.used.discard(device.name)
            if every:
                return

    def _takes(self, choice: Choice) -> tuple[list[Device], bool]:
        """Make the devices that a choice takes, and whether that could be decided for every device."""
        if id(choice) not in self._fitting:
            verdicts = [(device, takes(choice, device)) for device in self.devices]
            fitting = [device for device, verdict in verdicts if verdict]
            self._fitting[id(choice)] = fitting, all(verdict is not None for _, verdict in verdicts)
        return self._fitting[id(choice)]


def _held(device: Device, about: Sequence[tuple[int, str]], same: Mapping[int, Any]) -> Mapping[int, Any] | None:
    """Make what the constraints hold to with one more device; None when one does not allow it."""
    now = dict(same)
    for index, name in about:
        value = device.facts.attributes.get(name)
        if value is None or (index in now and (type(now[index]) is not type(value) or now[index] != value)):
            return None
        now[index] = value
    return now
