"""Every argument of an EKS cluster and of its pools, said otherwise."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.graph.arguments.case import Case, cluster, of, pool, refused, refused_cluster

from pulumi_kubeml.clusters.eks.args import EksClusterArgs, ExistingVpc, ReservedMachines
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

CR, SECOND = "cr-0a1b2c3d4e5f67890", "cr-0a1b2c3d4e5f67891"
SUBNETS = {"us-east-1a": "subnet-0a1b2c3d", "us-east-1b": "subnet-0a1b2c3e"}
MORE = {"us-east-1c": "subnet-0a1b2c3f"}
VPC = ExistingVpc(id="vpc-0a1b2c3d", private_subnets=SUBNETS)
SECOND_VPC = ExistingVpc(id="vpc-0a1b2c3e", private_subnets=SUBNETS)
ONE = ["us-east-1a"]
M7I: dict[str, Any] = {"machine": "m7i.large", "max": 4}
L4: dict[str, Any] = {"accelerator": "l4", "max": 4}
EFA: dict[str, Any] = {"machine": "g6.8xlarge", "max": 2, "zones": ONE}
OWN: dict[str, Any] = {"machine": "g6.xlarge", "max": 2, "image": "custom", "image_id": "ami-0a1b2c3d4e5f67891"}
H100: dict[str, Any] = {"machine": "p5.48xlarge", "max": 2, "zones": ONE}
HELD = [NodePoolSpec("held", capacity=[Reservation(CR)], **H100)]


def known(**values: Any) -> dict[str, Any]:
    return {"node_pools": HELD, "reservations": {CR: ReservedMachines(**values)}}


def bought(*rungs: Any, **more: Any) -> dict[str, Any]:
    return {**M7I, "max": 8, **more, "capacity": rungs}


def outside() -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Make what somebody else keeps; the answer puts its real ids where the arguments name it."""
    from pulumi_aws import ec2

    ids: dict[str, Any] = {}
    for number, vpc in enumerate((VPC.id, SECOND_VPC.id), start=64):
        ids[vpc] = ec2.Vpc(vpc, cidr_block=f"10.{number}.0.0/16").id
    for number, (zone, subnet) in enumerate({**SUBNETS, **MORE}.items()):
        block = f"10.64.{64 * number}.0/18"
        ids[subnet] = ec2.Subnet(subnet, vpc_id=ids[VPC.id], availability_zone=zone, cidr_block=block).id
    ec2.PlacementGroup("theirs", name="theirs", strategy="cluster")

    def real(said: Mapping[str, Any]) -> dict[str, Any]:
        if "vpc" not in said:
            return dict(said)
        vpc: ExistingVpc = said["vpc"]
        subnets = {zone: ids[subnet] for zone, subnet in vpc.private_subnets.items()}
        return {**said, "vpc": ExistingVpc(id=ids[vpc.id], private_subnets=subnets)}

    return real


