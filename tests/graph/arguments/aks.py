"""Every argument of an AKS cluster and of its pools, said otherwise."""

from typing import Any

from tests.graph.arguments.case import Case, cluster, of, pool, refused, refused_cluster

from pulumi_kubeml.clusters.aks.args import AksClusterArgs
from pulumi_kubeml.nodes import (
    CapacityBlock,
    FlexStart,
    Mig,
    Mps,
    NodePoolSpec,
    OnDemand,
    Queued,
    Reservation,
    Spot,
    Taint,
    TimeSlicing,
)

GROUP, SECOND = "0a1b2c3d-0000-4000-8000-000000000001", "0a1b2c3d-0000-4000-8000-000000000002"
HELD = "/subscriptions/00000000-0000-4000-8000-000000000009/resourceGroups/held/providers/Microsoft.Compute/capacityReservationGroups"
D8: dict[str, Any] = {"machine": "Standard_D8ds_v5", "max": 4}
T4: dict[str, Any] = {"accelerator": "t4", "max": 4}
H100: dict[str, Any] = {"machine": "Standard_ND96isr_H100_v5", "max": 1, "zones": ["1"]}


def bought(*rungs: Any, **more: Any) -> dict[str, Any]:
    return {**D8, "max": 8, **more, "capacity": rungs}


ARGS = AksClusterArgs
BASE: dict[str, Any] = {
    "kubernetes_version": "1.35",
    "endpoint_access": ["203.0.113.0/24"],
    "admin_groups": [GROUP],
    "node_pools": [],
}
CASES: dict[str, Case] = {
    **of(
        "AksClusterArgs",
        cluster,
        {},
        kubernetes_version="1.34",
        endpoint_access=[],
        node_pools=[NodePoolSpec("p", **D8)],
        environment="prod",
        owner="research",
        team="research",
        cost_center="4711",
        tags={"project": "chat"},
        admin_groups=[GROUP, SECOND],
        vnet_cidr="10.8.0.0/18",
        pod_cidr="10.64.0.0/14",
        service_cidr="172.20.0.0/16",
        zones=["1", "2"],
        outbound_addresses=2,
        cluster_name="another",
        deletion_protection=True,
        tier="Premium",
        upgrade_channel="none",
        log_retention_days=365,
        maintenance_day="Sunday",
        maintenance_start="22:30",
        maintenance_hours=8,
        system_pool=NodePoolSpec("system", machine="Standard_D8ds_v5", min=2, max=6, purpose="system", max_pods=110),
        node_image_channel="SecurityPatch",
        image_cleaner_hours=48,
        blob_driver=True,
        zone_redundant_storage=True,
    ),
    "AksClusterArgs.i_know_this_is_public": refused_cluster("endpoint_access[0]", endpoint_access=["0.0.0.0/0"]),
    **of(
        "NodePoolSpec",
        pool,
        D8,
        machine="Standard_D16ds_v5",
        min=1,
        max=3,
        capacity=[Spot()],
        labels={"tier": "a"},
        taints=[Taint("tier", "a")],
        disk_gib=80,
        purpose="training",
        zones=["1"],
        initial=2,
        exclusive_cpus=True,
        max_pods=60,
    ),
    "NodePoolSpec.accelerator": pool(T4, {**T4, "accelerator": "a10"}),
    "NodePoolSpec.accelerators_per_node": pool(T4, {**T4, "accelerators_per_node": 4}),
    "NodePoolSpec.sharing": pool(T4, {**T4, "sharing": TimeSlicing(4)}),
    "NodePoolSpec.driver": pool(T4, {**T4, "driver": "operator"}),
    **of("NodePoolSpec", pool, H100, fabric="required", compact=True),
    "NodePoolSpec.topology": refused("topology", **D8, topology="4x4"),
    "NodePoolSpec.local_disks": refused("local_disks", **D8, local_disks="ephemeral"),
    "NodePoolSpec.image": refused("image", **D8, image="azurelinux"),
    "NodePoolSpec.image_id": refused("image_id", **D8, image_id="ubuntu-2404"),
    "NodePoolSpec.image_streaming": refused("image_streaming", **D8, image_streaming=True),
    "NodePoolSpec.upgrade": refused("upgrade", **D8, upgrade="blue-green"),
    "NodePoolSpec.auto_repair": refused("auto_repair", **D8, auto_repair=False),
    "Taint.key": pool({**D8, "taints": [Taint("a")]}, {**D8, "taints": [Taint("b")]}),
    "Taint.value": pool({**D8, "taints": [Taint("a")]}, {**D8, "taints": [Taint("a", "b")]}),
    "Taint.effect": pool({**D8, "taints": [Taint("a")]}, {**D8, "taints": [Taint("a", effect="NoExecute")]}),
    "OnDemand.max": pool(bought(OnDemand(max=1), Spot()), bought(OnDemand(max=2), Spot())),
    "Spot.max": pool(bought(OnDemand(), Spot(max=1)), bought(OnDemand(), Spot(max=2))),
    "Reservation.id": pool(
        bought(Reservation(f"{HELD}/one"), zones=["1"]), bought(Reservation(f"{HELD}/two"), zones=["1"])
    ),
    "Reservation.max": pool(
        bought(Reservation(f"{HELD}/one", max=1), OnDemand(), zones=["1"]),
        bought(Reservation(f"{HELD}/one", max=2), OnDemand(), zones=["1"]),
    ),
    "CapacityBlock.id": refused("capacity[0]", **bought(CapacityBlock("one"))),
    "CapacityBlock.max": refused("capacity[0]", **bought(CapacityBlock("one", max=1))),
    "FlexStart.max": refused("capacity[0]", **bought(FlexStart(max=1))),
    "Queued.max": refused("capacity[0]", **bought(Queued(max=1))),
    "TimeSlicing.replicas": pool({**T4, "sharing": TimeSlicing(4)}, {**T4, "sharing": TimeSlicing(8)}),
    "Mps.replicas": pool({**T4, "sharing": Mps(4)}, {**T4, "sharing": Mps(8)}),
    "Mig.profile": pool({**H100, "sharing": Mig("1g.10gb")}, {**H100, "sharing": Mig("2g.20gb")}),
    "Mig.strategy": pool({**H100, "sharing": Mig("1g.10gb")}, {**H100, "sharing": Mig("1g.10gb", strategy="mixed")}),
    "Mig.layout": refused("sharing.layout.3g.40gb", **H100, sharing=Mig(layout={"3g.40gb": 1}, strategy="mixed")),
}
