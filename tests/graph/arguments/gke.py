"""Every argument of a GKE cluster and of its pools, said otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tests.graph.arguments.case import Case, cluster, of, pool, refused, refused_cluster

from pulumi_kubeml.clusters.gke.args import ExistingNetwork, GkeClusterArgs, KnownReservation, MaintenanceExclusion
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

ONE = ["us-central1-a"]
N2: dict[str, Any] = {"machine": "n2-standard-8", "max": 4}
L4: dict[str, Any] = {"accelerator": "l4", "max": 4}
A100: dict[str, Any] = {"accelerator": "a100-40gb", "max": 4}
H100: dict[str, Any] = {"machine": "a3-highgpu-8g", "max": 2, "zones": ONE}
TPU: dict[str, Any] = {"accelerator": "tpu-v5e", "max": 4, "zones": ONE}
HELD = [NodePoolSpec("held", capacity=[Reservation("train")], **H100)]
LAUNCH = MaintenanceExclusion("launch", "2026-11-20T00:00:00Z", end="2026-12-04T00:00:00Z")


def within(network: str = "net-a", subnetwork: str = "sub-a", **ranges: str) -> dict[str, Any]:
    return {"network": ExistingNetwork(network=network, subnetwork=subnetwork, **ranges)}


def outside() -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Make the networks that somebody else keeps; the answer puts their real ids where the arguments name them."""
    from pulumi_gcp import compute

    ids: dict[str, Any] = {}
    for net in ("net-a", "net-b"):
        ids[net] = compute.Network(net, auto_create_subnetworks=False).id
    for number, (sub, net) in enumerate({"sub-a": "net-a", "sub-b": "net-a", "sub-c": "net-b"}.items()):
        first = 16 + 64 * number
        ranges = {name: f"10.{first + 4 * (1 + at)}.0.0/16" for at, name in enumerate(("pods", "services", "p", "s"))}
        ids[sub] = compute.Subnetwork(
            sub,
            network=ids[net],
            region="us-central1",
            ip_cidr_range=f"10.{first}.0.0/20",
            private_ip_google_access=True,
            secondary_ip_ranges=[
                compute.SubnetworkSecondaryIpRangeArgs(range_name=name, ip_cidr_range=block)
                for name, block in ranges.items()
            ],
        ).id

    def real(said: Mapping[str, Any]) -> dict[str, Any]:
        if "network" not in said:
            return dict(said)
        named: ExistingNetwork = said["network"]
        here = replace(named, network=ids[named.network], subnetwork=ids[named.subnetwork])
        return {**said, "network": here}

    return real


def known(**values: Any) -> dict[str, Any]:
    return {"node_pools": HELD, "reservations": {"train": KnownReservation(**values)}}


def left_alone(**values: Any) -> dict[str, Any]:
    given = {"name": LAUNCH.name, "start": LAUNCH.start, "end": LAUNCH.end, **values}
    return {"maintenance_exclusions": [MaintenanceExclusion(given.pop("name"), given.pop("start"), **given)]}


def bought(*rungs: Any, **more: Any) -> dict[str, Any]:
    return {**N2, "max": 8, **more, "capacity": rungs}


