"""In which order add-ons are installed, and what is said of a choice that cannot work."""

import itertools
from types import SimpleNamespace

import pytest

from pulumi_kubeml.addons import STANDARD, Addon, Platform, PlatformArgs
from pulumi_kubeml.addons.order import plan
from pulumi_kubeml.errors import InvalidArgs
from pulumi_kubeml.problems import ConfigurationError


def names(chosen):
    return [each.name for each in plan(chosen, kind="eks", cloud="aws").order]


def refused(chosen, **options):
    with pytest.raises(ConfigurationError) as caught:
        plan(chosen, kind="eks", cloud="aws", **options)
    return [str(problem) for problem in caught.value.problems]


def test_the_standard_add_ons_come_after_what_they_need():
    order = names(STANDARD)
    for addon in STANDARD:
        for need in addon.requires:
            assert order.index(need) < order.index(addon.name), f"{addon.name} would be installed before {need}"


def test_the_kinds_of_prometheus_come_before_prometheus_whatever_was_named_first():
    order = names(tuple(reversed(STANDARD)))
    assert order.index("prometheus-operator-crds") < order.index("kube-prometheus-stack")
    assert sorted(order) == sorted(names(STANDARD)), (
        "the order in which add-ons are named must not change which are installed"
    )


def test_a_missing_requirement_is_named():
    without = [each for each in STANDARD if each.name != "cert-manager"]
    found = refused(without)
    assert found[0] == (
        "addons[1].requires  aws-load-balancer-controller needs cert-manager, which is neither chosen nor built into eks; add it before"
    )
    assert len(found) == len([each for each in without if "cert-manager" in each.requires]), (
        "one error for each that needs it"
    )


def test_what_the_cluster_brings_itself_is_skipped_and_counts_as_there():
    made = plan(STANDARD, kind="gke", cloud="gcp", built_in={"metrics-server", "cluster-autoscaler", "cert-manager"})
    assert made.skipped == {
        "aws-efa-k8s-device-plugin": "is for aws",
        "aws-load-balancer-controller": "is for aws",
        "cluster-autoscaler": "built into gke",
        "metrics-server": "built into gke",
        "cert-manager": "built into gke",
    }
    assert "kube-prometheus-stack" in [each.name for each in made.order], (
        "it needs cert-manager, which the cluster brings"
    )


def test_what_nothing_needs_is_skipped_with_the_reason():
    made = plan(STANDARD, kind="eks", cloud="aws", unwanted={"nvidia-device-plugin"})
    assert made.skipped == {"nvidia-device-plugin": "nothing in the cluster needs it"}


def test_an_add_on_that_says_nothing_of_what_it_may_do_on_this_cloud_is_refused():
    loader = Addon(name="external-dns", permissions={"aws": lambda _cluster: [], "azure": lambda _cluster: []})
    assert names([loader]) == ["external-dns"]
    with pytest.raises(ConfigurationError) as caught:
        plan([loader], kind="gke", cloud="gcp")
    assert str(caught.value) == (
        "addons[0].permissions  external-dns says what it may do on aws, azure, and nothing of gcp; say it, or leave it out"
    )


def test_two_that_cannot_live_together_are_refused():
    operator = Addon(name="gpu-operator")
    assert refused([*STANDARD, operator]) == [
        "addons[5].conflicts  nvidia-device-plugin and gpu-operator cannot be in one cluster; leave one of them out",
        "addons[8].conflicts  dcgm-exporter and gpu-operator cannot be in one cluster; leave one of them out",
    ]


def test_an_unknown_add_on_is_told_what_it_is_near_to():
    assert refused([Addon(name="metric-server")]) == [
        'addons[0].name  "metric-server" is not in the chart table, and has no chart of its own; did you mean metrics-server?'
    ]


def test_add_ons_that_need_each_other_are_refused():
    circle = [Addon(name="keda", requires=("velero",)), Addon(name="velero", requires=("keda",))]
    assert refused(circle) == ["addons  keda, velero need each other; one of them must come first"]


def test_all_errors_come_at_once():
    chosen = [Addon(name="keda", requires=("velero",)), Addon(name="keda"), Addon(name="nothing-like-it")]
    assert len(refused(chosen)) == 3


def test_order_follows_need_for_every_way_to_name_five_add_ons():
    five = STANDARD[:5]
    for chosen in itertools.permutations(five):
        order = names(chosen)
        assert all(order.index(need) < order.index(each.name) for each in five for need in each.requires)


def test_the_platform_refuses_before_it_registers_anything():
    cluster = SimpleNamespace(kind="eks", built_in=frozenset(), node_pools=(), cloud="aws")
    with pytest.raises(InvalidArgs, match="cert-manager needs prometheus-operator-crds"):
        Platform(
            "platform",
            PlatformArgs(cluster=cluster, addons=[Addon(name="cert-manager", requires=("prometheus-operator-crds",))]),
        )
