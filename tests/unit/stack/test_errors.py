"""What is said of a stack file that is wrong: everything, once, with its path and what is allowed."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_kubeml.stack.read import read
from pulumi_kubeml.stack.source import InvalidStack


def said(config):
    spec, problems = read(config)
    assert (spec is None) == bool(problems), "a stack with problems has no spec, and one without has"
    return str(InvalidStack("stacks/Pulumi.dev-eks.yaml", problems)).splitlines()


def test_the_reference_stack_isright(config):
    spec, problems = read(config)
    assert problems == []
    assert [server.name for server in spec.serving] == ["ml-model"]


def test_every_error_is_said_at_once_in_the_order_of_the_file(config):
    config["cluster"]["endpointAcess"] = ["198.51.100.0/24"]
    config["cluster"]["endpointAccess"] = ["203.0.113.0/33"]
    config["cluster"]["kubernetesVersion"] = 1.35
    config["pools"][0]["min"] = 12
    config["pools"][1]["accelerator"] = "h1000"
    config["pools"][2]["max"] = "4"
    config["training"][0]["chief"]["replicas"] = 2
    del config["training"][0]["command"]
    config["trainig"] = []
    assert said(config) == [
        "stacks/Pulumi.dev-eks.yaml",
        "  kubeml:cluster.kubernetesVersion   1.35, but a text is needed; put it in quotes",
        "  kubeml:cluster.endpointAcess       unknown key; did you mean endpointAccess?",
        '  kubeml:cluster.endpointAccess[0]   "203.0.113.0/33" is not an IPv4 CIDR block, such as 203.0.113.0/24, with no bit beyond its prefix',
        "  kubeml:pools[0].min                12 is above max 10; allowed: 0 to 10",
        '  kubeml:pools[1].accelerator        "h1000" is not in the catalog; on aws: a100-40gb, a100-80gb, a10g, b200, b300, h100, h200, inferentia2, l4, l40s, rtx-pro-6000, t4, t4g, trainium, trainium2; did you mean h100?',
        '  kubeml:pools[2].max                "4", but a whole number is needed',
        "  kubeml:training[0].command         missing, but needed",
        "  kubeml:training[0].chief.replicas  2; a job has exactly 1 chief",
        "  kubeml:trainig                     unknown key; did you mean training?",
    ]


def test_teams_that_may_use_more_than_a_pool_has_are_told_how_much_would_do(config):
    config["pools"][1]["max"] = 20
    config["teams"].append({"name": "vision", "servingGpus": {"l4": 4}})
    assert said(config)[1:] == [
        "  kubeml:pools[1].max  20, but the teams may use 28 l4 (research 24, vision 4); raise max to 28 or lower a team"
    ]


def test_two_pools_of_one_accelerator_count_together(config):
    config["pools"].append({"name": "more", "accelerator": "l4", "max": 4})
    config["teams"].append({"name": "vision", "servingGpus": {"l4": 4}})
    assert read(config)[1] == []
    config["teams"][1]["servingGpus"]["l4"] = 5
    assert said(config)[1:] == [
        "  kubeml:teams  may use 29 l4 (research 24, vision 5), but the pools have 28 at most (serve 24 x 1, more 4 x 1); raise a max or lower a team"
    ]


def test_an_accelerator_that_no_pool_has_is_told_which_there_are(config):
    config["teams"][0]["trainingGpus"]["h100"] = 8
    assert said(config)[1:] == ["  kubeml:teams[0].trainingGpus.h100  8, but no pool has h100; pools have: a10g, l4"]


def test_an_autoscaler_beyond_its_pool_and_its_team_is_told_both(config):
    config["serving"][0]["autoscaling"]["max"] = 30
    assert said(config)[1:] == [
        "  kubeml:teams[0].servingGpus.l4     24, but the workloads serve on 30 at most (ml-model 30 x 1); raise it to 30 or lower them",
        "  kubeml:serving[0].autoscaling.max  30 pods with 1 l4 each, but 6 of them find no room in pool serve (24 x g6.xlarge); raise its max or lower this",
    ]


def test_a_pod_that_fits_no_node_is_told_what_a_node_has(config):
    config["serving"][0]["requests"]["cpu"] = config["serving"][0]["limits"]["cpu"] = 4
    config["training"][0]["worker"]["accelerators"] = 5
    assert said(config)[1:3] == [
        '  kubeml:serving[0].pool                  "serve", but a pod needs 4 cpu, a node has 3920m (g6.xlarge)',
        '  kubeml:training[0].worker.accelerators  5, but a node of pool "train" (g5.12xlarge) has 4; allowed: 0 to 4',
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda c: c["serving"][0].update(pool="gpu"),
            'kubeml:serving[0].pool  "gpu" is no pool; allowed: general, serve, train',
        ),
        (
            lambda c: c["serving"][0].update(team="resarch"),
            'kubeml:serving[0].team  "resarch" is no team; allowed: research; did you mean research?',
        ),
        (
            lambda c: c["serving"][0].update(exposure="public"),
            'kubeml:serving[0].exposure  "public" is not allowed; allowed: cluster, internal',
        ),
        (
            lambda c: c["serving"][0].update(user=0),
            "kubeml:serving[0].user  0 is root, which no team's namespace allows; allowed: 1 and more",
        ),
        (
            lambda c: c["serving"][0]["autoscaling"].update(min=21),
            "kubeml:serving[0].autoscaling.min  21 is above max 20",
        ),
        (
            lambda c: c["serving"][0]["limits"].update(memory="4Gx"),
            'kubeml:serving[0].limits.memory  "4Gx" is not a quantity',
        ),
        (
            lambda c: c["serving"][0]["limits"].pop("memory"),
            "kubeml:serving[0].limits.memory  missing, but needed: a pod without it takes the node's",
        ),
        (
            lambda c: c["serving"][0]["requests"].update(memory="5Gi"),
            "kubeml:serving[0].requests.memory  5Gi is above the limit 4Gi",
        ),
        (
            lambda c: c["serving"][0]["limits"].update({"nvidia.com/gpu": 1}),
            "kubeml:serving[0].limits.nvidia.com/gpu  unknown key; allowed: cpu, memory, ephemeral-storage; devices are asked for by accelerators",
        ),
        (
            lambda c: c["serving"][0]["autoscaling"]["metrics"][0].update(name="rps"),
            'kubeml:serving[0].autoscaling.metrics[0].name  "rps" is no metric of the platform; allowed: requests_per_second',
        ),
        (
            lambda c: c["teams"][0].update(name="monitoring"),
            'kubeml:teams[0].name  "monitoring" is a namespace of Kubernetes or of the platform',
        ),
        (
            lambda c: c["teams"][0].update(cpu=8),
            "kubeml:teams[0].cpu  8, but the workloads request 44 at most; raise it or lower them",
        ),
        (
            lambda c: c["teams"][0].update(storage="500Gi"),
            "kubeml:teams[0].storage  500Gi, but the claims are 600Gi; raise it or lower them",
        ),
        (
            lambda c: c["pools"][1].update(capacity=["cheap"]),
            'kubeml:pools[1].capacity[0]  "cheap" is not a way to buy nodes; allowed: onDemand',
        ),
        (
            lambda c: c["pools"].append({"name": "serve", "machine": "m7i.large"}),
            'kubeml:pools[3].name  "serve" is the name of pools[1] too; names are unique',
        ),
        (
            lambda c: c["training"][0].update(name="ml-model"),
            'kubeml:training[0].name  "ml-model" is the name of serving[0] of the same team too',
        ),
        (lambda c: c.update(pools={"a": 1}), "kubeml:pools  a map, but a list is needed"),
        (
            lambda c: c.update(environment="test"),
            'kubeml:environment  "test" is not allowed; allowed: dev, staging, prod',
        ),
        (
            lambda c: c["cluster"].update(kind="ekz"),
            'kubeml:cluster.kind  "ekz" is not allowed; allowed: eks, gke',
        ),
        (lambda c: c["cluster"].update(nodePools=[]), "kubeml:cluster.nodePools  unknown key; it is kubeml:pools"),
        (lambda c: c["cluster"].update(kind=[]), "kubeml:cluster.kind  a list is not allowed; allowed: eks, gke"),
        (
            lambda c: c["pools"][1].update(capacity=[{"kind": []}]),
            "kubeml:pools[1].capacity[0]  a map is not a way to buy nodes; allowed: onDemand, spot",
        ),
        (
            lambda c: c["platform"].update(metricsReplicas=0),
            "kubeml:platform.metricsReplicas  0; allowed: 1 or more",
        ),
        (lambda c: c.pop("cluster"), "kubeml:cluster  missing, but needed"),
    ],
)
def test_one_mistake_gives_its_sentence(config, change, expected):
    change(config)
    shown = [" ".join(line.split()) for line in said(config)[1:]]
    wanted = " ".join(expected.split())
    assert any(line.startswith(wanted) for line in shown), shown


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab4G:", max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "kind", "max", "x"]), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(
    key=st.sampled_from(["cluster", "pools", "platform", "teams", "serving", "training", "environment"]), value=ANYTHING
)
def test_no_value_of_a_key_is_a_surprise(key, value):
    spec, problems = read({key: value})
    assert spec is None
    assert all(problem.path.startswith("kubeml:") and problem.message for problem in problems)


@given(data=st.data())
def test_no_value_of_any_field_is_a_surprise(data, right):
    config = copy.deepcopy(right)
    at, path = config, []
    while isinstance(at, dict | list) and at:
        step = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        path.append((at, step))
        at = at[step]
        if data.draw(st.booleans()):
            break
    container, step = path[-1]
    container[step] = data.draw(ANYTHING)
    spec, problems = read(config)
    assert (spec is None) == bool(problems)
