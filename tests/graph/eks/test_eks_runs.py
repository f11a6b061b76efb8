"""A cluster over its life: up, up again, changed, refused, gone."""

import pytest

PLAIN = """
cluster = EksCluster("ml", args())
pulumi.export("pools", [pool.name for pool in cluster.node_pools])
pulumi.export("storage", dict(cluster.storage))
pulumi.export("kubeconfig", cluster.kubeconfig)
"""
LARGER = PLAIN.replace(
    "args()", 'args(node_pools=[*args().node_pools[1:], NodePoolSpec("general", machine="m7i.2xlarge", min=1, max=9)])'
)


def messages(result):
    return "\n".join(each.message for each in result.diagnostics if each.severity == "error")


def test_up_again_changes_nothing_a_larger_pool_one_group_and_destroy_leaves_nothing(bench):
    first = bench.run("up", PLAIN)
    assert first.ok, messages(first)
    second = bench.run("up")
    assert set(second.changes) == {"same"}, [step.urn for step in second.steps if step.op != "same"]
    third = bench.run("preview", LARGER)
    changed = [(step.op, step.urn.rpartition("::")[2]) for step in third.steps if step.op != "same"]
    assert changed == [("update", "ml-general")], "a pool is found by its name, wherever it stands in the list"
    gone = bench.run("destroy")
    assert gone.ok, messages(gone)
    assert gone.resources == []


def test_the_example_in_the_documentation_runs(bench):
    from pulumi_kubeml import EksCluster

    example = EksCluster.__doc__.split("```python")[1].split("```")[0]
    result = bench.run("preview", example)
    assert result.ok, messages(result)
    assert "kubeconfig" in result.outputs


@pytest.mark.parametrize(
    ("page", "output", "address"),
    [
        ("README.md", "chat", "http://chat.research.svc:80"),
        ("components/README.md", "address", "http://detect.vision.svc:80"),
    ],
)
def test_the_example_in_the_readme_runs(bench, root, page, output, address):
    readme = (root / page).read_text(encoding="utf-8")
    example = next(part for part in readme.split("```python\n")[1:] if part.startswith("import pulumi")).split("```")[0]
    result = bench.run("up", example)
    assert result.ok, messages(result)
    assert result.outputs[output] == address


def test_a_preview_knows_pools_and_classes_and_keeps_the_kubeconfig_secret(bench):
    result = bench.run("preview", PLAIN)
    assert result.ok, messages(result)
    assert result.outputs["pools"] == ["system", "general", "serve"]
    assert result.outputs["storage"] == {"block": "block", "shared": "shared"}
    assert "4dabf18193072939515e22adb298388d" in result.outputs["kubeconfig"]


def test_what_cannot_be_ends_the_run_before_anything_is_registered(bench):
    result = bench.run(
        "up",
        """
        EksCluster("ml", args(endpoint_access=["0.0.0.0/0"], node_pools=[
            NodePoolSpec("a", accelerator="h1000", max=1), NodePoolSpec("b", machine="m7i.large", min=2, max=1)]))
        """,
    )
    assert result.exit_code == 2
    message = messages(result)
    assert message.splitlines()[0].startswith("endpoint_access[0]  ")
    assert 'node_pools[0].accelerator  "h1000" is not in the catalog' in message
    assert "node_pools[1].min  2 is above max 1" in message
    assert "Traceback" not in message
    assert not any(each["type"].startswith(("aws:", "kubeml:")) for each in result.resources)


def test_an_upgrade_of_kubernetes_is_previewed_and_done_in_place(bench):
    assert bench.run("up", 'EksCluster("ml", args(kubernetes_version="1.34"))').ok
    for operation in ("preview", "up"):
        result = bench.run(operation, 'EksCluster("ml", args(kubernetes_version="1.35"))')
        assert result.ok, messages(result)
        assert set(result.changes) == {"same", "update"}, [step.urn for step in result.steps if step.op == "replace"]
    assert set(bench.run("up").changes) == {"same"}


ANOTHER = """
def replaced(it):
    if it.type_ == "aws:eks/cluster:Cluster":
        return pulumi.ResourceTransformResult(
            it.props, pulumi.ResourceOptions.merge(it.opts, pulumi.ResourceOptions(replace_on_changes=["tags"], delete_before_replace=True))
        )

EksCluster("ml", args(owner="others"), pulumi.ResourceOptions(transforms=[replaced]))
"""


def test_a_cluster_made_anew_under_its_name_gets_its_objects_anew(bench):
    assert bench.run("up", 'EksCluster("ml", args())').ok
    for operation in ("preview", "up"):
        result = bench.run(operation, ANOTHER)
        assert result.ok, messages(result)
        made = {step.urn.rpartition("::")[2] for step in result.steps if step.op == "create-replacement"}
        assert {"ml", "ml-kubernetes", "ml-block", "ml-shared"} <= made, operation
    assert set(bench.run("up").changes) == {"same"}
