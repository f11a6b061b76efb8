"""A cluster over its life: up, up again, changed in everyday ways, refused, gone."""

PLAIN = """
cluster = AksCluster("ml", args())
pulumi.export("pools", [pool.name for pool in cluster.node_pools])
pulumi.export("storage", dict(cluster.storage))
pulumi.export("kubeconfig", cluster.kubeconfig)
"""


def errors(result):
    return "\n".join(each.message for each in result.diagnostics if each.severity == "error")


LARGER = PLAIN.replace(
    "args()", 'args(node_pools=[NodePoolSpec("general", machine="Standard_D16ds_v5", min=1, max=4)])'
)


def test_up_again_changes_nothing_a_larger_machine_is_another_pool_and_destroy_leaves_nothing(bench):
    first = bench.run("up", PLAIN)
    assert first.ok, errors(first)
    second = bench.run("up")
    assert set(second.changes) == {"same"}, [step.urn for step in second.steps if step.op != "same"]
    third = bench.run("up", LARGER)
    assert third.ok, errors(third)
    (pool,) = [each for each in third.resources if each["type"] == "azure-native:containerservice:AgentPool"]
    assert pool["inputs"]["vmSize"] == "Standard_D16ds_v5"
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