ARGS = GkeClusterArgs
BASE: dict[str, Any] = {"kubernetes_version": "1.35", "endpoint_access": ["203.0.113.0/24"], "node_pools": []}
CASES: dict[str, Case] = {
    **of(
        "GkeClusterArgs",
        cluster,
        {},
        kubernetes_version="1.34",
        endpoint_access=[],
        node_pools=[NodePoolSpec("p", **N2)],
        environment="prod",
        owner="research",
        team="research",
        cost_center="4711",
        tags={"project": "chat"},
        admins=["group:ml-platform@example.com"],
        security_group="gke-security-groups@example.com",
        region="europe-west4",
        node_cidr="10.8.0.0/20",
        pod_cidr="10.64.0.0/14",
        service_cidr="10.9.0.0/20",
        control_plane_cidr="172.17.0.0/28",
        zones=["us-central1-b", "us-central1-c", "us-central1-f"],
        cluster_name="another",
        deletion_protection=True,
        release_channel="stable",
        maintenance_days=["sunday", "monday"],
        maintenance_start="22:00",
        maintenance_hours=8,
        maintenance_exclusions=[LAUNCH],
        managed_prometheus=True,
        shared_files="instance",
        lustre=True,
        system_pool=NodePoolSpec("system", machine="n2-standard-4", min=2, max=6, purpose="system"),
    ),
    "GkeClusterArgs.network": cluster({}, within()),
    "ExistingNetwork.network": cluster(within(), within(network="net-b", subnetwork="sub-c")),
    "ExistingNetwork.subnetwork": cluster(within(), within(subnetwork="sub-b")),
    "ExistingNetwork.pods": cluster(within(), within(pods="p")),
    "ExistingNetwork.services": cluster(within(), within(services="s")),
    "GkeClusterArgs.fabric_cidr": cluster(
        {"node_pools": [NodePoolSpec("p", fabric="required", **H100)]},
        {"node_pools": [NodePoolSpec("p", fabric="required", **H100)], "fabric_cidr": "192.168.0.0/17"},
    ),
    "GkeClusterArgs.i_know_this_is_public": refused_cluster("endpoint_access[0]", endpoint_access=["0.0.0.0/0"]),
    "GkeClusterArgs.reservations": refused_cluster("node_pools[0].machine", **known(machine="a3-megagpu-8g")),
    "KnownReservation.project": refused_cluster("node_pools[0].capacity[0]", **known(project="another")),
    "KnownReservation.zone": refused_cluster("node_pools[0].zones", **known(zone="us-central1-b")),
    "KnownReservation.machine": refused_cluster("node_pools[0].machine", **known(machine="a3-megagpu-8g")),
    "KnownReservation.consumption": refused_cluster("node_pools[0].capacity[0]", **known(consumption="any")),
    "KnownReservation.active": refused_cluster("node_pools[0].min", **known(active=False)),
    "MaintenanceExclusion.name": cluster(left_alone(), left_alone(name="another")),
    "MaintenanceExclusion.start": cluster(left_alone(), left_alone(start="2026-11-21T00:00:00Z")),
    "MaintenanceExclusion.end": cluster(left_alone(), left_alone(end="2026-12-05T00:00:00Z")),
    "MaintenanceExclusion.scope": cluster(left_alone(), left_alone(scope="no-upgrades")),
    **of(
        "NodePoolSpec",
        pool,
        N2,
        machine="n2-standard-4",
        min=1,
        max=3,
        capacity=[Spot()],
        labels={"tier": "a"},
        taints=[Taint("tier", "a")],
        disk_gib=80,
        purpose="training",
        zones=ONE,
        initial=3,
        auto_repair=False,
        exclusive_cpus=True,
        max_pods=20,
        image_streaming=False,
        upgrade="blue-green",
    ),
    "NodePoolSpec.compact": pool({**N2, "zones": ONE}, {**N2, "zones": ONE, "compact": True}),
    "NodePoolSpec.accelerator": pool(L4, {**L4, "accelerator": "t4"}),
    "NodePoolSpec.accelerators_per_node": pool(L4, {**L4, "accelerators_per_node": 4}),
    "NodePoolSpec.sharing": pool(L4, {**L4, "sharing": TimeSlicing(4)}),
    "NodePoolSpec.topology": pool(TPU, {**TPU, "topology": "4x4"}),
    "NodePoolSpec.fabric": pool(H100, {**H100, "fabric": "required"}),
    "NodePoolSpec.local_disks": pool(H100, {**H100, "local_disks": "ephemeral"}),
    "NodePoolSpec.image": pool(N2, {**N2, "image": "ubuntu"}),
    "NodePoolSpec.image_id": refused("image_id", **N2, image_id="projects/p/global/images/i"),
    "NodePoolSpec.driver": pool(L4, {**L4, "driver": "latest"}),
    "Taint.key": pool({**N2, "taints": [Taint("a")]}, {**N2, "taints": [Taint("b")]}),
    "Taint.value": pool({**N2, "taints": [Taint("a")]}, {**N2, "taints": [Taint("a", "b")]}),
    "Taint.effect": pool({**N2, "taints": [Taint("a")]}, {**N2, "taints": [Taint("a", effect="NoExecute")]}),
    "OnDemand.max": pool(bought(OnDemand(max=1), Spot()), bought(OnDemand(max=2), Spot())),
    "Spot.max": pool(bought(OnDemand(), Spot(max=1)), bought(OnDemand(), Spot(max=2))),
    "Reservation.id": pool(bought(Reservation("one"), zones=ONE), bought(Reservation("two"), zones=ONE)),
    "Reservation.max": pool(
        bought(Reservation("one", max=1), Spot(), zones=ONE), bought(Reservation("one", max=2), Spot(), zones=ONE)
    ),
    "CapacityBlock.id": refused("capacity[0]", **bought(CapacityBlock("one"))),
    "CapacityBlock.max": refused("capacity[0]", **bought(CapacityBlock("one", max=1))),
    "FlexStart.max": pool(
        {**L4, "capacity": [FlexStart(max=1), OnDemand()]}, {**L4, "capacity": [FlexStart(max=2), OnDemand()]}
    ),
    "Queued.max": pool(
        {**L4, "capacity": [Queued(max=1), OnDemand()]}, {**L4, "capacity": [Queued(max=2), OnDemand()]}
    ),
    "TimeSlicing.replicas": pool({**L4, "sharing": TimeSlicing(4)}, {**L4, "sharing": TimeSlicing(8)}),
    "Mps.replicas": pool({**L4, "sharing": Mps(4)}, {**L4, "sharing": Mps(8)}),
    "Mig.profile": pool({**A100, "sharing": Mig("1g.5gb")}, {**A100, "sharing": Mig("2g.10gb")}),
    "Mig.strategy": refused("sharing.strategy", **A100, sharing=Mig("1g.5gb", strategy="mixed")),
    "Mig.layout": refused("sharing.layout", **A100, sharing=Mig(layout={"3g.20gb": 1, "1g.5gb": 4}, strategy="mixed")),
}
