"""What a user may say of a cluster: each argument changes something, and what cannot be is refused at once."""

import re
from dataclasses import fields

import hypothesis.strategies as st
import pytest
from hypothesis import given

from pulumi_kubeml import EksClusterArgs, InvalidArgs, NodePoolSpec
from pulumi_kubeml.clusters.eks.args import ExistingVpc, ReservedMachines
from pulumi_kubeml.clusters.eks.check import check
from pulumi_kubeml.nodes import CapacityBlock

GENERAL = 'NodePoolSpec("general", machine="m7i.2xlarge", min=1, max=4)'
SYSTEM = 'system_pool=NodePoolSpec("system", machine="m7g.large", min=2, max=6, purpose="system")'
ADMINS = ["arn:aws:iam::123456789012:role/Admin", "arn:aws:iam::123456789012:role/team/Second"]

CR = "cr-0a1b2c3d4e5f67890"
RESERVED = f'NodePoolSpec("r", machine="m7i.large", zones=["us-east-1a"], capacity=[Reservation("{CR}")])'
# What somebody else keeps: a VPC and a placement group of this program, as their stack would make them.
THEIRS = """
from pulumi_kubeml.clusters.eks.args import ExistingVpc, ReservedMachines
theirs = aws.ec2.Vpc("theirs", cidr_block="10.64.0.0/16")
zones = {"us-east-1a": "10.64.0.0/18", "us-east-1b": "10.64.64.0/18"}
THEIRS = ExistingVpc(id=theirs.id, private_subnets={
    zone: aws.ec2.Subnet(zone, vpc_id=theirs.id, availability_zone=zone, cidr_block=block).id for zone, block in zones.items()
})
GROUP = aws.ec2.PlacementGroup("theirs", strategy="cluster").name
"""

# What is said, and the type whose inputs (or number) must differ from those of the plain cluster.
FLIPS = {
    "kubernetes_version": ('kubernetes_version="1.34"', "aws:eks/nodeGroup:NodeGroup"),
    "endpoint_access": ("endpoint_access=[]", "aws:eks/cluster:Cluster"),
    "node_pools": (f"node_pools=[{GENERAL}]", "aws:eks/nodeGroup:NodeGroup"),
    "environment": ('environment="prod"', "kubernetes:storage.k8s.io/v1:StorageClass"),
    "owner": ('owner="research"', "aws:kms/key:Key"),
    "team": ('team="research"', "aws:eks/addon:Addon"),
    "cost_center": ('cost_center="4711"', "aws:efs/fileSystem:FileSystem"),
    "tags": ('tags={"project": "chat"}', "aws:ec2/launchTemplate:LaunchTemplate"),
    "admins": (f"admins={ADMINS}", "aws:eks/accessEntry:AccessEntry"),
    "i_know_this_is_public": (
        'i_know_this_is_public=True, endpoint_access=["0.0.0.0/0"]',
        "aws:eks/cluster:Cluster",
    ),
    "vpc_cidr": ('vpc_cidr="10.8.0.0/18"', "aws:ec2/subnet:Subnet"),
    "zones": ('zones=["us-east-1b", "us-east-1c", "us-east-1d"]', "aws:ec2/subnet:Subnet"),
    "nat_gateways": ('nat_gateways="single"', "aws:ec2/natGateway:NatGateway"),
    "cluster_name": ('cluster_name="another"', "aws:cloudwatch/logGroup:LogGroup"),
    "deletion_protection": ("deletion_protection=True", "aws:eks/cluster:Cluster"),
    "log_retention_days": ("log_retention_days=365", "aws:cloudwatch/logGroup:LogGroup"),
    "system_pool": (SYSTEM, "aws:eks/nodeGroup:NodeGroup"),
    "image_release": ('image_release="1.35.0-20260801"', "aws:eks/nodeGroup:NodeGroup"),
    "vpc": ("vpc=THEIRS", "aws:ec2/natGateway:NatGateway"),
    "vpc_endpoints": ("vpc_endpoints=True", "aws:ec2/vpcEndpoint:VpcEndpoint"),
    "reservations": (
        f'node_pools=[{RESERVED}], reservations={{"{CR}": ReservedMachines(placement_group=GROUP)}}',
        "aws:ec2/launchTemplate:LaunchTemplate",
    ),
    "snapshots": ("snapshots=True", "aws:eks/addon:Addon"),
    "lustre": ("lustre=True", "aws:eks/addon:Addon"),
    "mount_buckets": ('mount_buckets=["corpus"]', "aws:iam/rolePolicy:RolePolicy"),
    "addon_releases": ('addon_releases={"coredns": "v1.13.2-eksbuild.1"}', "aws:eks/addon:Addon"),
}
POOL_FLIPS = {
    "machine": 'NodePoolSpec("p", machine="m7i.4xlarge")',
    "accelerator": 'NodePoolSpec("p", accelerator="l4", max=1)',
    "accelerators_per_node": 'NodePoolSpec("p", accelerator="l4", accelerators_per_node=4, max=1)',
    "min": 'NodePoolSpec("p", machine="m7i.large", min=1)',
    "max": 'NodePoolSpec("p", machine="m7i.large", max=3)',
    "capacity": 'NodePoolSpec("p", machine="m7i.large", capacity=[Spot()])',
    "labels": 'NodePoolSpec("p", machine="m7i.large", labels={"tier": "a"})',
    "taints": 'NodePoolSpec("p", machine="m7i.large", taints=[Taint("tier", "a")])',
    "disk_gib": 'NodePoolSpec("p", machine="m7i.large", disk_gib=80)',
    "purpose": 'NodePoolSpec("p", machine="m7i.large", purpose="training")',
    "zones": 'NodePoolSpec("p", machine="m7i.large", zones=["us-east-1a"])',
    "reservation": f'NodePoolSpec("p", machine="m7i.large", zones=["us-east-1a"], capacity=[Reservation("{CR}")])',
}

