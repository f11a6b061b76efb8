"""What a pool decides beside machine and bounds: what the catalog makes of it on each cloud, and what it refuses."""

import pytest

from pulumi_kubeml import catalog
from pulumi_kubeml.nodes import (
    EFA_KEY,
    CapacityBlock,
    FlexStart,
    NodePoolSpec,
    Queued,
    Reservation,
    resolve,
    stands_together,
)
from pulumi_kubeml.problems import ConfigurationError

ZONE = ("us-east-1a",)
CR = "cr-0a1b2c3d4e5f67890"


def refused(spec: NodePoolSpec, cloud: str, **more: object) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as raised:
        resolve(spec, cloud, **more)
    return {problem.path: problem.message for problem in raised.value.problems}


def h100(**more):
    return NodePoolSpec("p", accelerator="h100", max=4, **more)


@pytest.mark.parametrize(
    ("cloud", "machine", "kind"),
    [
        ("aws", "p5.4xlarge", "efa"),
        ("gcp", "a3-highgpu-8g", "tcpx"),
        ("azure", "Standard_ND96isr_H100_v5", "infiniband"),
    ],
)
def test_a_fabric_narrows_the_choice_to_machines_that_have_one(cloud, machine, kind):
    pool = resolve(h100(fabric="required"), cloud, zones=ZONE)
    assert (pool.machine.name, pool.fabric.kind) == (machine, kind)
    assert resolve(h100(), cloud).fabric is None, "a pool that does not need it does not get it"
    assert "and a fabric" in pool.reason


@pytest.mark.parametrize(
    ("cloud", "spec", "words"),
    [
        (
            "aws",
            NodePoolSpec("p", machine="g6.xlarge", max=1, fabric="required"),
            "machine types of l4 with one: g6.8xlarge, gr6.8xlarge",
        ),
        ("aws", NodePoolSpec("p", machine="m7i.large", fabric="required"), "machine types with one: p5.4xlarge, "),
        (
            "gcp",
            NodePoolSpec("p", accelerator="l4", max=1, fabric="required"),
            "machine types with one: a4x-highgpu-4g, ",
        ),
        (
            "azure",
            NodePoolSpec("p", machine="Standard_NC40ads_H100_v5", max=1, fabric="required"),
            "Standard_ND96isr_H100",
        ),
    ],
)
def test_a_machine_without_a_fabric_is_refused_with_those_that_have_one(cloud, spec, words):
    found = refused(spec, cloud, zones=ZONE)
    assert words in found["fabric"]


def test_nodes_with_efa_give_its_devices_and_pages_and_have_less_memory():
    plain = resolve(NodePoolSpec("p", machine="p5.48xlarge", max=1), "aws", zones=ZONE).allocatable
    efa = resolve(NodePoolSpec("p", machine="p5.48xlarge", max=1, fabric="required"), "aws", zones=ZONE).allocatable
    assert (efa[EFA_KEY], efa["hugepages-2Mi"]) == (32, 5128 * 2 * 2**20)
    assert plain["memory"] - efa["memory"] == efa["hugepages-2Mi"]
    assert EFA_KEY not in plain


@pytest.mark.parametrize(
    ("cloud", "capacity", "together"),
    [
        ("aws", [], True),
        ("aws", [Reservation(CR)], False),
        ("aws", [CapacityBlock(CR)], False),
        ("gcp", [], True),
        ("gcp", [Reservation("train")], True),
        ("gcp", [FlexStart()], False),
        ("gcp", [Queued()], False),
        ("azure", [], True),
    ],
)
def test_nodes_with_a_fabric_stand_together_where_the_capacity_allows_it(cloud, capacity, together):
    more = {"capacity": capacity} if capacity else {}
    assert resolve(h100(fabric="required", **more), cloud, zones=ZONE).compact == together
    assert not resolve(h100(**more), cloud, zones=ZONE).compact


