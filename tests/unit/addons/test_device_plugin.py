"""What NVIDIA's device plugin is told of pools that share their devices."""

import importlib.util
import json

import yaml

from pulumi_kubeml.accelerators import device_plugin
from pulumi_kubeml.nodes import Mig, Mps, NodePoolSpec, TimeSlicing, resolve_all

WHOLE = NodePoolSpec("whole", accelerator="t4", max=1)
TURNS = NodePoolSpec("turns", accelerator="t4", max=1, sharing=TimeSlicing(4))
BESIDE = NodePoolSpec("beside", accelerator="t4", max=1, sharing=Mps(2))
CUT = NodePoolSpec("cut", accelerator="a100-80gb", max=1, sharing=Mig("1g.10gb", "mixed"))


def configs(values):
    return {name: yaml.safe_load(text) for name, text in values["config"]["map"].items()}


def test_whole_devices_need_no_configuration_by_name():
    values = device_plugin(resolve_all([WHOLE], "aws"))
    assert values["migStrategy"] == "none"
    assert "config" not in values


def test_each_sharing_is_a_configuration_that_refuses_more_than_a_share():
    values = device_plugin(resolve_all([WHOLE, TURNS, BESIDE], "aws"))
    made = configs(values)
    assert made["default"] == {"version": "v1"}
    assert made["time-slicing-4"]["sharing"]["timeSlicing"] == {
        "renameByDefault": True,
        "failRequestsGreaterThanOne": True,
        "resources": [{"name": "nvidia.com/gpu", "replicas": 4}],
    }
    assert made["mps-2"]["sharing"]["mps"]["resources"] == [{"name": "nvidia.com/gpu", "replicas": 2}]
    assert values["migStrategy"] == "none", "no node is cut, so the plugin needs no rights over that"


def test_pools_that_share_alike_have_one_configuration():
    twice = [TURNS, NodePoolSpec("more", accelerator="t4", max=1, sharing=TimeSlicing(4))]
    assert set(configs(device_plugin(resolve_all(twice, "aws")))) == {"default", "time-slicing-4"}


def test_instances_are_told_node_by_node_where_only_some_pools_are_cut():
    values = device_plugin(resolve_all([WHOLE, CUT], "azure"))
    assert "migStrategy" not in values, "said for all it would overrule the configurations"
    made = configs(values)
    assert made["mig-mixed"]["flags"] == {"migStrategy": "mixed"}
    assert made["default"]["flags"] == {"migStrategy": "none"}


def test_the_chart_takes_these_values(shared):
    folder = shared / "charts"
    spec = importlib.util.spec_from_file_location("check_values", folder / "check_values.py")
    assert spec is not None
    assert spec.loader is not None
    checker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checker)
    known = checker.load(folder / "nvidia-device-plugin.json")
    for pools in (resolve_all([WHOLE, TURNS, BESIDE], "aws"), resolve_all([WHOLE, TURNS, CUT], "azure")):
        values = device_plugin(pools)
        assert checker.check(known, values) == ([], [])
        assert json.loads(json.dumps(values)) == values
