"""Pieces that every workload's pods share: security contexts, resources, shared memory, scratch space.

>>> resources({"cpu": "1", "memory": "2Gi"}, {"memory": "4Gi"}, {"nvidia.com/gpu": "1"})["requests"]
{'memory': '2Gi', 'cpu': '1', 'nvidia.com/gpu': '1'}
"""

from collections.abc import Callable, Mapping
from typing import Any

from pulumi_kubeml.capacity.fits import shortfalls
from pulumi_kubeml.capacity.quantity import QuantityError, amount, amounts, show
from pulumi_kubeml.nodes import NodePool, Placement
from pulumi_kubeml.problems import ConfigurationError, Problems, listed

Quantities = Mapping[str, str | int]
KEYS = ("cpu", "memory", "ephemeral-storage")
"""What a container may ask for by itself; devices come with `accelerators`."""


def resources(requests: Quantities, limits: Quantities, devices: Quantities) -> dict[str, dict[str, str]]:
    """Make a container's resources: what is not requested is requested as limited, and devices are both."""
    asked = {**limits, **requests}
    return {
        "requests": {key: str(value) for key, value in {**asked, **devices}.items()},
        "limits": {key: str(value) for key, value in {**limits, **devices}.items()},
    }


def container_security() -> dict[str, Any]:
    """Make what the Pod Security level "restricted" wants of a container, and a root file system that nobody writes."""
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }


def pod_security(user: int) -> dict[str, Any]:
    """Make what "restricted" wants of a pod; volumes belong to its user's group."""
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": user,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def shared_memory(memory_limit: str | int) -> str:
    """Make the size of /dev/shm: half of the container's memory limit, of which it is a part.

    >>> shared_memory("8Gi")
    '4Gi'
    """
    return show("memory", amount("memory", memory_limit) // 2)


def scratch(memory_limit: str | int | None, *, disk: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Make the volumes that every container may write, and their mounts: /tmp on disk, and /dev/shm where a limit bounds it."""
    volumes: list[dict[str, Any]] = [{"name": "tmp", "emptyDir": {"sizeLimit": disk}}]
    mounts = [{"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108 (the container's own)
    if memory_limit is not None:
        volumes.append({"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": shared_memory(memory_limit)}})
        mounts.append({"name": "shm", "mountPath": "/dev/shm"})  # noqa: S108
    return volumes, mounts


def environment(*sources: Mapping[str, str]) -> list[dict[str, str]]:
    """Make the variables of a container, later sources first in rank, in order of their names.

    >>> environment({"A": "1"}, {"A": "2", "B": "3"})
    [{'name': 'A', 'value': '2'}, {'name': 'B', 'value': '3'}]
    """
    merged: dict[str, str] = {}
    for source in sources:
        merged |= source
    return [{"name": key, "value": merged[key]} for key in sorted(merged)]


HOME = {"HOME": "/tmp"}  # noqa: S108
"""Where libraries put their caches: the one place that a user without a home may write."""


def placed(placement: Placement) -> dict[str, Any]:
    """Make the part of a pod's spec that puts it on its pool."""
    found: dict[str, Any] = {"nodeSelector": placement.node_selector}
    if placement.tolerations:
        found["tolerations"] = placement.tolerations
    return found


def check_resources(requests: Quantities, limits: Quantities, problems: Problems) -> bool:
    """Note what is wrong with a container's requests and limits; whether they are right.

    >>> problems = Problems()
    >>> check_resources({"cpu": "3"}, {"cpu": "2", "memory": "4Gi"}, problems)
    False
    >>> print(*problems)
    requests.cpu  3 is above the limit 2
    """
    before = len(problems)
    for field, quantities in (("limits", limits), ("requests", requests)):
        at = problems.under(field)
        for key, value in quantities.items():
            if key not in KEYS:
                at.add(key, f"unknown key; allowed: {listed(KEYS)}; devices are asked for by accelerators")
                continue
            try:
                amount(key, value)
            except QuantityError as error:
                at.add(key, str(error))
    if len(problems) > before:
        return False
    for key in ("cpu", "memory"):
        if key not in limits and key not in requests:
            problems.add(f"requests.{key}", "missing, but needed: the scheduler must know")
    if "memory" not in limits:
        problems.add("limits.memory", "missing, but needed: a pod without it takes the node's")
    for key, value in requests.items():
        if key in limits and amount(key, value) > amount(key, limits[key]):
            problems.add(f"requests.{key}", f"{value} is above the limit {limits[key]}")
    return len(problems) == before


def check_fit(requests: Quantities, limits: Quantities, accelerators: int, pool: NodePool, problems: Problems) -> bool:
    """Note why an empty node of the pool does not take a pod of one such container; whether it does."""
    try:
        placement = pool.placement(accelerators)
    except ConfigurationError as error:
        problems.extend(error)
        return False
    asked = amounts(resources(requests, limits, placement.resources)["requests"])
    lacking = shortfalls(asked, pool.allocatable)
    for each in lacking:
        problems.add("pool", f'"{pool.name}", but a pod {each} ({pool.machine.name})')
    return not lacking


def fitting(
    find: Callable[[str], NodePool],
    name: str,
    *,
    requests: Quantities,
    limits: Quantities,
    accelerators: int,
    problems: Problems,
) -> NodePool | None:
    """Find the pool of a workload, and note everything that keeps its pods off it."""
    right = check_resources(requests, limits, problems)
    try:
        pool = find(name)
    except ConfigurationError as error:
        problems.extend(error)
        return None
    return pool if right and check_fit(requests, limits, accelerators, pool, problems) else None
