"""What a stack tells of its cluster to other stacks: one output, the same for every cloud, with a version of its own.

Version 1 holds `version`, `kind`, `cloud`, `name`, `endpoint`, `region`, `network`, `kubernetesVersion`, `environment`, `pools` (the
document of `nodes.document`, the system pool first), `storage` (class by purpose), `addons` (version by name) and `identity`. Whoever
adds to it keeps the version; whoever takes away or changes a meaning raises it. The kubeconfig is an output of its own, a secret.
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from pulumi_kubeml.clusters.contract import Cluster
from pulumi_kubeml.nodes import document

OUTPUT = "cluster_contract"
"""The name of the output."""
VERSION = 1


def handover(cluster: Cluster, installed: pulumi.Input[Mapping[str, str]]) -> dict[str, Any]:
    """Make the output of a cluster and of what is installed in it (`Platform.installed`)."""
    return {
        "version": VERSION,
        "kind": cluster.kind,
        "cloud": cluster.cloud,
        "name": cluster.cluster_name,
        "endpoint": cluster.endpoint,
        "region": cluster.region,
        "network": cluster.network_id,
        "kubernetesVersion": cluster.kubernetes_version,
        "environment": cluster.environment,
        "pools": document(cluster.node_pools),
        "storage": dict(cluster.storage),
        "addons": installed,
        "identity": dict(cluster.identity),
    }
