"""What a node reads when it starts: a NodeConfig on Amazon Linux 2023, settings in TOML on Bottlerocket.

EKS adds how to join the cluster, but to an image of one's own: there it is written here too.
(https://awslabs.github.io/amazon-eks-ami/nodeadm/doc/api/, https://bottlerocket.dev/en/os/latest/api/settings/, 2026-09.)
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_kubeml.nodes import NodePool

CUSTOM = "CUSTOM"
BOTTLEROCKET = "BOTTLEROCKET_"
DISKS = ("/var/lib/containerd", "/var/lib/kubelet", "/var/log/pods")
"""What of a Bottlerocket node is moved to its local disks (https://bottlerocket.dev/en/os/latest/concepts/bootstrap-commands/)."""


@dataclass(frozen=True)
class Join:
    """What a node of one's own image needs to find its cluster."""

    name: str
    endpoint: str
    authority: str
    cidr: str
    """Addresses of services."""


def user_data(pool: NodePool, join: Join | None = None) -> str:
    """Make the text for the nodes of a pool, in base64; `join` for an image of one's own.

    >>> from pulumi_kubeml.nodes import NodePoolSpec, resolve
    >>> pool = resolve(NodePoolSpec("general", machine="m7i.2xlarge"), "aws")
    >>> base64.b64decode(user_data(pool)).decode().splitlines()[-2]
    '      maxPods: 110'
    """
    text = _toml(_settings(pool)) if pool.image.startswith(BOTTLEROCKET) else _node_config(pool, join)
    return base64.b64encode(text.encode()).decode()


def _node_config(pool: NodePool, join: Join | None) -> str:
    kubelet: dict[str, Any] = {"config": {"maxPods": pool.allocatable["pods"]}}
    if pool.exclusive_cpus:
        # Best effort: any stricter policy refuses pods on the node that the scheduler has put there already.
        kubelet["config"] |= {"cpuManagerPolicy": "static", "topologyManagerPolicy": "best-effort"}
    spec: dict[str, Any] = {}
    if join is not None:
        keys = ("name", "apiServerEndpoint", "certificateAuthority", "cidr")
        spec["cluster"] = dict(zip(keys, (join.name, join.endpoint, join.authority, join.cidr), strict=True))
        kubelet["flags"] = [f"--node-labels={_labels(pool)}", f"--register-with-taints={_taints(pool)}"]
    if pool.image_streaming:
        spec["featureGates"] = {"FastImagePull": True}
    if pool.local_disks == "ephemeral":
        spec["instance"] = {"localStorage": {"strategy": "RAID0"}}
    spec["kubelet"] = kubelet
    config = {"apiVersion": "node.eks.aws/v1alpha1", "kind": "NodeConfig", "spec": spec}
    lines = [
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="//"',
        "",
        "--//",
        "Content-Type: application/node.eks.aws",
        "",
        *_yaml(config),
        "--//--",
        "",
    ]
    return "\n".join(lines)


def _labels(pool: NodePool) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(pool.labels.items()))


def _taints(pool: NodePool) -> str:
    return ",".join(f"{taint.key}={taint.value}:{taint.effect}" for taint in pool.taints)


def _settings(pool: NodePool) -> dict[str, Any]:
    kubernetes: dict[str, Any] = {"max-pods": pool.allocatable["pods"]}
    if pool.exclusive_cpus:
        kubernetes |= {"cpu-manager-policy": "static", "topology-manager-policy": "best-effort"}
    settings: dict[str, Any] = {"settings.kubernetes": kubernetes}
    if pool.hugepages:
        settings["settings.kernel.sysctl"] = {"vm.nr_hugepages": str(pool.hugepages)}
    if pool.image_streaming:
        settings["settings.container-runtime"] = {"snapshotter": "soci"}
        settings["settings.container-runtime-plugins.soci-snapshotter"] = {"pull-mode": "parallel-pull-unpack"}
    if pool.local_disks == "ephemeral":
        commands = [["apiclient", "ephemeral-storage", "init"]]
        commands.append(["apiclient", "ephemeral-storage", "bind", "--dirs", *DISKS])
        settings["settings.bootstrap-commands.local-disks"] = {
            "commands": commands,
            "essential": True,
            "mode": "always",
        }
    return settings


def _yaml(value: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """Yield the lines of a map of maps, lists of texts, and plain values that need no quotes."""
    for key, each in value.items():
        start = "  " * depth + f"{key}:"
        if isinstance(each, Mapping):
            yield start
            yield from _yaml(each, depth + 1)
        elif isinstance(each, list):
            yield start
            yield from ("  " * (depth + 1) + f"- {json.dumps(item)}" for item in each)
        else:
            yield f"{start} {json.dumps(each) if isinstance(each, bool) else each}"


def _toml(tables: Mapping[str, Mapping[str, Any]]) -> str:
    lines: list[str] = []
    for name, table in tables.items():
        lines.append(f"[{name}]")
        lines += [f"{_key(key)} = {json.dumps(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def _key(key: str) -> str:
    return json.dumps(key) if "." in key else key
