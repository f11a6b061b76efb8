"""A pool of every accelerator that Azure offers: previewed clean, and asked for as it was."""

import pytest

from pulumi_kubeml import catalog
from pulumi_kubeml.nodes.choose import usable

AGENT_POOL = "azure-native:containerservice:AgentPool"
OFFERED = list(usable(catalog.machines("azure")))


@pytest.fixture(scope="module")
def previewed(make_graph):
    pools = ", ".join(f'NodePoolSpec("{key}", accelerator="{key}", max=2)' for key in OFFERED)
    return make_graph(f"AksCluster('ml', args(node_pools=[{pools}]))\n", "preview")


def test_a_pool_of_every_accelerator_is_previewed(previewed, snapshot):
    shown = ("agentPoolName", "vmSize", "nodeTaints", "gpuProfile", "upgradeSettings", "osDiskSizeGB", "nodeLabels")
    asked = {
        key: {each: previewed.inputs(AGENT_POOL, f"ml-{key}").get(each) for each in shown} for key in sorted(OFFERED)
    }
    assert asked == snapshot
