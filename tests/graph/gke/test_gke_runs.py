"""A cluster on Google Cloud over its life: up, up again, changed every day, refused, gone."""

import pytest

POOL = "gcp:container/nodePool:NodePool"
PLAIN = """
cluster = GkeCluster("ml", args())
pulumi.export("pools", [pool.name for pool in cluster.node_pools])
pulumi.export("storage", dict(cluster.storage))
pulumi.export("kubeconfig", cluster.kubeconfig)
"""
SERVE = 'NodePoolSpec("serve", accelerator="l4", max=8, purpose="serving", capacity=[OnDemand(max=6), Spot()])'
GENERAL = 'NodePoolSpec("general", machine="n2-standard-8", min=1, max=4)'
LARGER = PLAIN.replace("args()", f"args(node_pools=[{SERVE}, {GENERAL.replace('max=4', 'max=9')}])")

# What is said, and what of the plan is not "same": operation and name, sorted.
EVERYDAY = {
    "a pool more": (
        f"node_pools=[{GENERAL}, {SERVE}, NodePoolSpec('more', machine='n2-standard-8', max=2)]",
        [("create", "ml-more"), ("create", "ml-more")],
    ),
    "other bounds": (f"node_pools=[{GENERAL.replace('max=4', 'max=6')}, {SERVE}]", [("update", "ml-general")]),
    "a zone more for CPUs": (
        f"node_pools=[{GENERAL[:-1]}, zones=['us-central1-a', 'us-central1-b']), {SERVE}]",
        [("update", "ml-general")],
    ),
    "wider access": ("endpoint_access=['203.0.112.0/22']", [("update", "ml")]),
    "the next Kubernetes": ("kubernetes_version='1.35'", [("update", "ml"), ("update", "ml-kubernetes")]),
}


def messages(result):
    return "\n".join(each.message for each in result.diagnostics if each.severity == "error")


def plan(result):
    return sorted((step.op, step.urn.rpartition("::")[2]) for step in result.steps if step.op != "same")


def test_up_again_changes_nothing_a_larger_pool_one_pool_and_destroy_leaves_nothing(project):
    first = project.run("up", PLAIN)
    assert first.ok, messages(first)
    second = project.run("up")
    assert set(second.changes) == {"same"}, plan(second)
    third = project.run("preview", LARGER)
    assert plan(third) == [("update", "ml-general")], "a pool is found by its name, wherever it stands in the list"
    gone = project.run("destroy")
    assert gone.ok, messages(gone)
    assert gone.resources == []


@pytest.fixture(scope="module")
def living(laboratory):
    """A cluster that is up, of the Kubernetes version before the newest."""
    project = laboratory.project()
    result = project.run("up", "GkeCluster('ml', args(kubernetes_version='1.34'))\n")
    assert result.ok, messages(result)
    return project


@pytest.mark.parametrize("change", EVERYDAY)
def test_an_everyday_change_does_what_it_says_and_replaces_nothing(living, change):
    said, expected = EVERYDAY[change]
    version = "" if "kubernetes_version" in said else "kubernetes_version='1.34', "
    result = living.run("preview", f"GkeCluster('ml', args({version}{said}))\n")
    assert result.ok, messages(result)
    assert plan(result) == expected


def test_tags_change_labels_in_place_everywhere(living):
    result = living.run("preview", "GkeCluster('ml', args(kubernetes_version='1.34', owner='others'))\n")
    assert result.ok, messages(result)
    made = {op for op, _ in plan(result)}
    assert made <= {"update", "create-replacement", "replace", "delete-replaced"}
    replaced = {name for op, name in plan(result) if op != "update"}
    assert replaced <= {"ml-block", "ml-shared"}, "only classes, whose parameters nothing can change, are made anew"


def test_another_machine_of_a_gpu_pool_comes_before_the_old_one_goes(project):
    plain = "GkeCluster('ml', args(node_pools=[NodePoolSpec('serve', accelerator='l4', max=8)]))\n"
    assert project.run("up", plain).ok
    wider = plain.replace("max=8", "accelerators_per_node=4, max=2")
    result = project.run("up", wider)
    assert result.ok, messages(result)
    pools = [step.op for step in result.steps if step.urn.endswith(f"{POOL}::ml-serve")]
    assert pools.index("create-replacement") < pools.index("delete-replaced")
    names = {each["outputs"]["name"] for each in result.resources if each["type"] == POOL}
    assert len(names) == 2
    assert not any(step.op == "create-replacement" and "cluster:Cluster" in step.urn for step in result.steps)


def test_the_example_in_the_documentation_runs(project):
    from pulumi_kubeml import GkeCluster

    example = GkeCluster.__doc__.split("```python")[1].split("```")[0]
    result = project.run("preview", example)
    assert result.ok, messages(result)
    assert "kubeconfig" in result.outputs


def test_what_cannot_be_ends_the_run_before_anything_is_registered(project):
    result = project.run(
        "up",
        """
        GkeCluster("ml", args(endpoint_access=["0.0.0.0/0"], node_pools=[
            NodePoolSpec("a", accelerator="h1000", max=1), NodePoolSpec("b", machine="e2-standard-4", min=2, max=1)]))
        """,
    )
    assert result.exit_code == 2
    message = messages(result)
    assert message.splitlines()[0].startswith("endpoint_access[0]  ")
    assert 'node_pools[0].accelerator  "h1000" is not in the catalog' in message
    assert "node_pools[1].min  2 is above max 1" in message
    assert "Traceback" not in message
    assert not any(each["type"].startswith(("gcp:", "kubeml:")) for each in result.resources)


def test_a_policy_of_another_cloud_is_refused_with_what_is_allowed(project):
    result = project.run(
        "preview",
        """
        cluster = GkeCluster("ml", args())
        cluster.workload_identity("x", namespace="n", service_account="s", policy=[{"Effect": "Allow", "Action": "s3:*"}])
        """,
    )
    assert result.exit_code == 2
    assert "policy[0].Effect  unknown key; allowed: role, bucket" in messages(result)


def test_a_provider_of_ones_own_is_asked_where_the_cluster_is(project):
    result = project.run(
        "preview",
        """
        elsewhere = gcp.Provider("elsewhere", project="ml-other", region="europe-west4")
        cluster = GkeCluster("ml", args(), pulumi.ResourceOptions(providers=[elsewhere]))
        pulumi.export("zones", list(cluster.zones))
        """,
    )
    assert result.ok, messages(result)
    assert result.outputs["zones"] == ["europe-west4-a", "europe-west4-b", "europe-west4-c"]
    (network,) = (each for each in result.resources if each["type"] == "gcp:compute/network:Network")
    assert "::elsewhere::" in network["provider"]


def test_without_a_region_the_cluster_is_nowhere(project):
    (project.directory / "Pulumi.dev.yaml").write_text("config:\n  gcp:project: ml-dev\n", encoding="utf-8")
    result = project.run("preview", PLAIN)
    assert result.exit_code == 2
    assert "region  not given, and the provider has none; give it, or set gcp:region" in messages(result)
