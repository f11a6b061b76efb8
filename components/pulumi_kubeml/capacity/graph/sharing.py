"""Devices that NVIDIA's device plugin shares, read back: the configuration that a node's label names, in the values of the release.

>>> shared({"cpu": 4000, "nvidia.com/gpu": 2}, {"version": "v1", "sharing": {"timeSlicing": {"renameByDefault": True,
...     "resources": [{"name": "nvidia.com/gpu", "replicas": 4}]}}})
{'cpu': 4000, 'nvidia.com/gpu.shared': 8}
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_kubeml.capacity.graph.resource import Resource
from pulumi_kubeml.capacity.graph.values import Undetermined, dig, mapping, sequence, text
from pulumi_kubeml.catalog.charts import released

CONFIG_LABEL = "nvidia.com/device-plugin.config"
SHARING_LABEL = "kubeml.io/sharing"
_CHART = "nvidia-device-plugin"
_WHOLE, _PART = "nvidia.com/gpu", "nvidia.com/mig-"
_NAMED = re.compile(r"(time-slicing|mps)-([0-9]+)", re.ASCII)
_KINDS = {"time-slicing": "timeSlicing", "mps": "mps"}


def plugins(releases: Iterable[Resource]) -> list[Resource]:
    """Make the releases of the device plugin among some; one whose chart is not known yet is none."""
    return [release for release in releases if _is_plugin(release)]


def offered(
    allocatable: Mapping[str, int], labels: Mapping[str, str], releases: Iterable[Resource], node: str
) -> dict[str, int]:
    """Make what a node offers once the device plugin has its configuration for it; `node` is what messages call the node.

    Where no release is in the graph, the pool's own label says the same. Raises Undetermined when neither does.
    """
    devices = any(key.startswith("nvidia.com/") for key in allocatable)
    if not devices:
        return dict(allocatable)
    made = [
        shared(allocatable, config) for config in (_config(each, labels) for each in releases) if config is not None
    ]
    label = labels.get(CONFIG_LABEL)
    if not made and label is not None:
        made = [shared(allocatable, _by_name(labels, node))]
    if any(each != made[0] for each in made):
        raise Undetermined(
            f"{node}.labels", f"names {label}, of which the releases of the device plugin say different things"
        )
    return made[0] if made else dict(allocatable)


def shared(allocatable: Mapping[str, int], config: Mapping[str, Any]) -> dict[str, int]:
    """Make what a node offers under one configuration; raises Undetermined where devices are cut, and the pool does not say how."""
    strategy = dig(config, "flags", "migStrategy")
    if strategy not in {None, "", "none"}:
        return _cut(allocatable, str(strategy))
    sharing = mapping(config.get("sharing"))
    rules = mapping(sharing.get("mps")) or mapping(sharing.get("timeSlicing"))
    suffix = ".shared" if rules.get("renameByDefault") else ""
    found = dict(allocatable)
    for rule in map(mapping, sequence(rules.get("resources"))):
        key, replicas = text(rule.get("name")), int(rule.get("replicas") or 1)
        if replicas > 1 and key in found:
            found[f"{key}{suffix}"] = found.pop(key) * replicas
    return found


def _cut(allocatable: Mapping[str, int], strategy: str) -> dict[str, int]:
    """Make what a node whose devices are cut offers: each size by its own name, or all of them by that of a device.

    >>> _cut({"cpu": 4000, "nvidia.com/mig-1g.10gb": 56}, "single")
    {'cpu': 4000, 'nvidia.com/gpu': 56}
    """
    parts = {key: amount for key, amount in allocatable.items() if key.startswith(_PART)}
    if not parts:
        raise Undetermined("flags.migStrategy", f'is "{strategy}", but into what the devices are cut is not told')
    if strategy != "single":
        return dict(allocatable)
    return {**{key: amount for key, amount in allocatable.items() if key not in parts}, _WHOLE: sum(parts.values())}


def _is_plugin(release: Resource) -> bool:
    try:
        repository = dig(release.properties, "repositoryOpts", "repo")
        row = released(text(release.properties.get("chart")), None if repository is None else str(repository))
    except Undetermined:
        return False
    return row is not None and row.key == _CHART


def _config(release: Resource, labels: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Make the configuration that a release has for a node with some labels: the named one, else the default; None without any."""
    settings = mapping(dig(release.properties, "values", "config"))
    configs = mapping(settings.get("map"))
    name = labels.get(CONFIG_LABEL) or text(settings.get("default")) or "default"
    if CONFIG_LABEL not in labels and name not in configs:
        name = next(iter(configs)) if len(configs) == 1 else name
    return _parsed(configs[name], f"{release.name}.values.config.map.{name}") if name in configs else None


def _parsed(config: Any, path: str) -> Mapping[str, Any]:
    import yaml  # only where a pool shares its devices

    try:
        found = yaml.safe_load(text(config))
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict):
        raise Undetermined(path, "is no configuration of the device plugin")
    return found


def _by_name(labels: Mapping[str, str], node: str) -> Mapping[str, Any]:
    label = labels[CONFIG_LABEL]
    strategy = label.removeprefix("mig-")
    if strategy != label and labels.get(SHARING_LABEL) == label:
        return {"flags": {"migStrategy": strategy}}
    known = _NAMED.fullmatch(label) if labels.get(SHARING_LABEL) == label else None
    if known is None:
        raise Undetermined(
            f"{node}.labels", f'names the configuration "{label}" of a device plugin that is not in this stack'
        )
    rule = {"name": _WHOLE, "replicas": int(known[2])}
    return {"sharing": {_KINDS[known[1]]: {"renameByDefault": True, "resources": [rule]}}}