def test_of_a_ladder_those_stand_together_that_can():
    assert not stands_together("aws", Reservation(CR))
    found = refused(h100(compact=True, capacity=[Reservation(CR)]), "aws", zones=ZONE)
    assert found == {"compact": "true, but where nodes of reservation stand is decided when that is made; leave it out"}


@pytest.mark.parametrize(
    ("cloud", "machine", "choice", "image", "owner"),
    [
        ("aws", "g6.xlarge", None, "AL2023_x86_64_NVIDIA", "image"),
        ("aws", "g5g.xlarge", None, "AL2023_ARM_64_NVIDIA", "image"),
        ("aws", "trn1.2xlarge", None, "AL2023_x86_64_NEURON", "image"),
        ("aws", "g6.xlarge", "bottlerocket", "BOTTLEROCKET_x86_64_NVIDIA", "image"),
        ("aws", "m7g.large", "bottlerocket", "BOTTLEROCKET_ARM_64", None),
        ("gcp", "g2-standard-4", None, "COS_CONTAINERD", "cloud"),
        ("gcp", "g2-standard-4", "ubuntu", "UBUNTU_CONTAINERD", "operator"),
    ],
)
def test_an_image_is_chosen_by_its_short_name(cloud, machine, choice, image, owner):
    pool = resolve(NodePoolSpec("p", machine=machine, image=choice, max=1), cloud)
    assert (pool.image, pool.driver_owner) == (image, owner)


def test_an_image_of_ones_own_runs_what_no_image_of_the_cloud_has_a_driver_for():
    spec = {"machine": "g4ad.xlarge", "max": 1}
    assert "no node image" in refused(NodePoolSpec("p", **spec), "aws")["machine"]
    own = resolve(NodePoolSpec("p", **spec, image="custom", image_id="ami-0a1b2c3d4e5f67891"), "aws")
    assert own.image == "CUSTOM"


@pytest.mark.parametrize(
    ("cloud", "more", "path", "words"),
    [
        (
            "aws",
            {"image": "bottlerokcet"},
            "image",
            "allowed: al2023, bottlerocket, custom; did you mean bottlerocket?",
        ),
        ("aws", {"image": "custom"}, "image_id", "give its id"),
        ("aws", {"image_id": "ami-1"}, "image_id", 'give image="custom" too'),
        ("aws", {"image": "bottlerocket", "image_id": "ami-1"}, "image_id", "the image is bottlerocket"),
        ("aws", {"image": "custom", "image_id": "ami-x"}, "image_id", "ami- and 8 to 17 hexadecimal digits"),
        ("aws", {"driver": "operator"}, "driver", "no way to install a driver on AL2023_x86_64_NVIDIA; allowed: image"),
        ("gcp", {"driver": "image"}, "driver", "allowed: cloud, latest, none"),
        ("azure", {"driver": "image"}, "driver", "allowed: cloud, managed, operator"),
        ("aws", {"max_pods": 300}, "max_pods", "allowed: 8 to 250"),
        ("aws", {"upgrade": "rolling"}, "upgrade", "surge, blue-green"),
        ("aws", {"fabric": "yes"}, "fabric", "none, required"),
        ("aws", {"compact": "yes"}, "compact", "true or false"),
        ("gcp", {"local_disks": "raid"}, "local_disks", "none, ephemeral, block"),
        ("azure", {"local_disks": "ephemeral"}, "local_disks", "has none that the catalog knows of"),
    ],
)
def test_a_word_that_a_cloud_has_not_is_refused_with_those_that_it_has(cloud, more, path, words):
    found = refused(h100(**more), cloud, zones=ZONE)
    assert words in found[path], found


@pytest.mark.parametrize(
    ("cloud", "driver", "setting", "owner"),
    [
        ("gcp", None, "DEFAULT", "cloud"),
        ("gcp", "cloud", "DEFAULT", "cloud"),
        ("gcp", "latest", "LATEST", "cloud"),
        ("gcp", "none", "INSTALLATION_DISABLED", "none"),
        ("azure", None, "Install", "cloud"),
        ("azure", "operator", "None", "operator"),
        ("aws", None, "", "image"),
    ],
)
def test_the_driver_has_one_owner_and_the_clouds_own_word_for_it(cloud, driver, setting, owner):
    pool = resolve(h100(driver=driver), cloud, zones=ZONE)
    assert (pool.driver.setting, pool.driver_owner) == (setting, owner)
    told = pool.labels.get("nvidia.com/gpu.deploy.driver")
    assert told == ("false" if driver and owner != "operator" else None)


