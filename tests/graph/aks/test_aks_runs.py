"""A cluster over its life: up, up again, changed in everyday ways, refused, gone."""

import pytest

PLAIN = """
cluster = AksCluster("ml", args())
pulumi.export("pools", [pool.name for pool in cluster.node_pools])
pulumi.export("storage", dict(cluster.storage))
pulumi.export("kubeconfig", cluster.kubeconfig)
"""
GENERAL = 'NodePoolSpec("general", machine=D8, min=1, max=4)'
SERVE = 'NodePoolSpec("serve", accelerator="t4", max=8, purpose="serving", capacity=[OnDemand(max=6), Spot()])'


def errors(result):
    return "\n".join(each.message for each in result.diagnostics if each.severity == "error")


def pools(*specs):
    return f"node_pools=[{', '.join(specs)}]"


# What changes, and what is done for it: nothing else, and never to the cluster more than an update.
EVERYDAY = {
    "another pool": (
        pools(GENERAL, SERVE, 'NodePoolSpec("more", machine=D8, max=2)'),
        {("create", "ml-more")},
    ),
    "wider bounds": (pools(GENERAL.replace("max=4", "max=9"), SERVE), {("update", "ml-general")}),
    "the pools in another order": (pools(SERVE, GENERAL), set()),
    "more blocks": ('endpoint_access=["203.0.113.0/24", "198.51.100.0/24"]', {("update", "ml")}),
    "a private API": ("endpoint_access=[]", {("update", "ml")}),
    "fewer zones of a CPU pool": (
        pools(GENERAL.replace("min=1", 'zones=["1", "2"], min=1'), SERVE),
        {("replace", "ml-general")},
    ),
    "another machine of a GPU pool": (
        pools(GENERAL, SERVE.replace('accelerator="t4"', 'machine="Standard_NC8as_T4_v3"')),
        {("replace", "ml-serve"), ("replace", "ml-serve-spot")},
    ),
}


@pytest.fixture(scope="module")
def standing(make_bench):
    """A cluster that is up."""
    bench = make_bench("aks-standing")
    result = bench.run("up", PLAIN)
    assert result.ok, errors(result)
    return bench


@pytest.mark.parametrize("change", EVERYDAY)
def test_an_everyday_change_does_what_it_says_and_never_replaces_the_cluster(standing, change):
    said, expected = EVERYDAY[change]
    planned = standing.run("preview", PLAIN.replace("args()", f"args({said})"))
    assert planned.ok, errors(planned)
    done = {
        (step.op.removesuffix("-replacement"), step.urn.rpartition("::")[2]): step
        for step in planned.steps
        if step.op != "same" and "azure-native" in step.urn
    }
    names = {(op, name) for op, name in done if op in {"create", "update"}}
    replaced = {name for op, name in expected if op == "replace"}
    assert names == {("create" if op == "replace" else op, name) for op, name in expected}
    for name in replaced:
        order = [step.op for step in planned.steps if step.urn.rpartition("::")[2] == name and step.op != "same"]
        assert order.index("create-replacement") < order.index("delete-replaced"), "the new pool is made first"


def test_tags_and_a_version_are_changed_in_place(standing):
    said = 'args(kubernetes_version="1.36", tags={"project": "chat"})'
    planned = standing.run("preview", PLAIN.replace("args()", said))
    assert planned.ok, errors(planned)
    other = [step for step in planned.steps if step.op not in {"same", "update"}]
    # A class tells its driver the tags of new volumes, and Kubernetes has no way to change it in place.
    assert {step.urn.rpartition("::")[2] for step in other} == {"ml-block"}


def test_up_again_changes_nothing_a_replaced_pool_comes_first_and_destroy_leaves_nothing(bench):
    first = bench.run("up", PLAIN)
    assert first.ok, errors(first)
    second = bench.run("up")
    assert set(second.changes) == {"same"}, [step.urn for step in second.steps if step.op != "same"]
    third = bench.run("up", PLAIN.replace("args()", f"args({EVERYDAY['another machine of a GPU pool'][0]})"))
    assert third.ok, errors(third)
    gone = bench.run("destroy")
    assert gone.ok, errors(gone)
    assert gone.resources == []


def test_the_example_in_the_documentation_runs(bench):
    from pulumi_kubeml import AksCluster

    example = AksCluster.__doc__.split("```python")[1].split("```")[0]
    result = bench.run("preview", example)
    assert result.ok, errors(result)
    assert "kubeconfig" in result.outputs


def test_a_preview_knows_pools_and_classes_and_keeps_the_kubeconfig_secret(bench):
    result = bench.run("preview", PLAIN)
    assert result.ok, errors(result)
    assert result.outputs["pools"] == ["system", "general", "serve"]
    assert result.outputs["storage"] == {"block": "block", "shared": "shared"}
    assert "4dabf18193072939515e22adb298388d" in result.outputs["kubeconfig"]


def test_what_cannot_be_ends_the_run_before_anything_is_registered(bench):
    result = bench.run(
        "up",
        """
        AksCluster("ml", args(endpoint_access=["0.0.0.0/0"], node_pools=[
            NodePoolSpec("a", accelerator="h1000", max=1), NodePoolSpec("b", machine=D8, min=2, max=1)]))
        """,
    )
    assert result.exit_code == 2
    message = errors(result)
    assert message.splitlines()[0].startswith("endpoint_access[0]  ")
    assert 'node_pools[0].accelerator  "h1000" is not in the catalog' in message
    assert "node_pools[1].min  2 is above max 1" in message
    assert "Traceback" not in message
    assert not any(each["type"].startswith(("azure-native:", "kubeml:")) for each in result.resources)
