"""A second stack adds a team and a model to the cluster that the first one made."""

from kubeml_policies import Pack
from pulumi_kubeml.capacity import graph as read
from pulumi_kubeml.stack import source


def errors(result):
    return "\n".join(each.message for each in result.diagnostics if each.severity == "error")


def test_its_life_leaves_the_first_stack_alone(second):
    planned = second("preview")
    assert planned.ok, errors(planned)
    made = second("up")
    assert made.ok, errors(made)
    assert made.changes == planned.changes
    assert second("up").changes == {"same": made.changes["create"]}, "a second up must change nothing"
    types = {each["type"] for each in made.resources}
    assert not [each for each in types if each.startswith("aws:")], "the cluster belongs to the first stack"
    assert "kubernetes:helm.sh/v3:Release" not in types, "the first stack has installed what there is to install"
    assert second("destroy").resources == []


def test_its_pods_are_placed_before_anything_is_made(second):
    graph = read.Graph(second("preview").resources)
    assert graph.unread_pools == {}
    assert {pool.name: pool.max for pool in graph.pools} == {"general": 10, "serve": 24, "train": 4}
    (placed,) = read.landing(graph)
    assert (placed.pod.name, placed.pools, placed.missing) == ("detector", {"serve": 3}, 0)


def test_it_breaks_no_check(second):
    result, pack = second("up"), Pack("dev")
    found = [finding for each in result.resources for finding in pack.analyze(each)]
    found += pack.analyze_stack(result.resources)
    assert [(each.check, each.message) for each in found if each.level == "mandatory"] == []


def test_a_pool_that_is_not_as_it_is_said_to_be_is_an_error_with_both_values(second):
    result = second("preview", change=lambda text: text.replace("min: 2, max: 24", "min: 3, max: 30"))
    assert result.exit_code == 2
    assert errors(result).splitlines() == [
        'node_pools[1].min  3, but stack "organization/kubeml/dev-eks" has 2',
        'node_pools[1].max  30, but stack "organization/kubeml/dev-eks" has 24',
    ]
    assert not [each for each in result.resources if each["type"].startswith("kubernetes:")]


def test_what_is_not_a_pool_of_the_other_stack_is_named(second):
    second.tell(lambda outputs: outputs["cluster_contract"]["pools"].pop(2))
    said = errors(second("preview"))
    assert said == 'node_pools[1].name  "serve", but stack "organization/kubeml/dev-eks" has system, general, train'


def test_a_stack_that_tells_nothing_is_asked_to(second):
    second.tell(lambda outputs: outputs.pop("cluster_contract"))
    assert errors(second("preview")) == (
        'stack  "organization/kubeml/dev-eks" exports no cluster_contract; bring it up with this package first'
    )


def test_a_contract_of_another_version_is_not_guessed_at(second):
    second.tell(lambda outputs: outputs["cluster_contract"].update(version=2))
    assert "tells version 2 of its cluster_contract, but 1 is understood here" in errors(second("preview"))


def test_an_add_on_that_the_other_stack_lacks_is_missed_in_time(second):
    second.tell(lambda outputs: outputs["cluster_contract"]["addons"].pop("prometheus-operator-crds"))
    assert errors(second("preview")).startswith('installed  prometheus-operator-crds, but stack "organization/')


def test_the_first_stack_tells_all_of_version_one(root, second):
    told = {}
    second.tell(lambda outputs: told.update(outputs["cluster_contract"]))
    assert sorted(told) == [
        *("addons", "cloud", "endpoint", "environment", "identity", "kind", "kubernetesVersion", "name", "network"),
        *("pools", "region", "storage", "version"),
    ]
    assert (told["version"], told["kind"], told["storage"]) == (1, "eks", {"block": "block", "shared": "shared"})
    spec = source.read_file(root / "stacks" / "Pulumi.dev-eks.yaml")
    assert [each["name"] for each in told["pools"]] == ["system", *(pool.name for pool in spec.cluster.node_pools)]


def test_permissions_are_left_to_who_made_the_cluster(second):
    asks = 'cluster.workload_identity("reader", namespace="vision", service_account="loader", policy=[])\n'
    program = second.__defaults__[0] + asks
    assert (
        'reader for "vision/loader": the permissions of eks are given by stack "organization/kubeml/dev-eks"'
        in errors(second("preview", program))
    )