# For these another pool is the plain one: as it stands here, and with what is said added.
EFA = 'NodePoolSpec("p", machine="g6.8xlarge", max=2, zones=["us-east-1a"])'
OWN = 'NodePoolSpec("p", machine="g6.xlarge", max=2, image="custom", image_id="ami-0a1b2c3d4e5f67891")'
POOL_ADDITIONS = {
    "initial": ('NodePoolSpec("p", machine="m7i.large", max=3)', "initial=2"),
    "fabric": (EFA, 'fabric="required", compact=False'),
    "compact": (EFA, "compact=True"),
    "local_disks": (EFA, 'local_disks="ephemeral"'),
    "image": (EFA, 'image="bottlerocket"'),
    "image_id": (OWN, 'image_id="ami-0f1e2d3c4b5a67891"'),
    "driver": (OWN, 'driver="image"'),
    "image_streaming": (EFA, "image_streaming=True"),
    "max_pods": (EFA, "max_pods=64"),
    "exclusive_cpus": (EFA, "exclusive_cpus=True"),
    "auto_repair": (EFA, "auto_repair=False"),
}
NOT_HERE = {
    "topology": ({"topology": "4x4"}, "a machine without accelerator comes in no slices"),
    "upgrade": ({"upgrade": "blue-green"}, "a managed node group replaces its nodes a few at a time"),
}
"""What EKS has not, and what it says then."""


@pytest.fixture(scope="module")
def flipped(make_graph, masked):
    """One stack with a plain cluster and one for each argument that differs; inputs by cluster, names made equal."""
    lines = [THEIRS, 'EksCluster("c-plain", args())', 'EksCluster("c-again", args())']
    lines.append(f'EksCluster("c-reserved", args(node_pools=[{RESERVED}]))')
    lines += [f'EksCluster("c-{name.replace("_", "-")}", args({said}))' for name, (said, _) in FLIPS.items()]
    graph = make_graph("\n".join(lines) + "\n")
    by_urn = {each["urn"]: each for each in graph.resources}

    def owner(each):
        while each.get("parent"):
            if each["type"] == "kubeml:index:EksCluster":
                return each["urn"].rpartition("::")[2]
            each = by_urn[each["parent"]]
        return None

    found = {}
    for each in graph.resources:
        cluster = owner(each)
        if cluster is not None:
            said = masked([each.get("inputs"), each.get("protect", False)]).replace(cluster, "CLUSTER")
            found.setdefault(cluster, {}).setdefault(each["type"], []).append(said)
    return {cluster: {token: sorted(all_) for token, all_ in types.items()} for cluster, types in found.items()}


def test_every_argument_is_tried():
    assert set(FLIPS) == {field.name for field in fields(EksClusterArgs)}
    tried = {*POOL_FLIPS, *POOL_ADDITIONS, *NOT_HERE} - {"reservation"}
    assert tried == {field.name for field in fields(NodePoolSpec)} - {"name", "sharing"}


@pytest.mark.parametrize("argument", FLIPS)
def test_an_argument_of_the_cluster_changes_what_is_asked_for(flipped, argument):
    token = FLIPS[argument][1]
    plain = "c-plain" if argument != "reservations" else "c-reserved"
    one, other = flipped[plain].get(token, []), flipped[f"c-{argument.replace('_', '-')}"].get(token, [])
    assert one != other, f"{argument} is accepted and does nothing to any {token}"