def test_local_disks_need_a_machine_that_has_some():
    pool = resolve(NodePoolSpec("p", accelerator="l4", max=1, local_disks="ephemeral"), "aws")
    assert pool.machine.local_nvme_gb > 0
    found = refused(NodePoolSpec("p", machine="g5g.xlarge", max=1, local_disks="ephemeral"), "aws")
    assert found["local_disks"].startswith('"ephemeral", but g5g.xlarge has no local NVMe disk; with some: ')


def test_cpus_are_shared_but_on_machines_with_several_devices_for_training():
    def exclusive(**more):
        return resolve(NodePoolSpec("p", max=1, **more), "aws").exclusive_cpus

    assert exclusive(machine="g6.12xlarge", purpose="training")
    assert not exclusive(machine="g6.12xlarge", purpose="serving")
    assert not exclusive(machine="g6.xlarge", purpose="training")
    assert exclusive(machine="m7i.large", exclusive_cpus=True)


@pytest.mark.parametrize(
    ("more", "machine", "hosts", "most"),
    [
        ({"accelerator": "tpu-v6e", "topology": "4x4"}, "ct6e-standard-4t", 4, 4),
        ({"accelerator": "tpu-v6e", "topology": "2x4"}, "ct6e-standard-8t", 1, 1),
        ({"accelerator": "tpu-v6e", "topology": "2x4", "accelerators_per_node": 4}, "ct6e-standard-4t", 2, 2),
        ({"machine": "ct5p-hightpu-4t", "topology": "2x2x2"}, "ct5p-hightpu-4t", 2, 2),
        ({"machine": "ct5lp-hightpu-4t"}, "ct5lp-hightpu-4t", 1, 1),
    ],
)
def test_a_topology_decides_the_machine_and_the_number_of_nodes(more, machine, hosts, most):
    given = {"max": 1, **more} if "topology" not in more or hosts == 1 else more
    pool = resolve(NodePoolSpec("p", **given), "gcp")
    assert (pool.machine.name, pool.topology.hosts, pool.max) == (machine, hosts, most)


@pytest.mark.parametrize(
    ("more", "path", "words"),
    [
        (
            {"accelerator": "tpu-v6e", "topology": "3x3"},
            "topology",
            "allowed: 1x1, 2x2, 2x4, 4x4, 4x8, 8x8, 8x16, 16x16",
        ),
        ({"machine": "ct6e-standard-8t", "topology": "4x4"}, "topology", "no shape of ct6e-standard-8t; allowed: 2x4"),
        ({"accelerator": "l4", "topology": "2x2"}, "topology", "l4 comes in no slices"),
        ({"accelerator": "tpu-v6e", "topology": "4x4", "max": 8}, "max", "8, but a 4x4 slice has 4 nodes"),
        ({"accelerator": "tpu-v6e", "topology": "4x4", "min": 2}, "min", "2, but a 4x4 slice has 4 nodes"),
    ],
)
def test_a_topology_that_cannot_be_is_refused_with_those_that_can(more, path, words):
    assert words in refused(NodePoolSpec("p", **{"max": 4, **more}), "gcp")[path]


def test_every_shape_of_every_slice_makes_a_pool():
    made = 0
    for key in catalog.accelerators():
        for shape in catalog.topologies(key):
            if shape.machine in catalog.machines("gcp") and shape.hosts <= 1000:
                spec = NodePoolSpec("p", machine=shape.machine, topology=shape.topology, max=shape.hosts)
                assert resolve(spec, "gcp").topology == shape
                made += 1
    assert made >= 150
