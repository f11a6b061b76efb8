"""What a user may say of an AKS cluster and what not: everything that cannot be is refused at once, with its path and the reason."""

from dataclasses import fields

import hypothesis.strategies as st
import pytest
from hypothesis import given

from pulumi_kubeml import AksClusterArgs, InvalidArgs, NodePoolSpec, Taint
from pulumi_kubeml.clusters.aks.check import check
from pulumi_kubeml.nodes import CapacityBlock, Mig, OnDemand, Reservation, Spot

GROUP, SECOND = "0a1b2c3d-0000-4000-8000-000000000001", "0a1b2c3d-0000-4000-8000-000000000002"
D8 = "Standard_D8ds_v5"


def said(**more):
    given = {
        "kubernetes_version": "1.35",
        "endpoint_access": ["203.0.113.0/24"],
        "admin_groups": [GROUP],
        "node_pools": [],
    }
    return AksClusterArgs(**{**given, **more})


def problems(name="ml", **more):
    with pytest.raises(InvalidArgs) as raised:
        check(name, said(**more))
    return {problem.path: problem.message for problem in raised.value.problems}


def system(**more):
    given = {"machine": "Standard_D4ds_v5", "min": 2, "max": 6, "purpose": "system"}
    return NodePoolSpec("system", **{**given, **more})


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        ({"kubernetes_version": "1.12"}, "kubernetes_version", "not offered by AKS; allowed: 1.36, 1.35"),
        ({"kubernetes_version": "1.32"}, "kubernetes_version", "encrypted on their way to pods from 1.33 on"),
        ({"environment": "stagin"}, "environment", "dev, staging, prod; did you mean staging?"),
        ({"tier": "Basic"}, "tier", "Free, Standard, Premium"),
        ({"upgrade_channel": "rapid"}, "upgrade_channel", "none, patch"),
        ({"node_image_channel": "Weekly"}, "node_image_channel", "NodeImage, SecurityPatch, None"),
        ({"maintenance_day": "Satuday"}, "maintenance_day", "did you mean Saturday?"),
        ({"maintenance_start": "1 am"}, "maintenance_start", "such as 01:00"),
        ({"maintenance_start": "24:00"}, "maintenance_start", "not a time of day"),
        ({"maintenance_hours": 2}, "maintenance_hours", "4 to 24"),
        ({"log_retention_days": 7}, "log_retention_days", "30 to 730"),
        ({"image_cleaner_hours": 1}, "image_cleaner_hours", "24 to 2160"),
        ({"outbound_addresses": 0}, "outbound_addresses", "1 to 16"),
        ({"endpoint_access": ["0.0.0.0/0"]}, "endpoint_access[0]", "anyone"),
        ({"endpoint_access": ["203.0.113.7/24"]}, "endpoint_access[0]", "no bit beyond its prefix"),
        ({"endpoint_access": "203.0.113.0/24"}, "endpoint_access", "a list of them"),
        ({"admin_groups": []}, "admin_groups", "nobody could enter"),
        ({"admin_groups": ["ml-platform"]}, "admin_groups[0]", "not the object id of an Entra group"),
        ({"admin_groups": [GROUP, GROUP]}, "admin_groups[1]", "twice"),
        ({"vnet_cidr": "10.0.0.0/24"}, "vnet_cidr", "/16 to /20"),
        ({"pod_cidr": "10.0.0.0/12"}, "pod_cidr", "overlaps vnet_cidr (10.0.0.0/16)"),
        ({"service_cidr": "10.128.0.0/16"}, "service_cidr", "overlaps pod_cidr"),
        ({"pod_cidr": "10.128.0.0/21"}, "pod_cidr", "enough for 8 nodes, and the pools hold 16"),
        ({"zones": ["eastus-1"]}, "zones", "some of 1, 2, 3"),
        ({"zones": ["1", "1"]}, "zones", "each once"),
        ({"cluster_name": "-a"}, "cluster_name", "at most 63"),
        ({"tags": {"owner": "x"}}, "tags.owner", "its own argument"),
        ({"tags": {"a/b": "x"}}, "tags.a/b", "no tag that Azure"),
        ({"tags": {"a": "x,y=z"}}, "tags.a", "no tag that Azure"),
        ({"tags": {f"t{n}": "x" for n in range(47)}}, "tags", "50 together"),
        ({"owner": ""}, "owner", "tag of everything"),
        ({"team": "a,b"}, "team", "without = and comma"),
        ({"system_pool": system(min=1)}, "system_pool.min", "2 nodes or more"),
        ({"system_pool": system(min=0)}, "system_pool.min", "1 or more"),
        ({"node_pools": [NodePoolSpec("system", machine=D8)]}, "node_pools[0].name", "own pool"),
        ({"node_pools": [NodePoolSpec("8big", machine=D8)]}, "node_pools[0].name", "begins with a letter"),
        ({"node_pools": [NodePoolSpec("a", accelerator="l4", max=1)]}, "node_pools[0].accelerator", "on azure: a10"),
        (
            {"node_pools": [NodePoolSpec("a", machine=D8, labels={"kubernetes.azure.com/mode": "x"})]},
            "node_pools[0].labels.kubernetes.azure.com/mode",
            "AKS's own",
        ),
        (
            {"node_pools": [NodePoolSpec("a", machine=D8, taints=[Taint("kubernetes.azure.com/x")])]},
            "node_pools[0].taints[0].key",
            "AKS's own",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_path_and_reason(more, path, words):
    more = {"node_pools": [NodePoolSpec("p", machine=D8, max=10)], **more}
    found = problems(**more)
    assert list(found) == [path], found
    assert words in found[path]


H100 = "Standard_ND96isr_H100_v5"
HELD = f"/subscriptions/{GROUP}/resourceGroups/held/providers/Microsoft.Compute/capacityReservationGroups/all"


@pytest.mark.parametrize(
    ("pool", "path", "text"),
    [
        (
            {"accelerator": "t4", "max": 4, "driver": "managed"},
            "driver",
            "must not be Managed: the API version 2025-09-01 of azure-native has only the driver mode of the GPU profile, not",
        ),
        (
            {"accelerator": "t4", "min": 0, "max": 4, "driver": "managed"},
            "max",
            "autoscaling is on, but must be off: the cluster autoscaler does not support pools with managed GPUs",
        ),
        (
            {"machine": D8, "image_streaming": True},
            "image_streaming",
            "image streaming is on, but must be off: the API version 2025-09-01 of azure-native has no artifact streaming",
        ),
        ({"machine": D8, "upgrade": "blue-green"}, "upgrade", "upgrade is blue-green, but must be surge:"),
        ({"machine": D8, "auto_repair": False}, "auto_repair", "auto repair is off, but must be on: AKS repairs nodes"),
        ({"machine": D8, "local_disks": "ephemeral"}, "local_disks", f'"ephemeral", but {D8} has none that'),
        ({"machine": D8, "image": "bottlerocket"}, "image", '"bottlerocket"'),
        ({"machine": D8, "image_id": "x"}, "image_id", '"x", but the image is not one of your own'),
        ({"machine": D8, "topology": "4x4"}, "topology", '"4x4"'),
        (
            {"machine": D8, "max_pods": 8},
            "max_pods",
            "max pods is 8, but must be at least 10: AKS makes no node for fewer",
        ),
        (
            {"machine": H100, "max": 2, "compact": True},
            "zones",
            "zones is 3, but must be at most 1: a proximity placement group keeps the nodes of a pool close together, in one zone",
        ),
        (
            {"accelerator": "t4", "max": 2, "fabric": "required"},
            "fabric",
            '"required", but Standard_NC4as_T4_v3 has none',
        ),
        (
            {"machine": D8, "capacity": [CapacityBlock("cr-0a1b2c3d4e5f67890")]},
            "capacity[0]",
            "is not offered on azure; allowed: OnDemand(), Spot(), Reservation(ID)",
        ),
        (
            {"machine": D8, "capacity": [Reservation("held")]},
            "capacity[0].id",
            '"held" is not the resource id of a capacity',
        ),
        (
            {"accelerator": "h100", "max": 2, "sharing": Mig(layout={"3g.40gb": 1, "1g.10gb": 3}, strategy="mixed")},
            "sharing.layout",
            "azure cuts all devices of a pool into one size",
        ),
    ],
)
def test_what_aks_cannot_do_for_a_pool_is_refused_with_the_reason(pool, path, text):
    found = problems(node_pools=[NodePoolSpec("p", **pool)])
    assert text in found[f"node_pools[0].{path}"], found


@pytest.mark.parametrize(
    ("pool", "path", "text"),
    [
        ({"capacity": [Spot()]}, "system_pool.capacity[0]", "a system pool cannot be made of spot nodes"),
        ({"capacity": [OnDemand(max=3), OnDemand()]}, "system_pool.capacity", "one agent pool; allowed: one"),
        ({"compact": True, "zones": ["1"]}, "system_pool.compact", "there before any group of close machines"),
    ],
)
def test_what_the_clusters_own_pool_cannot_be_is_refused_with_the_reason(pool, path, text):
    found = problems(system_pool=system(**pool))
    assert text in found[path], found


@pytest.mark.parametrize(("name", "words"), [("x" * 31, "at most 30"), ("8ball", "begins with a digit")])
def test_a_name_that_no_resource_could_have_is_refused(name, words):
    assert words in problems(name=name)["name"]


def test_an_api_for_everyone_must_be_meant():
    check("ml", said(endpoint_access=["0.0.0.0/0"], i_know_this_is_public=True))


def test_everything_wrong_is_said_at_once():
    found = problems(
        kubernetes_version="1.12",
        endpoint_access=["nowhere"],
        admin_groups=[],
        node_pools=[NodePoolSpec("a", machine=D8, min=2, max=1), NodePoolSpec("1b", accelerator="t4")],
    )
    assert set(found) == {
        "kubernetes_version",
        "endpoint_access[0]",
        "admin_groups",
        "node_pools[0].min",
        "node_pools[1].name",
        "node_pools[1].max",
    }


texts = st.one_of(
    st.text(max_size=6), st.sampled_from(["1.35", "prod", "Standard", "203.0.113.0/24", "10.0.0.0/16", GROUP, "1"])
)
numbers = st.integers(-1, 800)
anything = st.fixed_dictionaries(
    {},
    optional={
        "kubernetes_version": texts,
        "endpoint_access": st.lists(texts, max_size=3),
        "environment": texts,
        "owner": texts,
        "tags": st.dictionaries(texts, texts, max_size=2),
        "admin_groups": st.lists(texts, max_size=3),
        "vnet_cidr": texts,
        "pod_cidr": texts,
        "service_cidr": texts,
        "zones": st.lists(texts, max_size=3),
        "tier": st.none() | texts,
        "upgrade_channel": texts,
        "node_image_channel": texts,
        "maintenance_day": texts,
        "maintenance_start": texts,
        "maintenance_hours": numbers,
        "log_retention_days": numbers,
        "image_cleaner_hours": numbers,
        "outbound_addresses": numbers,
        "cluster_name": st.none() | texts,
        "node_pools": st.lists(
            st.builds(NodePoolSpec, texts, machine=texts, accelerator=st.none() | texts), max_size=2
        ),
    },
)


@given(anything)
def test_whatever_is_said_the_answer_is_yes_or_every_problem_with_its_path(more):
    try:
        check("ml", said(**more))
    except InvalidArgs as error:
        wrong = error.problems
    else:
        wrong = ()
    known = {"name", *(field.name for field in fields(AksClusterArgs))}
    for problem in wrong:
        assert problem.path.partition("[")[0].partition(".")[0] in known, problem
        assert problem.message