@pytest.fixture(scope="module")
def pools(make_graph, masked):
    """One cluster with a plain pool, the same again, and one for each argument that differs; names made equal."""
    plain = 'NodePoolSpec("p", machine="m7i.large")'
    every = {"plain": plain, "again": plain, **POOL_FLIPS}
    for name, (base, more) in POOL_ADDITIONS.items():
        key = more.partition("=")[0]
        bare = re.sub(rf", {key}=\"[^\"]*\"", "", base)
        every |= {f"{name}_base": base, name: f"{bare[:-1]}, {more})"}
    named = [pool.replace('"p"', f'"{name.replace("_", "-")}"', 1) for name, pool in every.items()]
    graph = make_graph(f"EksCluster('c', args(node_pools=[{', '.join(named)}]))\n")
    found = {}
    for name in every:
        whole = f"c-{name.replace('_', '-')}"
        asked = [
            graph.inputs(token, whole)
            for token in ("aws:eks/nodeGroup:NodeGroup", "aws:ec2/launchTemplate:LaunchTemplate")
        ]
        found[name] = masked(asked).replace(whole, "GROUP").replace(f'"{whole[2:]}"', '"POOL"')
    return found


@pytest.mark.parametrize("argument", [*POOL_FLIPS, *POOL_ADDITIONS])
def test_an_argument_of_a_pool_changes_what_is_asked_for(pools, argument):
    plain = "plain" if argument in POOL_FLIPS else f"{argument}_base"
    plain = "zones" if argument == "reservation" else plain  # it is in one zone
    assert pools[argument] != pools[plain], f"{argument} is accepted and does nothing"


@pytest.mark.parametrize("argument", NOT_HERE)
def test_what_eks_has_not_is_refused_with_its_reason(argument):
    more, words = NOT_HERE[argument]
    (found,) = problems(node_pools=[NodePoolSpec("p", machine="m7i.large", **more)]).items()
    assert found[0] == f"node_pools[0].{argument}"
    assert words in found[1]


def test_two_equal_pools_ask_for_the_same(pools):
    """Without this, the tests above could pass by noise."""
    assert pools["again"] == pools["plain"]


def test_two_equal_clusters_ask_for_the_same(flipped):
    """Without this, the tests above could pass by noise."""
    one, two = flipped["c-plain"], flipped["c-again"]
    assert len(one) > 20
    different = [token for token in one if one[token] != two[token]]
    assert different == ["pulumi:providers:kubernetes"], "only the way in has the certificate of its own cluster"


BLOCK = CapacityBlock(CR)
VPC = "vpc-0a1b2c3d4e5f67890"
SUBNETS = {"us-east-1a": "subnet-0a1b2c3d", "us-east-1b": "subnet-0a1b2c3e"}
PLAIN = NodePoolSpec("p", machine="m7i.large")
THEIR_VPC = ExistingVpc(id=VPC, private_subnets=SUBNETS)


def said(**more):
    given = {"kubernetes_version": "1.35", "endpoint_access": ["203.0.113.0/24"], "node_pools": []}
    return EksClusterArgs(**{**given, **more})