ARGS = EksClusterArgs
BASE: dict[str, Any] = {"kubernetes_version": "1.35", "endpoint_access": ["203.0.113.0/24"], "node_pools": []}
CASES: dict[str, Case] = {
    **of(
        "EksClusterArgs",
        cluster,
        {},
        kubernetes_version="1.34",
        endpoint_access=[],
        node_pools=[NodePoolSpec("p", **M7I)],
        environment="prod",
        owner="research",
        team="research",
        cost_center="4711",
        tags={"project": "chat"},
        admins=["arn:aws:iam::123456789012:role/Second"],
        vpc_cidr="10.8.0.0/18",
        zones=["us-east-1b", "us-east-1c", "us-east-1d"],
        nat_gateways="single",
        cluster_name="another",
        deletion_protection=True,
        log_retention_days=365,
        system_pool=NodePoolSpec("system", machine="m7g.large", min=2, max=6, purpose="system"),
        image_release="1.35.0-20260801",
        vpc=VPC,
        vpc_endpoints=True,
        snapshots=True,
        lustre=True,
        mount_buckets=["corpus"],
        addon_releases={"coredns": "v1.13.2-eksbuild.1"},
    ),
    "EksClusterArgs.i_know_this_is_public": refused_cluster("endpoint_access[0]", endpoint_access=["0.0.0.0/0"]),
    "EksClusterArgs.reservations": cluster({"node_pools": HELD}, known(placement_group="theirs")),
    "ExistingVpc.id": cluster({"vpc": VPC}, {"vpc": SECOND_VPC}),
    "ExistingVpc.private_subnets": cluster(
        {"vpc": VPC},
        {"vpc": ExistingVpc(id=VPC.id, private_subnets={**SUBNETS, **MORE})},
    ),
    "ReservedMachines.zone": refused_cluster("node_pools[0].zones", **known(zone="us-east-1b")),
    "ReservedMachines.machine": refused_cluster("node_pools[0].machine", **known(machine="p4d.24xlarge")),
    "ReservedMachines.active": refused_cluster(
        "node_pools[0].min",
        node_pools=[NodePoolSpec("held", min=1, capacity=[CapacityBlock(CR)], **H100)],
        reservations={CR: ReservedMachines(active=False)},
    ),
    "ReservedMachines.placement_group": cluster(known(), known(placement_group="theirs")),
    **of(
        "NodePoolSpec",
        pool,
        M7I,
        machine="m7i.4xlarge",
        min=1,
        max=3,
        capacity=[Spot()],
        labels={"tier": "a"},
        taints=[Taint("tier", "a")],
        disk_gib=80,
        purpose="training",
        zones=ONE,
        initial=2,
        auto_repair=False,
        exclusive_cpus=True,
        max_pods=20,
        image_streaming=True,
    ),
    "NodePoolSpec.accelerator": pool(L4, {**L4, "accelerator": "a10g"}),
    "NodePoolSpec.accelerators_per_node": pool(L4, {**L4, "accelerators_per_node": 4}),
    "NodePoolSpec.sharing": pool(L4, {**L4, "sharing": TimeSlicing(4)}),
    **of("NodePoolSpec", pool, EFA, fabric="required", compact=True, local_disks="ephemeral", image="bottlerocket"),
    "NodePoolSpec.image_id": pool(OWN, {**OWN, "image_id": "ami-0f1e2d3c4b5a67891"}),
    "NodePoolSpec.driver": pool(OWN, {**OWN, "driver": "image"}),
    "NodePoolSpec.topology": refused("topology", **M7I, topology="4x4"),
    "NodePoolSpec.upgrade": refused("upgrade", **M7I, upgrade="blue-green"),
    "Taint.key": pool({**M7I, "taints": [Taint("a")]}, {**M7I, "taints": [Taint("b")]}),
    "Taint.value": pool({**M7I, "taints": [Taint("a")]}, {**M7I, "taints": [Taint("a", "b")]}),
    "Taint.effect": pool({**M7I, "taints": [Taint("a")]}, {**M7I, "taints": [Taint("a", effect="NoExecute")]}),
    "OnDemand.max": pool(bought(OnDemand(max=1), Spot()), bought(OnDemand(max=2), Spot())),
    "Spot.max": pool(bought(OnDemand(), Spot(max=1)), bought(OnDemand(), Spot(max=2))),
    "Reservation.id": pool(bought(Reservation(CR), zones=ONE), bought(Reservation(SECOND), zones=ONE)),
    "Reservation.max": pool(
        bought(Reservation(CR, max=1), Spot(), zones=ONE), bought(Reservation(CR, max=2), Spot(), zones=ONE)
    ),
    "CapacityBlock.id": pool({**H100, "capacity": [CapacityBlock(CR)]}, {**H100, "capacity": [CapacityBlock(SECOND)]}),
    "CapacityBlock.max": pool(
        {**H100, "capacity": [CapacityBlock(CR, max=1), CapacityBlock(SECOND)], "max": 4},
        {**H100, "capacity": [CapacityBlock(CR, max=2), CapacityBlock(SECOND)], "max": 4},
    ),
    "FlexStart.max": refused("capacity[0]", **bought(FlexStart(max=1))),
    "Queued.max": refused("capacity[0]", **bought(Queued(max=1))),
    "TimeSlicing.replicas": pool({**L4, "sharing": TimeSlicing(4)}, {**L4, "sharing": TimeSlicing(8)}),
    "Mps.replicas": pool({**L4, "sharing": Mps(4)}, {**L4, "sharing": Mps(8)}),
    "Mig.profile": refused("sharing", **H100, sharing=Mig("1g.10gb")),
    "Mig.strategy": refused("sharing", **H100, sharing=Mig("1g.10gb", strategy="mixed")),
    "Mig.layout": refused("sharing", **H100, sharing=Mig(layout={"3g.40gb": 1}, strategy="mixed")),
}
