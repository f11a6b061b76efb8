"""Volumes of pods: which claims and volumes of a graph a pod gets, and where it can land for their sake."""

from typing import Any

import pytest

from pulumi_kubeml.capacity.decide import decide
from pulumi_kubeml.capacity.graph import UNKNOWN, Graph
from pulumi_kubeml.capacity.model import Mount, Pod, Pool, Volume
from pulumi_kubeml.capacity.node import ZONE, Node
from pulumi_kubeml.capacity.placement import Placed, predict
from pulumi_kubeml.capacity.volumes import ELSEWHERE, IN_USE, NO_ZONE, NONE_TO_BIND, UNBOUND

ZONES = ("r-a", "r-b", "r-c")
POOL = Pool("general", 6, {}, (), {"cpu": 4000, "pods": 10}, zones=ZONES)
EBS, BY_HAND = "ebs.csi.aws.com", "kubernetes.io/no-provisioner"


def within(*zones: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": ZONE, "operator": "In", "values": list(zones)}]}


def resource(kind: str, name: str, **inputs: Any) -> dict[str, Any]:
    token = f"kubernetes:{kind}"
    named = {"metadata": {"name": name, **inputs.pop("metadata", {})}}
    return {"urn": f"urn:pulumi:dev::p::{token}::{name}", "type": token, "inputs": {**named, **inputs}}


def claim(
    name: str, kind: str | None = None, size: str = "1Gi", mode: str = "ReadWriteOnce", **spec: Any
) -> dict[str, Any]:
    asked = {"accessModes": [mode], "resources": {"requests": {"storage": size}}, **spec}
    return resource(
        "core/v1:PersistentVolumeClaim",
        name,
        spec={**asked, **({"storageClassName": kind} if kind is not None else {})},
    )


def storage_class(name: str, driver: str, mode: str = "WaitForFirstConsumer", **more: Any) -> dict[str, Any]:
    return resource("storage.k8s.io/v1:StorageClass", name, provisioner=driver, volumeBindingMode=mode, **more)


def volume(name: str, size: str, *zones: str, kind: str = "", owner: str = "", **metadata: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {"capacity": {"storage": size}, "accessModes": ["ReadWriteOnce"], "storageClassName": kind}
    if zones:
        spec["nodeAffinity"] = {"required": {"nodeSelectorTerms": [within(*zones)]}}
    if owner:
        spec["claimRef"] = {"namespace": "default", "name": owner}
    return resource("core/v1:PersistentVolume", name, spec=spec, metadata=metadata)


def deployment(*claims: str, replicas: int = 1, **spec: Any) -> dict[str, Any]:
    volumes = [{"name": each, "persistentVolumeClaim": {"claimName": each}} for each in claims]
    return resource(
        "apps/v1:Deployment",
        "db",
        spec={"replicas": replicas, "template": {"spec": {"containers": [], "volumes": volumes, **spec}}},
    )


def land(*resources: dict[str, Any], pool: Pool = POOL) -> Placed:
    (placed,) = predict([pool], Graph(resources).pods)
    return placed


def on_zones(placed: Placed, pool: Pool = POOL) -> int:
    """How many pods there are, each of which has a node."""
    assert placed.missing == 0, placed.reason
    return placed.pools[pool.name]


def test_a_pod_goes_where_its_volume_is() -> None:
    bound = volume("disk", "1Gi", "r-c", owner="data")
    assert on_zones(land(bound, claim("data"), deployment("data", replicas=20))) == 20, "two nodes are in the zone"
    assert land(bound, claim("data"), deployment("data", replicas=21)).missing == 1
    lost = land(volume("disk", "1Gi", "r-x", owner="data"), claim("data"), deployment("data"))
    assert (lost.missing, lost.words) == (1, {"general": ELSEWHERE})


def test_volumes_in_two_zones_leave_no_node() -> None:
    one, two = volume("one", "1Gi", "r-a", owner="a"), volume("two", "1Gi", "r-b", owner="b")
    assert land(one, two, claim("a"), claim("b"), deployment("a", "b")).missing == 1


def test_a_claim_may_name_its_volume() -> None:
    named = claim("data", volumeName="disk")
    assert land(volume("disk", "1Gi", "r-x"), named, deployment("data")).words == {"general": ELSEWHERE}
    assert land(named, deployment("data")).words == {"general": UNBOUND}, "that volume is nobody's"


def test_a_claim_that_there_is_not_keeps_its_pods_waiting() -> None:
    lost = land(deployment("data", replicas=2))
    assert (lost.missing, lost.words) == (2, {"general": 'persistentvolumeclaim "data" not found'})


def test_a_class_that_waits_makes_volumes_where_it_may() -> None:
    allowed = [{"matchLabelExpressions": [{"key": "topology.ebs.csi.aws.com/zone", "values": ["r-b"]}]}]
    kind = storage_class("block", EBS, allowedTopologies=allowed)
    assert land(kind, claim("data", "block"), deployment("data", replicas=21)).missing == 1, "two nodes, ten pods each"
    (pod,) = Graph([kind, claim("data", "block"), deployment("data")]).pods
    assert decide(pod, [Node("n", {ZONE: "r-a"}, allocatable={"pods": 1})]).reasons == {NONE_TO_BIND: 1}


@pytest.mark.parametrize(("provisioner", "fit"), [(EBS, 20), ("efs.csi.aws.com", 60), ("example.com/disks", 20)])
def test_pods_that_share_a_claim_follow_its_volume_into_its_zone(provisioner: str, fit: int) -> None:
    shared = (storage_class("c", provisioner), claim("data", "c"), deployment("data", replicas=60))
    assert land(*shared).pools == {"general": fit}, "a driver that nobody knows is taken to be one of zones"


def test_what_a_class_tells_its_driver_decides_nothing_and_may_be_unknown() -> None:
    kind = storage_class("files", "efs.csi.aws.com", "Immediate", parameters={"fileSystemId": UNKNOWN})
    assert on_zones(land(kind, claim("data", "files"), deployment("data", replicas=60))) == 60
    disks = storage_class("disks", EBS, parameters={"kmsKeyId": UNKNOWN})
    assert land(disks, claim("data", "disks"), deployment("data", replicas=60)).missing == 40


def test_the_pods_of_a_stateful_set_have_a_volume_each_wherever_they_are() -> None:
    template = {"metadata": {"name": "data"}, "spec": claim("data", "c")["inputs"]["spec"]}
    made = resource(
        "apps/v1:StatefulSet",
        "db",
        spec={"replicas": 60, "volumeClaimTemplates": [template], "template": {"spec": {"containers": []}}},
    )
    assert on_zones(land(storage_class("c", EBS), made)) == 60
    by_hand = [storage_class("c", BY_HAND), *(volume(f"v{number}", "2Gi", "r-a", kind="c") for number in range(3))]
    lost = land(*by_hand, made)
    assert (lost.pools, lost.missing) == ({"general": 3}, 57), "three volumes, three pods"
    assert lost.words == {"general": NONE_TO_BIND}


def test_a_volume_that_lives_as_long_as_its_pod_is_one_for_each_pod() -> None:
    inline = {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": claim("x", "c")["inputs"]["spec"]}}}
    assert on_zones(land(storage_class("c", EBS), deployment(replicas=60, volumes=[inline]))) == 60


def test_the_smallest_volume_that_does_is_taken() -> None:
    volumes = [
        volume("large", "9Gi", "r-a", kind="c"),
        volume("small", "2Gi", "r-b", kind="c"),
        volume("tiny", "1Gi", "r-c", kind="c"),
    ]
    (pod,) = Graph([storage_class("c", BY_HAND), *volumes, claim("data", "c", "2Gi"), deployment("data")]).pods
    (mount,) = pod.volumes
    assert [(each.name, each.bytes >> 30) for each in mount.choices] == [("large", 9), ("small", 2)]


def test_a_class_that_does_not_wait_binds_to_what_is_there_or_to_one_zone() -> None:
    now = storage_class("now", EBS, "Immediate")
    there = volume("disk", "1Gi", "r-x", kind="now")
    assert land(now, there, claim("data", "now"), deployment("data")).words == {"general": ELSEWHERE}
    allowed = [{"matchLabelExpressions": [{"key": ZONE, "values": ["r-b"]}]}]
    one = storage_class("now", EBS, "Immediate", allowedTopologies=allowed)
    assert land(one, claim("data", "now"), deployment("data", replicas=21)).missing == 1
    assert land(now, claim("data", "now"), deployment("data")).words == {"general": UNBOUND}, (
        "its zone is nobody's choice"
    )
    anywhere = storage_class("now", "efs.csi.aws.com", "Immediate")
    assert on_zones(land(anywhere, claim("data", "now"), deployment("data", replicas=60))) == 60


def test_a_claim_without_a_class_gets_the_default_one_and_one_of_an_unknown_class_is_taken_to_be_made() -> None:
    by_default = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
    none = storage_class("none", BY_HAND, metadata=by_default)
    assert land(none, claim("data"), deployment("data")).words == {"general": NONE_TO_BIND}
    assert land(claim("data", "standard-rwo"), deployment("data")).missing == 0, "clouds bring classes of their own"
    assert land(claim("data", ""), deployment("data")).words == {"general": UNBOUND}


def test_a_claim_of_one_pod_at_a_time_takes_one() -> None:
    shared = (storage_class("c", EBS), claim("data", "c", mode="ReadWriteOncePod"), deployment("data", replicas=3))
    lost = land(*shared)
    assert (lost.pools, lost.missing, lost.words) == ({"general": 1}, 2, {"general": IN_USE})


def test_what_is_not_known_yet_is_said() -> None:
    (pod,) = Graph([deployment(UNKNOWN)]).pods
    assert "claimName is not known yet" in pod.undetermined
    hidden = storage_class("c", EBS, UNKNOWN)
    assert land(hidden, claim("data", "c"), deployment("data")).missing == 0, (
        "as any class that the stack does not tell"
    )


def test_labels_of_a_volume_name_its_zones_and_a_node_without_a_zone_is_in_all() -> None:
    pod = Pod("db", volumes=(Mount("data", places=((ZONE, frozenset({"r-a", "r-b"})),)),))
    nodes = [Node(zone, {ZONE: zone}, allocatable={"pods": 1}) for zone in ("r-a", "r-c")]
    nodes.append(Node("bare", allocatable={"pods": 1}))
    assert decide(pod, nodes).nodes == ("r-a", "bare")
    assert decide(pod, nodes[1:2]).reasons == {NO_ZONE: 1}


def test_what_is_not_there_is_said_before_what_is_not_bound() -> None:
    absent = Mount("b", 'persistentvolumeclaim "b" not found')
    pod = Pod("db", volumes=(Mount("a", UNBOUND), absent))
    assert str(decide(pod, [Node("n")])) == '0/1 nodes are available: persistentvolumeclaim "b" not found.'


def test_two_claims_of_a_pod_take_two_volumes() -> None:
    choices = (Volume("only", 2**30),)
    mounts = tuple(Mount(name, waits=True, choices=choices) for name in ("a", "b"))
    node = Node("n", allocatable={"pods": 1})
    assert decide(Pod("db", volumes=mounts[:1]), [node]).nodes == ("n",)
    assert decide(Pod("db", volumes=mounts), [node]).reasons == {NONE_TO_BIND: 1}