def problems(name="ml", **more):
    with pytest.raises(InvalidArgs) as raised:
        check(name, said(**more))
    return {problem.path: problem.message for problem in raised.value.problems}


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        ({"kubernetes_version": "1.12"}, "kubernetes_version", "allowed: 1.36, 1.35"),
        (
            {"node_pools": [NodePoolSpec("p", accelerator="h100", max=1, capacity=[BLOCK])]},
            "node_pools[0].zones",
            "a capacity block is in one zone, which the pool must name",
        ),
        ({"environment": "stagin"}, "environment", "dev, staging, prod; did you mean staging?"),
        ({"nat_gateways": "none"}, "nat_gateways", "one-per-zone, single"),
        ({"endpoint_access": ["0.0.0.0/0"]}, "endpoint_access[0]", "anyone"),
        ({"endpoint_access": ["203.0.113.0/33"]}, "endpoint_access[0]", "is not an IPv4 CIDR block"),
        ({"endpoint_access": ["203.0.113.7/24"]}, "endpoint_access[0]", "no bit beyond its prefix"),
        ({"endpoint_access": ["203.0.113.7"]}, "endpoint_access[0]", "is not an IPv4 CIDR block"),
        ({"endpoint_access": ["::/0"]}, "endpoint_access[0]", "is not an IPv4 CIDR block"),
        ({"endpoint_access": ["10.1.0.0/16"]}, "endpoint_access[0]", "is private"),
        ({"endpoint_access": "203.0.113.0/24"}, "endpoint_access", "a list of them"),
        ({"admins": ADMINS[0]}, "admins", "a list of them"),
        ({"endpoint_access": [f"203.0.{n}.0/24" for n in range(41)]}, "endpoint_access", "40 at most"),
        ({"vpc_cidr": "10.0.0.0/24"}, "vpc_cidr", "/16 to /20"),
        ({"zones": ["us-east-1a"]}, "zones", "3 different zones"),
        ({"cluster_name": "a b"}, "cluster_name", "at most 100"),
        ({"log_retention_days": 42}, "log_retention_days", "allowed: 1, 3, 5"),
        ({"image_release": "1.34.1-20260101"}, "image_release", "not of Kubernetes 1.35"),
        ({"admins": ["arn:aws:sts::123456789012:assumed-role/Admin/me"]}, "admins[0]", "not a session of it"),
        ({"admins": ["me"]}, "admins[0]", "not the ARN"),
        ({"admins": ADMINS[:1] * 2}, "admins[1]", "twice"),
        ({"tags": {"owner": "x"}}, "tags.owner", "its own argument"),
        ({"tags": {"aws:x": "x"}}, "tags.aws:x", "no tag that AWS takes"),
        ({"owner": ""}, "owner", "tag of everything"),
        ({"vpc": ExistingVpc(id="vpc-1", private_subnets=SUBNETS)}, "vpc.id", "vpc- and 8 to 17 hexadecimal digits"),
        (
            {"vpc": ExistingVpc(id=VPC, private_subnets={"a": "subnet-0a1b2c3d"})},
            "vpc.private_subnets",
            "EKS needs two",
        ),
        (
            {"vpc": ExistingVpc(id=VPC, private_subnets={**SUBNETS, "c": "c"})},
            "vpc.private_subnets.c",
            "id of a subnet",
        ),
        ({"vpc": THEIR_VPC, "vpc_cidr": "10.1.0.0/16"}, "vpc_cidr", "leave one of the two out"),
        ({"vpc": THEIR_VPC, "nat_gateways": "single"}, "nat_gateways", "leave one of the two out"),
        ({"vpc": THEIR_VPC, "vpc_endpoints": True}, "vpc_endpoints", "leave one of the two out"),
        (
            {"reservations": {CR: ReservedMachines()}, "node_pools": [PLAIN]},
            f"reservations.{CR}",
            "no pool takes its nodes from it",
        ),
        ({"mount_buckets": ["s3://corpus"]}, "mount_buckets[0]", "is not the name of a bucket"),
        ({"mount_buckets": "corpus"}, "mount_buckets", "a list of them"),
        ({"addon_releases": {"core-dns": "v1"}}, "addon_releases.core-dns", "did you mean coredns?"),
        (
            {"system_pool": NodePoolSpec("system", machine="m7i.large", purpose="system")},
            "system_pool.min",
            "1 or more",
        ),
        (
            {"system_pool": NodePoolSpec("s", machine="m7i.large", min=1, purpose="system")},
            "system_pool.name",
            "system",
        ),
        ({"node_pools": [NodePoolSpec("system", machine="m7i.large")]}, "node_pools[0].name", "own pool"),
        ({"node_pools": [NodePoolSpec("a", accelerator="h1000", max=1)]}, "node_pools[0].accelerator", "h100?"),
    ],
)
def test_what_cannot_be_is_refused_with_path_and_reason(more, path, words):
    found = problems(**more)
    assert list(found) == [path], found
    assert words in found[path]


def test_a_name_that_no_resource_could_have_is_refused():
    assert "at most 30" in problems(name="x" * 31)["name"]


def test_an_api_for_everyone_must_be_meant():
    check("ml", said(endpoint_access=["0.0.0.0/0"], i_know_this_is_public=True))


def test_everything_wrong_is_said_at_once():
    found = problems(
        kubernetes_version="1.12",
        endpoint_access=["nowhere"],
        node_pools=[NodePoolSpec("a", machine="m7i.large", min=2, max=1), NodePoolSpec("b", accelerator="l4")],
    )
    assert set(found) == {"kubernetes_version", "endpoint_access[0]", "node_pools[0].min", "node_pools[1].max"}


texts = st.one_of(
    st.text(max_size=6), st.sampled_from(["1.35", "prod", "single", "203.0.113.0/24", "0.0.0.0/0", ADMINS[0]])
)
anything = st.fixed_dictionaries(
    {},
    optional={
        "kubernetes_version": texts,
        "endpoint_access": st.lists(texts, max_size=3),
        "environment": texts,
        "owner": texts,
        "tags": st.dictionaries(texts, texts, max_size=2),
        "admins": st.lists(texts, max_size=3),
        "i_know_this_is_public": st.booleans(),
        "vpc_cidr": texts,
        "zones": st.lists(texts, max_size=3),
        "nat_gateways": texts,
        "cluster_name": st.none() | texts,
        "log_retention_days": st.integers(-1, 400),
        "image_release": st.none() | texts,
        "addon_releases": st.dictionaries(texts, texts, max_size=2),
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
    for problem in wrong:
        assert problem.path.partition("[")[0].partition(".")[0] in {"name", *FLIPS}, problem
        assert problem.message
