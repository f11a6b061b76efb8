"""What a component says of arguments that cannot work, before it registers anything."""

import dataclasses
from types import SimpleNamespace

import pytest

from pulumi_kubeml.addons import PlatformSpec
from pulumi_kubeml.clusters.contract import Cluster
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.nodes import NodePoolSpec, resolve
from pulumi_kubeml.serving import AutoscalingSpec, MetricTarget, ModelServer, ModelServerArgs, ModelServerSpec
from pulumi_kubeml.tenancy import Team, TeamArgs, TeamSpec
from pulumi_kubeml.training import RoleSpec, TFJob, TFJobArgs, TFJobSpec

SERVER = ModelServerSpec("model", team="research", pool="serve", image="registry.example.com/model:v1", port=8000)
ROLE = RoleSpec(pool="serve", limits={"cpu": "1", "memory": "8Gi"})
JOB = TFJobSpec("job", team="research", image="registry.example.com/job:v1", command=["python"], worker=ROLE)


@pytest.fixture(scope="module")
def team():
    """A team of which only what a check reads is there: anything registered would fail."""
    pools = (resolve(NodePoolSpec("serve", accelerator="l4", max=2), "aws"),)
    cluster = SimpleNamespace(node_pools=pools, kind="eks", ready=[], lacks={})
    cluster.pool = lambda name: Cluster.pool(cluster, name)
    return SimpleNamespace(platform=SimpleNamespace(cluster=cluster, spec=PlatformSpec()))


def said(make):
    with pytest.raises(InvalidArgs) as caught:
        make()
    return [str(problem) for problem in caught.value.problems]


def test_a_model_server_says_all_that_is_wrong_with_it(team):
    scaling = AutoscalingSpec(min=5, max=4, metrics=[MetricTarget("rps", 1)])
    wrong = dataclasses.replace(SERVER, pool="train", port=70000, autoscaling=scaling, limits={"memory": "lots"})
    assert said(lambda: ModelServer("model", ModelServerArgs(team=team, spec=wrong))) == [
        "port  70000 is no port; allowed: 1 to 65535",
        "autoscaling.min  5 is above max 4",
        'autoscaling.metrics[0].name  "rps" is no metric of the platform; allowed: requests_per_second',
        'limits.memory  "lots" is not a quantity: a number with one of n u m k M G T P E or Ki Mi Gi Ti Pi Ei, or an exponent such as e3',
        'pool  "train" is no pool of the cluster; allowed: serve',
    ]


def test_a_job_says_which_role_fits_nowhere(team):
    wrong = dataclasses.replace(JOB, chief=dataclasses.replace(ROLE, accelerators=2), deadline_hours=0)
    assert said(lambda: TFJob("job", TFJobArgs(team=team, spec=wrong))) == [
        "deadline_hours  0 hours; allowed: 1 or more",
        'chief.accelerators  2, but a node of pool "serve" (g6.xlarge) has 1; allowed: 0 to 1',
    ]
    wrong = dataclasses.replace(JOB, worker=dataclasses.replace(ROLE, limits={"cpu": "8", "memory": "8Gi"}))
    assert said(lambda: TFJob("job", TFJobArgs(team=team, spec=wrong))) == [
        'worker.pool  "serve", but a pod needs 8 cpu, a node has 3920m (g6.xlarge)'
    ]


def test_a_team_says_what_no_quota_can_be(team):
    wrong = TeamSpec("Research", serving_gpus={"l5": 1}, training_gpus={"l4": -1}, cpu="many", claims=-1)
    first, second, *others = said(lambda: Team("research", TeamArgs(platform=team.platform, spec=wrong)))
    assert first.startswith('name  "Research" is no name of a namespace')
    assert second.startswith("serving_gpus.l5  not in the catalog; allowed: ")
    assert [each.partition("  ")[0] for each in others] == ["training_gpus.l4", "cpu", "claims"]
