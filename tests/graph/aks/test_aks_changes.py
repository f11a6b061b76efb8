"""Everyday changes: the plan is what the page says, no cluster is replaced, and no pool goes before its successor is there."""

import pytest

from pulumi_kubeml.nodes import NodePoolSpec, Spot, Taint

GENERAL = {"machine": "Standard_D8ds_v5", "min": 1, "max": 4, "zones": ["1", "2"]}
TRAIN = {"machine": "Standard_ND96isr_H100_v5", "max": 2, "purpose": "training", "zones": ["1"]}
POOLS = {"general": GENERAL, "train": TRAIN}


def program(pools=POOLS, version="1.34", **more):
    said = ", ".join(repr(NodePoolSpec(name, **values)) for name, values in pools.items())
    rest = "".join(f", {key}={value!r}" for key, value in more.items())
    given = "from pulumi_kubeml.nodes import *\n"
    return f"{given}AksCluster('ml', args(kubernetes_version={version!r}, node_pools=[{said}]{rest}))\n"


def changed(pool, **values):
    return program({**POOLS, pool: {**POOLS[pool], **values}})


CHANGES = {
    "add a pool": program({**POOLS, "batch": {"machine": "Standard_D2ds_v5", "min": 1, "max": 2}}),
    "remove a pool": program({"general": GENERAL}),
    "name the pools in another order": program({"train": TRAIN, "general": GENERAL}),
    "change the bounds of a pool": changed("general", max=9),
    "raise the Kubernetes version by one": program(version="1.35"),
    "change tags": program(tags={"project": "chat"}),
    "widen the blocks that reach the API": program(endpoint_access=["203.0.113.0/24", "198.51.100.0/24"]),
    "close the API to all blocks": program(endpoint_access=[]),
    "add an administrator": program(admin_groups=[f"0a1b2c3d-0000-4000-8000-00000000000{n}" for n in (1, 2)]),
    "move the maintenance window": program(maintenance_day="Sunday"),
    "add a zone to a CPU pool": changed("general", zones=["1", "2", "3"]),
    "change the machine type of a GPU pool": changed("train", machine="Standard_ND96isr_H200_v5"),
    "change labels or taints": changed("general", labels={"tier": "a"}, taints=[Taint("tier", "a")]),
    "change the disk": changed("general", disk_gib=80),
    "change pods of a node or CPUs": changed("general", max_pods=64, exclusive_cpus=True),
    "join a pool by its fabric": changed("train", fabric="required"),
    "buy a pool another way": changed("general", capacity=[Spot()]),
}


@pytest.fixture(scope="module")
def plans(make_bench):
    """What each change would do to a cluster that is up: operations in their order."""
    bench = make_bench("aks-changes")
    assert bench.run("up", program()).ok
    found = {}
    for change, said in CHANGES.items():
        result = bench.run("preview", said)
        assert result.ok, [each.message for each in result.diagnostics]
        found[change] = [(step.op, step.urn) for step in result.steps if step.op != "same"]
    return found


def names(plan, *operations):
    return sorted(
        f"{urn.split('::')[2].rpartition(':')[2]} {urn.rpartition('::')[2]}" for op, urn in plan if op in operations
    )


def test_no_change_replaces_the_cluster_its_network_or_its_keys(plans):
    for change, plan in plans.items():
        kinds = {name.partition(" ")[0] for name in names(plan, "replace", "create-replacement")}
        assert kinds <= {"AgentPool", "StorageClass"}, change
        gone = {name for name in names(plan, "delete") if name.startswith("AgentPool ")}
        assert bool(gone) == (change == "remove a pool"), change


def test_what_replaces_a_pool_makes_the_new_one_before_the_old_one_goes(plans):
    replaced = [change for change, plan in plans.items() if "AgentPool" in " ".join(names(plan, "replace"))]
    assert len(replaced) > 4
    for change in replaced:
        for urn in {urn for op, urn in plans[change] if op == "replace" and "AgentPool" in urn}:
            order = [op for op, each in plans[change] if each == urn]
            assert order.index("create-replacement") < order.index("delete-replaced"), (change, urn)


COLUMNS = {"made": "create", "changed in place": "update", "replaced": "replace", "gone": "delete"}


def rows(root):
    """The table of the page: what each change does, by column."""
    text = (root / "docs" / "explanation" / "changes-on-aks.md").read_text(encoding="utf-8")
    lines = [line.strip()[1:-1].split("|") for line in text.splitlines() if line.startswith("|")]
    (head, _, *rest) = [[cell.strip() for cell in line] for line in lines]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rest}


@pytest.mark.parametrize("change", CHANGES)
def test_the_plan_is_what_the_page_says(root, plans, change):
    row = rows(root)[change]
    for column, operation in COLUMNS.items():
        kinds = sorted({name.partition(" ")[0] for name in names(plans[change], operation)} - {"kubernetes"})
        if row[column] == "everything with tags":
            assert len(kinds) > 12, column
        else:
            assert ", ".join(kinds) == row[column], column


def test_the_page_tells_of_these_changes_and_no_other(root):
    assert list(rows(root)) == list(CHANGES)
