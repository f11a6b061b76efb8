"""A change is made in place, by a replacement, or refused; the recorded table says which."""

import copy
import csv

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from kubeml_simulator.kubernetes.changes import forces
from kubeml_simulator.provider.difference import Change
from kubeml_simulator.provider.values import struct

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"


def settings(**metadata):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"size": "1"}}


def with_data(inputs, **data):
    return {**inputs, "data": data}


def test_nothing_changed_is_no_difference(cluster, deployment):
    cluster.namespace()
    made = cluster.create(DEPLOYMENT, "ml-model", deployment)
    again, _ = cluster.check(DEPLOYMENT, "ml-model", deployment, old=made[2])
    answer = cluster.diff(DEPLOYMENT, "ml-model", made, again)
    assert (answer.changes, list(answer.replaces)) == (answer.DIFF_NONE, [])


def test_replicas_change_in_place(cluster, deployment):
    cluster.namespace()
    made = cluster.create(DEPLOYMENT, "ml-model", deployment)
    more = copy.deepcopy(made[2])
    more["spec"]["replicas"] = 5
    answer = cluster.diff(DEPLOYMENT, "ml-model", made, more)
    assert list(answer.diffs) == ["spec"]
    assert not answer.replaces
    state = cluster.update(DEPLOYMENT, "ml-model", made, more)
    assert state["status"]["availableReplicas"] == 5
    assert state["metadata"]["uid"] == made[1]["metadata"]["uid"], "it is the same object"
    assert state["metadata"]["generation"] == 2


def test_a_selector_replaces_and_a_fixed_name_goes_first(cluster, deployment):
    cluster.namespace()
    made = cluster.create(DEPLOYMENT, "ml-model", deployment)
    other = copy.deepcopy(made[2])
    other["spec"]["selector"]["matchLabels"]["app"] = "x"
    answer = cluster.diff(DEPLOYMENT, "ml-model", made, other)
    assert list(answer.replaces) == ["spec"]
    assert answer.deleteBeforeReplace
    assert answer.detailedDiff["spec.selector.matchLabels.app"].kind == 5, "update-replace"


def test_an_automatic_name_lets_the_successor_come_first(cluster):
    made = cluster.create(CONFIG_MAP, "settings", settings())
    answer = cluster.diff(CONFIG_MAP, "settings", made, with_data(made[2], size="2"))
    assert list(answer.replaces) == ["data"]
    assert not answer.deleteBeforeReplace


@pytest.mark.parametrize(("option", "replaced"), [("false", True), ("true", False)])
def test_the_data_of_a_config_map_replaces_it_unless_it_may_change(cluster_with, option, replaced):
    cluster = cluster_with(enableConfigMapMutable=option)
    made = cluster.create(CONFIG_MAP, "settings", settings(name="settings"))
    assert bool(cluster.diff(CONFIG_MAP, "settings", made, with_data(made[2], size="2")).replaces) is replaced


def test_another_namespace_is_another_object(cluster):
    made = cluster.create(CONFIG_MAP, "settings", settings(name="settings"))
    moved = {**made[2], "metadata": {"name": "settings", "namespace": "kube-system"}}
    answer = cluster.diff(CONFIG_MAP, "settings", made, moved)
    assert list(answer.replaces) == ["metadata"]
    assert not answer.deleteBeforeReplace, "both can exist at once"


@pytest.mark.parametrize("preview", [True, False])
def test_what_the_api_server_would_refuse_is_refused(cluster, api_error, preview):
    token = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
    made = cluster.create(
        token,
        "high",
        {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "high"}, "value": 10},
    )
    with pytest.raises(api_error, match=r'PriorityClass.scheduling.k8s.io "high" is invalid: value: 20 is not allowed'):
        cluster.update(token, "high", made, {**made[2], "value": 20}, preview=preview)


@pytest.mark.parametrize(("size", "fine"), [("20Gi", True), ("5Gi", False)])
def test_a_claim_may_grow_and_not_shrink(cluster, api_error, size, fine):
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "gp2",
            "resources": {"requests": {"storage": "10Gi"}},
        },
    }
    made = cluster.create(CLAIM, "data", claim)
    other = copy.deepcopy(made[2])
    other["spec"]["resources"]["requests"]["storage"] = size
    assert not cluster.diff(CLAIM, "data", made, other).replaces
    if fine:
        assert cluster.update(CLAIM, "data", made, other)["spec"]["resources"]["requests"]["storage"] == size
    else:
        with pytest.raises(api_error, match="may not shrink"):
            cluster.update(CLAIM, "data", made, other)


def test_another_way_into_the_same_cluster_keeps_everything(kubeconfig_of):
    from kubeml_simulator.kubernetes.configuration import replaces

    here, upgraded = kubeconfig_of("1.34"), kubeconfig_of("1.35")
    assert not replaces(Change("kubeconfig", here, upgraded))
    assert replaces(Change("kubeconfig", here, kubeconfig_of("1.34", server="https://elsewhere")))


@pytest.mark.parametrize(("before", "after", "replaced"), [("a", "a", False), ("a", "b", True), (None, None, True)])
def test_a_cluster_with_a_name_is_another_one_only_under_another_name(cluster, kubeconfig_of, before, after, replaced):
    old = {"kubeconfig": kubeconfig_of(server="https://one"), "clusterIdentifier": before}
    new = {"kubeconfig": kubeconfig_of(server="https://two"), "clusterIdentifier": after}
    request = pb.DiffRequest(
        urn=cluster.urn("pulumi:providers:kubernetes", "it"), old_inputs=struct(old), olds=struct(old), news=struct(new)
    )
    answer = cluster.provider.DiffConfig(request, None)
    assert bool(answer.replaces) is replaced
    assert answer.changes == answer.DIFF_SOME, "the way in is taken over"


def test_the_recorded_table_and_the_provider_agree(shared):
    with (shared / "catalog" / "changes" / "replace.tsv").open(encoding="utf-8", newline="") as table:
        rows = [
            row
            for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
            if row["token"].startswith("kubernetes:")
        ]
    judged = 0
    for row in rows:
        if row["property"] == "(resource)":
            continue
        path = row["property"].replace("[*]", "[0]")
        wanted = row["forces"] == "replace" or "Pulumi replaces the" in row["note"] or row["note"] == "same as data"
        assert forces(row["token"], Change(path, "a", "b"), {}, {}) is wanted, (row["token"], path)
        judged += 1
    assert judged > 150
